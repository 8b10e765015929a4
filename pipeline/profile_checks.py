"""A profile compared with a real file: what is there, what is missing and may be called otherwise, what looks wrong."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np

from pipeline.columns import Column, FileColumns
from pipeline.drafting import draft_collection
from pipeline.event_names import find_event_meaning, find_key_meaning
from pipeline.groups import FIELD_OF, find_groups
from pipeline.layouts import fit_to_files
from schemas.errors import CriteriaError, DataError
from schemas.expressions.branches import Branch, list_columns, parse_branches
from schemas.fields import FIELDS
from schemas.model import Model
from schemas.profile import CollectionSource, Labels, Profile, Source
from schemas.profile_fitting import fit_profile, list_wanted
from schemas.units import find_unit

KEY = "event key"
FEW = 12  # branches that nothing reads, of which all are told
State = Literal["ok", "alternative", "missing", "unavailable"]


class Row(Model):
    """One thing that a profile speaks of, in this file. `proposals` are branches that may be what is missing."""

    place: str
    state: State
    expression: str | None = None
    reason: str | None = None
    proposals: tuple[str, ...] = ()


class Suggestion(Model):
    """Branches that look like objects, of which the profile makes nothing; TOML to paste where a base is known."""

    prefix: str
    base: str
    toml: str | None = None


class Unread(Model):
    """A branch that the profile does not read. `meaning` is what its name says: "btag of jet", "met"; else None."""

    branch: str
    meaning: str | None = None


class ProfileReport(Model):
    """A profile and a file.

    `fits` is false for another tree, for a file without any of the objects, when the key may be meant otherwise, and in
    a format that does not vary for a key or an object of which a part is missing. What is missing whole (a collection,
    an event quantity) is listed: analyses that do not need it run.
    """

    file: str
    tree: str | None
    n_events: int
    profile: str
    fits: bool
    found: int
    asked: int
    key: tuple[str, ...]
    rows: tuple[Row, ...]
    suggestions: tuple[Suggestion, ...]
    warnings: tuple[str, ...]
    unread: tuple[Unread, ...] = ()
    lacking: tuple[str, ...] = ()  # objects of a format that does not vary, of which the file has nothing


def choose_profile(columns: FileColumns, profiles: Sequence[Profile]) -> Profile | None:
    """The profile of which the file has the largest part; None when none has even a fifth."""
    best: tuple[float, Profile] | None = None
    for profile in profiles:
        if profile.reader == columns.reader:
            rows = _list_rows(profile, _fit(profile, columns), columns, propose=False)
            asked = [r for r in rows if r.state != "unavailable"]
            share = sum(r.state != "missing" for r in asked) / max(len(asked), 1)
            share += 0.1 * (profile.tree == (columns.tree or ""))
            if share > 0.2 and (best is None or share > best[0]):
                best = (share, profile)
    return best[1] if best is not None else None


def check_profile(profile: Profile, columns: FileColumns) -> ProfileReport:
    """What the file has of the profile, and the other way round. Raises DataError for another kind of file."""
    if profile.reader != columns.reader:
        kind = {"root": "a ROOT file", "jsonl": "lines of JSON"}
        raise DataError(
            f"{columns.path}: {kind[columns.reader]}; profile {profile.name} reads {kind[profile.reader]}: "
            "name another --profile"
        )
    fitted = _fit(profile, columns)
    rows = tuple(_list_rows(profile, fitted, columns, propose=True))
    warnings = list(_look_at_values(fitted, columns))
    tree_fits = columns.tree is None or columns.tree == profile.tree
    if not tree_fits:
        warnings.insert(0, f"the profile reads tree '{profile.tree}'; the events of this file are in '{columns.tree}'")
    missing = [r for r in rows if r.state == "missing"]
    fits = tree_fits and bool(fitted.collections) and not _find_obstacles(profile, missing)
    asked = [r for r in rows if r.state != "unavailable"]
    return ProfileReport(
        file=str(columns.path), tree=columns.tree, n_events=columns.n_events, profile=profile.name, fits=fits,
        found=len(asked) - len(missing), asked=len(asked), key=fitted.key, rows=rows,
        suggestions=tuple(_suggest(fitted, columns)), warnings=tuple(warnings),
        unread=tuple(_list_unread_branches(fitted, columns)),
        lacking=() if profile.varies else tuple(r.place for r in missing if r.place in profile.collections),
    )  # fmt: skip


def _find_obstacles(profile: Profile, missing: Sequence[Row]) -> list[Row]:
    """Of what is missing, what keeps analyses from running that use nothing but what the file has."""
    if profile.varies:
        return [r for r in missing if r.place == KEY and r.proposals]
    places = {r.place for r in missing}
    objects = {name: {f"{name}.{f}" for f in thing.fields} for name, thing in profile.event.objects.items()}
    labels = {
        f: {f"event {f} {p.label}" for p in known.points if p.expression is not None}
        for f, known in profile.event.labels.items()
    }
    whole = {*profile.collections, *profile.event.fields}
    whole |= {place for parts in (*objects.values(), *labels.values()) if parts <= places for place in parts}
    return [r for r in missing if r.place not in whole]


def _fit(profile: Profile, columns: FileColumns) -> Profile:
    """The profile as if its files could differ: what is missing is then a fact and no error."""
    varying = profile.model_copy(update={"varies": True})
    if columns.tree is not None and columns.tree != profile.tree:
        return fit_profile(varying, columns.names)
    return fit_to_files(varying, [columns.path])


def _list_rows(profile: Profile, fitted: Profile, columns: FileColumns, *, propose: bool) -> Iterator[Row]:
    groups = find_groups(columns) if propose else ()
    if not fitted.key:
        yield _miss_key(profile, columns, propose=propose)
    for base, reason in profile.unavailable.items():
        yield Row(place=base, state="unavailable", reason=reason)
    for base, source in profile.collections.items():
        there = fitted.collections.get(base)
        if there is None:
            others = [f"prefix {g.prefix}" for g in groups if g.base == base]
            yield Row(place=base, state="missing", reason=fitted.unavailable.get(base), proposals=tuple(others))
            continue
        for field, given in source.fields.items():
            found = there.fields.get(field)
            proposals = _propose(given, source, field, columns) if propose and found is None else ()
            yield _make_row(f"{base} {field}", given, found, there.unavailable.get(field), proposals)
        yield from _list_points(base, source.labels, there.labels)
        yield from (
            Row(place=f"{base} {field}", state="unavailable", reason=why)
            for field, why in source.unavailable.items() if field not in source.fields
        )  # fmt: skip
    event, found_event = profile.event, fitted.event
    for field, given in event.fields.items():
        found = found_event.fields.get(field)
        proposals = _propose(given, None, field, columns) if propose and found is None else ()
        yield _make_row(field, given, found, found_event.unavailable.get(field), proposals)
    for name, thing in event.objects.items():
        taken = found_event.objects.get(name)
        for field, given in thing.fields.items():
            found = taken.get(field) if taken is not None else None
            proposals = _propose(given, None, field, columns) if propose and found is None else ()
            yield _make_row(f"{name}.{field}", given, found, found_event.unavailable.get(name), proposals)
    yield from _list_points("event", event.labels, found_event.labels)


def _miss_key(profile: Profile, columns: FileColumns, *, propose: bool) -> Row:
    """Which branches of the key the file lacks, and which may be meant."""
    numbers = {s: c for s, c in columns.by_short.items() if c.shape == "number" and c.kind == "i" and s != c.name}
    numbers |= {c.name: c for c in columns.columns if c.shape == "number" and c.kind == "i" and "/" not in c.name}
    missing = [name for name in profile.key if name not in columns.by_short]
    near: list[str] = []
    for name in missing if propose else ():
        meaning = find_key_meaning(name)
        alike = [s for s in numbers if s not in profile.key and meaning and find_key_meaning(s) == meaning]
        near += alike or [s for s in _list_near(name, numbers) if s not in profile.key and find_key_meaning(s)]
    reason = f"the file lacks the branch{'es' if len(missing) > 1 else ''} {', '.join(missing)}"
    return Row(
        place=KEY, state="missing", expression=", ".join(profile.key), reason=reason,
        proposals=tuple(dict.fromkeys(near)),
    )  # fmt: skip


def _list_near(name: str, names: Iterable[str]) -> list[str]:
    """Names written nearly alike."""
    from rapidfuzz import fuzz

    scores = {other: fuzz.ratio(_plain(name), _plain(other)) for other in names}
    return sorted((n for n, score in scores.items() if score >= 70), key=lambda n: (-scores[n], n))[:3]


def _make_row(place: str, given: Source, found: Source | None, reason: str | None, proposals: tuple[str, ...]) -> Row:
    if found is None:
        return Row(place=place, state="missing", expression=given.expression, reason=reason, proposals=proposals)
    state: State = "ok" if found.expression == given.expression else "alternative"
    return Row(place=place, state=state, expression=found.expression, reason=found.closest)


def _list_points(owner: str, labels: dict[str, Labels], found: dict[str, Labels]) -> Iterator[Row]:
    for field, known in labels.items():
        for point in known.points:
            taken = found[field].find(point.label)
            place = f"{owner} {field} {point.label}"
            if point.expression is None:
                yield Row(place=place, state="unavailable", reason=point.unavailable)
            elif taken is None or taken.expression is None:
                yield Row(place=place, state="missing", expression=point.expression, reason=taken and taken.unavailable)
            else:
                state: State = "ok" if taken.expression == point.expression else "alternative"
                yield Row(place=place, state=state, expression=taken.expression, reason=taken.closest)


def _propose(given: Source, source: CollectionSource | None, field: str, columns: FileColumns) -> tuple[str, ...]:
    """The nearest names of columns of the right shape, best first."""
    from rapidfuzz import fuzz

    prefix = source.prefix if source is not None else ""
    wanted = [name for name, _ in list_columns(parse_branches(given.expression, field), source is None)]
    scores: dict[str, float] = {}
    for short, column in columns.by_short.items():
        if not _has_shape(column, source is not None) or not short.startswith(prefix):
            continue
        if short.startswith("n") and short[1:] in columns.by_short:
            continue  # the lengths of a list
        rest = _plain(short.removeprefix(prefix))
        best = max(
            (fuzz.ratio(_plain(name), rest) for name in wanted if source is not None or _share_parts(name, short)),
            default=0.0,
        )
        if source is not None and FIELD_OF.get(rest) == field:
            best = max(best, 95.0)
        if best >= (65 if source is not None else 78) and short not in {prefix + name for name in wanted}:
            scores[short] = best
    return tuple(sorted(scores, key=lambda name: (-scores[name], name))[:3])


def _share_parts(wanted: str, name: str) -> bool:
    """Whether two names are nearly alike before the last dot and after it; without a dot there is one part."""
    from rapidfuzz import fuzz

    pairs = zip(wanted.rpartition("."), name.rpartition("."), strict=True)
    plain = [[_plain(n.replace("AuxDyn", "").replace("Analysis", "")) for n in pair] for pair in pairs]
    return "." not in wanted or all(fuzz.ratio(*pair) >= 60 for pair in plain if any(pair))


def _has_shape(column: Column, in_collection: bool) -> bool:
    return column.shape in ("list", "lists") if in_collection else column.shape in ("number", "list")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _suggest(fitted: Profile, columns: FileColumns) -> Iterator[Suggestion]:
    """Groups of branches that no collection reads."""
    used = {s.prefix for s in fitted.collections.values()}
    used |= {link.prefix for s in fitted.collections.values() for links in s.links.values() for link in links}
    for group in find_groups(columns):
        if group.prefix in used:
            continue
        free = group.base and group.base not in fitted.collections and group.base not in ("lepton", "particle")
        toml = "\n".join(draft_collection(columns, group, group.base, None, group.unit or "GeV")) if free else None
        yield Suggestion(prefix=group.prefix, base=group.base, toml=toml)


def _list_unread_branches(fitted: Profile, columns: FileColumns) -> Iterator[Unread]:
    """Branches that nothing reads and whose names say something that the profile lacks; of few branches, all."""
    read = {*fitted.key, *list_wanted(fitted)} | set((fitted.fitting.paths if fitted.fitting else {}).values())
    left = [short for short in dict.fromkeys(c.name.rsplit("/", 1)[-1] for c in columns.columns) if short not in read]
    groups = {g.prefix for g in find_groups(columns)} - {s.prefix for s in fitted.collections.values()}
    stems = {_plain(re.split(r"[_.]", other)[0]) for other in columns.by_short if re.search(r"[_.]", other)}
    useful = {name: _say_meaning(name, fitted) for name in left if _may_be_useful(name, columns, groups, stems)}
    for name, meaning in useful.items():
        if meaning is not None or len(useful) <= FEW:
            yield Unread(branch=name, meaning=meaning)


def _may_be_useful(name: str, columns: FileColumns, groups: set[str], stems: set[str]) -> bool:
    """Numbers, but not how long lists are, and not what belongs to objects that are told as a whole."""
    column = columns.by_short[name]
    plain = _plain(name)
    counts = column.shape == "number" and column.kind == "i" and plain[:1] == "n" and plain[1:] in stems
    counts |= name.startswith("n") and name[1:] in columns.by_short
    return column.shape in ("number", "list") and not counts and not any(name.startswith(g) for g in groups)


def _say_meaning(name: str, fitted: Profile) -> str | None:
    for base, source in fitted.collections.items():
        rest = name.removeprefix(source.prefix)
        if rest != name:
            field = FIELD_OF.get(_plain(rest))
            known = {*source.fields, *source.labels}
            return f"{field} of {base}" if field in FIELDS and field not in known else None
    meaning = find_event_meaning(name)
    if meaning is None or (meaning == "met" and "met" in fitted.event.objects):
        return None
    if (meaning == "weight" and fitted.weights is not None) or meaning.removesuffix(" number") in {
        find_key_meaning(k) for k in fitted.key
    }:
        return None
    return meaning


# ---------------------------------------------------------------------- do the values look right?


def _look_at_values(fitted: Profile, columns: FileColumns) -> Iterator[str]:
    seen: set[tuple[str, str, str]] = set()
    for source in fitted.collections.values():
        for field, given in source.fields.items():
            node = parse_branches(given.expression, field)
            if not isinstance(node, Branch) or node.index is not None or type(node) is not Branch:
                continue
            name = source.prefix + node.branch
            column = columns.by_short.get(name)
            if column is None or (name, field, given.unit or "") in seen:
                continue
            seen.add((name, field, given.unit or ""))
            values = columns.read(column.name)
            yield from _judge(name, field, given.unit or "", values[np.isfinite(values)])
    yield from _look_at_key(fitted, columns)


def _judge(name: str, field: str, unit: str, values: np.ndarray) -> Iterator[str]:
    """What is suspicious about the values of one field, in the unit that the profile states."""
    if not len(values):
        return
    try:
        known = find_unit(unit) if unit else None
    except CriteriaError:
        return
    factor = known.multiply / known.divide if known is not None else 1.0
    size = np.abs(values) * factor
    median = float(np.median(size))
    if field == "pt" and median > 2000:
        yield f"{name}: half of the values are above {median:.0f} GeV when read in {unit}: is the unit MeV?"
    if field == "pt" and median < 0.1:
        yield f"{name}: half of the values are below {median:.2g} GeV when read in {unit}: is the unit GeV?"
    if field == "phi" and float(np.max(size)) > np.pi + 0.01:
        hint = ": is the unit deg?" if float(np.max(size)) > 7 else ""
        yield f"{name}: values up to {np.max(size):.3g} rad, beyond π{hint}"
    if field in ("d0", "z0", "dz") and unit and len(values) >= 20:
        if median < 0.001:
            yield f"{name}: half of the values are below {median:.1g} mm when read in {unit}: is the unit cm, or m?"
        elif field == "d0" and median > 5:
            yield f"{name}: half of the values are above {median:.2g} mm when read in {unit}: is the unit μm?"
    if field == "charge" and not set(np.unique(values)) <= {-1.0, 0.0, 1.0}:
        yield f"{name}: charges other than -1, 0, 1 ({_list_few(np.unique(values))})"
    if field == "eta" and float(np.max(size)) > 20:
        yield f"{name}: |eta| up to {np.max(size):.3g}: is it a pseudorapidity?"


def _look_at_key(fitted: Profile, columns: FileColumns) -> Iterator[str]:
    if not fitted.key:
        yield "the file numbers no events: they are known by the place of the file and the row in it"
        return
    found = [columns.read(columns.by_short[name].name) for name in fitted.key if name in columns.by_short]
    if len(found) == len(fitted.key) and len({len(f) for f in found}) == 1 and len(found[0]):
        rows = np.stack(found, axis=1)
        repeated = len(rows) - len(np.unique(rows, axis=0))
        if repeated:
            yield f"the event key ({', '.join(fitted.key)}) is not unique: {repeated} of {len(rows)} events repeat one"


def _list_few(values: Iterable[float]) -> str:
    few = [f"{v:g}" for v in values]
    return ", ".join(few[:5]) + (", …" if len(few) > 5 else "")


def list_unread(report: ProfileReport) -> tuple[Suggestion, ...]:
    """Groups without TOML: of a base that the profile has already, or of none that we know."""
    return tuple(s for s in report.suggestions if s.toml is None)
