"""What stands around the selection in a compiled analysis: docstring, imports, tables of what is cut and written."""

import hashlib
import json
from collections.abc import Sequence

from codegen.emit_objects import quote
from codegen.emit_regions import StepLine
from codegen.inline import list_names
from codegen.usage import Usage, list_sources, list_unused
from codegen.wording import clean, shorten
from schemas.expressions.dimension import ENERGY, LENGTH
from schemas.expressions.nodes import Constant
from schemas.profile import Profile
from schemas.validation import CheckedCriteria


def write_tables(
    checked: CheckedCriteria, profile: Profile, usage: Usage,
    regions: Sequence[tuple[str, str | None, tuple[StepLine, ...]]], branches: tuple[str, ...],
    made_by: str = "compiler",
) -> list[str]:  # fmt: skip
    """Constants that say what is read, cut and written, and by what."""
    analysis = checked.criteria.analysis
    lines = [f"ANALYSIS = {quote(analysis.slug)}", f"PROFILE = {quote(profile.name)}", f"TREE = {quote(profile.tree)}"]
    lines.append(f"MADE_BY = {quote(made_by)}")
    lines += _write_tuple("KEY", [quote(k) for k in profile.key or ROW_KEY])
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


def write_header(
    checked: CheckedCriteria, profile: Profile, usage: Usage, made: str = "compiled from structured selection criteria"
) -> list[str]:
    """The docstring: what this is, how it was made, how to run it, and what it leaves out."""
    criteria = checked.criteria
    given = criteria.model_dump(mode="json", exclude_defaults=True)  # a field that is added later changes nothing
    content = json.dumps(given, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    analysis = criteria.analysis
    paper = f" ({analysis.paper})" if analysis.paper else ""
    lines = [
        f"{analysis.title or analysis.slug}{paper}.",
        "",
        f"An event selection {made}. Run it with",
        "    python analysis.py --out results FILE.root [FILE.root ...]",
        "",
        f"Criteria: {analysis.slug}, SHA-256 {digest[:16]}.",
        f"Data format: {profile.title} (profile {profile.name}).",
    ]
    if usage.not_evaluable:
        lines += ["", "Not evaluated, because this format cannot:"]
        lines += [f"    {n.cut}: {n.text}: {n.reason}" for n in usage.not_evaluable]
    chosen = list_chosen_objects(usage)
    if chosen:
        lines += [
            "",
            "Taken otherwise, because the files lack what comes first in the format; other objects may be selected:",
        ]
        lines += [f"    {base}: {taken}" for base, taken in chosen]
    if usage.closest:
        lines += ["", "Made with the closest quantity that this format has:"]
        lines += [f"    {cut}: {note}" for cut, notes in usage.closest.items() for note in notes]
    unused = list_unused(usage)
    if unused:
        lines += ["", f"Defined, but used by no cut and no output: {', '.join(unused)}."]
    safe = [_make_docstring_safe(line) for line in lines]
    return [f'"""{safe[0]}', *safe[1:], '"""', ""]


def list_chosen_objects(usage: Usage) -> list[tuple[str, str]]:
    """Name and way of the stored objects that are read and the files make otherwise than the format's first way."""
    fitting = usage.binding.profile.fitting
    definitions = [d for d in usage.binding.checked.criteria.objects if d.name in usage.collections]
    used = {source for d in definitions for source in list_sources(d)}
    return [
        (one.place.removeprefix("collections."), f"{one.expression} (instead of {one.instead_of})")
        for one in (fitting.chosen if fitting is not None else ())
        if one.place.removeprefix("collections.") in used
    ]


def _make_docstring_safe(line: str) -> str:
    indent = "    " if line.startswith("    ") else ""
    return (indent + shorten(line, 200)).replace("\\", "/").replace('"""', "'''").rstrip('"').rstrip() if line else ""


def write_class(checked: CheckedCriteria, process: Sequence[str], select: Sequence[str]) -> list[str]:
    """The class Analysis as coffea runs it, with the lines of its two methods that differ between programs.

    `process` returns what is found in a chunk, its first line stands where warnings of numpy are off.
    """
    title = clean(checked.criteria.analysis.title or checked.criteria.analysis.slug).replace("\\", "").replace('"', "'")
    return [
        "class Analysis(processor.ProcessorABC):",
        f'    """{title}"""',
        "",
        "    def __init__(self, watched=frozenset()):",
        "        self.watched = watched  # keys of events whose values are written down",
        "",
        "    def process(self, events):",
        '        with np.errstate(all="ignore"):  # NaN stands for a missing value',
        *process,
        "",
        "    def postprocess(self, accumulator):",
        "        return accumulator",
        "",
        "    def select(self, events):",
        *select,
    ]


ROW_KEY = ("file", "entry")  # the key of events that have no number: the place of their file, and the row in it
STANDARD = (
    "argparse", "contextlib", "csv", "glob", "gzip", "io", "json", "math", "multiprocessing", "os", "re", "shutil",
    "sys", "tempfile", "threading", "traceback",
)  # fmt: skip
TAKEN = (
    ("collections.abc", ("Callable", "Iterable", "Iterator", "Sequence")),
    ("concurrent.futures", ("ProcessPoolExecutor",)),
    ("functools", ("partial",)),
    ("itertools", ("chain", "combinations", "permutations", "product", "repeat")),
    ("pathlib", ("Path",)),
    ("typing", ("IO", "Any", "ClassVar", "NamedTuple")),
)


def write_imports(code: str, more: Sequence[str] = (), libraries: Sequence[str] = ()) -> list[str]:
    """The imports that the code needs, as a formatter would write them.

    `more` are other modules of the standard library, `libraries` other libraries, that it needs.
    """
    names = list_names(code)
    standard = [f"import {m}" for m in sorted({m for m in STANDARD if m in names} | {*more})]
    standard += [
        f"from {m} import {', '.join(used)}" for m, known in TAKEN if (used := [n for n in known if n in names])
    ]
    modules = [("awkward", "ak"), ("hist", ""), ("numba", ""), ("numpy", "np"), ("pyarrow.json", ""), ("uproot", "")]
    others = [
        f"import {m}{f' as {short}' if short else ''}" for m, short in modules if (short or m.split(".")[0]) in names
    ]
    return [
        "from __future__ import annotations",
        "",
        *standard,
        "",
        *sorted([*others, *(f"import {m}" for m in libraries)]),
        "from coffea import processor",
    ]
