"""A data profile and the branches of real files: which alternatives hold, and what the files lack."""

from collections.abc import Iterable, Sequence

from schemas.expressions.branches import list_columns, parse_branches
from schemas.profile import Chosen, Fitting, Profile
from schemas.profile_sources import (
    CollectionSource,
    EventSource,
    Labels,
    Link,
    ObjectSource,
    Point,
    Source,
    WeightFactor,
    Weights,
)


def fit_profile(profile: Profile, branches: Iterable[str]) -> Profile:
    """The profile as it is for files with these branches.

    `branches` are the names under which a reader finds the columns: `pt`, the whole path `Jet/Jet.PT` of a split
    branch, and `links::index` for the member of a structure in one branch. A profile names the last part of a path
    (`Jet.PT`) and members with a dot (`links.index`).

    In a format that varies, of everything that has alternatives the first one is taken whose branches are all there;
    fields, label points, event quantities, links and whole collections that the files lack become unavailable, with the
    reason; weight factors that they lack are left out and listed; without the branch that marks simulation the files
    are collision data; a key that they lack becomes empty. Any other profile only learns the paths of its branches:
    a branch that its files lack is an error of the files. Fitting a fitted profile changes nothing more.
    """
    names = _Names(branches)
    if not profile.varies:
        return profile.model_copy(update={"fitting": Fitting(paths=_list_paths(profile, names))})
    return _Fitter(profile, names).fit()


class _Names:
    """The branches of the files, by the names that profiles use."""

    def __init__(self, branches: Iterable[str]) -> None:
        self.whole = tuple(dict.fromkeys(branches))
        self.paths: dict[str, str] = {}
        exact = set(self.whole)
        for path in self.whole:
            column, _, member = path.partition("::")
            short = column.rsplit("/", 1)[-1] + (f".{member}" if member else "")
            if short not in exact:
                self.paths.setdefault(short, path)
        self.known = exact | set(self.paths)


class _Fitter:
    """Fits one profile."""

    def __init__(self, profile: Profile, names: _Names) -> None:
        self.profile, self.names = profile, names
        self.chosen: list[Chosen] = []
        self.lacking: dict[str, None] = {}
        self.absent: dict[str, None] = {}
        self.linking: dict[str, tuple[str, ...]] = {}  # what links of the collection would need

    def fit(self) -> Profile:
        profile = self.profile
        collections: dict[str, CollectionSource] = {}
        unavailable = dict(profile.unavailable)
        for base, source in profile.collections.items():
            there = self._fit_collection(base, source)
            if isinstance(there, str):
                unavailable[base] = _join_reason(profile.unavailable.get(base), there)
                self.lacking[f"{base}: {there}"] = None
            else:
                collections[base] = there
        found = {
            "collections": collections,
            "unavailable": unavailable,
            "event": self._fit_event(profile.event),
            "key": self._fit_key(),
            "weights": self._fit_weights(profile.weights),
        }
        fitted = profile.model_copy(update=found)
        before = profile.fitting or Fitting()
        fitting = Fitting(
            chosen=(*before.chosen, *self.chosen),
            lacking=tuple(dict.fromkeys((*before.lacking, *self.lacking))),
            paths=_list_paths(fitted, self.names),
            absent=tuple(dict.fromkeys((*before.absent, *self.absent))),
        )
        return fitted.model_copy(update={"fitting": fitting})

    # ------------------------------------------------------------------ collections

    def _fit_collection(self, base: str, source: CollectionSource) -> CollectionSource | str:
        """The first alternative that is there, or why none is."""
        reasons: list[str] = []
        for position, one in enumerate((source, *source.otherwise)):
            attempt = _Fitter(self.profile, self.names)
            fitted = attempt._fit_one(f"collections.{base}", one)
            if isinstance(fitted, str):
                reasons.append(fitted)
                continue
            if position:
                self._choose(f"collections.{base}", describe_collection(one), describe_collection(source))
            self.chosen += attempt.chosen
            self.lacking.update(attempt.lacking)
            self.absent.update(attempt.absent)
            return fitted
        return reasons[0]

    def _fit_one(self, place: str, source: CollectionSource) -> CollectionSource | str:
        if source.selector is not None:
            missing = self._find_missing(source.selector, source)
            if missing:
                return _write_reason(missing)
        links = {
            name: tuple(
                link for link in targets if not any(self._find_missing(t, source) for _, t, _ in link.list_texts())
            )
            for name, targets in source.links.items()
        }  # fmt: skip
        for name, targets in source.links.items():
            if not links[name]:
                self.linking[name] = tuple(_list_link_names(targets, source.prefix))
        linked = source.model_copy(update={"links": links})
        fields: dict[str, Source] = {}
        unavailable = dict(source.unavailable)
        first_missing: str | None = None
        for field, given in source.fields.items():
            taken = self._take(f"{place}.fields.{field}", given, linked)
            if isinstance(taken, str):
                unavailable[field] = _join_reason(source.unavailable.get(field), taken)
                first_missing = first_missing or taken
            else:
                fields[field] = taken
        if not any(list_columns(parse_branches(f.expression, place)) for f in fields.values()):
            return first_missing or _write_reason([f"{source.prefix}*"])
        base = place.removeprefix("collections.")
        self.lacking.update({f"{base} {k}: {v}": None for k, v in unavailable.items() if k not in source.unavailable})
        return linked.model_copy(
            update={
                "fields": fields,
                "labels": {k: self._fit_labels(f"{place}.labels.{k}", v, linked) for k, v in source.labels.items()},
                "unavailable": unavailable,
                "otherwise": (),
            }
        )

    def _take(self, place: str, given: Source, source: CollectionSource | None) -> Source | str:
        """The first alternative whose branches are there, alone; or what the first one lacks."""
        lacking: list[str] = []
        for one in (given, *given.otherwise):
            missing = self._find_missing(one.expression, source)
            if not missing:
                if one is not given:
                    self._choose(place, one.expression, given.expression)
                return one.model_copy(update={"otherwise": ()})
            lacking += missing
        return _write_reason(lacking)

    def _fit_labels(self, place: str, labels: Labels, source: CollectionSource | None) -> Labels:
        points: list[Point] = []
        for point in labels.points:
            if point.expression is None:
                points.append(point)
                continue
            given = Source(expression=point.expression, closest=point.closest, otherwise=point.otherwise)
            taken = self._take(f"{place}.{point.label}", given, source)
            if isinstance(taken, str):
                points.append(Point(label=point.label, unavailable=taken))
                owner = place.removeprefix("collections.").removeprefix("event.").replace(".labels.", " ")
                self.lacking[f"{owner.removeprefix('labels.')} {point.label}: {taken}"] = None
            else:
                points.append(Point(label=point.label, expression=taken.expression, closest=taken.closest))
        if labels.branches is not None and not labels.ordered:
            known = {p.label for p in points}
            prefix = (source.prefix if source is not None else "") + labels.branches
            names = [n for n in self.names.whole if n.startswith(prefix) and "::" not in n and "/" not in n]
            own = len(prefix) - len(labels.branches)
            points += [
                Point(label=n[own:], expression=f"{_write_name(n[own:])} == 1") for n in names if n[own:] not in known
            ]
        return labels.model_copy(update={"points": tuple(points)})

    # ------------------------------------------------------------------ the event as a whole

    def _fit_event(self, event: EventSource) -> EventSource:
        fields: dict[str, Source] = {}
        objects: dict[str, ObjectSource] = {}
        unavailable = dict(event.unavailable)
        for name, given in event.fields.items():
            taken = self._take(f"event.fields.{name}", given, None)
            if isinstance(taken, str):
                unavailable[name] = _join_reason(event.unavailable.get(name), taken)
                self.lacking[f"{name}: {unavailable[name]}"] = None
            else:
                fields[name] = taken
        for name, thing in event.objects.items():
            taken_object = self._fit_object(name, thing)
            if isinstance(taken_object, str):
                unavailable[name] = _join_reason(event.unavailable.get(name), taken_object)
                self.lacking[f"{name}: {unavailable[name]}"] = None
            else:
                objects[name] = taken_object
        labels = {k: self._fit_labels(f"event.labels.{k}", v, None) for k, v in event.labels.items()}
        return EventSource(fields=fields, labels=labels, objects=objects, unavailable=unavailable)

    def _fit_object(self, name: str, thing: ObjectSource) -> ObjectSource | str:
        lacking: list[str] = []
        for position, one in enumerate((thing, *thing.otherwise)):
            missing = [n for s in one.fields.values() for n in self._find_missing(s.expression, None)]
            if not missing:
                if position:
                    texts = [", ".join(s.expression for s in o.fields.values()) for o in (one, thing)]
                    self._choose(f"event.objects.{name}", *texts)
                return one.model_copy(update={"otherwise": ()})
            lacking += missing
        return _write_reason(lacking)

    def _fit_key(self) -> tuple[str, ...]:
        if not self.profile.key:
            return ()
        for key in (self.profile.key, *self.profile.key_otherwise):
            if all(name in self.names.known for name in key):
                if key != self.profile.key:
                    self._choose("key", ", ".join(key), ", ".join(self.profile.key))
                return key
        missing = [n for n in self.profile.key if n not in self.names.known]
        self.lacking[f"event numbers: {_write_reason(missing)}; events are known by file and entry"] = None
        return ()

    def _fit_weights(self, weights: Weights | None) -> Weights | None:
        if weights is None:
            return None
        if weights.present and not any(name in self.names.known for name in weights.present):
            return None  # collision data
        simulation = weights.simulation
        if simulation is not None:
            others = tuple(Source(expression=o) for o in weights.simulation_otherwise)
            told = self._take("weights.simulation", Source(expression=simulation, otherwise=others), None)
            if isinstance(told, str) and not weights.present:
                self.lacking[f"weights: {told}, which would tell simulation: every event counts 1"] = None
                return None
            simulation = None if isinstance(told, str) else told.expression
        factors: list[WeightFactor] = []
        for factor in weights.factors:
            others = tuple(Source(expression=o) for o in factor.otherwise)
            taken = self._take("weights", Source(expression=factor.expression, otherwise=others), None)
            if isinstance(taken, str):
                self.lacking[f"weights: {taken}: the factor {factor.expression} is left out"] = None
            else:
                factors.append(WeightFactor(expression=taken.expression, uses=factor.uses))
        normalisation = weights.normalisation
        if normalisation is not None:
            missing = self._find_missing(normalisation, None)
            if missing:
                self.lacking[f"weights: {_write_reason(missing)}: yields are sums of weights, not normalised"] = None
                normalisation = None
        found = {"factors": tuple(factors), "normalisation": normalisation, "simulation": simulation}
        return weights.model_copy(update={**found, "simulation_otherwise": ()})

    # ------------------------------------------------------------------ what is there

    def _find_missing(self, text: str, source: CollectionSource | None) -> list[str]:
        """The branches that an expression needs and the files lack."""
        missing: list[str] = []
        for name, whole in list_columns(parse_branches(text, "profile"), source is None):
            owner, _, rest = name.partition(".")
            if not whole and source is not None and owner in source.links and rest:
                targets = [link.prefix + rest for link in source.links[owner]]
                absent = [target for target in targets if target not in self.names.known]
                if not targets:
                    missing += self.linking[owner]
                elif len(absent) == len(targets):
                    missing += targets
                else:
                    self.absent.update(dict.fromkeys(absent))
            else:
                full = name if whole or source is None else source.prefix + name
                if full not in self.names.known:
                    missing.append(full)
        return missing

    def _choose(self, place: str, expression: str, instead_of: str) -> None:
        self.chosen.append(Chosen(place=place, expression=expression, instead_of=instead_of))


def list_wanted(profile: Profile) -> tuple[str, ...]:
    """The whole names of all branches that a profile speaks of, alternatives included."""
    wanted = [name for key in (profile.key, *profile.key_otherwise) for name in key]
    for source in profile.collections.values():
        for one in (source, *source.otherwise):
            wanted += _list_collection(one)
    event = profile.event
    texts = [s.expression for f in event.fields.values() for s in (f, *f.otherwise)]
    texts += [t for labels in event.labels.values() for t in _list_point_texts(labels)]
    texts += [s.expression for o in event.objects.values() for one in (o, *o.otherwise) for s in one.fields.values()]
    if profile.weights is not None:
        weights = profile.weights
        texts += [t for t in (weights.simulation, weights.normalisation) if t is not None]
        texts += [t for f in weights.factors for t in (f.expression, *f.otherwise)]
        texts += weights.simulation_otherwise
        wanted += weights.present
    wanted += [name for text in texts for name, _ in list_columns(parse_branches(text, "profile"), True)]
    return tuple(dict.fromkeys(wanted))


def _list_collection(source: CollectionSource) -> list[str]:
    wanted = [name for links in source.links.values() for name in _list_link_names(links, source.prefix)]
    texts = [source.selector] if source.selector is not None else []
    texts += [s.expression for f in source.fields.values() for s in (f, *f.otherwise)]
    texts += [t for labels in source.labels.values() for t in _list_point_texts(labels)]
    for text in texts:
        for name, whole in list_columns(parse_branches(text, "profile")):
            owner, _, rest = name.partition(".")
            if not whole and rest and owner in source.links:
                wanted += [link.prefix + rest for link in source.links[owner]]
            else:
                wanted.append(name if whole else source.prefix + name)
    return wanted


def _list_paths(profile: Profile, names: _Names) -> dict[str, str]:
    """The longer names of those branches of a profile that have one."""
    return {name: names.paths[name] for name in list_wanted(profile) if name in names.paths}


def _list_link_names(links: tuple[Link, ...], prefix: str) -> list[str]:
    return [
        name if whole else prefix + name
        for link in links
        for _, text, _ in link.list_texts()
        for name, whole in list_columns(parse_branches(text, "profile"))
    ]


def _list_point_texts(labels: Labels) -> list[str]:
    return [
        t for p in labels.points for t in (p.expression, *(o.expression for o in p.otherwise)) if t is not None
    ]  # fmt: skip


def _write_reason(missing: Sequence[str]) -> str:
    """In words, which branches would have been needed."""
    names = list(dict.fromkeys(missing))
    shown = ", ".join(names[:4]) + (" and others" if len(names) > 4 else "")
    return f"the files lack the branch{'es' if len(names) > 1 else ''} {shown}"


def describe_collection(source: CollectionSource) -> str:
    """Where a collection comes from, and which of its objects count: `particles.* where id == 22`."""
    return f"{source.prefix}*" + (f" where {source.selector}" if source.selector is not None else "")


def _join_reason(stated: str | None, found: str) -> str:
    return f"{stated} ({found})" if stated is not None else found


def _write_name(name: str) -> str:
    return name if name.replace(".", "_").isidentifier() else f'branch("{name}")'
