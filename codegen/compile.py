"""The compiler: criteria and a data profile to one self-contained, readable analysis. Same input, same bytes."""

import hashlib
from collections.abc import Sequence

from codegen.absent import leave_out_absent
from codegen.bind import Binding, Column
from codegen.blocks import Block
from codegen.early import write_first_cuts
from codegen.emit_candidates import CandidateWriter
from codegen.emit_expressions import Emitter
from codegen.emit_objects import ObjectWriter, quote
from codegen.emit_regions import RegionWriter, StepLine, list_steps, order_regions
from codegen.emit_stored import Reading, read_event, read_objects, read_weights
from codegen.frame import ROW_KEY, write_header, write_imports, write_tables
from codegen.inline import drop_unused_methods, find_parts, list_attributes, list_names, read_parts
from codegen.loops.program import write_program as write_loops
from codegen.names import Names
from codegen.usage import Usage, find_usage, list_sources, list_unused
from codegen.wording import clean
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


def compile_analysis(ssc: SelectionCriteria, profile: Profile, backend: Backend = "numpy") -> CompiledAnalysis:
    """The program that selects events as the criteria say, from files as the profile describes them.

    Both back ends give the same results: numpy works on tables of many events, numba on one event after another.
    Raises CriteriaError when the criteria are not right, or when leaving out what the format cannot evaluate would
    change the meaning of the rest.
    """
    checked = check_criteria(ssc)
    if not ssc.regions:
        raise CriteriaError("there is no region, so no event is selected; write one with a cut")
    present, left_out = leave_out_absent(checked, profile)
    usage = find_usage(Binding(present, profile))
    usage.not_evaluable += [note for name, note in left_out.items() if name in usage.collections]
    source, branches = (write_loops if backend == "numba" else _write_program)(checked, profile, usage)
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
    parts = read_parts("jsonl" if profile.reader == "jsonl" else "root")
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
        usage, reading, objects, candidates.block, write_first_cuts(usage, objects, emitter), names, flows, flavour
    )
    branches = tuple(b for b in dict.fromkeys((*profile.key, *reading.branches)) if b not in ROW_KEY)
    tables = write_tables(checked, profile, usage, [(r.name, r.parent, steps[r.name]) for r in ordered], branches)
    body = "\n".join(["def process_events(events):", *process])
    needed = find_parts(body + "\nmain(), join_slices, slice_events, Step, Region, Output\n", parts)
    used = list_attributes("\n".join([body, *(parts[n] for n in needed)]))
    library = [drop_unused_methods(parts[name], used) for name in needed]
    first = [part for name, part in zip(needed, library, strict=True) if name in ("Step", "Region", "Output")]
    rest = [part for name, part in zip(needed, library, strict=True) if name not in ("Step", "Region", "Output")]
    text = "\n".join([
        *write_header(checked, profile, usage),
        *write_imports("\n".join([body, *library])),
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
    flows: Sequence[str], flavour: str,
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
    block.gap()
    block.lines += objects.tables.lines
    if usage.candidates:
        block.title("candidates")
    block.lines += selection.lines
    outputs = ", ".join(f"{quote(name)}: {names.name_variable(name)}" for name in usage.outputs)
    block.line(f"outputs = {{{outputs}}}")
    block.line(
        f"return collect(keys, weight, enough, first, watch, [{', '.join(flows)}], outputs, {flavour}, undecided)"
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
        "            return join_slices(events, [self.select(part) for part in slice_events(events)])",
        "",
        "    def postprocess(self, accumulator):",
        "        return accumulator",
        "",
        "    def select(self, events):",
        *process,
    ]  # fmt: skip
