"""Reading gold lists: YAML as in `benchmarks/analyses/*/gold.yaml`, and the JSON of notes with quotes."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from benchmarks.gold.lists import GoldCriterion, GoldList, Points
from schemas.errors import UsageError

FILE = "gold.yaml"
BENCHMARKS = Path(__file__).resolve().parents[1]
NOTES = BENCHMARKS / "notes"
ANALYSES = BENCHMARKS / "analyses"

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_AT = rf"{_NUMBER}\s*\w*\s+at\s+(?:\w+\s*=\s*)?{_NUMBER}"
_FULL_RAMP = re.compile(rf"from\s+{_AT}\s*\w*\s+to\s+{_AT}")
_HALF_RAMP = re.compile(rf"from\s+{_NUMBER}\s*\w*\s+to\s+{_AT}")
_START = re.compile(rf"starts from\s+{_NUMBER}")


def load_gold(path: Path) -> tuple[GoldList, ...]:
    """The gold lists of a file, or of a folder: its `*.json`, `*gold.yaml` and `*/gold.yaml`, in this order by name.

    JSON files of a folder that do not belong to a PDF are left out. Raises UsageError when nothing is left, a list is
    malformed, or two lists are of the same paper.
    """
    if path.is_file():
        return (load_gold_list(path),)
    files = (*sorted(path.glob("*.json")), *sorted(path.glob(f"*{FILE}")), *sorted(path.glob(f"*/{FILE}")))
    parsed = [(file, _parse(file)) for file in files]
    lists = tuple(_build(raw, file) for file, raw in parsed if file.name.endswith(FILE) or _has_pdf(raw))
    if not lists:
        looked = f"*.json, *{FILE}, */{FILE}"
        raise UsageError(f"no gold list that belongs to a PDF in '{path}' ({looked}); give a folder with --gold")
    names = [g.paper for g in lists]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise UsageError(f"two gold lists of {', '.join(twice)} in '{path}'; keep one of them")
    return lists


def load_built_in_gold() -> tuple[GoldList, ...]:
    """All lists that come with the program: those of our notes, and those of the papers of built-in analyses."""
    return (*load_gold(NOTES), *(load_gold_list(path) for path in sorted(ANALYSES.glob(f"*/{FILE}"))))


def find_gold(name: str) -> tuple[GoldList, ...]:
    """The lists of a file, of a folder, or the built-in one of this paper or analysis.

    Raises UsageError when there is none, and says which names there are.
    """
    built_in = load_built_in_gold()
    if named := tuple(g for g in built_in if name in (g.paper, g.slug)):
        return named
    if Path(name).exists():
        return load_gold(Path(name))
    known = ", ".join(g.slug or g.paper for g in built_in)
    raise UsageError(f"no gold list '{name}'; there are: {known}; or give a file or a folder")


def load_gold_list(path: Path) -> GoldList:
    """The gold list of one file. Raises UsageError when it cannot be read, or is malformed."""
    return _build(_parse(path), path)


def _parse(path: Path) -> Mapping[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text) if path.suffix == ".json" else YAML(typ="safe").load(text)
    except OSError as error:
        raise UsageError(f"gold list '{path.name}' cannot be read: {error.strerror}") from error
    except (ValueError, YAMLError) as error:
        first = " ".join(str(error).split())[:120]
        raise UsageError(f"gold list '{path.name}' is malformed: {first}; correct the file") from error
    if not isinstance(raw, dict):
        raise UsageError(f"gold list '{path.name}' is malformed: no `paper`, `pdf`, `criteria`; correct the file")
    return raw


def _has_pdf(raw: Mapping[str, object]) -> bool:
    criteria = raw.get("criteria")
    listed = isinstance(criteria, list) and all(isinstance(c, dict) and "subject" in c for c in criteria)
    return bool(raw.get("pdf")) and listed


def _build(raw: Mapping[str, object], path: Path) -> GoldList:
    read = _read_json if path.suffix == ".json" else _read_yaml
    try:
        gold = GoldList.model_validate(read(raw))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"gold list '{path.name}' is malformed: {place}: {first['msg']}; correct the file") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"gold list '{path.name}' is malformed: {error}; correct the file") from error
    ids = [c.id for c in gold.every]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise UsageError(f"gold list '{path.name}': two criteria have the id {twice[0]}; ids are unique")
    return gold.model_copy(update={"slug": path.parent.name}) if path.resolve().parents[1] == ANALYSES else gold


def _read_yaml(raw: Mapping[str, object]) -> dict[str, object]:
    own = dict(raw)
    for name in ("criteria", "outside"):
        entries = own.get(name, [])
        own[name] = [_read_entry(c) for c in entries] if isinstance(entries, list) else entries
    return own


def _read_entry(raw: Mapping[str, object]) -> dict[str, object]:
    own = dict(raw)
    if "points" in own:
        own["value"] = {"points": own.pop("points")}
    value = own.get("value")
    own.setdefault("numeric", _is_numeric(value))
    own.setdefault("executable", True)
    return own


def _is_numeric(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_numeric(v) for v in value)
    return isinstance(value, int | float | dict)


def _read_json(raw: Mapping[str, object]) -> dict[str, object]:
    criteria, outside = raw["criteria"], raw.get("criteria_outside_pages", [])
    named = ("paper", "pdf", "title", "arxiv", "doi", "report", "sha256", "version", "group", "notes")
    return {
        **{name: raw[name] for name in named if name in raw},
        "pages": raw.get("pages_of_selection", []),
        "criteria": [_read_criterion(c) for c in criteria] if isinstance(criteria, list) else criteria,
        "outside": [_read_criterion(c) for c in outside] if isinstance(outside, list) else outside,
    }


def _read_criterion(raw: Mapping[str, object]) -> GoldCriterion:
    own = {name: raw[name] for name in GoldCriterion.model_fields if name in raw}
    also = raw.get("also_pages") or []
    own["pages"] = (raw["page"], *also) if isinstance(also, list) else also
    own["value"] = _read_value(raw)
    own["quote"] = raw.get("quote") or ""
    second = raw.get("quote_2")
    own["quote_2"] = second["text"] if isinstance(second, dict) else None
    return GoldCriterion.model_validate(own)


def _read_value(raw: Mapping[str, object]) -> object:
    value = raw.get("value")
    if isinstance(value, str) and raw.get("numeric"):
        return _read_points(value, str(raw.get("condition") or "")) or value
    return tuple(value) if isinstance(value, list) else value


def _read_points(text: str, condition: str) -> Points | None:
    """The corners in "from 12 at 140 to 50 at 190" (y at x), or in "from 33 to 0.2 at 50" (x to y at x)."""
    if m := _FULL_RAMP.search(text):
        y0, x0, y1, x1 = (float(g) for g in m.groups())
        return Points(points=((x0, y0), (x1, y1)))
    if m := _HALF_RAMP.search(text):
        x0, y1, x1 = (float(g) for g in m.groups())
        start = _START.search(condition)
        return Points(points=((x0, float(start[1]) if start else None), (x1, y1)))
    return None
