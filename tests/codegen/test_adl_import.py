"""ADL that was not written by paperfilter: what is read, what stays open, and what is an error. All texts are ours."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from codegen.adl.read import list_problems, read_adl
from codegen.adl.write import Writer, write_adl
from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.criteria import Cut, SelectionCriteria
from schemas.criteria_yaml import dump_criteria, load_criteria
from schemas.errors import CriteriaError
from schemas.validation import check_criteria
from tests.codegen.mini_files import Compiled
from tests.codegen.quick import make_branches, process
from tests.codegen.random_criteria import criteria as random_criteria
from tests.codegen.test_adl_round_trip import strip_comments
from tests.codegen.test_loops import make_plain, make_troubled_events

WW = """
info ww
  title "Two leptons and missing momentum"   # our own
  experiment ATLAS
  sqrtS 13.0
  lumi 36.1
  arXiv "2601.00001"

object goodEle
  take ELE
  select pT(ELE) > 15
  select abs({ELE}Eta) < 2.47
  select {ELE}AbsEta ][ 1.37 1.52
  select tight(ELE) == 1

object goodMuo : MUO
  select Pt(MUO_) > 15 and AbsEta(MUO) <= 2.5

object lep : Union(goodEle, goodMuo)

object cleanjets
  take Jet j
  select pT [] 30 500          # the other dialect
  select abs(Eta) < 2.5 ? m < 20 : pT > 40
  reject dR(j, lep) < 0.4

object bjets take cleanjets
  select BTag(cleanjets) == 1

define zcut = 15
define ll = lep[0] lep[1]
define mT : sqrt( 2*pT(lep[0]) * MET * (1 - cos(phi(METLV[0]) - phi(lep_0))) )
define HT = fHT(cleanjets) + sum(lep.pT)

algo presel
  select ALL
  select size(lep) == 2
  select q(lep[0]) * q(lep[1]) == -1
  reject abs(m(ll) - 91.2) < zcut
  weight trigger 0.97
  histo hmll, "m(ll) [GeV]", 40, 0, 200, m(ll)

region signal
  presel
  select abs(pdgID(lep[0])) == 11 or
         pT(lep[0]) > 25
  select dPhi(lep[0], METLV[0]) > 0.5
  select allof(pT(cleanjets)) < 200
  select min(dPhi(cleanjets[0:2], MET)) > 0.4
  bin "low" MET [] 50 100
  bin MET > 100 and size(bjets) == 0

region both
  presel
  signal
  select HT / MET < 5
"""


def find(criteria: SelectionCriteria, owner: str) -> list[tuple[object, ...]]:
    """What the cuts of an object or region say."""
    named = {**{o.name: o.cuts for o in criteria.objects}, **{r.name: r.cuts for r in criteria.regions}}
    return [say(cut) for cut in named[owner]]


def say(cut: Cut) -> tuple[object, ...]:
    threshold = cut.threshold
    limit = None if threshold is None else threshold.range or threshold.label or threshold.expression or threshold.value
    unit = threshold.unit if threshold is not None else None
    return (cut.variable, cut.operator, limit, *([unit] if unit else []), *([cut.condition] if cut.condition else []))


def test_objects() -> None:
    criteria = read_adl(WW, "ww.adl")
    assert criteria.analysis.model_dump(exclude_none=True) == {
        "slug": "ww", "title": "Two leptons and missing momentum", "paper": "arXiv:2601.00001", "experiment": "ATLAS",
        "sqrt_s": 13.0, "luminosity": 36.1,
    }  # fmt: skip
    assert find(criteria, "goodEle") == [
        ("pt", ">", 15, "GeV"), ("abs(eta)", "<", 2.47), ("abs(eta)", "outside", (1.37, 1.52)), ("id", ">=", "tight"),
    ]  # fmt: skip
    assert find(criteria, "goodMuo") == [("pt", ">", 15, "GeV"), ("abs(eta)", "<=", 2.5)]
    assert find(criteria, "cleanjets") == [
        ("pt", "between", (30, 500), "GeV"),
        ("mass", "<", 20, "GeV", "abs(eta) < 2.5"),
        ("pt", ">", 40, "GeV", "not (abs(eta) < 2.5)"),
    ]
    lep, jets, bjets = criteria.objects[2:]
    assert lep.union == ("goodEle", "goodMuo")
    assert [(r.with_, r.deltaR) for r in jets.remove_overlap] == [("lep", 0.4)]
    assert jets.cuts[0].threshold is not None
    assert jets.cuts[0].threshold.closed == "both"
    assert bjets.base == "cleanjets"


def test_regions_and_definitions() -> None:
    criteria = read_adl(WW, "ww.adl")
    assert [(c.name, c.leading, c.n) for c in criteria.candidates] == [("ll", "lep", 2)]
    assert {v.name: v.expression for v in criteria.variables} == {
        "mT": "sqrt(2 * lep[0].pt * met.pt * (1 - cos(met.phi - lep[0].phi)))",
        "HT": "sum(cleanjets.pt) + sum(lep.pt)",
        "hmll": "mass(ll)",
    }
    assert [(r.name, r.parent, r.note) for r in criteria.regions] == [
        ("presel", None, "not imported: weight trigger 0.97 (line 40)"), ("signal", "presel", None),
        ("signal_bin_1", "signal", "low"), ("signal_bin_2", "signal", None), ("both", "presel", None),
    ]  # fmt: skip
    assert find(criteria, "presel") == [
        ("count(lep)", "==", 2), ("lep[0].charge * lep[1].charge", "==", -1),
        ("abs(mass(ll) - 91.2) < 15", "fail", None),
    ]  # fmt: skip
    signal = [
        ("lep[0].flavour", "==", "electron"), ("lep[0].pt", ">", 25, "GeV"), ("abs(deltaphi(lep[0], met))", ">", 0.5),
        ("cleanjets.pt", "<", 200, "GeV"), ("min(abs(deltaphi(cleanjets[:3], met)))", ">", 0.4),
    ]  # fmt: skip
    assert find(criteria, "signal") == signal
    assert len({c.group for c in criteria.regions[1].cuts[:2]}) == 1
    assert find(criteria, "signal_bin_2") == [("met.pt", ">", 100, "GeV"), ("count(bjets)", "==", 0)]
    # A region that takes in two others repeats the cuts of the second.
    presel = find(criteria, "presel")
    assert find(criteria, "both") == [*presel, *signal, ("HT / met.pt", "<", 5)]
    assert criteria.outputs == ("hmll",)
    assert criteria.variables[2].binning is not None


def test_a_tag_without_working_point_is_a_question() -> None:
    (question,) = read_adl(WW, "ww.adl").questions
    assert question.cuts == ("bjets_btag",)
    assert [say(a.changes[0]) for a in question.alternatives] == [
        ("btag", ">=", w) for w in ("loose", "medium", "tight")
    ]


def test_a_complete_import_compiles() -> None:
    criteria = read_adl(WW.replace("BTag(cleanjets) == 1", "btag_score(cleanjets) > 0.8"), "ww.adl")
    assert not criteria.questions
    source = compile_analysis(criteria, load_profile("atlas_mini")).source
    assert "signal_bin_2" in source


CHOICES = """
object mu take MUO
  select pT(MUO) > 5
define z1 = mu[-1] mu[-1]
define z2 = mu[-2] + mu[-2]
define dm = abs(m(z1) - m(z2))
object pairs_of_jets : comb(JET[-1] JET[-2]) alias dijet
  select m(dijet) > 20
  select abs(m(dijet) - 80.4) ~= 0
object osmu : comb(mu[-1] mu[-1]) alias one
  select q(one) == 0
region test
  select dm ~= 0
  select m(z1) [] 60 120
  select size(osmu) >= 1
  select m(pairs_of_jets[0]) < 100
"""


def test_a_definition_hides_what_the_name_meant_before() -> None:
    text = "object a take JET\ndefine MET = 2 * pT(METLV[0])\ndefine mZ = 91\n"
    text += "region r\n  select MET > 9\n  select mZ < m(a[0])\n"
    criteria = read_adl(text, "x.adl")
    assert [v.expression for v in criteria.variables] == ["2 * met.pt"]
    assert find(criteria, "r") == [(criteria.variables[0].name, ">", 9, "GeV"), ("a[0].mass", ">", 91, "GeV")]


def test_the_first_pair_is_a_choice_too() -> None:
    text = "objects: [{name: mu, base: muon}]\ncandidates: [{name: first_pair, pair: mu, require: [opposite_charge]}]\n"
    criteria = load_criteria(text)
    alone = read_adl(strip_comments(write_adl(criteria)), "x.adl")
    assert (alone.candidates[0].pair, alone.candidates[0].require) == ("mu", ("opposite_charge",))


def test_choices() -> None:
    criteria = read_adl(CHOICES, "x.adl")
    joint, dijet = criteria.candidates
    assert (joint.pair, joint.pairing, joint.minimise) == ("mu", ("z1", "z2"), "abs(mass(z1) - mass(z2))")
    assert (dijet.pair, dijet.minimise) == ("jets", "abs(mass(pairs_of_jets) - 80.4)")
    assert [say(c) for c in dijet.select] == [("mass(pairs_of_jets)", ">", 20, "GeV")]
    assert find(criteria, "test") == [
        ("mass(z1)", "between", (60, 120), "GeV"), ("count(pairs(mu, opposite_charge))", ">=", 1),
        ("mass(pairs_of_jets)", "<", 100, "GeV"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("select dphi(a[0], -MET) < 0.3", ("3.141592653589793 - abs(deltaphi(a[0], met))", "<", 0.3)),
        ("select abs(eta(a[0])) |  3 < 1", None),
        ("select {a_0, a_1}dR >= 0.4", ("deltaR(a[0], a[1])", ">=", 0.4)),
        ("select 100 < m(a[0] a[1])", ("mass(a[0], a[1])", ">", 100, "GeV")),
        ("select Size (a) == 2 ? MET > 100 : MET > 200", ("met.pt", ">", 100, "GeV", "count(a) == 2")),
        ("select size(a) > 1 ? MET > 100 : NONE", ("count(a)", ">", 1)),
        ("reject size(a) > 3", ("count(a) > 3", "fail", None)),
        ("select NOT size(a) > 3", ("count(a) > 3", "fail", None)),
        ("select MET / sqrt(fHT(a)) > 5", ("(met.pt / sqrt(sum(a.pt))) > 5", "pass", None)),
        ("select anyof(pT(a)) > 200", ("a.pt", ">", 200, "GeV")),
        ("select HLT_mu24 == 1", ("trigger", "==", "HLT_mu24")),
        ('select HLT "HLT_mu24"', ("trigger == HLT_mu24", "pass", None)),
        ("select pT(JET[0]) > 9", ("jets_2[0].pt", ">", 9, "GeV")),
        ("select tau3(FJET[0]) / tau2(FJET[0]) < 0.46", ("fat_jets[0].tau32", "<", 0.46)),
        ("select MET > 50 && MET < 100", ("met.pt", "between", (50, 100), "GeV")),
        ("select sqrt(MET ^ 2) > pT(a[0]) + 2 * 3", ("sqrt(met.pt**2)", ">", "a[0].pt + 6")),
    ],
)
def test_statements(line: str, expected: tuple[object, ...] | None) -> None:
    text = f"object a\n  take JET\nregion r\n  {line}\nobject jets : JET\n"
    if expected is None:
        with pytest.raises(CriteriaError):
            read_adl(text, "x.adl")
        return
    assert find(read_adl(text, "x.adl"), "r")[0] == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("select fMT2(a[0], a[1], METLV[0]) > 40", "line 4: 'fMT2': an external function"),
        ("select pT(a[0]) > ", "line 4: '>': expected an expression after it"),
        ("select pT(a[0] > 3", "line 4: '3': expected ',' or ')' after it"),
        ("select pt(jits[0]) > 3", "line 4: 'jits': is not defined above"),
        ("select pT(a[3:5]) > 3", "line 4: 'a[3:5]': expected a slice from the start"),
        ("select pT(a[-1]) > 3", "line 4: 'a[-1]': an open index"),
        ("select abs(m(a[0] a[1]) - 91) ~= 0", "no open index left to choose"),
        ("select m(a[0]) > pT(a[0]) ^ 2", "expected"),
        ("select dR(a[0], MET) > 1", "met has no pseudorapidity"),
        ("select m(a[0] + MET) > 3", "have no four-momentum"),
        ("select pT(a[0]) [] 9 3", "expected the lower end first"),
        ("select NONE", "selects nothing at all"),
        ("sort m(a) ascend", "line 4: 'sort': is not expressible"),
        ("trigger HLT_IsoMu24", "line 4: 'trigger': is no statement; expected select HLT_IsoMu24 == 1"),
        ("select pT(a[0]) > 25 GeV", "line 4: 'GeV': ADL's numbers have no unit"),
        ("select MET > 9\nregion s\nreject r", "line 6: 'r': is a region; expected it alone after select or take"),
        ("nowhere", "line 4: 'nowhere': is no region that is defined above"),
        ("frobnicate everything", "line 4: 'frobnicate': expected a keyword of ADL"),
        ("select pT(a[0]) > 3 ; rm", "line 4: ';': is no character of ADL"),
        ("select (((((" * 40, "line 4"),
        ("define W = a[0] - a[1]", "expected a number, found objects"),
        ("define W = a[-1] a[-1]", "line 4: 'W': its indices stay open"),
        ("object c take GEN", "line 4: 'GEN': is not defined above"),
        ("object c take a\n  select dPhi(a, MET) > 1", "line 5: 'a': distances of the object itself"),
    ],
)
def test_errors_name_line_and_token(line: str, says: str) -> None:
    text = f"object a\n  take JET\nregion r\n{line}\n"
    with pytest.raises(CriteriaError) as raised:
        read_adl(text, "x.adl")
    message = str(raised.value)
    assert message.startswith("x.adl: line ")
    assert says in message
    assert "\n" not in message
    check_criteria(read_adl(text, "x.adl", partial=True))


def test_all_problems_are_listed_and_nothing_is_dropped() -> None:
    text = "object a take JET\n  select puId(JET) > 1\n  select pT(JET) > 9\n"
    text += "define x1 = fMR(a)\nregion r\n  select x1 > 3\n"
    problems, asides = list_problems(text + "  print MET\n")
    assert [(p.line, p.token) for p in problems] == [(2, "puId"), (4, "fMR"), (6, "x1")]
    assert "its definition in line 4 could not be expressed" in problems[2].message
    assert [a.line for a in asides] == [7]
    with pytest.raises(CriteriaError, match=r"line 2: 'puId': .* \(and 2 more\)"):
        read_adl(text, "x.adl")
    partial = read_adl(text, "x.adl", partial=True)
    assert find(partial, "a") == [("pt", ">", 9, "GeV")]
    assert [q.text.split(":")[0] for q in partial.questions] == ["line 2", "line 4", "line 6"]
    assert all(q.answer is None for q in partial.questions)


@given(st.text(max_size=60) | st.lists(st.sampled_from(WW.split()), max_size=30).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    has_statements = any(line.partition("#")[0].strip() for line in text.split("\n"))
    partial = read_adl(text, "x.adl", partial=True) if "#:" not in text and has_statements else None
    if partial is not None:
        check_criteria(partial)


@given(text=random_criteria(), seed=st.integers(0, 10_000))
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_statements_alone_select_the_same_events(
    text: str, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("random")
    branches = make_branches(make_troubled_events(60, seed))
    criteria = load_criteria(text)
    try:
        expected = select_events(text, criteria, folder, branches)
    except CriteriaError:
        reject()
    statements = strip_comments(write_adl(criteria))
    for plain, adl in Writer(criteria).vocabulary.names.items():
        statements = re.sub(rf"\b{adl}\b", plain, statements)
    alone = read_adl(statements, "x.adl")
    assert select_events(dump_criteria(alone), alone, folder, branches) == expected


def select_events(text: str, criteria: SelectionCriteria, folder: Path, branches: object) -> dict[str, list[int]]:
    """The events that pass every region."""
    last = make_plain(process(Compiled(text, folder).module, branches, frozenset()))["last"]  # type: ignore[arg-type]
    regions = {r.name: r for r in criteria.regions}

    def count_steps(name: str | None) -> int:
        if name is None:
            return 0
        return count_steps(regions[name].parent) + len({c.group or c.id for c in regions[name].cuts})

    return {name: [k for k, step in enumerate(steps) if step == count_steps(name)] for name, steps in last.items()}


def test_a_region_takes_in_another() -> None:
    head = "region vbf\n select MET > 100\nregion cr\n select MET < 50\nregion sr\n"
    ssc = read_adl(f"{head} take vbf\n select MET > 200\n", "x.adl")
    assert [(r.name, r.parent, len(r.cuts)) for r in ssc.regions][2] == ("sr", "vbf", 1)
    ssc = read_adl(f"{head} take vbf, cr\n", "x.adl")
    assert ssc.regions[2].parent == "vbf"
    assert [c.threshold and c.threshold.value for c in ssc.regions[2].cuts] == [50]


@pytest.mark.parametrize("taken", ["nonsense", "JET", "MET", "j", "vbf[0]", "Union(vbf, j)"])
def test_a_region_takes_in_nothing_but_regions(taken: str) -> None:
    text = f"object j\n take JET\nregion vbf\n select MET > 100\nregion sr\n take {taken}\n select MET > 200\n"
    with pytest.raises(CriteriaError, match=rf"^x\.adl: line 6: '{re.escape(taken)}': is no region") as raised:
        read_adl(text, "x.adl")
    assert "more" not in str(raised.value)


@pytest.mark.parametrize(
    "tagger",
    [
        "btagDeepB",
        "btagDeepFlavB",
        "btagCSVV2",
        "btagPNetB",
        "deepJet",
        "DL1r",
        "GN2v01",
        "MV2c10",
        "Jet_btagUParTAK4B",
    ],
)
@pytest.mark.parametrize("cut", ["{}(JET) > 0.4941", "JET.{} > 0.4941", "{{JET}}{} > 0.4941", "{} > 0.4941"])
def test_a_tagger_is_never_taken_for_another(tagger: str, cut: str) -> None:
    text = f"object j\n take JET\n select {cut.format(tagger)}\nregion r\n select size(j) > 1\n"
    with pytest.raises(CriteriaError, match=f"line 3: '{tagger}': names one tagger"):
        read_adl(text, "x.adl")
    partial = read_adl(text, "x.adl", partial=True)
    assert not next(o for o in partial.objects if o.name == "j").cuts
    assert any(tagger in q.text for q in partial.questions)


def test_the_tagger_of_the_data_format_has_a_word() -> None:
    text = "object j\n take JET\n select btag_score(JET) > 0.3\nregion r\n select size(j) > 1\n"
    assert find(read_adl(text, "x.adl"), "j")[0][:3] == ("btag", ">", 0.3)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("relIso(MUO[0])", "'relIso': an external function; did you mean isolation?"),
        ("fHT()", "'fHT': expected other arguments of fHT"),
        ("chargee(MUO[0])", "did you mean charge"),
        ("fMT2(MUO[0], MUO[1], MET)", "'fMT2': an external function, which the criteria do not have"),
    ],
)
def test_an_unknown_function_has_a_suggestion(call: str, says: str) -> None:
    with pytest.raises(CriteriaError, match=re.escape(says)):
        read_adl(f"region r\n select {call} > 3\n", "x.adl")


@pytest.mark.parametrize("text", ["", "\n \n", "# nothing\n  # here", "\ufeff", "\ufeff# nothing"])
@pytest.mark.parametrize("partial", [False, True])
def test_a_file_without_statements_is_an_error(text: str, partial: bool) -> None:
    with pytest.raises(CriteriaError, match=r"^x\.adl: there is no statement in it"):
        read_adl(text, "x.adl", partial)


def test_a_byte_order_mark_is_skipped() -> None:
    assert read_adl(f"\ufeff{WW}", "x.adl") == read_adl(WW, "x.adl")
    assert list_problems(f"\ufeff{WW}") == list_problems(WW)


def test_an_error_names_no_id_that_is_not_in_the_file() -> None:
    text = "object jets\n take JET\nregion r\n select dR(jets, MUO) > 0.4 # away\n"
    with pytest.raises(CriteriaError, match=re.escape("line 4: 'select dR(jets, MUO) > 0.4': ")) as raised:
        read_adl(text, "x.adl")
    assert "r_deltaR" not in str(raised.value)


def test_a_definition_inside_a_region_is_named() -> None:
    text = "region r\n select MET > 9\n define x1 = MET / 2\n select x1 > 3\n"
    with pytest.raises(CriteriaError, match="line 4: 'select': follows define x1 in line 3, which ends the"):
        read_adl(text, "x.adl")
