"""What a coder is told beside the criteria: what to write, what the criteria mean, and what the files call things.

Nothing of it depends on events or on what any analysis found.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codegen.coder.branches import choose_told, name_needed
from codegen.coder.program import name_steps, read_by_frame, read_stored, use_criteria
from codegen.coder.sources import Quantity, StoredKind, describe_event, describe_objects, list_flavours, list_words
from codegen.emit_regions import list_steps, order_regions
from codegen.usage import Usage, list_unused
from codegen.wording import clean
from schemas.checked_cut import CheckedCut
from schemas.coding import Branch
from schemas.criteria import SelectionCriteria
from schemas.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Field,
    Interpolation,
    LabelTest,
    Logic,
    Members,
    Node,
    Pairs,
    Slice,
)  # fmt: skip
from schemas.fencing import fence
from schemas.profile import Profile

if TYPE_CHECKING:
    from jinja2 import Template

LONGEST_SCORE = 100  # characters
NAME = re.compile(r"[A-Za-z_][\w.:]*")

# what the words of a profile's expressions are in code
GLOSSARY = {
    "bit": "bit(x, n) is bit n of a whole number, (x >> n) & 1",
    "size": "size(x) is the number of entries of each inner list, ak.num(x, axis=-1)",
    "count": "count(c) is how many entries fulfil c",
    "largest": "largest(x, c) is the largest x of the entries that fulfil c",
    "smallest": "smallest(x, c) is the smallest x of the entries that fulfil c",
    "first": "first(x, c) is x of the first entry that fulfils c",
    "atan2": "atan2 is np.arctan2",
    "asinh": "asinh is np.arcsinh",
    "and": "and, or, not are element by element: & | ~",
}


class Score(NamedTuple):
    """What a candidate is chosen by, as an example of what its name means there."""

    candidate: str
    text: str


class RegionGuide(NamedTuple):
    """The steps of a region, each with what it is made of where that is more than one cut."""

    name: str
    parent: str | None
    steps: tuple[str, ...]


@cache
def _open_template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    # a prompt is text for a model, never HTML: escaping would change code
    environment = Environment(loader=loader, undefined=StrictUndefined)  # noqa: S701
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template("guide.md.jinja")


def write_guide(
    ssc: SelectionCriteria,
    profile: Profile,
    branches: Sequence[Branch],
    *,
    form: bool = True,
    examples: bool = True,
    far: bool = True,
) -> str:
    """The part of a prompt that explains form, meaning and data. Same input, same bytes.

    `profile` is as it is for the files, `branches` are theirs (`codegen.coder.branches.list_branches`). Without
    `form` it does not say how functions are written, without `examples` there is no example code, without `far` no
    branch is named that the criteria do not need. Raises CriteriaError as `make_program` does.
    """
    _, usage = use_criteria(ssc, profile)
    objects, event = describe_objects(usage), describe_event(usage)
    reading = read_stored(usage)
    texts = _list_texts(objects, event)
    needed = name_needed(reading.paths, reading.branches, texts)
    shown = {word for text in texts for word in NAME.findall(text)}
    needed += tuple(b.name for b in branches if b.name in shown and b.name not in needed)
    rules = find_rules(usage)
    regions = list_regions(usage)
    words = _open_template().render(
        form=form,
        sample=needed[0] if needed else "name",
        examples=examples,
        rules=rules,
        uses=lambda *names: not rules.isdisjoint(names),
        score=_find_score(usage),
        part=_name_part(usage),
        flavours=list_flavours(usage),
        constants=sorted({(n.name, n.value) for n in _list_nodes(usage) if isinstance(n, Constant)}),
        title=profile.title,
        objects=objects,
        event=event,
        glossary=_list_glossary(texts),
        told=choose_told(branches, needed, far, read_by_frame(usage, reading)),
        missing=[fence(line) for line in list_missing(usage)],
        unused=_list_unused(usage),
        regions=regions,
        steps=sum(len(region.steps) for region in regions),
        outputs=_list_outputs(usage),
    )
    return re.sub(r"\n{3,}", "\n\n", words).strip() + "\n"


def find_unused(ssc: SelectionCriteria, profile: Profile) -> tuple[str, ...]:
    """Objects, candidates and variables that nothing uses, in this format. Raises CriteriaError."""
    return _list_unused(use_criteria(ssc, profile)[1])


def _list_unused(usage: Usage) -> tuple[str, ...]:
    return () if list_words(usage) else list_unused(usage)  # words may mean anything


def list_regions(usage: Usage) -> tuple[RegionGuide, ...]:
    """The steps that are to be added, by region in the order of the cutflow."""
    names = iter(name_steps(usage))
    found: list[RegionGuide] = []
    for region in order_regions(usage.binding.checked.criteria.regions):
        lines: list[str] = []
        for step in list_steps(usage, region, None)[1:]:
            if step.missing is None:
                parts = [c.id for c in region.cuts if c.group == step.name and c.status != "rejected"]
                joined = " or ".join(p for p in parts if p not in usage.missing)
                lines.append(next(names) + (f": {joined}" if parts else ""))
        found.append(RegionGuide(region.name, region.parent, tuple(lines)))
    return tuple(found)


def list_missing(usage: Usage) -> tuple[str, ...]:
    """What the format cannot evaluate, and where it is left out."""
    checked = usage.binding.checked
    owners = {c.id: f"{o.name}: " for o in checked.criteria.objects for c in o.cuts}
    owners |= {c.id: f"{k.name}, select: " for k in checked.criteria.candidates for c in k.select}
    owners |= {c.id: f"{r.name}: " for r in checked.criteria.regions for c in r.cuts}
    return tuple(clean(f"{owners.get(one.cut, '')}{one.cut}: {one.text}") for one in usage.not_evaluable)


def find_rules(usage: Usage) -> frozenset[str]:
    """Which rules of meaning these criteria need to be read."""
    checked = usage.binding.checked
    criteria = checked.criteria
    found: set[str] = set()
    used = [o for o in criteria.objects if o.name in usage.collections]
    if any(o.union is not None for o in used):
        found |= {"union", "named union"}
    if any(isinstance(o.base, tuple) for o in used):
        found |= {"union", "base union"}
    if any(r.status != "rejected" for o in used for r in o.remove_overlap) or usage.overlap:
        found |= {"overlap", "deltaR"}
    if usage.overlap:
        found.add("ordered overlap")
    for candidate in (checked.candidates[name].candidate for name in usage.candidates):
        kinds = ("pair", "pairing", "leading", "assign", "sum", "exclude", "select", "minimise", "maximise")
        found |= {"candidate", *(f"with {kind}" for kind in kinds if getattr(candidate, kind))}
    for cut in _list_cuts(usage):
        found |= _find_cut_rules(cut)
    axes = [c.variable.axis for cuts in usage.regions.values() for c in cuts]
    if any(axis is not None for axis in axes):
        found.add("quantifier")
    if any(isinstance(part, Members) for axis in axes if axis is not None for part in axis.walk()):
        found.add("cut on members")
    for node in _list_nodes(usage):
        found |= _find_node_rules(node)
    if any(column.field == "energy" for columns in usage.columns.values() for column in columns):
        found |= {"mass", "energy"}
    if any(column.field == "mass" for columns in usage.columns.values() for column in columns):
        found |= {"mass", "from mass"}
    return frozenset(found | ({"deltaR", "quantifier", "any", "divide"} if list_words(usage) else set()))


def _find_cut_rules(cut: CheckedCut) -> set[str]:
    threshold = cut.cut.threshold
    ranged = threshold is not None and threshold.range is not None
    features = {
        "range": ranged,
        f"closed {threshold.closed if threshold is not None else None}": ranged,
        "outside": cut.cut.operator == "outside",
        "condition": cut.condition is not None,
        "group": cut.cut.group is not None,
        "fail": cut.cut.operator == "fail",
        "any": cut.cut.quantifier == "any",
    }
    return {name for name, given in features.items() if given}


def _find_node_rules(node: Node) -> set[str]:
    match node:
        case Call(function="min" | "max" as name, arguments=arguments) if len(arguments) > 1:
            return {f"{name} of two"}
        case Call(function="any" | "all" | "min" | "max" | "sum" | "count" as name):
            return {name, "quantifier"}
        case Call(function=name):
            return {"deltaR", name} if name == "deltaphi" else {name}
        case Interpolation():
            return {"interp"}
        case LabelTest(relation=relation, field=field):
            named = isinstance(field, Field) and field.name == "flavour"  # its numbers are told
            return ({"!="} if relation == "!=" else set()) | (set() if named else {"labels", f"label {relation}"})
        case Comparison(relation="!="):
            return {"!="}
        case Arithmetic(operator="/"):
            return {"divide"}
        case Logic(operator="or"):
            return {"or"}
        case Members():
            return {"members"}
        case Slice():
            return {"slice"}
        case Pairs(flags=flags):
            return {"pairs", "some pairs"} if flags else {"pairs"}
    return set()


def _find_score(usage: Usage) -> Score | None:
    """The first score that these criteria choose by."""
    for name in usage.candidates:
        candidate = usage.binding.checked.candidates[name].candidate
        for key, given in (("minimise", candidate.minimise), ("maximise", candidate.maximise)):
            text = given if isinstance(given, str) else given[0] if given else None
            if text is not None and len(text) <= LONGEST_SCORE:
                own = next((n for n in (candidate.pairing or (name,)) if re.search(rf"\b{n}\b", text)), None)
                if own is not None:
                    return Score(own, fence(clean(f"{key}: {text}")))
    return None


def _list_cuts(usage: Usage) -> Iterator[CheckedCut]:
    for cuts in (*usage.objects.values(), *usage.select.values(), *usage.regions.values()):
        yield from cuts


def _list_nodes(usage: Usage) -> Iterator[Node]:
    """Every node of the expressions that are evaluated."""
    checked = usage.binding.checked
    roots = [n for c in _list_cuts(usage) for n in (c.variable, c.test, c.condition) if n is not None]
    roots += [s for name in usage.candidates for s in checked.candidates[name].scores]
    roots += [checked.variables[name] for name in usage.variables]
    for root in roots:
        yield from usage.binding.walk(root)


def _name_part(usage: Usage) -> str:
    """A name that stands for members of a candidate in these criteria."""
    return next((n.part for n in _list_nodes(usage) if isinstance(n, Members)), "members")


def _list_texts(objects: Sequence[StoredKind], event: Sequence[Quantity]) -> tuple[str, ...]:
    """Every expression over branches that is shown."""
    texts = [text for o in objects for text in (*(s for _, s in o.kinds), *(q.text for q in o.quantities), *o.links)]
    return (*texts, *(q.text for q in event))


def _list_glossary(texts: Sequence[str]) -> tuple[str, ...]:
    found = [meaning for word, meaning in GLOSSARY.items() if any(re.search(rf"\b{word}\b[ (]", t) for t in texts)]
    return tuple(found)


def _list_outputs(usage: Usage) -> tuple[str, ...]:
    units = {v.name: v.unit for v in usage.binding.checked.criteria.variables}
    return tuple(f"{name} ({units[name]})" if units.get(name) else name for name in usage.outputs)
