"""Nothing without a quote that says it reaches code, unless a person accepts it by name."""

import pytest

from pipeline.gate import accept_part, check_gate, list_ungrounded
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.errors import CriteriaError, OpenQuestions
from schemas.evidence import Evidence
from tests.schemas.examples import H4L

LOST = Evidence(
    document_id="note", page=None, quote=("words",), alignment="not_found", number="absent", unit="absent",
    operator="absent", polarity="absent",
)  # fmt: skip


def lose() -> SelectionCriteria:
    """The example with a cut, a removal and a candidate whose quotes are not in the paper."""
    criteria = load_criteria(H4L)
    *objects, jets = criteria.objects
    near, other = jets.remove_overlap
    cut, *cuts = jets.cuts
    changed = jets.model_copy(
        update={
            "cuts": (cut.model_copy(update={"evidence": (LOST,)}), *cuts),
            "remove_overlap": (near.model_copy(update={"evidence": (LOST,)}), other),
        }
    )
    first, *candidates = criteria.candidates
    return criteria.model_copy(
        update={
            "objects": (*objects, changed),
            "candidates": (first.model_copy(update={"evidence": (LOST,), "origin": "rules"}), *candidates),
        }
    )


def test_each_is_named_and_accepted_by_name() -> None:
    criteria = lose()
    names = ("j_pt", "jets near muons", "z1")
    assert list_ungrounded(criteria) == names
    with pytest.raises(OpenQuestions, match="3 cuts without a quote that says so: j_pt, jets near muons, z1"):
        check_gate(criteria, "file")
    with pytest.raises(OpenQuestions, match="--accept j_pt` or `paperfilter review runs/h4l/1`, or reject"):
        check_gate(criteria, "runs/h4l/1", reviewable=True)
    for name in names:
        criteria = accept_part(criteria, name, "A. Physicist")
    check_gate(criteria, "file")
    assert {c.status for c in criteria.candidates} == {"accepted", "proposed"}
    with pytest.raises(CriteriaError, match="no cut 'z9'"):
        accept_part(criteria, "z9", "A. Physicist")
