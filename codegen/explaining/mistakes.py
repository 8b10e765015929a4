"""Single mistakes that a program may have made: criteria, a profile, or a way of looking at events, with one change."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codegen.explaining.early_choices import list_early_choices
from codegen.explaining.mistake_words import word_mutant
from codegen.explaining.tweaks import Ascending, ByRapidity, FileOrder, fail_empty, pass_missing
from codegen.witness.collecting import list_labels
from codegen.witness.evaluate import Look
from codegen.witness.mutant import Mutant
from codegen.witness.mutants import list_mutants
from codegen.witness.tweaked import Unwrapped
from schemas.coding import CauseKind
from schemas.criteria import Cut, SelectionCriteria
from schemas.cut_words import word_threshold
from schemas.fields import BASES
from schemas.profile import Profile
from schemas.profile_sources import Source
from schemas.units import to_base
from schemas.validation import list_cuts

KINDS: dict[str, CauseKind] = {
    "strictness": "boundary", "range end": "boundary", "operator": "threshold", "number": "threshold", "unit": "unit",
    "index": "index", "sign": "sign", "abs": "sign", "cut order": "order", "choice": "pairing", "require": "pairing",
    "exclude": "pairing", "candidate": "pairing", "early cut": "order",
}  # fmt: skip
# fields that are taken for each other
CONFUSED = (
    ("pt", "et", "energy"), ("d0", "z0", "dz", "z0_sintheta"), ("track_isolation", "calo_isolation"), ("eta", "phi"),
    ("d0sig", "z0sig", "d0"),
)  # fmt: skip
OTHER_UNITS = {"MeV": ("GeV",), "GeV": ("MeV", "TeV"), "mm": ("cm", "μm"), "cm": ("mm",), "rad": ("deg",)}
INTERPOLATION = re.compile(r"interp\([^\[\]]+, ?\[[^\[\]]*\], ?\[([^\[\]]*)\]\)")
MEMBERS = re.compile(r"\b(\w+)\.(\w+)\b")


class Mistake(NamedTuple):
    """One change, in words. `cost` orders mistakes that explain equally much: what is made more often comes first."""

    kind: CauseKind
    text: str
    criteria: SelectionCriteria
    profile: Profile
    look: type[Look] = Look
    cost: int = 1


def list_mistakes(ssc: SelectionCriteria, profile: Profile, step_cuts: Sequence[Cut]) -> Iterator[Mistake]:
    """Mistakes that can show at a step with these cuts, at no step before it."""
    plain = ssc.model_copy(update={"questions": ()})
    later = {c.id for r in plain.regions for c in r.cuts} - {c.id for c in step_cuts}
    yield from _list_units(plain, profile)
    yield from _list_fields(plain, profile)
    for mutant in list_mutants(plain, list_labels(profile), checked=False):
        if mutant.item in later and mutant.kind not in ("cut order", "parent", "early cut"):
            continue
        if mutant.kind == "number" and not _is_count(mutant):
            continue  # thresholds are searched for, not guessed
        yield describe_mutant(mutant, plain, profile)
    for criteria, kind, text, cost in (
        *_list_members(plain, step_cuts), *_list_exchanged(plain), *_list_overlaps(plain),
        *_list_left_out(plain, step_cuts),
    ):  # fmt: skip
        yield Mistake(kind, text, criteria, profile, cost=cost)
    ids = frozenset(c.id for c in step_cuts)
    every = frozenset(c.id for c in list_cuts(plain))
    for look, kind, text in (
        (Unwrapped, "definition", "the analysis does not bring differences in phi to (-π, π] in ΔR (not wrapped)"),
        (ByRapidity, "definition", "the analysis takes ΔR in rapidity; pseudorapidity is asked"),
        (FileOrder, "order", "the analysis does not order objects by descending pT"),
        (Ascending, "order", "the analysis orders objects by ascending pT; descending is asked"),
        (pass_missing(ids), "missing", "in the analysis a missing value passes the cut; it must fail it"),
        (pass_missing(every), "missing", "in the analysis missing values pass cuts; they must fail them"),
        (fail_empty(ids), "missing", "in the analysis an event without such an object fails; “all” of none is true"),
    ):  # fmt: skip
        yield Mistake(kind, text, plain, profile, look, cost=2)
    for early, words in list_early_choices(plain):
        yield Mistake("order", words, plain, profile, early, cost=1)


def describe_mutant(mutant: Mutant, ssc: SelectionCriteria, profile: Profile) -> Mistake:
    """A single change of the criteria in a colleague's words."""
    cost = {"constant": 2, "base": 2, "unit": 0, "cut dropped": -1}.get(mutant.kind, 1)
    kind = KINDS.get(mutant.kind, "definition")
    return Mistake(kind, word_mutant(mutant, ssc), mutant.criteria, profile, cost=cost)


def _is_count(mutant: Mutant) -> bool:
    """Whether a changed number counts something: then the number next to it is a likely mistake."""
    cut = next((c for c in list_cuts(mutant.criteria) if c.id == mutant.item), None)
    return cut is not None and cut.threshold is not None and "count(" in cut.variable and cut.threshold.unit is None


# ---------------------------------------------------------------------- what the format calls things


def _list_units(ssc: SelectionCriteria, profile: Profile) -> Iterator[Mistake]:
    """A quantity of the file that is taken to have another unit."""
    for bases in _group_bases(ssc, profile):
        fields = [
            f for f in profile.collections[bases[0]].fields if all(f in profile.collections[b].fields for b in bases)
        ]
        energies = [f for f in fields if profile.collections[bases[0]].fields[f].unit in ("MeV", "GeV")]
        for chosen in (*((f,) for f in fields), *([tuple(energies)] if len(energies) > 1 else [])):
            unit = profile.collections[bases[0]].fields[chosen[0]].unit
            for other in OTHER_UNITS.get(unit or "", ()):
                changed = profile
                for base in bases:
                    for field in chosen:
                        source = profile.collections[base].fields[field].model_copy(update={"unit": other})
                        changed = _with_field(changed, base, field, source)
                text = _word_unit(bases, chosen, profile, unit or "", other)
                yield Mistake("unit", text, ssc, changed, cost=_weigh(bases, profile))


def _word_unit(bases: Sequence[str], chosen: Sequence[str], profile: Profile, unit: str, other: str) -> str:
    """A unit that is taken for another one, and what to do about it."""
    sources = [profile.collections[b] for b in bases]
    ratio = to_base(1.0, other)[0] / to_base(1.0, unit)[0]
    do = f"divide {{}} by {ratio:g}" if ratio > 1 else f"multiply {{}} by {1 / ratio:g}"
    if len(chosen) > 1:
        return f"{do.format('all momenta and energies')}: the analysis takes the file's {unit} for {other}"
    texts = [(s.prefix, s.fields[chosen[0]].expression) for s in sources]
    names = list(dict.fromkeys(f"{p}{e}" for p, e in texts if e.isidentifier()))
    plain = len(names) > 0 and all(e.isidentifier() for _, e in texts)
    what = f"{chosen[0]} of {' and '.join(bases)}"
    branch = " and ".join(names) if plain else "what it is made of"
    return f"{what}: {do.format(branch)}; the analysis takes the file's {unit} for {other}"


def _list_fields(ssc: SelectionCriteria, profile: Profile) -> Iterator[Mistake]:
    """A quantity of the file that is taken from the branch of another one, or objects for others."""
    for bases in _group_bases(ssc, profile):
        sources = [profile.collections[b] for b in bases]
        for group in CONFUSED:
            for field in group:
                for other in group:
                    if field == other or not all(field in s.fields and other in s.fields for s in sources):
                        continue
                    changed = profile
                    for base, source in zip(bases, sources, strict=True):
                        changed = _with_field(changed, base, field, source.fields[other])
                    if all(s.fields[field].expression != s.fields[other].expression for s in sources):
                        text = f"{field} of {' and '.join(bases)} is taken from {other} by the analysis"
                        yield Mistake("definition", text, ssc, changed, cost=_weigh(bases, profile))
        if all("energy" in s.fields for s in sources):
            massless = profile
            for base, source in zip(bases, sources, strict=True):
                fields = {k: v for k, v in source.fields.items() if k != "energy"} | {"mass": Source(expression="0")}
                massless = _with_source(massless, base, {"fields": fields})
            yield Mistake("definition", f"the analysis takes {' and '.join(bases)} as massless", ssc, massless, cost=2)
    used = [b for group in _group_bases(ssc, profile) if len(group) == 1 for b in group]
    for base in used:
        for other in used:
            source, taken = profile.collections[base], profile.collections[other]
            if base != other and source.prefix == taken.prefix and source.selector is not None:
                swapped = _with_source(profile, base, {"selector": taken.selector})
                yield Mistake("definition", f"the analysis takes {other}s for {base}s", ssc, swapped)
        if profile.collections[base].selector is not None:
            everything = _with_source(profile, base, {"selector": None})
            yield Mistake("definition", f"the analysis counts objects that are no {base}s as {base}s", ssc, everything)


def _group_bases(ssc: SelectionCriteria, profile: Profile) -> list[tuple[str, ...]]:
    """The base objects that the criteria start from: each alone, and those that share branches together."""
    named = [s for o in ssc.objects for s in ((o.base,) if isinstance(o.base, str) else o.base or ())]
    used = [b for b in BASES if b in named and b in profile.collections]
    groups = [(b,) for b in used]
    together = tuple(used)
    alike = [
        tuple(b for b in used if profile.collections[b].prefix == p)
        for p in {profile.collections[b].prefix for b in used}
    ]
    return [
        *dict.fromkeys((*groups, *(a for a in sorted(alike) if len(a) > 1), *([together] if len(together) > 1 else [])))
    ]


def _weigh(bases: Sequence[str], profile: Profile) -> int:
    """Objects that share branches are taken together as often as alone; all objects of the event seldom."""
    return 1 if len({profile.collections[b].prefix for b in bases}) == 1 else 3


def _with_field(profile: Profile, base: str, field: str, source: Source) -> Profile:
    fields: Mapping[str, Source] = {**profile.collections[base].fields, field: source}
    return _with_source(profile, base, {"fields": fields})


def _with_source(profile: Profile, base: str, update: Mapping[str, object]) -> Profile:
    changed = profile.collections[base].model_copy(update=dict(update))
    return profile.model_copy(update={"collections": {**profile.collections, base: changed}})


# ---------------------------------------------------------------------- whole parts for others

Change = tuple[SelectionCriteria, CauseKind, str, int]


def _list_members(ssc: SelectionCriteria, step_cuts: Sequence[Cut]) -> Iterator[Change]:
    """The objects of the event taken for those of a candidate, and the reverse."""
    names = {o.name for o in ssc.objects}
    ids = {c.id for c in step_cuts}
    for k, region in enumerate(ssc.regions):
        for j, cut in enumerate(region.cuts):
            if cut.id not in ids:
                continue
            for match in MEMBERS.finditer(cut.variable):
                owner, part = match.groups()
                if owner in {c.name for c in ssc.candidates} and part in names:
                    variable = cut.variable.replace(match[0], part)
                    cuts = (*region.cuts[:j], cut.model_copy(update={"variable": variable}), *region.cuts[j + 1 :])
                    new = region.model_copy(update={"cuts": cuts})
                    changed = ssc.model_copy(update={"regions": (*ssc.regions[:k], new, *ssc.regions[k + 1 :])})
                    text = f"{cut.id}: the analysis looks at all {part} of the event, not only those of {owner}"
                    yield changed, "definition", text, 1
    for k, variable_of in enumerate(ssc.variables):
        for j in range(k + 1, len(ssc.variables)):
            other = ssc.variables[j]
            if (
                variable_of.unit == other.unit
                and variable_of.expression.split("(")[0] == other.expression.split("(")[0]
            ):
                variables = list(ssc.variables)
                variables[k] = variable_of.model_copy(update={"expression": other.expression})
                variables[j] = other.model_copy(update={"expression": variable_of.expression})
                first = {v.name for v in ssc.variables[: k + 1]}
                if not any(re.search(rf"\b{n}\b", other.expression) for n in {v.name for v in ssc.variables} - first):
                    text = f"the analysis exchanges {variable_of.name} and {other.name}"
                    yield ssc.model_copy(update={"variables": tuple(variables)}), "pairing", text, 1


def _list_exchanged(ssc: SelectionCriteria) -> Iterator[Change]:
    """Two cuts that have each other's thresholds."""
    cuts = [c for c in list_cuts(ssc) if c.threshold is not None and c.status != "rejected"]
    for k, one in enumerate(cuts):
        for other in cuts[k + 1 :]:
            alike = _strip(one.variable) == _strip(other.variable) and one.operator == other.operator
            if alike and one.threshold is not None and other.threshold is not None and one.threshold != other.threshold:
                swap = {one.id: other.threshold, other.id: one.threshold}
                words = f"{word_threshold(one.threshold)} and {word_threshold(other.threshold)}"
                text = f"the analysis exchanges the thresholds of {one.id} and {other.id} ({words})"
                yield replace_cuts(ssc, {k: {"threshold": v} for k, v in swap.items()}), "threshold", text, 1


def _strip(variable: str) -> str:
    """A variable without the names of collections and indices."""
    return re.sub(r"\b\w+\.(?=\w)|\[\d+\]\.?", "", variable)


def _list_overlaps(ssc: SelectionCriteria) -> Iterator[Change]:
    """Overlap removal against all stored objects, whether they are selected or not."""
    for k, definition in enumerate(ssc.objects):
        for j, removal in enumerate(definition.remove_overlap):
            near = next((o for o in ssc.objects if o.name == removal.with_), None)
            if near is None or near.base is None:
                continue
            loose = near.model_copy(update={"name": f"all_{near.name}", "cuts": (), "remove_overlap": ()})
            others = list(definition.remove_overlap)
            others[j] = removal.model_copy(update={"with_": loose.name})
            new = definition.model_copy(update={"remove_overlap": tuple(others)})
            objects = (loose, *ssc.objects[:k], new, *ssc.objects[k + 1 :])
            only = f"only those near selected {near.name} are to go"
            text = f"the analysis removes {definition.name} near all {near.name}; {only}"
            yield ssc.model_copy(update={"objects": objects}), "definition", text, 1


def _list_left_out(ssc: SelectionCriteria, step_cuts: Sequence[Cut]) -> Iterator[Change]:
    """A sum, difference, product or ratio of which one part is left out."""
    for k, variable in enumerate(ssc.variables):
        for text, left_out in list_shortened(variable.expression):
            new = variable.model_copy(update={"expression": text, "unit": None})
            changed = ssc.model_copy(update={"variables": (*ssc.variables[:k], new, *ssc.variables[k + 1 :])})
            yield changed, "definition", f"{variable.name}: the analysis leaves “{left_out}” out", 1
    for cut in step_cuts:
        threshold = cut.threshold
        for match in INTERPOLATION.finditer((threshold.expression if threshold is not None else None) or ""):
            for value in dict.fromkeys(match[1].replace(" ", "").split(",")):
                if threshold is not None and threshold.expression == match[0]:
                    constant = threshold.model_copy(update={"expression": None, "value": float(value)})
                    changed = replace_cuts(ssc, {cut.id: {"threshold": constant}})
                    yield (
                        changed,
                        "threshold",
                        f"{cut.id}: the analysis compares with {value} always (a constant); {match[0]} is asked",
                        0,
                    )
        for text, left_out in list_shortened(cut.variable):
            changed = replace_cuts(ssc, {cut.id: {"variable": text}})
            yield changed, "definition", f"{cut.id}: the analysis leaves “{left_out}” out of {cut.variable}", 1
            if cut.threshold is not None:  # the plain number may stand for another dimension then
                plain = {"variable": text, "threshold": cut.threshold.model_copy(update={"unit": "GeV"})}
                energy = replace_cuts(ssc, {cut.id: plain})
                yield energy, "definition", f"{cut.id}: the analysis leaves “{left_out}” out of {cut.variable}", 1


def list_shortened(expression: str) -> Iterator[tuple[str, str]]:
    """An expression without one operand of one of its operators, and what was left out."""
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            whole = ast.get_source_segment(expression, node)
            for kept, lost in ((node.left, node.right), (node.right, node.left)):
                part, gone = (ast.get_source_segment(expression, n) for n in (kept, lost))
                if whole and part and gone and not (isinstance(node.op, ast.Div) and kept is node.right):
                    yield expression.replace(whole, part, 1), gone


def replace_cuts(ssc: SelectionCriteria, updates: Mapping[str, Mapping[str, object]]) -> SelectionCriteria:
    """The criteria with some cuts changed, by id."""

    def change(cuts: Sequence[Cut]) -> tuple[Cut, ...]:
        return tuple(c.model_copy(update=dict(updates[c.id])) if c.id in updates else c for c in cuts)

    return ssc.model_copy(
        update={
            "objects": tuple(o.model_copy(update={"cuts": change(o.cuts)}) for o in ssc.objects),
            "candidates": tuple(c.model_copy(update={"select": change(c.select)}) for c in ssc.candidates),
            "regions": tuple(r.model_copy(update={"cuts": change(r.cuts)}) for r in ssc.regions),
        }
    )
