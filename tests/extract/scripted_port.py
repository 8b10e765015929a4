"""A model that answers from findings it was given, with faults wherever its script says so: a real ModelPort."""

import asyncio
import json
import random
import re
from collections.abc import Callable, Sequence

from extract.grounding.folding import fold
from extract.llm.fencing import unfence
from schemas.errors import ModelContextExceeded, ModelError
from schemas.finding import Finding, Ramp
from schemas.model_call import ModelReply, ModelRequest

Reply = tuple[str, str]  # text, finish
Fault = Callable[[str, random.Random], Reply]


def write_item(finding: Finding) -> dict[str, object]:
    """A finding as a model would write it down."""
    item: dict[str, object] = {"quote": list(finding.quote), "source": finding.source, "page": finding.page}
    for key in ("stage", "subject", "second_subject", "variable"):
        name = getattr(finding, key)
        if name and str(name).startswith("other:"):
            item |= {key: "other", f"other_{key}": name[6:]}
        elif name:
            item[key] = name
    value = finding.value
    item["operator"] = finding.operator
    if value is not None:
        item["value"] = value.model_dump(exclude_none=True) if isinstance(value, Ramp) else value
    for key in ("unit", "closed", "effect_target", "condition", "scope", "group", "order"):
        if getattr(finding, key) is not None:
            item[key] = getattr(finding, key)
    return (
        item
        | ({"effect": finding.effect} if finding.effect != "keep" else {})
        | ({"cites": list(finding.cites)} if finding.cites else {})
    )


class ScriptedPort:
    """Answers with the findings whose words stand in the last fenced text of the question.

    `fault(request, asked)` returns the fault of that reply, or None; `asked` counts the questions from 0.
    """

    model = "scripted"

    def __init__(
        self,
        findings: Sequence[Finding] = (),
        fault: Callable[[ModelRequest, int], Fault | ModelError | None] = lambda _, __: None,
        context: int = 131072,
    ) -> None:
        self.findings, self.fault, self.context = findings, fault, context
        self.requests: list[ModelRequest] = []

    async def ask(self, request: ModelRequest) -> ModelReply:
        number = len(self.requests)
        self.requests.append(request)
        await asyncio.sleep(0)
        if sum(len(m.content) for m in request.messages) // 3 > self.context:
            raise ModelContextExceeded("too long")
        fault = self.fault(request, number)
        if isinstance(fault, ModelError):
            raise fault
        text, finish = json.dumps({"findings": self.answer(request)}, ensure_ascii=False), "stop"
        if fault is not None:
            text, finish = fault(text, random.Random(number))
        return ModelReply.model_validate({"text": text, "finish": finish, "model": self.model})

    def answer(self, request: ModelRequest) -> list[dict[str, object]]:
        """Items for the text that the question is about."""
        fenced = re.findall(r"<paper_text>\n(.*?)\n</paper_text>", request.messages[-1].content, re.S)
        text = fold(unfence(fenced[-1])).text if fenced else ""
        return [write_item(f) for f in self.findings if all(fold(q).text in text for q in f.quote)]

    async def count_tokens(self, text: str) -> int:
        return len(text) // 3 + 1

    async def find_context_length(self) -> int:
        return self.context


def cut_off(text: str, dice: random.Random) -> Reply:
    """The reply ends somewhere."""
    return text[: dice.randrange(1, max(len(text), 2))], "length"


def wrap(text: str, dice: random.Random) -> Reply:
    """Prose, thoughts and a fence around the JSON."""
    return f'<think>Let me see {{"findings": []}}</think>Here you are [1]:\n```json\n{text}\n```\nDone {{ok}}.', "stop"


def misspell(text: str, dice: random.Random) -> Reply:
    """Words of the closed lists in other spellings, numbers as strings."""
    for a, b in (
        (">=", "≥"),
        ("<=", "at most"),
        ('"pt"', '"p_T [GeV]"'),
        ('"abs_eta"', '"|η|"'),
        ('"electron"', '"Electrons"'),
    ):
        text = text.replace(f'"{a}"' if a in (">=", "<=") else a, f'"{b}"' if a in (">=", "<=") else b)
    return re.sub(r'"value": (-?[\d.]+)', r'"value": "\1"', text), "stop"


def empty_list(text: str, dice: random.Random) -> Reply:
    """Nothing found."""
    return '{"findings": []}', "stop"


def nothing(text: str, dice: random.Random) -> Reply:
    """No reply text."""
    return "", "stop"


def refuse(text: str, dice: random.Random) -> Reply:
    """Words instead of JSON."""
    return "I am sorry, I cannot read this {paper}.", "stop"


def add_bad_items(text: str, dice: random.Random) -> Reply:
    """Items nobody can use among the good ones."""
    bad = [
        '{"quote": [], "subject": "jet"}',
        '{"quote": ["x"], "subject": "jet", "variable": "pt", "operator": ">", "value": 1e999}',
        '{"quote": "y", "subject": "muon", "variable": "pt", "operator": "??", "value": 3}',
        '{"a": ' * 50 + "1" + "}" * 50,
    ]
    return text.replace('{"findings": [', '{"findings": [' + ", ".join(bad) + ", ", 1).replace(", ]", "]"), "stop"


def loop(text: str, dice: random.Random) -> Reply:
    """The first items again and again until the answer's room is used up."""
    items = json.loads(text)["findings"]
    return json.dumps({"findings": items[:2] * 40}, ensure_ascii=False)[:-7], "length"


FAULTS: tuple[Fault, ...] = (cut_off, wrap, misspell, empty_list, nothing, refuse, add_bad_items, loop)
