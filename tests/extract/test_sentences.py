"""Sentences in the language of the field, read one by one against what they state."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from extract.rules.owners import Owner
from extract.rules.sentences import Claim, Context, read_sentence
from extract.rules.subjects import Noun
from schemas.finding import Ramp

EFFECTS = {"remove_object": "-o ", "reject_event": "-e ", "define": ":= ", "keep": "", "choose": ""}


class Case(NamedTuple):
    text: str
    find: tuple[str, ...]
    topic: str | None


def load_cases() -> list[Case]:
    tables = sorted(Path(__file__).parent.glob("sentences*.yaml"))
    rows = [row for table in tables for row in YAML(typ="safe").load(table)]
    return [Case(row["text"], tuple(row["find"]), row.get("topic")) for row in rows]


def write(claim: Claim) -> str:
    """The claim in the notation of the table."""
    value = claim.bound.value
    if isinstance(value, Ramp):
        spelled = "-".join(f"({x:.12g}, {y:.12g})" for x, y in zip(value.x, value.y, strict=True))
    elif isinstance(value, tuple):
        joined = ", ".join(f"{v:.12g}" for v in value)
        spelled = f"{{{joined}}}" if claim.bound.operator == "in" else f"[{joined}]"
    else:
        spelled = f"{value:.12g}"
    subject = claim.subject + (f"+{claim.second}" if claim.second else "")
    unit = f" {claim.bound.unit}" if claim.bound.unit else ""
    return f"{EFFECTS[claim.effect]}{subject} {claim.variable} {claim.bound.operator} {spelled}{unit}"


def tidy(row: str) -> str:
    """A row of the table with its numbers spelled like a claim's."""
    return re.sub(r"\d+\.\d+", lambda m: f"{float(m.group()):.12g}", row)


@pytest.mark.parametrize("case", load_cases(), ids=lambda c: c.text[:60])
def test_sentence(case: Case) -> None:
    topic = Owner((Noun(case.topic),)) if case.topic else None
    found = [write(c) for c in read_sentence(case.text, Context(topic)).claims]
    assert sorted(found) == sorted(tidy(row) for row in case.find)


def test_a_quantity_is_no_condition_of_itself() -> None:
    text = (
        "Selected jets must have |η| < 4.7, and the jet p_T must be above 20 (35) GeV for |η| < 2.5 (2.5 < |η| < 4.7)."
    )
    conditions = {write(c): c.condition for c in read_sentence(text, Context()).claims}
    assert conditions == {
        "jet abs_eta < 4.7": None,
        "jet pt > 20 GeV": "|η| < 2.5",
        "jet pt > 35 GeV": "2.5 < |η| < 4.7",
    }
