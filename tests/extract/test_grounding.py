"""Grounding, sentence by sentence: true findings are grounded, findings that say something else are refused."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from extract.grounding.ground import ground_findings
from schemas.finding import Finding
from tests.extract.documents import write_document

_EFFECTS = ("remove_object", "reject_event", "choose", "define")


class Case(NamedTuple):
    text: str
    claim: str
    true: bool


def load_cases() -> list[Case]:
    table = YAML(typ="safe").load(Path(__file__).with_name("grounding.yaml"))
    return [Case(row["text"], c, kind == "says") for row in table for kind in ("says", "not") for c in row[kind]]


def read_claim(claim: str, text: str, **more: object) -> Finding:
    """A finding from a line of the table."""
    fields: dict[str, object] = {"id": "f", "stage": "event", "quote": (text,), "page": 1, "reader": "test", **more}
    words = claim.split()
    if words[-1] in _EFFECTS:
        fields["effect"] = words.pop()
    if words[-1].startswith("closed="):
        fields["closed"] = words.pop().removeprefix("closed=")
    at = next(
        i for i, w in enumerate(words) if re.fullmatch(r"[<>=!]+|between|outside|in|pass|fail|m[ia][nx]imise|order", w)
    )
    named = re.fullmatch(r"(other:.+?|[\w-]+?)(?:\+(\S+))? ((?:other:)?(?:(?<=other:).+|\S+))", " ".join(words[:at]))
    assert named is not None, claim
    fields |= {"subject": named[1], "second_subject": named[2], "variable": named[3], "operator": words[at]}
    rest = words[at + 1 :]
    if rest:
        value = rest[0]
        fields["unit"] = rest[1] if len(rest) > 1 else None
        if ".." in value:
            fields["value"] = tuple(float(v) for v in value.split(".."))
        else:
            fields["value"] = float(value) if re.fullmatch(r"-?[\d.]+", value) else value
    return Finding.model_validate(fields)


@pytest.mark.parametrize("case", load_cases(), ids=lambda c: f"{c.claim} | {c.text[:40]}")
def test_claim(case: Case) -> None:
    (evidence,) = ground_findings(write_document([case.text]), [read_claim(case.claim, case.text)])
    assert evidence.alignment == "exact"
    assert evidence.grounded is case.true, evidence.reason
    assert (evidence.reason is None) is case.true
