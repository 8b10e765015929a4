"""States of a review as readers leave them, and actions on them."""

import json

from pipeline.review.acting import Acted, Background, act
from pipeline.review.parts import find_part
from pipeline.review.threshold_text import read_threshold
from schemas.criteria import (
    Cut,
    SelectionCriteria,
)
from schemas.criteria_yaml import dump_criteria, parse_criteria
from schemas.evidence import Evidence
from schemas.review import (
    Action,
    Edit,
    ReviewState,
)
from tests.schemas.examples import H4L

NOW = "2026-11-21T12:00:00+00:00"
ME = "A. Physicist"
ASKED = """
questions:
  - id: ends
    text: do the ends belong to it?
    why: not said
    default: open
    cuts: [m12]
    alternatives:
      - {key: open, text: "no"}
      - {key: closed, text: "yes", changes: [
          {id: m12, variable: m12, operator: between, threshold: {range: [50, 106], unit: GeV, closed: both}}]}
      - {key: neither, text: "it does not hold", rejects: [m12]}
  - id: which
    text: dR or jpsi?
    why: they differ
    default: first
    cuts: [dR, jpsi]
    alternatives:
      - {key: first, text: the first, rejects: [jpsi]}
      - {key: second, text: the second, rejects: [dR]}
      - {key: none, text: neither, rejects: [dR, jpsi, m12]}
  - {id: words, text: what is loose?, why: no definition}
  - id: built
    text: which pair?
    why: not said
    alternatives:
      - key: pt
        text: by momentum
        candidates: [{name: z1, pair: leptons, require: [same_flavour, opposite_charge], maximise: pt(z1)}]
        objects: [{name: jets, base: jet, cuts: [
          {id: j_pt, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}}]}]
        overlap: [{remove: jets, near: electrons, deltaR: 0.2}]
      - {key: mass, text: by mass}
"""
MORE = H4L.replace(
    "  - {name: z1, pair: leptons,",
    "  - {name: z1, pair: leptons, select: [{id: z1_pt, variable: z1.pt, operator: '>', "
    "threshold: {value: 1, unit: GeV}}],",
).replace("candidates:", "overlap: [{remove: muons, near: electrons, deltaR: 0.01}]\ncandidates:", 1)


def make_evidence(*quote: str, start: int = 0) -> Evidence:
    end = start + sum(map(len, quote))
    return Evidence(
        document_id="note", page=1, quote=quote or ("pT > 7 GeV",), spans=((start, end),), alignment="exact",
        number="ok", unit="ok", operator="ok", polarity="ok",
    )  # fmt: skip


def read(text: str, origin: str = "rules") -> ReviewState:
    """Criteria as a reader makes them: every part comes from the rules and has a quote."""
    criteria = parse_criteria(text, "criteria")
    content = json.loads(dump_criteria(criteria, "json"))

    def mark(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                mark(inner, name)
        elif isinstance(value, list) and key not in ("alternatives", "evidence"):
            for entry in value:
                if isinstance(entry, dict):
                    mark(entry)
                    if key in ("cuts", "select", "remove_overlap", "overlap", "candidates"):
                        entry.update(origin=origin, evidence=[json.loads(make_evidence().model_dump_json())])

    mark(content)
    return ReviewState(criteria=SelectionCriteria.model_validate(content))


def do(state: ReviewState, *actions: Action, by: str = ME, background: Background | None = None) -> Acted:
    """The actions one after the other; what the last one gives back."""
    acted = Acted(state, ())
    for action in actions:
        acted = act(acted.state, action, by, NOW, "because", background)
    return acted


def cut_of(state: ReviewState, name: str) -> Cut:
    cut = find_part(state.criteria, f"cut:{name}").value
    assert isinstance(cut, Cut)
    return cut


def change(state: ReviewState, name: str, text: str, **fields: object) -> Edit:
    """The edit of one cut's threshold, given as text, and of other fields."""
    cut = cut_of(state, name)
    assert cut.operator is not None
    threshold = read_threshold(text, cut.operator, cut.threshold.unit if cut.threshold else None)
    return Edit(part=f"cut:{name}", after=cut.model_copy(update={"threshold": threshold, **fields}))
