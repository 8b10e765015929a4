"""ADL files of ours that a person edited: the statement wins over the comment, and the document says so."""

import random
import re
from contextlib import suppress

import pytest

from codegen.adl.read import read_adl
from codegen.adl.write import write_adl
from schemas.criteria import Cut, SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.errors import CriteriaError
from tests.schemas.examples import H4L

EVIDENCE = """{document_id: note, page: 3, quote: ["pT > 7 GeV"], alignment: exact, number: ok, unit: ok, operator: ok,
  polarity: ok}"""


def read_edited(*edits: tuple[str, str]) -> SelectionCriteria:
    """The four-lepton selection after edits of its ADL file; each must change one place."""
    text = write_adl(load_h4l())
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return read_adl(text, "x.adl")


def load_h4l() -> SelectionCriteria:
    return load_criteria(H4L.replace("{id: e_pt,", f"{{id: e_pt, status: accepted, evidence: [{EVIDENCE}],"))


def find_cut(criteria: SelectionCriteria, name: str) -> Cut:
    """The cut with an id."""
    owners = (*criteria.objects, *criteria.regions)
    return next(c for owner in owners for c in owner.cuts if c.id == name)


def test_an_edited_number_wins_and_is_marked() -> None:
    before = load_h4l()
    after = read_edited(("select pT(ELE) > 7\n", "select pT(ELE) >= 8.5\n"))
    cut = find_cut(after, "e_pt")
    assert (cut.operator, cut.threshold and cut.threshold.value, cut.threshold and cut.threshold.unit) == (
        ">=",
        8.5,
        "GeV",
    )
    assert (cut.status, cut.origin, cut.evidence) == ("edited", "human", ())
    assert cut.history == find_cut(before, "e_pt").evidence
    assert cut.note == "was: pt > 7 GeV"
    others = [c for c in (*after.objects[0].cuts, *after.objects[1].cuts) if c.id != "e_pt"]
    assert others == [c for c in (*before.objects[0].cuts, *before.objects[1].cuts) if c.id != "e_pt"]
    assert (after.candidates, after.variables, after.regions) == (before.candidates, before.variables, before.regions)


def test_a_cut_that_was_taken_out_is_rejected() -> None:
    cut = find_cut(read_edited(("select pT(higgs_leptons[2]) > 10\n", "")), "l3_pt")
    assert (cut.status, cut.note) == ("rejected", "taken out of the ADL file")


def test_a_cut_that_was_added_stands_in_its_place() -> None:
    after = read_edited(
        ("select pT(higgs_leptons[2]) > 10\n", "select pT(higgs_leptons[2]) > 10\n  select size(jets) <= 2\n")
    )
    names = [c.id for c in after.regions[0].cuts]
    assert names[:5] == ["quadruplet", "l1_pt", "l2_pt", "l3_pt", "preselection_count_jets"]
    added = after.regions[0].cuts[4]
    assert (added.variable, added.operator, added.by) == ("count(jets)", "<=", "the ADL file")


def test_white_space_is_no_edit() -> None:
    assert read_edited(("select pT(ELE) > 7\n", "select   pT( ELE )>7   # as before\n")) == load_h4l()


def test_other_parts_may_be_edited() -> None:
    after = read_edited(
        ("take JET\n", "take FJET\n"),
        ("select dR(JET, muons) >= 0.1", "select dR(FJET, muons) >= 0.3"),
        ("define m12 = m(z1[0])", "define m12 = pT(z1[0])"),
        ("select abs(m(z2_trial) - mZ) ~= 0", "select m(z2_trial) ~! 0"),
        ("region signal\n  preselection\n", "region signal\n"),
    )
    assert after.objects[3].base == "fat_jet"
    assert [(r.with_, r.deltaR, r.status) for r in after.objects[3].remove_overlap] == [
        ("muons", 0.3, "edited"), ("electrons", 0.2, "proposed"),
    ]  # fmt: skip
    assert after.variables[0].expression == "pt(z1)"
    assert (after.candidates[1].minimise, after.candidates[1].maximise) == (None, "mass(z2)")
    assert after.candidates[1].exclude == ("z1",)
    assert after.regions[1].parent is None


def test_new_blocks_are_added() -> None:
    after = read_edited(
        (
            "region signal\n",
            "region early\n  preselection\n  select size(hard) == 1 ? HT > 100 : ALL\n\nregion signal\n",
        ),
        ("define m12 =", "object hard\n  take jets\n  select pT(jets) > 100\n\ndefine HT = fHT(jets)\ndefine m12 ="),
    )
    assert [o.name for o in after.objects] == ["electrons", "muons", "leptons", "jets", "hard"]
    assert [r.name for r in after.regions] == ["preselection", "early", "signal"]
    assert [v.name for v in after.variables] == ["HT", "m12", "m34", "m4l"]
    cut = after.regions[1].cuts[0]
    assert (cut.variable, cut.condition, after.regions[1].parent) == ("HT", "count(hard) == 1", "preselection")


def test_no_edited_number_is_lost() -> None:
    before = load_h4l()
    lines = write_adl(before).split("\n")
    statements = [k for k, line in enumerate(lines) if not line.lstrip().startswith("#")]
    found = 0
    for k in statements:
        for match in list(re.finditer(r'(?<![\w.\["])\d+(?:\.\d+)?(?![\w\]])', lines[k]))[:1]:
            edited = f"{lines[k][: match.start()]}{float(match[0]) + 3}{lines[k][match.end() :]}"
            try:
                after = read_adl("\n".join([*lines[:k], edited, *lines[k + 1 :]]), "x.adl")
            except CriteriaError:
                continue
            found += 1
            assert after != before, lines[k]
    assert found > 20


def test_damaged_files_are_read_or_refused() -> None:
    lines = write_adl(load_h4l()).split("\n")
    for seed in range(30):
        dice = random.Random(seed)
        damaged = list(lines)
        for _ in range(2):
            k = dice.randrange(len(damaged))
            damaged[k : k + 1] = dice.choice(
                ([], [damaged[k]] * 2, [damaged[k][::-1]], [damaged[k].replace(dice.choice('(){}[]":,'), "")])
            )
        with suppress(CriteriaError):
            read_adl("\n".join(damaged), "x.adl")


def test_a_statement_above_our_first_comment_counts() -> None:
    after = read_edited(("#: document", "object extra\n  take JET\n  select pT(JET) > 99\n#: document"))
    assert after.objects[0].name == "extra"
    assert after.objects[0].cuts[0].threshold is not None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("select pT(ELE) > 7\n", "select pT(ELE) > fcut(ELE)\n", "line 21: 'fcut': an external function"),
        ("select pT(ELE) > 7\n", "select pT(ELE > 7\n", "line 21: '7'"),
        ('"id": "e_pt",', '"id": e_pt,', "line 19: comment '#: cut': expected JSON"),
        ('"operator": ">", "threshold": {"value": 7', '"operator": "=>", "threshold": {"value": 7', "cuts 0 operator"),
        ("define mZ = 91.1876", "define mZ = 91", "'91': expected 91.1876"),
    ],
)
def test_what_cannot_be_taken_over_is_an_error(before: str, after: str, says: str) -> None:
    with pytest.raises(CriteriaError) as raised:
        read_edited((before, after))
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
