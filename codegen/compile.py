"""The compiler: criteria and a data profile to one self-contained, readable analysis. Same input, same bytes."""

import hashlib
import json
from collections.abc import Sequence

from codegen.bind import Binding, Column
from codegen.blocks import Block
from codegen.early import write_filter
from codegen.emit_candidates import CandidateWriter
from codegen.emit_objects import ObjectWriter, quote
from codegen.emit_regions import RegionWriter, StepLine, list_steps, order_regions
from codegen.emit_stored import Reading, read_event, read_objects, read_weights
from codegen.inline import drop_unused_methods, find_parts, list_attributes, list_names, read_parts
from codegen.names import Names
from codegen.usage import Usage, find_usage, list_sources, list_unused
from codegen.wording import clean, shorten
from schemas.constants import CONSTANTS
from schemas.criteria import SelectionCriteria
from schemas.cutflow import NotEvaluable
from schemas.expressions.dimension import ENERGY, LENGTH
from schemas.expressions.nodes import Candidate, Constant, Members, Type
from schemas.fields import BASES
from schemas.model import Model
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, check_criteria


class Substitution(Model):
    """A cut or variable that uses the closest quantity the format has, and what that really is."""

    cut: str
    note: str


class CompiledAnalysis(Model):
    """A program and what it is made from. `digest` is the SHA-256 of the source text in UTF-8."""

    source: str
    digest: str
    not_evaluable: tuple[NotEvaluable, ...]
    substitutions: tuple[Substitution, ...]
    unused: tuple[str, ...]
    branches: tuple[str, ...]


def compile_analysis(ssc: SelectionCriteria, profile: Profile) -> CompiledAnalysis:
    """The program that selects events as the criteria say, from files as the profile describes them.

    Raises CriteriaError when the criteria are not right, or when leaving out what the format cannot evaluate would
    change the meaning of the rest.
    """
    checked = check_criteria(ssc)
    usage = find_usage(Binding(checked, profile))
    source, branches = _write_program(checked, profile, usage)
    return CompiledAnalysis(
        source=source,
        digest=hashlib.sha256(source.encode()).hexdigest(),
        not_evaluable=tuple(usage.not_evaluable),
        substitutions=tuple(
            Substitution(cut=cut, note=note) for cut, notes in usage.closest.items() for note in notes
        ),
        unused=list_unused(usage),
        branches=branches,
    )  # fmt: skip


def _write_program(checked: CheckedCriteria, profile: Profile, usage: Usage) -> tuple[str, tuple[str, ...]]:
    parts = read_parts()
    names = Names(set(parts) | {n for text in parts.values() for n in list_names(text)} | set(CONSTANTS))
    reading = Reading()
    read_objects(reading, usage.binding, names, _list_wanted(usage))
    read_event(reading, usage.binding, names, usage.events)
    read_weights(reading, names, profile.weights, set(reading.objects))
    objects = ObjectWriter(usage, reading, names)
    objects.write()
    candidates = CandidateWriter(usage, names, reading.events)
    candidates.write()
    regions = RegionWriter(usage, names, candidates)
    if usage.variables:
        candidates.block.title("event variables")
    regions.write_variables()
    ordered = order_regions(checked.criteria.regions)
    steps: dict[str, tuple[StepLine, ...]] = {}
    for region in ordered:
        steps[region.name] = list_steps(usage, region, steps[region.parent] if region.parent else None)
    flows = [regions.write_region(k, region) for k, region in enumerate(ordered)]
    candidates.block.gap()
    flavour = _write_channel(usage, names, candidates)
    process = _write_process(
        usage, reading, objects, candidates.block, write_filter(usage, objects), names, flows, flavour
    )
    branches = (*dict.fromkeys((*profile.key, *reading.branches)),)
    tables = _write_tables(checked, profile, usage, [(r.name, r.parent, steps[r.name]) for r in ordered], branches)
    body = "\n".join(["def process_events(events):", *process])
    needed = find_parts(body + "\nmain(), Step, Region, Output\n")
    used = list_attributes("\n".join([body, *(parts[n] for n in needed)]))
    library = [drop_unused_methods(parts[name], used) for name in needed]
    first = [part for name, part in zip(needed, library, strict=True) if name in ("Step", "Region", "Output")]
    rest = [part for name, part in zip(needed, library, strict=True) if name not in ("Step", "Region", "Output")]
    text = "\n".join([
        *_write_header(checked, profile, usage),
        *_write_imports("\n".join([body, *library])),
        "", "",
        "\n\n\n".join(first),
        "", "",
        *tables,
        "", "",
        *_write_class(checked, process),
        "", "",
        "# " + "-" * 20 + " what the selection above is written with " + "-" * 20,
        "", "",
        "\n\n\n".join(rest),
        "", "",
        'if __name__ == "__main__":',
        "    raise SystemExit(main())",
        "",
    ])  # fmt: skip
    return text, branches


def _list_wanted(usage: Usage) -> dict[str, list[Column]]:
    """The columns that are read of each base object, for cuts and for tables."""
    wanted: dict[str, list[Column]] = {}
    for definition in usage.binding.checked.criteria.objects:
        if definition.name not in usage.collections:
            continue
        for base in list_sources(definition):
            if base in BASES:
                columns = wanted.setdefault(base, [])
                asked = [*usage.columns.get(definition.name, []), *usage.flat.get(definition.name, [])]
                columns += [c for c in asked if c not in columns]
    return wanted


def _write_channel(usage: Usage, names: Names, candidates: CandidateWriter) -> str:
    """Code of the flavours of the leptons that name the channel."""
    if usage.channel is None:
        return "None"
    owner = Candidate(Type("object"), usage.channel)
    tables = [Members(Type("object"), owner, m) for m in usage.binding.checked.scope.candidates[usage.channel].members]
    candidates.write_tables(tables)
    columns = [f"{names.name_table(table)}.flavour" for table in tables]
    return columns[0] if len(columns) == 1 else f"np.concatenate([{', '.join(columns)}])"


def _write_process(
    usage: Usage, reading: Reading, objects: ObjectWriter, selection: Block, early: str | None, names: Names,
    flows: Sequence[str], flavour: str,
) -> list[str]:  # fmt: skip
    block = Block()
    block.line("keys = np.stack([np.asarray(events[name]).astype(np.int64) for name in KEY], axis=1)")
    for line in reading.weight_lines:
        block.line(line)
    block.line("undecided = {}")
    if reading.event_lines:
        block.title("the event as a whole")
        for line in reading.event_lines:
            block.line(line)
    block.title("stored objects, in GeV, mm and rad")
    for lines in reading.object_lines.values():
        for line in lines:
            block.line(line)
    block.title("cuts on single objects")
    block.gap()
    block.lines += objects.masks.lines
    block.title("tables of objects: one row per slot, one column per event")
    if early is not None:
        block.comment("only events with enough objects for a first cut are looked at further")
        block.line(f"enough = {early}")
        block.line("enough |= Watch(keys, self.watched).rows")
        for stored in dict.fromkeys(made.stored for made in reading.objects.values()):
            block.line(f"{stored}.keep(enough)")
        for array in reading.events.values():
            block.line(f"{array} = {array}[enough]")
    else:
        block.line("enough = np.ones(len(keys), dtype=bool)")
    block.line("n_events = np.count_nonzero(enough)")
    block.line("watch = Watch(keys[enough], self.watched)")
    block.gap()
    block.lines += objects.tables.lines
    if usage.candidates:
        block.title("candidates")
    block.lines += selection.lines
    outputs = ", ".join(f"{quote(name)}: {names.name_variable(name)}" for name in usage.outputs)
    block.line(f"outputs = {{{outputs}}}")
    block.line(
        f"return collect(events, keys, weight, enough, watch, [{', '.join(flows)}], outputs, {flavour}, undecided)"
    )  # fmt: skip
    return block.lines


def _write_class(checked: CheckedCriteria, process: list[str]) -> list[str]:
    title = clean(checked.criteria.analysis.title or checked.criteria.analysis.slug).replace("\\", "").replace('"', "'")
    return [
        "class Analysis(processor.ProcessorABC):",
        f'    """{title}"""',
        "",
        "    def __init__(self, watched=frozenset()):",
        "        self.watched = watched  # keys of events whose values are written down",
        "",
        "    def process(self, events):",
        "        with np.errstate(all=\"ignore\"):  # NaN stands for a missing value",
        "            return self.select(events)",
        "",
        "    def postprocess(self, accumulator):",
        "        return accumulator",
        "",
        "    def select(self, events):",
        *process,
    ]  # fmt: skip


def _write_tables(
    checked: CheckedCriteria, profile: Profile, usage: Usage,
    regions: Sequence[tuple[str, str | None, tuple[StepLine, ...]]], branches: tuple[str, ...],
) -> list[str]:  # fmt: skip
    """Constants that say what is read, cut and written."""
    analysis = checked.criteria.analysis
    lines = [f"ANALYSIS = {quote(analysis.slug)}", f"PROFILE = {quote(profile.name)}", f"TREE = {quote(profile.tree)}"]
    lines += _write_tuple("KEY", [quote(k) for k in profile.key])
    lines += _write_tuple("BRANCHES", [quote(b) for b in branches])
    constants = {n.name: n.value for n in _list_constants(checked, usage)}
    lines += [f"{name} = {value!r}  # GeV" for name, value in sorted(constants.items())]
    if profile.weights is not None and profile.weights.normalisation is not None:
        lines.append(f"LUMINOSITY = {profile.weights.luminosity!r}  # fb-1")
    lines += ["", "REGIONS = ("]
    for name, parent, steps in regions:
        lines += [f"    Region({quote(name)}, {quote(parent) if parent else None}, ("]
        for step in steps:
            missing = f", {quote(step.missing)}" if step.missing is not None else ""
            lines.append(f"        Step({quote(step.name)}, {quote(step.label)}{missing}),")
        lines.append("    )),")
    lines += [")", "", "OUTPUTS = ("]
    for variable in checked.criteria.variables:
        if variable.name in usage.outputs:
            dimension = checked.variables[variable.name].type.dimension
            unit = "GeV" if dimension == ENERGY else "mm" if dimension == LENGTH else ""
            binning = variable.binning
            bins = f", ({binning.bins}, {binning.low!r}, {binning.high!r})" if binning is not None else ""
            lines.append(f"    Output({quote(variable.name)}, {quote(unit)}{bins}),")
    lines += [")", "", "NOT_EVALUABLE = ("]
    lines += [f"    ({quote(n.cut)}, {quote(n.text)}, {quote(clean(n.reason))})," for n in usage.not_evaluable]
    lines.append(")")
    return lines


def _list_constants(checked: CheckedCriteria, usage: Usage) -> list[Constant]:
    nodes = [c for cuts in (*usage.regions.values(), *usage.objects.values(), *usage.select.values()) for c in cuts]
    roots = [n for c in nodes for n in (c.test, c.condition) if n is not None]
    roots += [s for name in usage.candidates for s in checked.candidates[name].scores]
    roots += [checked.variables[name] for name in usage.variables]
    return [n for root in roots for n in root.walk() if isinstance(n, Constant)]


def _write_tuple(name: str, items: Sequence[str]) -> list[str]:
    line = f"{name} = ({', '.join(items)}{',' if len(items) == 1 else ''})"
    if len(line) <= 120:
        return [line]
    lines = [f"{name} = ("]
    current = "   "
    for item in items:
        if len(current) + len(item) + 2 > 118:
            lines.append(current)
            current = "   "
        current += f" {item},"
    return [*lines, current, ")"]


def _write_header(checked: CheckedCriteria, profile: Profile, usage: Usage) -> list[str]:
    """The docstring: what this is, how to run it, and what it leaves out."""
    criteria = checked.criteria
    content = json.dumps(criteria.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    analysis = criteria.analysis
    paper = f" ({analysis.paper})" if analysis.paper else ""
    lines = [
        f"{analysis.title or analysis.slug}{paper}.",
        "",
        "An event selection compiled from structured selection criteria. Run it with",
        "    python analysis.py --out results FILE.root [FILE.root ...]",
        "",
        f"Criteria: {analysis.slug}, SHA-256 {digest[:16]}.",
        f"Data format: {profile.title} (profile {profile.name}).",
    ]
    if usage.not_evaluable:
        lines += ["", "Not evaluated, because this format cannot:"]
        lines += [f"    {n.cut}: {n.text}: {n.reason}" for n in usage.not_evaluable]
    if usage.closest:
        lines += ["", "Made with the closest quantity that this format has:"]
        lines += [f"    {cut}: {note}" for cut, notes in usage.closest.items() for note in notes]
    unused = list_unused(usage)
    if unused:
        lines += ["", f"Defined, but used by no cut and no output: {', '.join(unused)}."]
    safe = [_make_docstring_safe(line) for line in lines]
    return [f'"""{safe[0]}', *safe[1:], '"""', ""]


def _make_docstring_safe(line: str) -> str:
    indent = "    " if line.startswith("    ") else ""
    return (indent + shorten(line, 200)).replace("\\", "/").replace('"""', "'''").rstrip('"').rstrip() if line else ""


def _write_imports(code: str) -> list[str]:
    """The imports that the code needs, as a formatter would write them."""
    names = list_names(code)
    standard = [f"import {m}" for m in ("argparse", "csv", "glob", "json", "sys") if m in names]
    abstract = [n for n in ("Callable", "Sequence") if n in names]
    combining = [n for n in ("combinations", "permutations", "product") if n in names]
    pathlib = ["from pathlib import Path"] if "Path" in names else []
    typing = [n for n in ("Any", "NamedTuple") if n in names]
    modules = [("awkward", "ak"), ("hist", ""), ("numpy", "np"), ("uproot", "")]
    others = [f"import {m}{f' as {short}' if short else ''}" for m, short in modules if (short or m) in names]
    return [
        "from __future__ import annotations",
        "",
        *standard,
        *([f"from collections.abc import {', '.join(abstract)}"] if abstract else []),
        *([f"from itertools import {', '.join(combining)}"] if combining else []),
        *pathlib,
        *([f"from typing import {', '.join(typing)}"] if typing else []),
        "",
        *others,
        "from coffea import processor",
        "from coffea.nanoevents import BaseSchema",
    ]
