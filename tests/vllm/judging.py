"""What must hold of a run of stage one, whatever noise a model talks."""

import json
import sqlite3
import unicodedata
from pathlib import Path
from typing import NamedTuple

from extract.llm.answers import BulkAnswer, ChunkAnswer, TargetedAnswer, write_schema
from pipeline.gate import list_cuts
from pipeline.reading import load_criteria
from schemas.criteria import SelectionCriteria
from schemas.document import Document
from schemas.model import Model
from schemas.model_call import ModelReply
from schemas.validation import validate_criteria

ANSWERS: dict[str, type[Model]] = {write_schema(kind): kind for kind in (BulkAnswer, ChunkAnswer, TargetedAnswer)}


class Exchange(NamedTuple):
    """A question as it was asked, and its reply."""

    schema: str
    reply: ModelReply


def read_cache(path: Path) -> list[Exchange]:
    """All that a model was asked and said."""
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT question, reply FROM replies").fetchall()
    database.close()
    return [Exchange(json.loads(question)["schema"], ModelReply.model_validate_json(reply)) for question, reply in rows]


def check_form(exchanges: list[Exchange]) -> int:
    """Every reply is whole and an answer of the type that was asked for; how many items they hold together."""
    items = 0
    for schema, reply in exchanges:
        assert reply.finish == "stop", reply
        answer = ANSWERS[schema].model_validate_json(reply.text, strict=False)
        items += len(answer.findings)  # type: ignore[attr-defined]  # all three have them
        assert json.loads(reply.text).keys() <= {"findings", "verdicts"}
    return items


def check_grounded(folder: Path) -> SelectionCriteria:
    """The criteria of a run validate, and nothing that only a model said is in them without its words in the paper."""
    criteria = load_criteria(folder / "criteria.yaml")
    validate_criteria(criteria)
    document = Document.model_validate_json((folder / "document.json").read_bytes())
    text = _reduce(document.text)
    cuts = list_cuts(criteria)
    assert cuts
    for cut in cuts:
        for evidence in cut.evidence:
            if evidence.grounded and evidence.document_id == document.document_id:  # not from a cited work
                assert all(_reduce(fragment) in text for fragment in evidence.quote), cut
        if cut.origin.startswith("llm:"):
            assert any(evidence.grounded for evidence in cut.evidence), cut
    return criteria


def say(criteria: SelectionCriteria) -> list[str]:
    """The cuts in words, sorted: to compare two runs."""
    return sorted(f"{c.variable} {c.operator} {c.threshold} {c.condition}" for c in list_cuts(criteria))


def _reduce(text: str) -> str:
    """Letters and digits only: what survives any way of writing a quote."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()).lower()
