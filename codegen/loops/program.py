"""The whole program of the numba back end: tables, the loop over events, and the class around it."""

import ast
from collections.abc import Iterable, Sequence
from functools import cache

from codegen.bind import Column
from codegen.early import write_filter
from codegen.emit_objects import quote
from codegen.emit_regions import StepLine, list_steps, order_regions
from codegen.emit_stored import Reading, read_event, read_objects, read_weights
from codegen.frame import ROW_KEY, write_class, write_header, write_imports, write_tables
from codegen.inline import (
    LINT_ONLY,
    TEMPLATES,
    drop_unused_methods,
    find_parts,
    list_attributes,
    list_names,
    read_parts,
)
from codegen.loops.emit_candidates import CandidateLoops
from codegen.loops.emit_objects import ObjectLoops
from codegen.loops.emit_regions import RegionLoops
from codegen.loops.kernel import FIXED, LETTERS, Kernel
from codegen.loops.lines import STEP, Lines
from codegen.names import Names
from codegen.usage import Usage, list_sources
from schemas.constants import CONSTANTS
from schemas.fields import BASES
from schemas.profile import Profile
from schemas.validation import CheckedCriteria

LOOP_WORDS = {
    "event", "watching", "notes", "noted", "last", "outputs", "flavours", "undecided", "best", "score", "passed",
    "applies", "exempt", "x", "found", "SEEN", "CONDITIONS", "N_COLUMNS", "NO_MOMENTUM", "numba", "select_events",
    *LETTERS, *(name.upper() for name in FIXED),
}  # fmt: skip
RESULTS = ("last", "outputs", "flavours", "undecided", "notes", "noted")
FIRST = ("Step", "Region", "Output", "compiled")


def write_program(checked: CheckedCriteria, profile: Profile, usage: Usage) -> tuple[str, tuple[str, ...]]:
    """The program, and the branches that it reads. Raises CriteriaError for what cannot be said in a loop."""
    parts = read_loop_parts() | read_parts("jsonl" if profile.reader == "jsonl" else "root")
    reserved = set(parts) | set(CONSTANTS) | LOOP_WORDS
    names = Names(set(reserved))
    reading = Reading()
    before = Names(set(reserved) | {n for text in parts.values() for n in list_names(text)})
    read_objects(reading, usage.binding, before, _list_wanted(usage))
    read_event(reading, usage.binding, before, usage.events)
    read_weights(reading, before, profile.weights, set(reading.objects))
    kernel = Kernel(usage, names, reading)
    ordered = order_regions(checked.criteria.regions)
    steps: dict[str, tuple[StepLine, ...]] = {}
    for region in ordered:
        steps[region.name] = list_steps(usage, region, steps[region.parent] if region.parent else None)
    loop, members = _write_loop(usage, kernel)
    process = _write_process(profile, reading, kernel, members)
    branches = tuple(b for b in dict.fromkeys((*profile.key, *reading.branches)) if b not in ROW_KEY)
    tables = write_tables(checked, profile, usage, [(r.name, r.parent, steps[r.name]) for r in ordered], branches)
    tables += _write_constants(kernel)
    body = "\n".join([*loop, "def process_events(events):", *process])
    needed = find_parts(body + "\nmain(), Step, Region, Output\n", parts)
    used = list_attributes("\n".join([body, *(parts[n] for n in needed)]))
    library = {name: drop_unused_methods(parts[name], used) for name in needed}
    text = "\n".join([
        *write_header(checked, profile, usage),
        *write_imports("\n".join([body, *library.values()])),
        "", "",
        "\n\n\n".join(text for name, text in library.items() if name in FIRST),
        "", "",
        *tables,
        "", "",
        *loop,
        "", "",
        *write_class(checked, ["            return self.select(events)"], process),
        "", "",
        "# " + "-" * 20 + " what the selection above is written with " + "-" * 20,
        "", "",
        "\n\n\n".join(text for name, text in library.items() if name not in FIRST),
        "", "",
        'if __name__ == "__main__":',
        "    raise SystemExit(main())",
        "",
    ])  # fmt: skip
    return text, branches


@cache
def read_loop_parts() -> dict[str, str]:
    """Source of every function and class that loops are written with."""
    parts: dict[str, str] = {}
    for name in ("loop_numbers", "loop_objects", "loop_chunks"):
        text = (TEMPLATES / f"{name}.py").read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                parts[node.name] = LINT_ONLY.sub("", "\n".join(text.splitlines()[first - 1 : node.end_lineno]))
    return parts


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


def _write_loop(usage: Usage, kernel: Kernel) -> tuple[list[str], int]:
    """The function that looks at one event after another, and how many flavours it writes down of each."""
    for definition in usage.binding.checked.criteria.objects:
        kernel.table(definition.name)
    objects = ObjectLoops(kernel)
    objects.count_conditions()
    candidates, regions = CandidateLoops(kernel), RegionLoops(kernel)
    candidates.write()
    regions.write_variables()
    regions.write_regions()
    members = regions.write_channel()
    candidates.write_members()
    objects.write()
    block = Lines(1)
    for line in kernel.scratch:
        block.line(line)
    block.open("for event in range(len(watched)):")
    block.line("watching = watched[event]")
    block.title("cuts on single objects")
    block.gap()
    block.lines += objects.chosen.lines
    early = write_filter(usage, objects)  # type: ignore[arg-type]
    if early is not None:
        block.comment("only events with enough objects for a first cut are looked at further")
        block.open(f"if not ({early} or watching):")
        block.line("continue")
        block.close()
    block.title("tables of objects: one row per object, ordered by pT")
    block.lines += objects.tables.lines
    if usage.candidates:
        block.title("candidates")
        block.lines += candidates.tables.lines
    if regions.variables.lines:
        block.title("event variables")
        block.lines += regions.variables.lines
    block.lines += regions.lines.lines
    parameters = ["watched", *kernel.parameters, *RESULTS]
    return [
        "@compiled",
        *_wrap("def select_events(", parameters, "):"),
        f'{STEP}"""The last step that each event passes in each region, and the values to be written."""',
        *block.lines,
    ], members


def _wrap(start: str, words: Sequence[str], end: str, indent: str = "") -> list[str]:
    """A bracket with words in it, on as many lines as it needs."""
    lines = [indent + start]
    current = indent + STEP
    for word in words:
        if len(current) + len(word) > 118:
            lines.append(current.rstrip())
            current = indent + STEP
        current += f"{word}, "
    return [*lines, current.rstrip(), indent + end]


def _write_constants(kernel: Kernel) -> list[str]:
    lines = ["", "# What each step notes of watched events: one value, or one of each object.", "SEEN = ("]
    lines += [f"    ({quote(step)}, {several})," for step, several in kernel.seen.items()]
    lines += [")", "CONDITIONS = (" + "".join(f"{quote(c)}, " for c in kernel.conditions).rstrip() + ")"]
    more = [constant for name, constant in kernel.columns.items() if name not in FIXED]
    numbered = [*(name.upper() for name in FIXED), *more]
    lines += ["", "# Columns of the tables of objects."]
    lines += _wrap("(", numbered, f") = range({len(numbered)})")
    lines += [f"N_COLUMNS = {len(numbered)}", "NO_MOMENTUM = (np.nan, np.nan, np.nan, np.nan)"]
    return lines


def _write_process(profile: Profile, reading: Reading, kernel: Kernel, members: int) -> list[str]:
    block = Lines()
    if profile.key and not set(profile.key) & set(ROW_KEY):
        block.line("keys = np.stack([np.asarray(events[name]).astype(np.int64) for name in KEY], axis=1)")
    else:
        block.line("keys = number_events(events)  # the format does not number them")
    for line in reading.weight_lines:
        block.line(line)
    for line in reading.event_lines:
        block.line(line)
    for line in _find_needed(reading, kernel.made_before):
        block.line(line)
    for name, code in kernel.offsets.items():
        block.line(f"{name} = {code}")
    block.line(f"found = Found(keys, self.watched, {members}, len(CONDITIONS))")
    block.open("while found.incomplete:")
    block.line("select_events(")
    block.depth += 1
    block.line("found.watching,")
    for name, code in kernel.parameters.items():
        block.line(f"{name}={code},")
    for name in RESULTS:
        block.line(f"{name}=found.{name},")
    block.close()
    block.line(")")
    block.line("found.check_room()")
    block.close()
    block.line("return found.gather(events, weight, CONDITIONS)")
    return block.lines


def _find_needed(reading: Reading, arrays: Iterable[str]) -> list[str]:
    """The lines that make arrays before the loop, and what these are made from."""
    code = "\n".join(line for lines in reading.object_lines.values() for line in lines)
    wanted = set(arrays)
    needed: list[str] = []
    for statement in reversed(ast.parse(code).body):
        text = "\n".join(code.split("\n")[statement.lineno - 1 : statement.end_lineno])
        if isinstance(statement, ast.Assign) and wanted & list_names(ast.unparse(statement.targets[0])):
            needed[:0] = text.split("\n")
            wanted |= list_names(text)
    return needed
