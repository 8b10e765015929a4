"""Papers of one page with their gold lists, and a model that reads them: as small as a contest can be."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.stand_in import Answer, ChatBody, Refusal, Said

PAGE = """
#set page(width: 16cm, height: 20cm)
= NAME: a search with muons
== Event selection
Muons are required to have a transverse momentum greater than 25 GeV and an absolute pseudorapidity less than 2.4.
Electrons are required to have a transverse momentum greater than 27 GeV.
Jets are required to have a transverse momentum greater than 30 GeV.
Events are required to have missing transverse momentum greater than 150 GeV.
"""


class Fact(NamedTuple):
    """A criterion of the page."""

    subject: str
    variable: str
    operator: str
    value: float
    unit: str | None
    quote: str
    stage: str = "object"


PT = "a transverse momentum greater than"
FACTS = (
    Fact("muon", "pt", ">", 25.0, "GeV", f"Muons are required to have {PT} 25 GeV"),
    Fact("muon", "abs_eta", "<", 2.4, None, "an absolute pseudorapidity less than 2.4"),
    Fact("electron", "pt", ">", 27.0, "GeV", f"Electrons are required to have {PT} 27 GeV"),
    Fact("jet", "pt", ">", 30.0, "GeV", f"Jets are required to have {PT} 30 GeV"),
    Fact("met", "met", ">", 150.0, "GeV", "missing transverse momentum greater than 150 GeV", "event"),
)


def write_papers(folder: Path, names: Sequence[str], *, more: str = "") -> Path:
    """`NAME.pdf` and `NAME.json` of each, in the folder; `more` is text that states no criterion. Needs typst."""
    import typst

    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = folder / f"{name}.typ"
        source.write_text(PAGE.replace("NAME", name) + more)
        typst.compile(str(source), output=str(folder / f"{name}.pdf"), ignore_system_fonts=True, timestamp=0)
        criteria = [
            {**fact._asdict(), "id": f"{name}-{n:02}", "page": 1, "numeric": True, "executable": True}
            for n, fact in enumerate(FACTS, 1)
        ]
        gold = {"paper": name, "pdf": f"{name}.pdf", "pages_of_selection": [1], "criteria": criteria}
        (folder / f"{name}.json").write_text(json.dumps(gold))
    return folder


class Reader:
    """A model that reads the page, but for fact n of FACTS (from 1) in run n, and 120 GeV for 150 GeV where `wrong`.

    What it was asked is in `heard`. After `lasts` questions its server is gone.
    """

    def __init__(self, *, lasts: int = 1_000_000, mute: bool = False, wrong: bool = False) -> None:
        self.heard: list[ChatBody] = []
        self.lasts, self.mute, self.wrong = lasts, mute, wrong

    async def speak(self, question: ChatBody) -> Said:
        """The answer to one question."""
        if len(self.heard) >= self.lasts:
            return Refusal(401, "the server is somebody else's now")
        self.heard.append(question)
        if self.mute:
            return Answer("I would rather not say.")
        text = " ".join(question.messages[-1].content.split())
        seen = [f for n, f in enumerate(FACTS, 1) if n != question.seed and f.quote in text]
        if self.wrong:
            seen = [f._replace(value=120.0) if f.value == 150.0 else f for f in seen]
        return Answer(json.dumps({"findings": [{**f._asdict(), "quote": [f.quote], "page": 1} for f in seen]}))
