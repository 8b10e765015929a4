"""A data profile: what one kind of file calls things, and what it cannot provide. One TOML table per format.

Formats whose files differ from each other (`varies = true`) may list alternatives, tried in order of writing:
`otherwise` of a field, a label point, an event object, a link or a whole collection, and `key_otherwise`. Which of them
hold for given files is settled by `schemas.profile_fitting`; what the files lack is `unavailable` afterwards.
"""

import tomllib
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from schemas.errors import CriteriaError, ProfileError
from schemas.expressions.branches import parse_branches
from schemas.fields import BASES, EVENT_FIELDS, EVENT_OBJECTS, FIELDS
from schemas.model import Model
from schemas.profile_sources import CollectionSource, EventSource, Labels, Link, ObjectSource, Point, Source, Weights
from schemas.units import find_unit

__all__ = [
    "Chosen", "CollectionSource", "EventSource", "Fitting", "Labels", "Link", "ObjectSource", "Point", "Profile",
    "Source", "Weights", "list_expressions", "parse_profile",
]  # fmt: skip


class Chosen(Model):
    """An alternative that was taken, because the files lack what comes before it."""

    place: str
    expression: str
    instead_of: str


class Fitting(Model):
    """What became of a profile when the branches of the files were known.

    `lacking` says what the files do not have, one line for each thing. `paths` are branches that the files hold under a
    longer name (`X` as `Y/X`, the member `X` of the structure `Y` as `Y::X`); `absent` are branches that a link can
    lead to and that only some of its targets have.
    """

    chosen: tuple[Chosen, ...] = ()
    lacking: tuple[str, ...] = ()
    paths: dict[str, str] = Field(default_factory=dict)
    absent: tuple[str, ...] = ()


class Profile(Model):
    """What a format calls things.

    `key` are the branches that number an event; after fitting it may be empty: the files number no events, and an event
    is known by the position of its file and its row in it. `fitting` is None until the files are known.
    """

    name: str
    title: str
    reader: Literal["root", "jsonl"]
    tree: str = ""
    varies: bool = False
    key: tuple[str, ...]
    key_otherwise: tuple[tuple[str, ...], ...] = ()
    collections: dict[str, CollectionSource]
    unavailable: dict[str, str] = Field(default_factory=dict)  # base object -> reason
    event: EventSource = EventSource()
    weights: Weights | None = None
    fitting: Fitting | None = None

    @model_validator(mode="after")
    def _known_names(self) -> "Profile":
        if self.reader == "root" and not self.tree:
            raise ValueError("tree: Field required: the name of the tree that holds the events")
        if not self.key and self.fitting is None:
            raise ValueError('key: expected the branches that number an event, as in ["run", "event"]')
        for base, source in self.collections.items():
            _check_names(f"collections.{base}", [base], BASES)
            for one in (source, *source.otherwise):
                _check_names(f"collections.{base}", [*one.fields, *one.labels, *one.unavailable], tuple(FIELDS))
                for field, given in one.fields.items():
                    for choice in (given, *given.otherwise):
                        _check_unit(f"collections.{base}.fields.{field}", choice, FIELDS[field].dimension.describe())
        _check_names("unavailable", list(self.unavailable), BASES)
        event = self.event
        _check_names("event", [*event.fields, *event.labels], tuple(EVENT_FIELDS))
        _check_names("event.unavailable", list(event.unavailable), (*EVENT_FIELDS, *EVENT_OBJECTS))
        _check_names("event.objects", list(event.objects), tuple(EVENT_OBJECTS))
        for field, given in event.fields.items():
            for choice in (given, *given.otherwise):
                _check_unit(f"event.fields.{field}", choice, EVENT_FIELDS[field].dimension.describe())
        for name, thing in event.objects.items():
            for alternative in (thing, *thing.otherwise):
                _check_names(f"event.objects.{name}", list(alternative.fields), tuple(sorted(EVENT_OBJECTS[name])))
                for field, given in alternative.fields.items():
                    _check_unit(f"event.objects.{name}.{field}", given, FIELDS[field].dimension.describe())
        if not self.varies and self.fitting is None:
            place = next(_list_alternatives(self), None)
            if place is not None:
                raise ValueError(f"{place}: alternatives are for formats that say `varies = true`")
        return self


def parse_profile(text: str, where: str) -> Profile:
    """The profile in a TOML text. Raises ProfileError that names the place."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{where}: no valid TOML: {error}") from None
    if "fitting" in content:
        raise ProfileError(f"{where}: fitting: the files decide this, a profile does not state it")
    try:
        profile = Profile.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise ProfileError(f"{where}: {place + ': ' if place else ''}{message}") from None
    for place, expression, kind in list_expressions(profile):
        found = parse_branches(expression, f"{where}: {place}")
        if found.type.kind != kind:
            wanted = "a number" if kind == "number" else "a comparison, as in flag == 1"
            raise ProfileError(f"{where}: {place}: '{expression}': expected {wanted}")
    return profile


def list_expressions(profile: Profile) -> list[tuple[str, str, str]]:
    """Every expression of a profile, alternatives included: its place, its text, and whether it is a number or a
    boolean."""
    found: list[tuple[str, str, str]] = []
    for base, first in profile.collections.items():
        for source in (first, *first.otherwise):
            if source.selector is not None:
                found.append((f"collections.{base}.selector", source.selector, "boolean"))
            for name, links in source.links.items():
                for link in links:
                    found += [(f"collections.{base}.links.{name}.{k}", v, kind) for k, v, kind in link.list_texts()]
            for field, given in source.fields.items():
                texts = (given.expression, *(o.expression for o in given.otherwise))
                found += [(f"collections.{base}.fields.{field}", text, "number") for text in texts]
            found += _list_labels(f"collections.{base}.labels", source.labels)
    event = profile.event
    for field, given in event.fields.items():
        texts = (given.expression, *(o.expression for o in given.otherwise))
        found += [(f"event.fields.{field}", text, "number") for text in texts]
    found += _list_labels("event.labels", event.labels)
    for name, thing in event.objects.items():
        for one in (thing, *thing.otherwise):
            found += [(f"event.objects.{name}.{k}", v.expression, "number") for k, v in one.fields.items()]
    if profile.weights is not None:
        if profile.weights.simulation is not None:
            texts = (profile.weights.simulation, *profile.weights.simulation_otherwise)
            found += [("weights.simulation", text, "boolean") for text in texts]
        found += [
            ("weights.factors", text, "number")
            for f in profile.weights.factors
            for text in (f.expression, *f.otherwise)
        ]
        if profile.weights.normalisation is not None:
            found.append(("weights.normalisation", profile.weights.normalisation, "number"))
    return found


def _list_labels(place: str, labels: dict[str, Labels]) -> list[tuple[str, str, str]]:
    return [
        (f"{place}.{field}.{point.label}", text, "boolean")
        for field, known in labels.items()
        for point in known.points
        for text in (point.expression, *(o.expression for o in point.otherwise))
        if text is not None
    ]


def _list_alternatives(profile: Profile) -> Iterator[str]:
    """Places that list alternatives."""
    if profile.key_otherwise:
        yield "key_otherwise"
    for base, source in profile.collections.items():
        if source.otherwise:
            yield f"collections.{base}.otherwise"
        yield from (f"collections.{base}.fields.{k}" for k, v in source.fields.items() if v.otherwise)
        for field, labels in source.labels.items():
            yield from (f"collections.{base}.labels.{field}.{p.label}" for p in labels.points if p.otherwise)
            if labels.branches is not None:
                yield f"collections.{base}.labels.{field}.branches"
    event = profile.event
    yield from (f"event.fields.{k}" for k, v in event.fields.items() if v.otherwise)
    yield from (f"event.objects.{k}" for k, v in event.objects.items() if v.otherwise)
    for field, labels in event.labels.items():
        yield from (f"event.labels.{field}.{p.label}" for p in labels.points if p.otherwise)
        if labels.branches is not None:
            yield f"event.labels.{field}.branches"
    weights = profile.weights
    if weights is not None and (
        weights.present or weights.simulation_otherwise or any(f.otherwise for f in weights.factors)
    ):
        yield "weights"


def _check_names(place: str, names: list[str], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{place}: '{name}': expected one of {', '.join(known)}")


def _check_unit(place: str, source: Source, wanted: str) -> None:
    try:
        dimension = find_unit(source.unit).dimension if source.unit else "one"
    except CriteriaError as error:
        raise ValueError(f"{place}: {error}") from None
    found = {"energy": "an energy (GeV)", "length": "a length (mm)", "angle": "an angle (rad)"}.get(dimension)
    if (found or "a plain number") != wanted and not (found is None and wanted == "an angle (rad)"):
        raise ValueError(f"{place}: unit '{source.unit or ''}': expected that of {wanted}")
