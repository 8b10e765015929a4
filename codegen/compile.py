"""The compiler: criteria and a data profile to one self-contained, readable analysis. Same input, same bytes."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from codegen.absent import leave_out_absent
from codegen.bind import Binding, Column
from codegen.blocks import Block
from codegen.early import write_first_cuts
from codegen.emit_candidates import CandidateWriter
from codegen.emit_expressions import Emitter
from codegen.emit_objects import ObjectWriter, quote
from codegen.emit_regions import RegionWriter, StepLine, list_steps, order_regions
from codegen.emit_stored import Reading, read_event, read_objects, read_weights
from codegen.frame import ROW_KEY, write_class, write_header, write_imports, write_tables
from codegen.inline import drop_unused_methods, find_parts, list_attributes, list_names, read_parts
from codegen.loops.program import write_program as write_loops
from codegen.names import Names
from codegen.offered import list_keys, offer_objects
from codegen.usage import Usage, find_usage, list_sources, list_unused
from schemas.backend import Backend
from schemas.constants import CONSTANTS
from schemas.criteria import SelectionCriteria
from schemas.cutflow import NotEvaluable
from schemas.errors import CriteriaError
from schemas.expressions.nodes import Candidate, Members, Type
from schemas.fields import BASES
from schemas.model import Model
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, check_criteria
from schemas.words import list_worded, name_worded


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


class Written(NamedTuple):
    """Functions that a coder wrote for what the criteria state in words, and the lines that hold them in the program.

    `functions` are as they were written: what they name is what they are given.
    """

    functions: str
    lines: tuple[str, ...]
    made_by: str


def compile_analysis(
    ssc: SelectionCriteria, profile: Profile, backend: Backend = "numpy", written: Written | None = None
) -> CompiledAnalysis:
    """The program that selects events as the criteria say, from files as the profile describes them.

    Both back ends give the same results: numpy works on tables of many events, numba on one event after another. What
    the criteria state in words needs functions that are `written` (see `codegen.coder.hybrid`).
    Raises CriteriaError when the criteria are not right, or when leaving out what the format cannot evaluate would
    change the meaning of the rest.
    """
    checked = check_criteria(ssc)
    if not ssc.regions:
        raise CriteriaError("there is no region, so no event is selected; write one with a cut")
    check_words(ssc, backend, written)
    present, left_out = leave_out_absent(checked, profile)
    if written is not None:
        present = offer_objects(present, profile, written.functions)
    usage = find_usage(Binding(present, profile))
    usage.not_evaluable += [note for name, note in left_out.items() if name in usage.collections]
    if backend == "numba":
        source, branches = write_loops(checked, profile, usage)
    else:
        source, branches = _write_program(checked, profile, usage, written)
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


def check_words(ssc: SelectionCriteria, backend: Backend, written: Written | None) -> None:
    """Raise CriteriaError where criteria state something in words and nobody wrote it, or it cannot be called."""
    worded = list_worded(ssc)
    if worded and written is None:
        raise CriteriaError(
            f"stated in words, which the compiler cannot say: {name_worded(worded)}; "
            "let a model write it with `paperfilter run ... --coder hybrid --model NAME`, or write expressions"
        )
    if worded and backend == "numba":
        raise CriteriaError(f"stated in words: {name_worded(worded)}: expected the numpy back end, not numba")


def _write_program(
    checked: CheckedCriteria, profile: Profile, usage: Usage, written: Written | None
) -> tuple[str, tuple[str, ...]]:
    in_words = written is not None
    parts = read_parts("jsonl" if profile.reader == "jsonl" else "root", coder=in_words, worded=in_words)
    names = Names(set(parts) | {n for text in parts.values() for n in list_names(text)} | set(CONSTANTS))
    reading = Reading()
    read_objects(reading, usage.binding, names, list_wanted(usage))
    read_event(reading, usage.binding, names, usage.events)
    read_weights(reading, names, profile.weights, set(reading.objects))
    objects = ObjectWriter(usage, reading, names)
    objects.write()
    candidates = CandidateWriter(usage, names, reading.events, objects.pairs)
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
    emitter = Emitter(usage.binding, names, events=reading.events)
    process = _write_process(
        usage, reading, objects, candidates.block, write_first_cuts(usage, objects, emitter), names, flows, flavour,
        in_words,
    )  # fmt: skip
    branches = tuple(b for b in dict.fromkeys((*profile.key, *reading.branches)) if b not in ROW_KEY)
    flow_tables = [(r.name, r.parent, steps[r.name]) for r in ordered]
    tables = write_tables(checked, profile, usage, flow_tables, branches, *([written.made_by] if written else []))
    body = "\n".join(["def process_events(events):", *process])
    slicing = "process_chunk" if in_words else "slice_events"
    needed = find_parts(f"{body}\nmain(), join_slices, {slicing}, Step, Region, Output\n", parts)
    used = list_attributes("\n".join([body, *(parts[n] for n in needed)])) | ({"fields"} if in_words else set())
    if in_words:
        tables.insert(tables.index(""), f"PATHS = {dict(sorted(reading.paths.items()))!r}")
    library = [drop_unused_methods(parts[name], used) for name in needed]
    first = [part for name, part in zip(needed, library, strict=True) if name in ("Step", "Region", "Output")]
    rest = [part for name, part in zip(needed, library, strict=True) if name not in ("Step", "Region", "Output")]
    slices = "[self.select(events)]" if in_words else "[self.select(part) for part in slice_events(events)]"
    text = "\n".join([
        *_write_start(checked, profile, usage, "\n".join([body, *library]), written),
        "", "",
        "\n\n\n".join(first),
        "", "",
        *tables,
        "", "",
        *([*written.lines, "", ""] if written is not None else []),
        *write_class(checked, [f"            return join_slices(events, {slices})"], process),
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


def _write_start(
    checked: CheckedCriteria, profile: Profile, usage: Usage, code: str, written: Written | None
) -> list[str]:
    """The docstring and the imports."""
    if written is None:
        return [*write_header(checked, profile, usage), *write_imports(code)]
    known = ("builtins", "difflib", "functools", "inspect", "itertools", "types")
    modules = sorted({"functools", "itertools", "math", *(list_names(code) & set(known))})
    made = f"compiled from structured selection criteria; what they state in words is written by {written.made_by}"
    return [*write_header(checked, profile, usage, made), *write_imports(code, modules, ("vector",))]


def list_wanted(usage: Usage) -> dict[str, list[Column]]:
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
    usage: Usage, reading: Reading, objects: ObjectWriter, selection: Block, early: Sequence[str], names: Names,
    flows: Sequence[str], flavour: str, in_words: bool,
) -> list[str]:  # fmt: skip
    block = Block()
    if usage.binding.profile.key and not set(usage.binding.profile.key) & set(ROW_KEY):
        block.line("keys = np.stack([np.asarray(events[name]).astype(np.int64) for name in KEY], axis=1)")
    else:
        block.line("keys = number_events(events)  # the format does not number them")
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
    if early:
        block.comment("only events that can pass the first cuts are looked at further")
        block.line(f"first = count_passed({', '.join(early)})")
        block.line(f"enough = (first == {len(early)}) | Watch(keys, self.watched).rows")
        for stored in dict.fromkeys(made.stored for made in reading.objects.values()):
            block.line(f"{stored}.keep(enough)")
        for array in reading.events.values():
            block.line(f"{array} = {array}[enough]")
    else:
        block.line("first = np.zeros(len(keys), dtype=np.intp)")
        block.line("enough = np.ones(len(keys), dtype=bool)")
    block.line("n_events = np.count_nonzero(enough)")
    block.line("watch = Watch(np.compress(enough, keys, axis=0), self.watched)")
    if in_words:
        known = "".join(f"{quote(key)}, " for key in list_keys(usage.binding.checked)).strip()
        block.line(f"written = Written(write_functions, events, enough, ({known}))")
    block.gap()
    block.lines += objects.tables.lines
    if usage.candidates:
        block.title("candidates")
    block.lines += selection.lines
    outputs = ", ".join(f"{quote(name)}: {names.name_variable(name)}" for name in usage.outputs)
    block.line(f"outputs = {{{outputs}}}")
    if in_words:
        block.line("undecided.update(written.counts)")
    block.line(
        f"return collect(keys, weight, enough, first, watch, [{', '.join(flows)}], outputs, {flavour}, undecided)"
    )  # fmt: skip
    return block.lines
