# ruff: noqa: E501 - a message is one line
"""Wrong documents, and what a physicist reads about each: the place, the token, and what was expected."""

import pytest

from schemas.criteria_yaml import list_text_problems, parse_criteria
from schemas.errors import CriteriaError
from schemas.validation import list_problems, validate_criteria

OBJECTS = """
  - {name: electrons, base: electron}
  - {name: muons, base: muon}
  - {name: leptons, union: [electrons, muons]}
  - {name: jets, base: jet, cuts: [{id: j_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}]}
"""
CANDIDATES = """
  - {name: z, pair: leptons, require: [same_flavour, opposite_charge], minimise: abs(mass(z) - mZ)}
  - {name: lq, assign: {lepton: "leptons[:2]", jet: "jets[:2]"}, minimise: abs(mass(lq[0]) - mass(lq[1]))}
"""
VARIABLES = """
  - {name: mz, expression: mass(z)}
"""
REGIONS = """
  - {name: sr, cuts: [{id: two, variable: count(leptons), operator: ">=", threshold: {value: 2}}]}
"""
SECTIONS = {"objects": OBJECTS, "candidates": CANDIDATES, "variables": VARIABLES, "regions": REGIONS}


def write(**more: str) -> str:
    """The document above with further entries in its sections; other keys stand as they are."""
    text = "".join(f"{name}:{body}{more.pop(name, '')}\n" for name, body in SECTIONS.items())
    return text + "".join(f"{name}: {value}\n" for name, value in more.items())


def cut(variable: str, rest: str) -> str:
    """A document with one more cut, `x` of region `cr`."""
    return write(regions=f'  - {{name: cr, cuts: [{{id: x, variable: "{variable}", {rest}}}]}}')


def on_jets(variable: str, rest: str) -> str:
    """A document with one more collection and one cut, `x`, on its objects."""
    return write(objects=f'  - {{name: more, base: jet, cuts: [{{id: x, variable: "{variable}", {rest}}}]}}')


def candidate(body: str) -> str:
    return write(candidates=f"  - {{name: c, {body}}}")


def variable(expression: str) -> str:
    return write(variables=f'  - {{name: v, expression: "{expression}"}}')


GEV = 'operator: ">", threshold: {value: 7, unit: GeV}'
PLAIN = 'operator: ">", threshold: {value: 7}'
CUT = "region 'cr', cut 'x'"

WRONG = [
    # units
    (cut("mz", PLAIN), f"{CUT}: no unit: expected the unit of an energy (GeV)"),
    (
        cut("mz", 'operator: ">", threshold: {value: 7, unit: mm}'),
        f"{CUT}: unit 'mm': expected the unit of an energy (GeV)",
    ),
    (
        cut("mz", 'operator: ">", threshold: {value: 7, unit: Gev}'),
        f"{CUT}: unit 'Gev' is not known; did you mean GeV?",
    ),
    (
        cut("mz", 'operator: ">", threshold: {value: 7, unit: furlong}'),
        f"{CUT}: unit 'furlong' is not known; known units: eV",
    ),
    (
        cut("deltaR(z)", 'operator: ">", threshold: {value: 7, unit: deg}'),
        f"{CUT}: unit 'deg': expected none for a plain number",
    ),
    (
        cut("mz", 'operator: ">", threshold: {value: 1.0e+306, unit: TeV}'),
        f"{CUT}: 1e+306 TeV: expected a number that is finite",
    ),
    (on_jets("pt", PLAIN), "object 'more', cut 'x': no unit: expected the unit of an energy (GeV)"),
    (
        cut("mz + jets[0].z0", GEV),
        f"{CUT}: 'mz + jets[0].z0': adds an energy (GeV) and a length (mm); expected the same unit",
    ),
    (
        cut("mz > jets[0].d0", "operator: pass"),
        f"{CUT}: 'mz > jets[0].d0': compares an energy (GeV) with a length (mm)",
    ),
    (cut("min(mz, jets[0].eta)", GEV), f"{CUT}: 'min(mz, jets[0].eta)': mixes an energy (GeV) and a plain number"),
    (cut("sin(mz)", PLAIN), f"{CUT}: 'sin(mz)': expected an angle, found an energy (GeV)"),
    (
        write(variables="  - {name: v, expression: mass(z), unit: mm}"),
        "variable 'v': unit 'mm': expected that of an energy (GeV)",
    ),
    # piecewise thresholds
    (
        variable("interp(mz, [190, 140], [12, 50])"),
        "variable 'v': '[190, 140]' in 'interp(mz, [190, 140], [12, 50])': expected strictly increasing x",
    ),
    (variable("interp(mz, [140, 190], [12])"), "expected two lists of the same length, at least two points"),
    (
        variable("interp(leptons[0].eta, [0, mZ], [12, 50])"),
        "'[0, mZ]' in 'interp(leptons[0].eta, [0, mZ], [12, 50])': the points are an energy (GeV); expected that of x, a plain number",
    ),
    (
        variable("interp(mz, [0, leptons[0].pt], [12, 50])"),
        "'leptons[0].pt' in 'interp(mz, [0, leptons[0].pt], [12, 50])': expected a number",
    ),
    (
        cut("leptons[0].eta", 'operator: ">", threshold: {expression: "interp(mz, [0, 9], [mZ, 5])"}'),
        f"{CUT}: threshold 'interp(mz, [0, 9], [mZ, 5])' is an energy (GeV): expected a plain number",
    ),
    (
        cut("mz", 'operator: ">", threshold: {expression: "2 * leptons[0].pt", unit: MeV}'),
        f"{CUT}: unit 'MeV': expected the base unit beside an expression of quantities",
    ),
    # thresholds
    (cut("mz", 'operator: ">"'), f"{CUT}: no threshold: operator '>' expected one value"),
    (
        cut("mz", "operator: between"),
        f"{CUT}: no threshold: operator 'between' expected a range, as in {{range: [50, 106], unit: GeV}}",
    ),
    (
        cut("mz", "operator: between, threshold: {value: 7, unit: GeV}"),
        f"{CUT}: operator 'between' expected a range, as in {{range: [50, 106], unit: GeV}}, found a value",
    ),
    (
        cut("mz", 'operator: ">", threshold: {range: [7, 9], unit: GeV}'),
        f"{CUT}: operator '>' expected one value, found a range; did you mean between or outside?",
    ),
    (cut("mz", "operator: in, threshold: {value: 7, unit: GeV}"), f"{CUT}: operator 'in' expected a list, as in"),
    (
        cut("mz", "operator: between, threshold: {range: [9, 7], unit: GeV}"),
        f"{CUT}: range [9, 7]: expected the lower end below the upper one",
    ),
    (
        cut("mz", 'operator: ">", threshold: {value: 7, unit: GeV, closed: left}'),
        f"{CUT}: closed 'left': expected only beside a range",
    ),
    (cut("mz > 3", "operator: pass, threshold: {value: 7}"), f"{CUT}: 'pass' takes no threshold"),
    (cut("mz", "operator: fail"), f"{CUT}: 'mz': expected a condition, found an energy (GeV)"),
    (
        cut("mz", 'operator: ">", threshold: {value: .nan, unit: GeV}'),
        f"{CUT}, threshold, value: expected a finite number, found nan",
    ),
    (
        cut("mz", 'operator: ">", threshold: {value: 7 GeV}'),
        f"{CUT}, threshold, value: expected a number, found '7 GeV'; write value: 7, unit: GeV",
    ),
    (cut("mz", 'operator: ">", threshold: {value: true}'), f"{CUT}, threshold, value: expected a number, found true"),
    (
        cut("mz", 'operator: ">", threshold: 7'),
        f"{CUT}, threshold: expected a threshold such as {{value: 7, unit: GeV}}, found 7",
    ),
    (
        cut("mz", 'operator: ">", threshold: {}'),
        f"{CUT}, threshold: a threshold is one of value, values, range, label, labels, expression; here: none",
    ),
    (
        cut("mz", "operator: between, threshold: {range: [7], unit: GeV}"),
        f"{CUT}, threshold, range: expected two numbers, the lower and the upper end",
    ),
    (cut("mz", "operator: in, threshold: {values: [], unit: GeV}"), f"{CUT}, threshold: 'values' is an empty list"),
    # labels and numbers
    (
        cut("leptons[0].id", PLAIN),
        f"{CUT}: 'leptons[0].id': expected a number before '>', found a word (a working point or a kind)",
    ),
    (
        cut("mz", 'operator: "==", threshold: {label: tight}'),
        f"{CUT}: 'mz': expected a field with labels, found an energy (GeV)",
    ),
    (
        cut("leptons[0].id", "operator: between, threshold: {label: tight}"),
        f"{CUT}: operator 'between': expected >= or == before a label",
    ),
    (
        cut("leptons[0].id", 'operator: ">=", threshold: {label: tight, unit: GeV}'),
        f"{CUT}: unit 'GeV': expected none, a label has no unit",
    ),
    (
        cut("leptons[0].flavour", 'operator: "==", threshold: {label: elektron}'),
        f"{CUT}: label 'elektron': expected a flavour: electron, muon; did you mean electron?",
    ),
    (
        cut("leptons[0].flavour >= muon", "operator: pass"),
        f"{CUT}: 'muon' in 'leptons[0].flavour >= muon': flavours have no order; expected == or !=",
    ),
    # operators and other closed lists
    (
        cut("mz", 'operator: "=>", threshold: {value: 7, unit: GeV}'),
        f"{CUT}, operator: '=>': expected >, >=, <, <=, ==, !=, between, outside, in, pass or fail; did you mean >=?",
    ),
    (cut("mz", "operator: minimise"), f"{CUT}, operator: 'minimise' belongs to a candidate; expected one of"),
    (cut("mz", f"{GEV}, quantifier: some"), f"{CUT}, quantifier: 'some': expected all or any"),
    (
        cut("mz", f"{GEV}, quantifier: any"),
        f"{CUT}: quantifier 'any': expected a variable with one value per object or pair; 'mz' has one value",
    ),
    (cut("mz", f"{GEV}, treshold: 3"), f"{CUT}, treshold: is no field here; did you mean threshold?"),
    (
        cut("mz", f"{GEV}, agreement: {{found: 6, of: 5}}"),
        f"{CUT}, agreement: found in 6 of 5 readings; expected no more than all",
    ),
    (cut("mz", f"{GEV}, note: 5"), f"{CUT}, note: expected a text, found 5; put it in quotes"),
    # names
    (cut("leptonz[0].pt", GEV), f"{CUT}: 'leptonz' in 'leptonz[0].pt': is not defined; did you mean leptons?"),
    (cut("leptons[0].ptt", GEV), f"{CUT}: 'leptons[0].ptt': 'ptt' is no known field; did you mean pt?"),
    (cut("pt", GEV), f"{CUT}: 'pt': is a field of an object; expected its owner, as in leptons[0].pt"),
    (cut("leptons.electrons", GEV), f"{CUT}: 'leptons.electrons': 'electrons' is a collection and no known field here"),
    (cut("z.jets[0].pt", GEV), f"{CUT}: 'z.jets' in 'z.jets[0].pt': 'jets' is a collection and no known field here"),
    (
        candidate("pair: leptons, minimise: abs(mass(c) - mz)"),
        "candidate 'c', minimise: 'mz' in 'abs(mass(c) - mz)': is defined further down; expected a name that is defined above",
    ),
    (candidate("pair: leptonz"), "candidate 'c': 'leptonz': is not defined; did you mean leptons?"),
    (variable("v + 1"), "variable 'v': 'v' in 'v + 1': is not defined"),
    (
        write(objects="  - {name: more, base: jett}"),
        "object 'more': 'jett': expected one of electron, muon, tau, photon, jet, fat_jet, track, vertex; did you mean jet",
    ),
    (
        write(objects="  - {name: mass, base: jet}"),
        "object 'mass': the expression language uses this name; expected another one",
    ),
    (
        write(objects="  - {name: 2jets, base: jet}"),
        "object '2jets': expected a name of letters, digits and _, not starting with a digit",
    ),
    (write(objects="  - {name: jets, base: jet}"), "object 'jets': the name is used twice; expected unique names"),
    (write(outputs="[mz, mzz]"), "outputs: 'mzz': expected a named variable; did you mean mz?"),
    (write(outputs="[mz, mz]"), "outputs: 'mz' is named twice; expected each variable once"),
    # functions and syntax
    (cut("mean(jets.pt)", GEV), f"{CUT}: 'mean' in 'mean(jets.pt)': is no function; "),
    (
        cut("charge(z)", PLAIN),
        f"{CUT}: 'charge' in 'charge(z)': is a field and no function; expected it behind its owner, as in leptons[0].charge",
    ),
    (cut("mass", GEV), f"{CUT}: 'mass': is a field of an object; expected its owner, as in leptons[0].mass"),
    (cut("count", PLAIN), f"{CUT}: 'count': is a function; expected its arguments, as in count(...)"),
    (
        cut("|jets[0].eta|", PLAIN),
        f"{CUT}: '|jets[0].e' in '|jets[0].eta|': expected an expression in Python syntax; did you mean abs(...) instead of |?",
    ),
    (cut("mz ≥ 5", "operator: pass"), "expected an expression in Python syntax; did you mean >= instead of ≥?"),
    (cut(" ", GEV), f"{CUT}: the expression is empty; expected a quantity, as in leptons[0].pt"),
    (cut("mz / 0", GEV), f"{CUT}: 'mz / 0': divides by zero; expected another divisor"),
    (
        cut("__import__('os')", PLAIN),
        f"{CUT}: '__import__' in '__import__('os')': is no function; expected one of the functions mass",
    ),
    # collections, slices and single values
    (cut("leptons", PLAIN), f"{CUT}: 'leptons': expected a number before '>', found a collection"),
    (
        cut("leptons[-1].pt", GEV),
        f"{CUT}: 'leptons[-1]' in 'leptons[-1].pt': expected a number from 0 as in [0], or the first n as in [:n]",
    ),
    (cut("leptons[1:3].pt", GEV), f"{CUT}: 'leptons[1:3]' in 'leptons[1:3].pt': expected a number from 0"),
    (
        cut("leptons[:2][2].pt", GEV),
        f"{CUT}: 'leptons[:2][2]' in 'leptons[:2][2].pt': expected a number below 2, the most there are",
    ),
    (
        cut("leptons.pt + jets.pt", GEV),
        f"{CUT}: 'leptons.pt + jets.pt': mixes values of different collections; expected one collection, or pairs(...)",
    ),
    (
        cut("sum(mz)", GEV),
        f"{CUT}: 'sum(mz)': expected a quantity with one value per object, or several numbers, for sum",
    ),
    (cut("mass(met)", GEV), f"{CUT}: 'mass(met)': expected objects with a direction in space; met has pt and phi only"),
    (cut("mz", f"{GEV}, condition: mz"), f"{CUT}: 'mz': expected a condition, found an energy (GeV)"),
    (cut("leptons.pt", f'{GEV}, condition: "jets.pt > 5"'), f"{CUT}: mixes values of different collections"),
    (on_jets("count(leptons)", PLAIN), "object 'more', cut 'x': 'more' expected a requirement on one of its objects"),
    # candidates
    (
        candidate("pair: leptons, minimise: mass(z)"),
        "candidate 'c', minimise: 'mass(z)' is the same for every combination; expected one that depends on 'c', as in mass(c)",
    ),
    (
        candidate("pair: leptons, require: [same_sign]"),
        "candidate 'c': require 'same_sign': expected one of same_flavour, opposite_charge",
    ),
    (
        candidate("pair: leptons, require: [same_charge, opposite_charge]"),
        "candidate 'c': require 'same_charge' and 'opposite_charge': expected one of them; never both hold",
    ),
    (candidate("pair: leptons, exclude: [y]"), "candidate 'c': exclude 'y': expected a candidate defined above"),
    (
        candidate("pair: jets, select: [{id: s, variable: jets.pt, operator: '>', threshold: {value: 5, unit: GeV}}]"),
        "candidate 'c', cut 's': 'jets.pt' has one value per object; expected one value per combination, as in mass(c)",
    ),
    (candidate("leading: jets"), "candidate 'c': leading and n belong together"),
    (
        candidate("leading: 'jets[:3]', n: 2"),
        "candidate 'c': leading 'jets[:3]': expected a collection; n says how many of it",
    ),
    (candidate("leading: jets, n: 0"), "candidate 'c', n: expected a number greater than 0, found 0"),
    (candidate("sum: [z, lq]"), "candidate 'c': sum 'lq': expected one composite; an assignment has several"),
    (candidate("sum: [z, z]"), "candidate 'c': sum: expected two or more different candidates"),
    (
        candidate("assign: {a: 'leptons[:2]', b: 'jets[:3]'}"),
        "candidate 'c': assign: expected at least two roles with the same number of objects",
    ),
    (
        candidate("assign: {a: leptons, b: jets}"),
        "candidate 'c', role 'a': 'leptons': expected the first n, as in leptons[:2]",
    ),
    (candidate("pair: leptons, sum: [z]"), "candidate 'c': is one of pair, leading, assign, sum; here: pair and sum"),
    (
        candidate("pair: jets, pairing: [w]"),
        "candidate 'c': pairing: expected two or more names; for one pair give pair alone",
    ),
    # overlap removal
    (
        write(objects="  - {name: more, base: jet, remove_overlap: [{with: more, deltaR: 0.1}]}"),
        "object 'more', remove_overlap: 'more': expected another collection",
    ),
    (
        write(
            objects="  - {name: a, base: jet, remove_overlap: [{with: b, deltaR: 1}]}\n  - {name: b, base: jet, remove_overlap: [{with: a, deltaR: 1}]}"
        ),
        "object 'a', remove_overlap: a → b → a is a circle; expected removals of one direction, or an ordered list under overlap",
    ),
    (
        write(overlap="[{remove: jets, near: leptonz, deltaR: 0.4}]"),
        "overlap, jets near leptonz: 'leptonz': expected a defined collection; did you mean leptons?",
    ),
    (
        write(overlap="[{remove: jets, near: leptons, deltaR: -0.4}]"),
        "overlap entry 1, deltaR: expected a number greater than 0, found -0.4",
    ),
    # regions, groups, ids
    (
        write(regions="  - {name: a, parent: b}\n  - {name: b, parent: a}"),
        "region 'a': parent 'b': expected no circle: a → b → a",
    ),
    (write(regions="  - {name: a, parent: srr}"), "region 'a': parent 'srr': expected a region; did you mean sr?"),
    (write(regions="  - {name: sr}"), "region 'sr': the name is used twice; expected unique names"),
    (cut("mz", f"{GEV}, group: two"), f"{CUT}: group 'two': expected a name other than 'initial' and cut ids"),
    (cut("mz", GEV).replace("id: x", "id: two"), "cut 'two': the id is used twice; expected unique ids"),
    (cut("mz", GEV).replace("id: x", "id: initial"), "cut 'initial': the first step of every cutflow is called so"),
    # questions
    (
        write(questions="[{id: q, text: t, why: w, cuts: [tow]}]"),
        "question 'q': cut 'tow': expected the id of a cut; did you mean two?",
    ),
    (write(questions="[{id: q, text: t, why: w, default: a}]"), "question 'q': default 'a': expected one of none"),
    (
        write(questions="[{id: q, text: t, why: w, alternatives: [{key: a, text: t}, {key: a, text: u}]}]"),
        "question 'q': alternative 'a': the key is used twice",
    ),
    (
        write(
            questions="[{id: q, text: t, why: w, alternatives: [{key: a, text: t, changes: [{id: two, variable: mz, operator: '>', threshold: {value: 3}}]}]}]"
        ),
        "question 'q', alternative 'a', cut 'two': no unit",
    ),
    (
        write(
            questions="[{id: q, text: t, why: w, alternatives: [{key: a, text: t, candidates: [{name: z, pair: jets, minimise: mass(lq[0])}]}]}]"
        ),
        "question 'q', alternative 'a': candidate 'z', minimise: 'lq' in 'mass(lq[0])': is defined further down",
    ),
    (
        write(
            questions="[{id: q, text: t, why: w, alternatives: [{key: a, text: t, objects: [{name: jetz, base: jet}]}]}]"
        ),
        "question 'q', alternative 'a': object 'jetz': expected the name of one in the document; did you mean jets?",
    ),
    # the document
    (
        write(schema_version="'2.0'"),
        "schema_version: version '2.0' of the criteria is not known; this program reads 1.0 and 0.1",
    ),
    (write(object="[]"), "object: is no field here; did you mean objects?"),
    (
        write(analysis="{slug: a, paper: 2004.03447}"),
        "analysis, paper: expected a text, found 2004.03447; put it in quotes",
    ),
    (write(outputs="mz"), "outputs: expected a list, found 'mz'"),
    (
        candidate("pair: jets, minimise: sum(deltaR(c.a, c.b))"),
        "is no field here; an expression with a comma or a bracket stands in quotes",
    ),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_an_error_names_place_token_and_expectation(text: str, says: str) -> None:
    with pytest.raises(CriteriaError) as refusal:
        validate_criteria(parse_criteria(text, "criteria"))
    message = str(refusal.value)
    assert says in message
    assert "\n" not in message
    assert "Input should" not in message


def test_the_document_that_these_are_made_from_is_right() -> None:
    validate_criteria(parse_criteria(write(), "criteria"))


def test_everything_that_is_wrong_is_listed_and_nothing_that_only_follows() -> None:
    text = write(
        objects="  - {name: taus, base: tauon}\n  - {name: hard, base: taus}",
        candidates="  - {name: y, pair: leptonz}\n  - {name: both, sum: [z, y]}",
        variables="  - {name: my, expression: mass(y)}",
        regions="  - {name: cr, cuts: [{id: a, variable: mz, operator: '>', threshold: {value: 3}},"
        " {id: b, variable: count(taus), operator: '>', threshold: {value: 3}}]}",
    )
    assert list_problems(parse_criteria(text, "criteria")) == (
        "object 'taus': 'tauon': expected one of electron, muon, tau, photon, jet, fat_jet, track, vertex; did you mean tau or muon?",
        "candidate 'y': 'leptonz': is not defined; did you mean leptons?",
        "region 'cr', cut 'a': no unit: expected the unit of an energy (GeV)",
    )
    fields = write(
        objects="  - {name: a, bsae: jet}", regions="  - {name: b, cuts: [{id: c, variable: mz, operator: x}]}"
    )
    problems = list_text_problems(fields, "criteria")
    assert [p.split(":")[0] for p in problems] == [
        "object 'a', bsae", "region 'b', cut 'c', operator",
    ]  # fmt: skip
