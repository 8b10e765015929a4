"""The scorer: a reworded requirement counts, a changed one never does."""

import pytest

from benchmarks.extraction import Reading, score, shuffle_values
from benchmarks.gold import GoldCriterion, GoldList, Points, load_gold
from benchmarks.judging import Judgement, find_verdict
from benchmarks.matching import is_true, match, states
from benchmarks.naming import names_agree
from schemas.finding import Finding, Ramp
from tests.shared import require


def criterion(**given: object) -> GoldCriterion:
    plain: dict[str, object] = {
        "id": "g", "stage": "object", "subject": "muon", "variable": "pt", "operator": ">", "value": 15.0,
        "unit": "GeV", "pages": (4,), "numeric": True, "executable": True,
    }  # fmt: skip
    return GoldCriterion.model_validate(plain | given)


def finding(**given: object) -> Finding:
    plain: dict[str, object] = {
        "id": "f", "stage": "object", "subject": "muon", "variable": "pt", "operator": ">", "value": 15.0,
        "unit": "GeV", "quote": ("pT > 15 GeV",), "page": 4, "reader": "rules",
    }  # fmt: skip
    return Finding.model_validate(plain | given)


RAMP = {"argument": "m", "x": (140, 190), "y": (12, 50)}
D0 = {"variable": "d0", "value": 1.0, "unit": "mm"}
NEAR = {"subject": "jet", "second_subject": "muon", "variable": "deltaR", "value": 0.4, "unit": None}
IN = {"operator": "in", "value": ("4mu", "4e"), "unit": None, "variable": "flavour"}
COUNT = {"subject": "b-jet", "variable": "n", "value": 1.0, "unit": None}
FSR = {"subject": "other:collinear FSR candidate"}
ETA = {"variable": "abs_eta", "operator": "<", "value": 2.5, "unit": None}
AROUND = ETA | {"variable": "eta", "operator": "between", "value": (-2.5, 2.5)}
APART = {"variable": "deltaR", "value": 0.4, "unit": None}
EXACTLY = {"operator": "==", "value": 0.0}

REWORDED = [
    ({}, {}),
    ({}, {"value": 15000.0, "unit": "MeV"}),
    ({}, {"stage": "event", "effect": "choose"}),
    ({"value": 20.0, "unit": "mm", "variable": "dz"}, {"value": 2.0, "unit": "cm", "variable": "dz"}),
    (D0 | {"effect": "remove_object"}, D0 | {"operator": "<="}),
    (D0 | {"operator": "<"}, D0 | {"operator": ">=", "effect": "remove_object"}),
    (NEAR | {"operator": "<", "operator_alt": "<=", "effect": "remove_object"}, NEAR | {"operator": ">"}),
    (NEAR, NEAR | {"subject": "muon", "second_subject": "jet"}),
    (COUNT | {"operator": ">=", "effect": "reject_event"}, COUNT | EXACTLY),
    (COUNT | {"operator": ">="}, COUNT | {"operator": ">", "value": 0.0}),
    ({"subject": "leading_lepton", "condition": "muon"}, {"subject": "leading_muon"}),
    ({"subject": "event", "variable": "met"}, {"subject": "met", "variable": "pt"}),
    (FSR, {"subject": "other:collinear FSR photon candidates"}),
    ({"value": Points(points=((140, 12), (190, 50)))}, {"value": Ramp(**RAMP)}),
    ({"value": 0.16, "unit": None}, {"value": 16.0, "unit": "%"}),
    (COUNT | {"subject": "other:Z->mumu candidate"}, COUNT | {"subject": "z-boson"}),
    ({"variable": "other:n_tracks"}, {"variable": "other:number of associated tracks"}),
    ({"subject": "lepton", "condition": "electron"}, {"subject": "electron"}),
    ({"subject": "dilepton", "variable": "mass"},
     {"subject": "lepton", "second_subject": "lepton", "variable": "mass"}),
    ({"subject": "dilepton", "variable": "charge", "operator": "==", "value": "opposite", "unit": None},
     {"subject": "lepton", "second_subject": "lepton", "variable": "charge", "operator": "==", "value": "opposite sign",
      "unit": None}),
    ({"subject": "other:tau pair", **APART}, {"subject": "other:tau", "second_subject": "other:tau", **APART}),
    (ETA, AROUND),
    (ETA | {"operator": "<="}, AROUND | {"closed": "both"}),
    (ETA | {"operator": ">"}, AROUND | {"effect": "remove_object"}),
    (ETA, ETA | {"operator": "between", "value": (0.0, 2.5)}),
    ({"variable": "deltaphi", "subject": "jet", "second_subject": "met"},
     {"variable": "abs_deltaphi", "subject": "met", "second_subject": "jet"}),
    (COUNT | {"operator": "in", "value": (2.0, 3.0)}, COUNT | {"operator": "between", "value": (2.0, 3.0)}),
    ({"operator": "in", "value": ("4mu", "4e"), "unit": None, "variable": "flavour"},
     {"operator": "in", "value": ("4e", "4mu"), "unit": None, "variable": "flavour"}),
    ({"value": Points(points=((140, 12), (190, 50)))},
     {"value": Ramp(argument="m", x=(0, 140_000, 190_000), y=(12, 12, 50), x_unit="MeV")}),
    ({"value": "0.04 + 10 GeV/pT", "operator": "<", "unit": None},
     {"value": "10 GeV/p_T + 0.04", "operator": "<", "unit": None}),
    ({"value": 0.0}, {"value": 0.0, "unit": None}),
    ({"subject": "other:vector boson"}, {"subject": "other:V"}),
    ({"subject": "other:tau pair", "variable": "mass"}, {"subject": "other:ditau", "variable": "mass"}),
]  # fmt: skip

CHANGED = [
    {"value": 16.0},
    {"value": 15.0001},
    {"unit": "MeV"},
    {"unit": None},
    {"operator": ">="},
    {"operator": "<"},
    {"effect": "remove_object"},
    {"effect": "reject_event"},
    {"subject": "electron"},
    {"subject": "leading_muon"},
    {"variable": "et"},
    {"page": 5},
    {"value": "15"},
    {"value": (15.0, 20.0)},
    {"value": Ramp(**RAMP)},
]


@pytest.mark.parametrize(("gold", "found"), REWORDED)
def test_a_reworded_finding_matches(gold: dict[str, object], found: dict[str, object]) -> None:
    assert states(finding(**found), criterion(**gold))


@pytest.mark.parametrize("found", CHANGED)
def test_a_changed_finding_does_not_match(found: dict[str, object]) -> None:
    assert not states(finding(**found), criterion())


@pytest.mark.parametrize(
    ("gold", "found"),
    [
        (FSR, {"subject": "other:non-collinear FSR candidate"}),
        ({"subject": "other:leading additional lepton"}, {"subject": "other:subleading additional lepton"}),
        ({"subject": "leading_lepton", "condition": "electron"}, {"subject": "leading_muon"}),
        (D0 | {"effect": "remove_object"}, D0 | {"operator": "<"}),
        (D0 | {"effect": "remove_object"}, D0 | {"effect": "reject_event"}),
        (
            NEAR | {"operator": "<", "effect": "remove_object"},
            NEAR | {"operator": "<", "effect": "remove_object", "subject": "muon", "second_subject": "jet"},
        ),
        (NEAR, NEAR | {"second_subject": "electron"}),
        ({"value": Points(points=((140, 12), (190, 50)))}, {"value": Ramp(**(RAMP | {"y": (12, 55)}))}),
        (COUNT | EXACTLY, COUNT | EXACTLY | {"effect": "reject_event"}),
        (
            {"operator": "outside", "value": (1.37, 1.52), "unit": None},
            {"operator": "between", "value": (1.37, 1.52), "unit": None},
        ),
        (IN, IN | {"effect": "reject_event"}),
        (ETA, ETA | {"variable": "eta"}),
        (ETA | {"operator": "<="}, AROUND | {"closed": "none"}),
        (ETA, ETA | {"variable": "eta", "operator": "between", "value": (-2.5, 2.4)}),
        ({"value": "m_Z - 25 GeV", "operator": "<"}, {"value": "m_Z + 25 GeV", "operator": "<"}),
        ({"value": Points(points=((140, 12), (190, 50)))}, {"value": Ramp(**RAMP | {"x_unit": "MeV"})}),
        (COUNT | {"operator": "in", "value": (2.0, 4.0)}, COUNT | {"operator": "between", "value": (2.0, 4.0)}),
        ({"value": 0.0}, {"value": 0.0, "unit": "mm"}),
        ({"subject": "lepton", "condition": "electron"}, {"subject": "muon"}),
    ],
)
def test_what_turns_the_meaning_round_does_not_match(gold: dict[str, object], found: dict[str, object]) -> None:
    assert not states(finding(**found), criterion(**gold))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("E_T^{miss}", "E_T^miss"), ("χ2_IP", "χ_IP^2"), ("n_pixel_hits", "number of pixel hits"),
        ("abs_mass_minus_mJpsi", "abs_mass_minus_mJ/ψ"), ("K+ μ- pair", "K^+μ^- pair"),
        ("electron-photon pair", "electron and photon"), ("χ^2/ndf", "χ2 per dof"), ("BDT score O_VBF", "BDT score"),
        ("collinear FSR candidate", "collinear FSR photon"), ("missing hits", "n_missing_hits"),
    ],
)  # fmt: skip
def test_names_in_other_words_agree(one: str, other: str) -> None:
    assert names_agree(one, other)
    assert names_agree(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("charged-hadron energy fraction", "neutral-hadron energy fraction"), ("n_missing_hits", "n_hits"),
        ("BDT score O_VBF", "BDT score O_ggF"), ("abs_mass_minus_mZ", "abs_mass_minus_mJpsi"),
        ("distance", "distance significance"), ("trigger", "trigger_match"), ("n_tracks", "track_hits"),
        ("E_T^{miss}/m_{eff}", "m_{eff}/E_T^{miss}"),
        ("E_T^miss + m_T", "E_T^miss - m_T"), ("B+ candidate", "B- candidate"), ("P_K", "p-value"),
        ("tau pair", "tau"), ("E_{ECL}", "P_e"), ("DLL_Kπ", "DLL_μπ"), ("H/E", "H"),
    ],
)  # fmt: skip
def test_names_of_other_things_do_not_agree(one: str, other: str) -> None:
    assert not names_agree(one, other)
    assert not names_agree(other, one)


def test_one_finding_meets_one_criterion() -> None:
    gold = [criterion(id="a"), criterion(id="b", pages=(4, 7))]
    assert [m.criterion.id for m in match(gold, [finding(), finding(page=7)])] == ["a", "b"]
    assert [m.criterion.id for m in match(gold, [finding(page=7), finding()])] == ["a", "b"]
    assert len(match(gold, [finding()])) == 1


def test_two_ends_of_one_quote_meet_a_range_and_are_both_used() -> None:
    window = criterion(operator="between", value=(105.0, 160.0), subject="diphoton", variable="mass")
    ends = [
        finding(subject="diphoton", variable="mass", value=105.0, quote=("105 < m < 160",)),
        finding(subject="diphoton", variable="mass", value=160.0, operator="<", quote=("105 < m < 160",)),
    ]
    assert [m.findings for m in match([window], ends)] == [tuple(ends)]
    lower = criterion(id="low", value=105.0, subject="diphoton", variable="mass")
    assert [m.criterion.id for m in match([window, lower], ends)] == ["low"]
    other = ends[1].model_copy(update={"quote": ("m < 160",)})
    assert match([window], [ends[0], other]) == ()


def test_leptons_may_be_read_as_electrons_and_muons() -> None:
    both = [finding(id=s, subject=s) for s in ("electron", "muon")]
    leptons = criterion(subject="lepton")
    assert len(match([leptons], both)) == 1
    assert match([leptons], both[:1]) == ()
    assert is_true(both[0], [leptons])
    flavours = [criterion(id=s, subject=s) for s in ("electron", "muon")]
    whole = finding(subject="lepton")
    assert [m.criterion.id for m in match(flavours, [whole])] == ["electron", "muon"]
    assert match(flavours[:1], [whole]) == ()


@pytest.mark.parametrize(("operator", "value", "same"), [(">=", 2.0, 0), ("==", 1.0, 0), ("==", 0.0, 1)])
def test_two_leptons_are_not_two_of_each_flavour(operator: str, value: float, same: int) -> None:
    asked: dict[str, object] = {"variable": "n", "operator": operator, "value": value, "unit": None}
    both = [finding(id=s, subject=s, **asked) for s in ("electron", "muon")]
    assert len(match([criterion(subject="lepton", **asked)], both)) == same


def test_score_counts_judged_findings_and_measures_chance() -> None:
    gold = GoldList(paper="P", pdf="P.pdf", pages=(4,), criteria=(criterion(), criterion(id="h", value=27.0)))
    found = (finding(), finding(id="x", value=99.0), finding(id="y", value=98.0), finding(id="z", value=97.0))
    verdicts = {
        "P": [
            Judgement.model_validate(
                {
                    "subject": "muon", "variable": "pt", "operator": ">", "value": value, "unit": "GeV", "page": 4,
                    "verdict": verdict, "reason": "seen on the page",
                }
            )
            for value, verdict in ((99.0, True), (98.0, False))
        ]
    }  # fmt: skip
    others = [Reading(paper="Q", findings=(finding(value=27.0, page=1),))]
    scored = score(gold, Reading(paper="P", findings=found), others, verdicts)
    assert (scored.matched, scored.of, [c.id for c in scored.missed]) == (1, 2, ["h"])
    assert list(scored.precision) == pytest.approx([1 / 2, 2 / 3])
    assert scored.chance_other_papers == 0.5


def test_shuffling_exchanges_values_of_one_kind_only() -> None:
    found = [finding(value=float(v)) for v in range(10)] + [finding(value=v / 10, unit=None) for v in range(10)]
    mixed = shuffle_values(found, seed=3)
    assert {f.value for f in mixed[:10]} == {float(v) for v in range(10)}
    assert {f.unit for f in mixed[:10]} == {"GeV"}
    assert [f.value for f in mixed] != [f.value for f in found]


def as_finding(gold: GoldCriterion, number: int) -> Finding:
    """The criterion as a perfect reader would report it."""
    value: object = gold.value
    if isinstance(value, Points):
        value = Ramp(argument="x", x=tuple(x for x, _ in value.points), y=tuple(y or 0.0 for _, y in value.points))
    raw = gold.model_dump(include={"stage", "subject", "second_subject", "variable", "operator", "unit", "effect"})
    more = {"id": str(number), "value": value, "quote": ("q",), "page": gold.pages[0], "reader": "rules"}
    return Finding.model_validate(raw | more | {"condition": gold.condition})


def test_perfect_findings_score_full_and_mutated_ones_nothing() -> None:
    for gold in load_gold(require("papers/gold")):
        counted = [c for c in gold.criteria if c.counted]
        perfect = [as_finding(c, i) for i, c in enumerate(counted)]
        assert len(match(counted, perfect)) == len(counted)
        assert len(match(counted, perfect[:-3])) == len(counted) - 3
        for c, f in zip(counted, perfect, strict=True):
            for change in ({"page": 99}, {"variable": "other:nothing"}, {"subject": "other:nothing"}):
                assert not states(f.model_copy(update=change), c)
            if isinstance(f.value, float):
                assert not states(f.model_copy(update={"value": f.value * 1.01 + 1}), c)
                assert not states(f.model_copy(update={"unit": "TeV"}), c)


def test_a_judgement_serves_for_other_words() -> None:
    plain = {"subject": "jet", "variable": "n", "operator": ">=", "value": 1.0, "page": 4, "reason": "seen"}
    known = [Judgement.model_validate(plain | {"verdict": True})]
    said = finding(subject="jet", variable="n", operator=">", value=0.0, unit=None)
    assert find_verdict(said, known) is known[0]
    assert find_verdict(said.model_copy(update={"operator": ">="}), known) is None
    assert find_verdict(said.model_copy(update={"page": 5}), known) is None
