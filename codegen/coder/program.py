"""The frame around the functions of a coder: the same `analysis.py`, whose steps are decided by what a model wrote.

What a coder writes is Python: `select(events, selection)`, helper functions and literal constants.

- Names that it finds: np (numpy), ak (awkward), vector, math, itertools, functools; importing them again is harmless.
  Nothing of the frame is in sight, and nothing that the functions keep lasts longer than a chunk of events.
- `events["lep_pt"]` is that branch, as an awkward array: one number, list or list of lists per event, float64, int64
  or bool, in the unit of the file; NaN where the file holds no finite number. `len(events)`, `events.fields`. Nothing
  else of the files can be reached. An unknown name raises "no branch 'lep_pT' in the files; close: lep_pt".
- `selection.add("step", passed, value=None)`, once for each evaluated step of each region, in any order. A step is
  called as in the cutflow: by the id of the cut, or by the group of cuts joined by "or" (`Region.Step` where two
  regions have a step of one name; `CoderProgram.steps` lists them). `passed` is one bool per event, None is False; it
  need not contain the steps before: the frame joins them by "and", child regions after their parents. `value` is what
  was compared, a number or a list per event, for explanations.
- `selection.store("m4l", values)`, once for each output: one number per event, None or NaN where there is none.
- Anything else raises SelectionProblem: one line on stderr that names the line of the functions (1 is their first),
  after a traceback that begins in them, and exit code 10. What crashes in the functions is told in the same way, with
  exit code 1; functions that are no Python are one line with SyntaxError, and exit code 10.

Beside `cutflow.json` the program writes `selection.json`: what was read and decided, see `codegen.coder.account`.
"""

import ast
import warnings

from codegen.absent import leave_out_absent
from codegen.bind import Binding
from codegen.compile import list_wanted
from codegen.emit_regions import StepLine, list_steps, order_regions
from codegen.emit_stored import Reading, read_event, read_objects, read_weights
from codegen.frame import ROW_KEY, write_class, write_header, write_imports, write_tables
from codegen.inline import drop_unused_methods, find_parts, list_attributes, list_names, read_parts
from codegen.names import Names
from codegen.usage import Usage, find_usage
from codegen.wording import clean, shorten
from schemas.criteria import SelectionCriteria
from schemas.cutflow import NotEvaluable
from schemas.errors import CriteriaError
from schemas.model import Model
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, check_criteria

LIBRARIES = ("functools", "itertools", "math")  # of the standard library, for the functions
FIRST = ("Step", "Region", "Output")  # the parts that the tables are written with


class CoderProgram(Model):
    """A program, and what its functions have to decide.

    `first_line` is the line of the program where the functions begin. `steps` are the names for `selection.add`, by
    region in the order of the cutflow; `outputs` those for `selection.store`. `branches` are what the profile reads for
    these criteria, by name.
    """

    source: str
    first_line: int
    steps: tuple[str, ...]
    outputs: tuple[str, ...]
    not_evaluable: tuple[NotEvaluable, ...]
    branches: tuple[str, ...]


def make_program(functions: str, ssc: SelectionCriteria, profile: Profile, made_by: str) -> CoderProgram:
    """The program that selects events by these functions, from files as the profile describes them.

    Same input, same bytes. Functions that are no Python make a program that says so and ends with exit code 10. Raises
    CriteriaError when the criteria are not right or nothing of a region can be evaluated.
    """
    checked, usage = use_criteria(ssc, profile)
    reading = read_stored(usage)
    made_by = shorten(made_by, 200)
    ordered = order_regions(checked.criteria.regions)
    steps: dict[str, tuple[StepLine, ...]] = {}
    for region in ordered:
        steps[region.name] = list_steps(usage, region, steps[region.parent] if region.parent else None)
    frame = read_frame(usage, reading)
    read = reading if profile.reader == "jsonl" else frame  # of lines of JSON, all at once
    branches = tuple(b for b in dict.fromkeys((*profile.key, *read.branches, *frame.branches)) if b not in ROW_KEY)
    tables = write_tables(
        checked, profile, usage, [(r.name, r.parent, steps[r.name]) for r in ordered], branches, made_by
    )
    tables.insert(tables.index("") if "" in tables else len(tables), f"PATHS = {dict(sorted(reading.paths.items()))!r}")
    made = _write_class(checked, profile, frame)
    parts = read_parts("jsonl" if profile.reader == "jsonl" else "root", coder=True)
    needed = find_parts("\n".join([*made, "main(), process_chunk, Step, Region, Output"]), parts)
    used = list_attributes("\n".join([*made, *(parts[n] for n in needed)])) | {"fields", "add", "store"}
    library = {name: drop_unused_methods(parts[name], used) for name in needed}
    code = "\n".join([*made, *library.values()])
    modules = {"builtins", "difflib", "functools", "inspect", "itertools", "types"} & list_names(code)
    before = [
        *write_header(checked, profile, usage, f"by structured selection criteria, written by {made_by}"),
        *write_imports(code, tuple(modules | set(LIBRARIES)), ("vector",)),
        "", "",
        "\n\n\n".join(library[name] for name in FIRST),
        "", "",
        *tables,
        "", "",
        f"# {f' functions of {made_by}: begin ':-^100}",
        "def write_functions():",
    ]  # fmt: skip
    first_line = "\n".join(before).count("\n") + 2
    after = [
        "    return locals()",
        "",
        "",
        f"# {f' functions of {made_by}: end ':-^100}",
        "",
        "",
        *made,
        "", "",
        "\n\n\n".join(text for name, text in library.items() if name not in FIRST),
        "", "",
        'if __name__ == "__main__":',
        "    raise SystemExit(main())",
        "",
    ]  # fmt: skip
    source = "\n".join([*before, *set_in(functions), *after])
    problem = find_problem(source, functions)
    if problem is not None:
        source = "\n".join([*before, *write_refusal(functions, problem), *after])
    return CoderProgram(
        source=source,
        first_line=first_line,
        steps=name_steps(usage),
        outputs=tuple(usage.outputs),
        not_evaluable=tuple(usage.not_evaluable),
        branches=tuple(reading.branches),
    )


def use_criteria(ssc: SelectionCriteria, profile: Profile) -> tuple[CheckedCriteria, Usage]:
    """The criteria, checked, and what of them the format can evaluate. Raises CriteriaError."""
    checked = check_criteria(ssc)
    if not ssc.regions:
        raise CriteriaError("there is no region, so no event is selected; write one with a cut")
    present, left_out = leave_out_absent(checked, profile)
    usage = find_usage(Binding(present, profile))
    usage.not_evaluable += [note for name, note in left_out.items() if name in usage.collections]
    return checked, usage


def read_stored(usage: Usage) -> Reading:
    """What of the files the profile reads for these criteria."""
    reading, names = Reading(), Names(set())
    read_objects(reading, usage.binding, names, list_wanted(usage))
    read_event(reading, usage.binding, names, usage.events)
    return reading


def read_frame(usage: Usage, stored: Reading) -> Reading:
    """What the frame itself reads: the weights, which may depend on the objects that are used."""
    frame = Reading(paths=stored.paths)
    read_weights(frame, Names(set()), usage.binding.profile.weights, set(stored.objects))
    return frame


def read_by_frame(usage: Usage, stored: Reading) -> frozenset[str]:
    """The branches that are none of the functions' business: event numbers and weights."""
    return frozenset((*usage.binding.profile.key, *read_frame(usage, stored).branches))


def name_steps(usage: Usage) -> tuple[str, ...]:
    """What the functions call the steps that are evaluated, by region."""
    regions = order_regions(usage.binding.checked.criteria.regions)
    own = {region.name: list_steps(usage, region, None)[1:] for region in regions}
    names = [step.name for lines in own.values() for step in lines]
    return tuple(
        step.name if names.count(step.name) == 1 else f"{region}.{step.name}"
        for region, lines in own.items()
        for step in lines
        if step.missing is None
    )


def _write_class(checked: CheckedCriteria, profile: Profile, frame: Reading) -> list[str]:
    numbered = profile.key and not set(profile.key) & set(ROW_KEY)
    keys = "np.stack([np.asarray(events[name]).astype(np.int64) for name in KEY], axis=1)"
    process = [
        "            found = self.select(events)",
        '        return {(events.metadata["filename"], events.metadata["entrystart"]): found}',
    ]
    select = [
        f"        keys = {keys if numbered else 'number_events(events)  # the format does not number them'}",
        *(f"        {line}" for line in frame.weight_lines),
        "        return choose(events, keys, weight, write_functions, self.watched)",
    ]
    return write_class(checked, process, select)


def set_in(functions: str) -> list[str]:
    """The functions as lines inside a function: set in, but for lines that continue a text in quotes."""
    text = functions.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.rstrip().split("\n")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [f"    {line}" if line.strip() else "" for line in lines]
    quoted = {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.Constant) and isinstance(getattr(node, "value", ""), str | bytes)
        for number in range(node.lineno, node.end_lineno or node.lineno)
    }
    return [f"    {line}" if line.strip() and k not in quoted else line for k, line in enumerate(lines)]


def find_problem(source: str, functions: str) -> str | None:
    """Why the functions are no Python, or no Python that can stand inside a function, in one line."""
    for text in (functions, source):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(text, "functions", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = f"line {error.lineno}: " if isinstance(error, SyntaxError) and text is functions else ""
            return shorten(f"{place}{error.msg if isinstance(error, SyntaxError) else error}", 200)
    return None


def write_refusal(functions: str, problem: str) -> list[str]:
    lines = functions.replace("\r", "\n").split("\n")
    return [
        *(f"    # {clean(line)}".rstrip() for line in lines),
        f"    raise SyntaxError({'the functions are no Python: ' + problem!r})",
    ]
