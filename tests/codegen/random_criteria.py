"""Random criteria for the `mini` format: objects, candidates and cuts of every kind that the language has."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.codegen.quick import write_cut

FLAGS = ("same_flavour", "opposite_charge", "same_charge", "opposite_flavour")
COLLECTIONS = ("electrons", "muons", "leptons", "jets", "hard_jets", "central", "mixed")
SINGLE = (
    "leptons[0]", "leptons[1]", "jets[0]", "hard_jets[1]", "electrons[0]", "z.leptons[0]", "z.leptons[1]",
    "leading(muons)", "both.leptons[3]", "duo.jets[0]", "mixed[0]", "leptons[:2][1]", "lq[1].jet", "lq[0].lepton",
    "central[0]",
)  # fmt: skip
COMPOSITE = ("z", "near", "duo", "third", "both", "za", "zb", "all_of_it", "lq[0]", "lq[1]", "far", "top_two")
PAIRS = ("z", "near", "duo", "za", "zb", "far", "top_two")

OBJECTS = """
objects:
  - {name: electrons, base: electron, cuts: [
      {id: e_pt, variable: pt, operator: ">", threshold: {value: 7, unit: GeV}},
      {id: e_id, variable: id, operator: ">=", threshold: {label: tight}, condition: abs(d0sig) < 3}]}
  - {name: muons, base: muon, cuts: [
      {id: mu_pt, variable: pt, operator: ">", threshold: {value: 5000, unit: MeV}},
      {id: mu_mt, variable: pt + 0.1 * met, operator: "<", threshold: {value: 5, unit: TeV}}]}
  - {name: leptons, union: [electrons, muons]}
  - name: jets
    base: jet
    cuts:
      - {id: j_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}
      - {id: j_jvt, variable: jvt, operator: ">", threshold: {value: 0.5}, condition: pt < 60}
      - {id: j_central, variable: abs(eta), operator: "<", threshold: {value: 2.4}, group: where}
      - {id: j_hard, variable: pt, operator: ">", threshold: {value: 90, unit: GeV}, group: where}
    remove_overlap: [{with: muons, deltaR: 0.4}]
  - {name: hard_jets, base: jets, cuts: [
      {id: h_pt, variable: pt, operator: ">=", threshold: {value: 60, unit: GeV}},
      {id: h_mass, variable: mass / pt, operator: "<", threshold: {value: 0.5}, condition: eta > 0}]}
  - {name: central, base: [electron, muon], cuts: [
      {id: c_eta, variable: abs(eta), operator: outside, threshold: {range: [1.37, 1.52], closed: both}}]}
  - {name: mixed, union: [hard_jets, leptons]}
"""
OVERLAP = "overlap: [{remove: electrons, near: muons, deltaR: 0.2}, {remove: jets, near: electrons, deltaR: 0.3}]\n"
CANDIDATES = """
candidates:
  - {name: z, pair: leptons, require: [same_flavour, opposite_charge], minimise: abs(mass(z) - mZ)}
  - {name: near, pair: "leptons[:3]", minimise: [abs(near.charge), deltaR(near)], select: [
      {id: near_pt, variable: near.pt, operator: ">", threshold: {value: 10, unit: GeV}, condition: met > 20},
      {id: near_phi, variable: abs(deltaphi(near)), operator: ">", threshold: {value: 0.1}, group: apart},
      {id: near_eta, variable: abs(deltaeta(near)), operator: ">", threshold: {value: 0.5}, group: apart}]}
  - {name: duo, leading: jets, n: 2}
  - {name: third, leading: leptons, n: 1, exclude: [z]}
  - {name: both, pair: leptons, pairing: [za, zb], require: [opposite_charge],
     minimise: ["abs(mass(za) - mZ)", "abs(mass(zb) - mZ)"]}
  - {name: all_of_it, sum: [z, duo]}
  - {name: far, pair: jets, exclude: [duo], maximise: mass(far)}
  - {name: top_two, leading: mixed, n: 2}
  - {name: lq, assign: {lepton: "leptons[:2]", jet: "jets[:2]"}, require: [{opposite_charge: lepton}],
     minimise: "abs(mass(lq[0]) - mass(lq[1]))"}
variables:
  - {name: mz, expression: mass(z)}
  - {name: ht, expression: sum(jets.pt)}
  - {name: tagged, expression: any(jets.btag > 0.5) or count(jets) == 0}
  - {name: spread, expression: max(deltaR(pairs(leptons)))}
"""


def single_numbers() -> SearchStrategy[str]:
    """Quantities of the event, by dimension: those in GeV."""
    owner = st.sampled_from(SINGLE)
    composite = st.sampled_from(COMPOSITE)
    return st.one_of(
        owner.map("{}.pt".format),
        composite.map("mass({})".format),
        composite.map("{}.pt".format),
        st.tuples(owner, owner).map(lambda two: f"mass({two[0]}, {two[1]})"),
        st.tuples(composite, owner).map(lambda two: f"pt({two[0]}, {two[1]})"),
        st.sampled_from(("met", "mz", "ht", "interp(mz, [20, 90], [5, 60])", "min(mz, met)", "max(leptons[0].pt, ht)")),
        st.sampled_from(COLLECTIONS).map("sum({}.pt)".format),
        st.sampled_from(COLLECTIONS).map("max({}.pt)".format),
        st.sampled_from(("leptons", "jets", "mixed")).map("min(mass(pairs({})))".format),
        st.just("sqrt(leptons[0].pt * met * (1 - cos(deltaphi(leptons[0], met))))"),
        st.just("max(mass(lq))"),
        st.just("sum(lq.lepton.pt)"),
    )


def plain_numbers() -> SearchStrategy[str]:
    """Quantities of the event without a dimension."""
    owner, composite = st.sampled_from(SINGLE), st.sampled_from(COMPOSITE)
    counted = st.sampled_from((*COLLECTIONS, "z", "lq", "both", "duo", "z.leptons", "z.muons", "jets[:2]",
                               "pairs(leptons, same_flavour)", "jets.pt > 50", "mass(pairs(leptons)) > 40",
                               "z.electrons.d0sig > 2"))  # fmt: skip
    return st.one_of(
        counted.map("count({})".format),
        owner.map("abs({}.eta)".format),
        composite.map("eta({})".format),
        composite.map("{}.rapidity".format),
        composite.map("{}.charge".format),
        st.tuples(owner, composite).map(lambda two: f"deltaR({two[0]}, {two[1]})"),
        st.tuples(owner, owner).map(lambda two: f"abs(deltaphi({two[0]}, {two[1]}))"),
        st.sampled_from(PAIRS).map("deltaR({})".format),
        st.sampled_from(PAIRS).map("abs(deltaeta({}))".format),
        st.sampled_from(COLLECTIONS).map("min({}.eta)".format),
        st.just("max(leptons.d0sig)"),
        st.just("min(deltaR(pairs(jets)))"),
        st.just("spread"),
        st.just("leptons[0].pt / (leptons[1].eta - leptons[1].eta)"),
        st.just("sign(leptons[0].eta) * jets[0].eta ** 2"),
        st.just("sqrt(leptons[0].eta)"),
        st.just("ht / mz"),
    )


def listed_numbers(energy: bool) -> SearchStrategy[str]:
    """Quantities with one value per object or pair."""
    tables = st.sampled_from((*COLLECTIONS, "z.leptons", "z.electrons", "both.muons", "duo.jets", "leptons[:2]",
                              "lq.lepton", "top_two.mixed", "z.leptons[:1]"))  # fmt: skip
    pairs = st.tuples(
        st.sampled_from((*COLLECTIONS, "z.leptons", "both.leptons", "jets[:3]", "both.muons")),
        st.lists(st.sampled_from(FLAGS), max_size=2, unique=True),
    ).map(lambda made: f"pairs({', '.join((made[0], *(() if 'jet' in made[0] or 'mixed' in made[0] else made[1])))})")
    if energy:
        return st.one_of(
            tables.map("{}.pt".format), pairs.map("mass({})".format), pairs.map("pt({})".format), st.just("mass(lq)")
        )
    return st.one_of(
        tables.map("abs({}.eta)".format), pairs.map("deltaR({})".format), pairs.map("abs(deltaphi({}))".format),
        st.sampled_from(("leptons.d0sig", "z.leptons.d0sig", "jets.btag", "lq.rapidity", "lq.charge")),
        tables.map("deltaR({}, leptons[0])".format), tables.map("{0}.pt / ht".format),
    )  # fmt: skip


def conditions() -> SearchStrategy[str]:
    """Conditions on the event."""
    return st.sampled_from((
        "tagged", "not tagged", "leptons[0].flavour == electron", "all(z.leptons.id >= tight)",
        "any(jets.btag >= eff70)", "leptons[0].flavour == leptons[1].flavour",
        "trigger == single_muon", "mz > 60 and count(jets) < 3",
        "not (any(leptons.eta > 1) or jets[1].pt > 50)", "20 < leptons[1].pt < 60", "z.leptons[0].flavour != muon",
        "all(deltaR(pairs(leptons)) > 0.2)",
    ))  # fmt: skip


@st.composite
def cuts(draw: DrawFn, name: str) -> str:
    """One cut as YAML."""
    kind = draw(st.integers(0, 4))
    several = kind in (2, 3)
    condition = draw(st.one_of(st.none(), st.none(), conditions()))
    if kind == 4:
        test = draw(st.sampled_from(("pass", "fail")))
        return write_cut(name, draw(conditions()), test, None, condition, draw(st.booleans()) and several)
    energy = kind in (0, 2)
    variable = draw((single_numbers() if energy else plain_numbers()) if not several else listed_numbers(energy))
    grid = (0.0, 20.0, 25.0, 40.0, 60.0, 91.1876, 150.0) if energy else (0.0, 0.1, 0.4, 1.0, 1.5, 2.0, 3.0)
    operator = draw(st.sampled_from((">", ">=", "<", "<=", "==", "!=", "between", "outside", "in")))
    unit = ", unit: GeV" if energy else ""
    low = draw(st.sampled_from(grid))
    if operator in ("between", "outside"):
        closed = draw(st.sampled_from(("none", "left", "right", "both")))
        threshold = f"{{range: [{low}, {low + draw(st.sampled_from(grid[1:]))}], closed: {closed}{unit}}}"
    elif operator == "in":
        threshold = f"{{values: [{low}, {draw(st.sampled_from(grid))}]{unit}}}"
    else:
        threshold = f"{{value: {low}{unit}}}"
    return write_cut(name, variable, operator, threshold, condition, several and draw(st.booleans()))


@st.composite
def criteria(draw: DrawFn) -> str:
    """A whole document: some regions, of which one may be a child of the first."""
    text = OBJECTS + CANDIDATES + "regions:\n"
    if draw(st.booleans()):
        text = text.replace("    remove_overlap: [{with: muons, deltaR: 0.4}]\n", "").replace(
            "candidates:", f"{OVERLAP}candidates:"
        )
    for k in range(draw(st.integers(1, 3))):
        parent = ", parent: r0" if k and draw(st.booleans()) else ""
        listed = [draw(cuts(f"c{k}{n}")) for n in range(draw(st.integers(1, 4)))]
        text += f"  - {{name: r{k}{parent}, cuts: [{', '.join(listed)}]}}\n"
    return text + f"outputs: [{draw(st.sampled_from(('ht, mz', 'spread, ht, mz', '')))}]\n"
