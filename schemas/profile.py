"""A data profile: what one kind of file calls things, and what it cannot provide. One TOML table per format."""

import tomllib
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from schemas.errors import CriteriaError, ProfileError
from schemas.expressions.branches import parse_branches
from schemas.fields import BASES, EVENT_FIELDS, EVENT_OBJECTS, FIELDS
from schemas.model import Model
from schemas.units import find_unit


class Source(Model):
    """How one quantity is made from branches (named without the collection's prefix), and the unit of the result.

    `closest` says what the quantity really is when the format has only something near to what was asked for.
    """

    expression: str
    unit: str | None = None
    closest: str | None = None


class Point(Model):
    """A working point or another label: the branches that decide it, or why the format cannot."""

    label: str
    expression: str | None = None
    unavailable: str | None = None
    closest: str | None = None

    @model_validator(mode="after")
    def _either(self) -> "Point":
        if (self.expression is None) == (self.unavailable is None):
            raise ValueError(f"point '{self.label}' has either an expression or a reason why it is unavailable")
        return self


class Labels(Model):
    """The labels of one field. Ordered ones go from weak to strong; each expression means "at least this point"."""

    ordered: bool = False
    points: tuple[Point, ...]

    def find(self, label: str) -> Point | None:
        """The point called `label`, if the profile knows it."""
        return next((p for p in self.points if p.label == label), None)

    def find_stronger(self, label: str) -> Point | None:
        """The next stronger point, or None for the strongest."""
        names = [p.label for p in self.points]
        position = names.index(label) + 1
        return self.points[position] if position < len(names) else None


class CollectionSource(Model):
    """One kind of object: a branch prefix, a selector among the stored objects, fields, labels, and what is missing."""

    prefix: str
    selector: str | None = None
    fields: dict[str, Source]
    labels: dict[str, Labels] = Field(default_factory=dict)
    unavailable: dict[str, str] = Field(default_factory=dict)  # field -> reason

    @field_validator("fields", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: {"expression": v} if isinstance(v, str) else v for k, v in value.items()}


class EventSource(Model):
    """Quantities of the event as a whole, its objects (met), and its triggers. Expressions name whole branches."""

    fields: dict[str, Source] = Field(default_factory=dict)
    labels: dict[str, Labels] = Field(default_factory=dict)
    objects: dict[str, dict[str, Source]] = Field(default_factory=dict)
    unavailable: dict[str, str] = Field(default_factory=dict)

    @field_validator("fields", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: {"expression": v} if isinstance(v, str) else v for k, v in value.items()}


class WeightFactor(Model):
    """A factor of a simulated event's weight. `uses` limits it to selections that use one of these base objects."""

    expression: str
    uses: tuple[str, ...] = ()


class Weights(Model):
    """Weight of an event: 1 in collision data, the product of the factors in simulation.

    `simulation` is true for simulated events. `normalisation` (optional) turns the sum of weights into the yield for
    1 fb-1; it is multiplied by `luminosity` (fb-1).
    """

    simulation: str
    factors: tuple[WeightFactor, ...] = ()
    normalisation: str | None = None
    luminosity: float = 1.0


class Profile(Model):
    """What a format calls things."""

    name: str
    title: str
    reader: Literal["base"]
    tree: str
    key: tuple[str, ...] = Field(min_length=1)
    collections: dict[str, CollectionSource]
    unavailable: dict[str, str] = Field(default_factory=dict)  # base object -> reason
    event: EventSource = EventSource()
    weights: Weights | None = None

    @model_validator(mode="after")
    def _known_names(self) -> "Profile":
        for base, source in self.collections.items():
            _check_names(f"collections.{base}", [base], BASES)
            _check_names(f"collections.{base}", [*source.fields, *source.labels, *source.unavailable], tuple(FIELDS))
            for field, given in source.fields.items():
                _check_unit(f"collections.{base}.fields.{field}", given, FIELDS[field].dimension.describe())
        _check_names("unavailable", list(self.unavailable), BASES)
        event = self.event
        _check_names("event", [*event.fields, *event.labels, *event.unavailable], (*EVENT_FIELDS, *EVENT_OBJECTS))
        _check_names("event.objects", list(event.objects), tuple(EVENT_OBJECTS))
        return self


def parse_profile(text: str, where: str) -> Profile:
    """The profile in a TOML text. Raises ProfileError that names the place."""
    try:
        profile = Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{where}: no valid TOML: {error}") from None
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
    """Every expression of a profile: its place, its text, and whether it is a number or a boolean."""
    found: list[tuple[str, str, str]] = []
    for base, source in profile.collections.items():
        if source.selector is not None:
            found.append((f"collections.{base}.selector", source.selector, "boolean"))
        found += [(f"collections.{base}.fields.{k}", v.expression, "number") for k, v in source.fields.items()]
        found += _list_labels(f"collections.{base}.labels", source.labels)
    event = profile.event
    found += [(f"event.fields.{k}", v.expression, "number") for k, v in event.fields.items()]
    found += _list_labels("event.labels", event.labels)
    for name, fields in event.objects.items():
        found += [(f"event.objects.{name}.{k}", v.expression, "number") for k, v in fields.items()]
    if profile.weights is not None:
        found.append(("weights.simulation", profile.weights.simulation, "boolean"))
        found += [("weights.factors", f.expression, "number") for f in profile.weights.factors]
        if profile.weights.normalisation is not None:
            found.append(("weights.normalisation", profile.weights.normalisation, "number"))
    return found


def _list_labels(place: str, labels: dict[str, Labels]) -> list[tuple[str, str, str]]:
    return [
        (f"{place}.{field}.{point.label}", point.expression, "boolean")
        for field, known in labels.items()
        for point in known.points
        if point.expression is not None
    ]


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
