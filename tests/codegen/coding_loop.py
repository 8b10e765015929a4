"""A small coding task, right and wrong answers to it, and a model that says what it is told to say."""

from collections.abc import Sequence
from pathlib import Path

from codegen.coder.task import CodingTask
from codegen.profiles import load_profile
from schemas.coding import Branch
from schemas.criteria_yaml import parse_criteria
from schemas.model_call import ModelReply, ModelRequest

CRITERIA = """\
schema_version: "1.0"
analysis: {slug: tiny}
objects:
  - name: muons
    base: muon
    cuts:
      - {id: mu_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}, status: accepted}
regions:
  - name: signal
    cuts:
      - {id: two, variable: count(muons), operator: ">=", threshold: {value: 2}, status: accepted}
"""
RIGHT = """\
def select(events, selection):
    pt = events["lep_pt"] / 1000
    muons = (events["lep_type"] == 13) & (pt > 20)
    number = ak.sum(muons, axis=1)
    selection.add("two", number >= 2, number)
"""
IN_MEV = RIGHT.replace(" / 1000", "")  # all muons pass
CRASHING = RIGHT.replace("    number =", "    pt[10 ** 9]\n    number =")
FORBIDDEN = "import os\n" + RIGHT


def block(code: str) -> str:
    """A reply as a model writes it."""
    return f"Here it is.\n\n```python\n{code}```\n"


def make_task(rounds: int = 5, *, supervised: bool = False) -> CodingTask:
    """The task, in the format of the ATLAS Open Data of 2020."""
    return CodingTask(
        ssc=parse_criteria(CRITERIA, "tiny"),
        profile=load_profile("atlas_mini"),
        branches=tuple(Branch(name=n, shape="list") for n in ("lep_pt", "lep_type")),
        rounds=rounds,
        supervised=supervised,
        against="compiler",
        held_out="the held-out half of the events",
    )


class ScriptedPort:
    """A model with a list of answers, the last one for ever. An exception among them is raised."""

    def __init__(self, answers: Sequence[str | ModelReply | Exception], context: int = 32768) -> None:
        self.answers = list(answers)
        self.context = context
        self.asked: list[ModelRequest] = []

    model = "scripted"

    async def ask(self, request: ModelRequest) -> ModelReply:
        """The next answer."""
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, ModelReply):
            return answer
        return ModelReply(text=answer, model=self.model, prompt_tokens=1000, completion_tokens=100)

    async def count_tokens(self, text: str) -> int:
        """A token for each word and sign, more or less."""
        return len(text) // 4

    async def find_context_length(self) -> int:
        """As it was told."""
        return self.context


def find_results(folder: Path, number: int) -> Path:
    """A folder for what an attempt leaves."""
    results = folder / str(number)
    results.mkdir(parents=True)
    return results
