"""Two readers of one paper: what they agree on, and what kind of difference there is where they do not."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cli import bench
from benchmarks.gold import GoldCriterion, GoldList, load_gold_list
from benchmarks.gold.comparing import compare_lists, find_differences, find_kappa
from benchmarks.gold.loading import ANALYSES
from schemas.errors import UsageError

H4L = load_gold_list(ANALYSES / "h4l" / "gold.yaml")
D0 = next(c for c in H4L.criteria if c.id == "muon-d0")
PT = next(c for c in H4L.criteria if c.id == "muon-pt")
WINDOW = next(c for c in H4L.criteria if c.id == "pair1-mass")


@pytest.mark.parametrize(
    ("a", "change", "differences"),
    [
        (PT, {}, ()),
        (PT, {"id": "x", "condition": "other words", "value": 5000.0, "unit": "MeV"}, ()),
        (D0, {"operator": "<=", "effect": "keep"}, ()),
        (PT, {"value": 6.0}, ("value",)),
        (PT, {"unit": "TeV"}, ("unit",)),
        (PT, {"operator": ">="}, ("operator",)),
        (D0, {"effect": "keep"}, ("polarity",)),
        (PT, {"pages": (13,)}, ("page",)),
        (PT, {"subject": "electron"}, ("subject",)),
        (PT, {"variable": "et"}, ("variable",)),
        (PT, {"operator": ">=", "value": 6.0}, ("operator", "value")),
        (PT, {"stage": "candidate"}, ("stage",)),
        (PT, {"open": ("value",)}, ("open",)),
        (WINDOW, {"value": (50.0, 107.0)}, ("value",)),
        (PT, {"operator": "<=", "value": 6.0, "pages": (13,)}, None),
        (PT, {"subject": "electron", "value": 6.0}, None),
        (PT, {"variable": "abs_eta", "value": 2.7, "unit": None}, None),
    ],
)
def test_what_differs(a: GoldCriterion, change: dict[str, object], differences: tuple[str, ...] | None) -> None:
    b = a.model_copy(update=change)
    assert find_differences(a, b) == differences
    assert find_differences(b, a) == differences


def test_a_list_agrees_with_itself_in_any_order() -> None:
    backwards = H4L.model_copy(update={"criteria": H4L.criteria[::-1]})
    compared = compare_lists(H4L, backwards)
    assert compared.agreement == 1.0
    assert all(p.a.id == p.b.id for p in compared.pairs)
    assert {k.kappa for k in compared.labels} == {1.0}


def test_what_a_reader_overlooked_or_read_otherwise() -> None:
    changed = [c for c in H4L.criteria if c.id != "jet-eta"]
    place = next(i for i, c in enumerate(changed) if c.id == "muon-pt-calo")
    changed[place] = changed[place].model_copy(update={"value": 16.0})
    extra = PT.model_copy(update={"id": "new", "subject": "photon", "value": 77.0})
    other = GoldList(**{**dict(H4L), "criteria": (*changed, extra)})
    compared = compare_lists(H4L, other)
    n = len(H4L.every)
    assert len(compared.agreed) == n - 2
    assert [(p.a.id, p.b.id, p.differences) for p in compared.differing] == [
        ("muon-pt-calo", "muon-pt-calo", ("value",))
    ]
    assert [c.id for c in compared.only_a] == ["jet-eta"]
    assert [c.id for c in compared.only_b] == ["new"]
    assert compared.agreement == pytest.approx(2 * (n - 2) / (2 * n))
    assert len(compare_lists(H4L, other, counted=True).agreed) == sum(c.counted for c in H4L.every) - 2


def test_kappa_is_cohens() -> None:
    labels = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert find_kappa(labels) == pytest.approx(0.4)  # observed 0.7, expected 0.5
    assert find_kappa([("yes", "yes")] * 3) is None
    assert find_kappa([]) is None


def test_the_command_says_it_and_exits_with_one(tmp_path: Path) -> None:
    source = (ANALYSES / "diphoton" / "gold.yaml").read_text(encoding="utf-8")
    theirs = tmp_path / "theirs.yaml"
    theirs.write_text(source.replace("value: 0.35", "value: 0.4"), encoding="utf-8")
    result = CliRunner().invoke(bench, ["gold", "compare", "diphoton", str(theirs)])
    assert result.exit_code == 1
    assert "25 in both, 1 differ, 0 only in A, 0 only in B" in result.output
    assert "value differ" in result.output
    assert CliRunner().invoke(bench, ["gold", "compare", "diphoton", "2308.07216"]).exit_code == 0
    gone = CliRunner().invoke(bench, ["gold", "compare", "diphoton", str(tmp_path / "gone.yaml")])
    assert isinstance(gone.exception, UsageError)  # the program makes one line and exit code 2 of it
