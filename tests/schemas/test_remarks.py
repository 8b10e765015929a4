# ruff: noqa: E501 - a document is edited on one line
"""What is allowed and perhaps not meant is told, and only that."""

import pytest

from schemas.criteria_yaml import load_criteria
from schemas.remarks import list_remarks
from tests.schemas.examples import DIPHOTON, H4L, LEPTOQUARK

UNUSED_JETS = "object 'jets' is used by no cut and no output"
SHARED = "object 'leptons': muons and soft are both made from muon: one object may be in both and count twice"


@pytest.mark.parametrize(
    ("text", "edits", "said"),
    [
        (DIPHOTON, [], ()),
        (LEPTOQUARK, [], ()),
        (H4L, [], (UNUSED_JETS,)),
        (
            H4L,
            [("  - {name: leptons, union: [electrons, muons]}", "  - {name: soft, base: muon}\n  - {name: leptons, union: [electrons, muons, soft]}")],
            (SHARED, UNUSED_JETS),
        ),
        (H4L, [("{id: mu_d0,", "{id: mu_d0, group: either,")], (UNUSED_JETS, "object 'muons': group 'either' has one cut only")),
        (H4L, [("outputs: [m12, m34, m4l]", ""), ("id: m12, variable: m12", "id: m12, variable: mass(z1)")], (UNUSED_JETS, "variable 'm12' is used by no cut and no output")),
        (DIPHOTON, [("{id: side,", "{id: side, status: rejected,")], ("region 'sidebands' has no cuts beyond non_tight",)),
        ("objects: [{name: jets, base: jet}]\n", [], ("there is no region: no event is selected",)),
    ],
)  # fmt: skip
def test_doubts(text: str, edits: list[tuple[str, str]], said: tuple[str, ...]) -> None:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    remarks = list_remarks(load_criteria(text))
    assert len(remarks) == len(said)
    assert all(r.startswith(s) for r, s in zip(remarks, said, strict=True)), remarks
