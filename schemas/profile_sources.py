"""The parts of a data profile: where single quantities, labels, objects and weights come from."""

from pydantic import Field, field_validator, model_validator

from schemas.element_links import hash_container
from schemas.model import Model


class Source(Model):
    """How one quantity is made from branches (named without the collection's prefix), and the unit of the result.

    `closest` says what the quantity really is when the format has only something near to what was asked for.
    `otherwise` is tried, in order, when a file lacks a branch; an alternative has the unit of the first unless it says
    another one, and a note of its own.
    """

    expression: str
    unit: str | None = None
    closest: str | None = None
    otherwise: tuple["Source", ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"expression": _write(value)} if isinstance(value, str | int | float) else value

    @model_validator(mode="before")
    @classmethod
    def _one_unit(cls, value: object) -> object:
        if not isinstance(value, dict) or "otherwise" not in value or "unit" not in value:
            return value
        given = value["otherwise"] if isinstance(value["otherwise"], list | tuple) else [value["otherwise"]]
        tables = [{"expression": _write(g)} if isinstance(g, str | int | float) else g for g in given]
        tables = [{"unit": value["unit"], **g} if isinstance(g, dict) else g for g in tables]
        return {**value, "otherwise": tables}

    @field_validator("otherwise")
    @classmethod
    def _flat(cls, value: tuple["Source", ...]) -> tuple["Source", ...]:
        if any(one.otherwise for one in value):
            raise ValueError("alternatives are one list: an alternative has none of its own")
        return value


class Point(Model):
    """A working point or another label: the branches that decide it, or why the format cannot."""

    label: str
    expression: str | None = None
    unavailable: str | None = None
    closest: str | None = None
    otherwise: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _either(self) -> "Point":
        if (self.expression is None) == (self.unavailable is None):
            raise ValueError(f"point '{self.label}' has either an expression or a reason why it is unavailable")
        if self.expression is None and self.otherwise:
            raise ValueError(f"point '{self.label}' is unavailable and can have no alternatives")
        return self


class Labels(Model):
    """The labels of one field. Ordered ones go from weak to strong; each expression means "at least this point".

    `branches` names a prefix: every branch of the file that begins with it is a label of its own name, reached where
    the branch is 1 (trigger paths).
    """

    ordered: bool = False
    points: tuple[Point, ...] = ()
    branches: str | None = None

    def find(self, label: str) -> Point | None:
        """The point called `label`, if the profile knows it."""
        return next((p for p in self.points if p.label == label), None)

    def find_stronger(self, label: str) -> Point | None:
        """The next stronger point, or None for the strongest."""
        names = [p.label for p in self.points]
        position = names.index(label) + 1
        return self.points[position] if position < len(names) else None


class Link(Model):
    """From each object of a collection to an object of another one, whose branches begin with `prefix`.

    `index` says which entry of the other collection, counted from 0; one that is not there is no object. `when` limits
    the link to some objects. Where an index can point into several containers, `key` is the expression that says which,
    and `container` (with the number of its class, as ATLAS files have it) is the one that is meant.
    """

    index: str
    prefix: str
    when: str | None = None
    key: str | None = None
    container: str | None = None
    class_number: int = 0

    @model_validator(mode="after")
    def _whole(self) -> "Link":
        if (self.key is None) != (self.container is None):
            raise ValueError("a link that has a key names its container, and the other way round")
        return self

    @property
    def wanted_key(self) -> int | None:
        """The value of `key` that means this container."""
        return hash_container(self.container, self.class_number) if self.container is not None else None

    def list_texts(self) -> list[tuple[str, str, str]]:
        """The expressions over branches of the collection that has the link: part, text, kind of value."""
        texts = [("index", self.index, "number")]
        if self.key is not None:
            texts.append(("key", self.key, "number"))
        if self.when is not None:
            texts.append(("when", self.when, "boolean"))
        return texts


class CollectionSource(Model):
    """One kind of object: a branch prefix, a selector among the stored objects, fields, labels, links, and what is
    missing.

    A link has one target or several, of which an object uses the first that leads somewhere; `track.d0` in an
    expression is the branch `d0` of the linked object. An alternative in `otherwise` is the same collection with what
    it states put in place of the first one's.
    """

    prefix: str
    selector: str | None = None
    fields: dict[str, Source]
    labels: dict[str, Labels] = Field(default_factory=dict)
    links: dict[str, tuple[Link, ...]] = Field(default_factory=dict)
    unavailable: dict[str, str] = Field(default_factory=dict)  # field -> reason
    otherwise: tuple["CollectionSource", ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, value: object) -> object:
        if not isinstance(value, dict) or not isinstance(value.get("otherwise"), list):
            return value
        shared = {k: v for k, v in value.items() if k != "otherwise"}
        tables = [{**shared, **one} if isinstance(one, dict) else one for one in value["otherwise"]]
        return {**value, "otherwise": tables}

    @field_validator("links", mode="before")
    @classmethod
    def _single_target(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: [v] if isinstance(v, dict) else v for k, v in value.items()}


class ObjectSource(Model):
    """An object of which an event has one (met): its fields are of one kind, so alternatives are of all together."""

    fields: dict[str, Source]
    otherwise: tuple["ObjectSource", ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if not isinstance(value, dict) or "fields" in value:
            return value
        fields = {k: v for k, v in value.items() if k != "otherwise"}
        return {"fields": fields, "otherwise": value.get("otherwise", ())}

    @field_validator("fields")
    @classmethod
    def _together(cls, value: dict[str, Source]) -> dict[str, Source]:
        if any(one.otherwise for one in value.values()):
            raise ValueError("alternatives of an event object are of all its fields together")
        return value

    def get(self, field: str) -> Source | None:
        """The source of one field."""
        return self.fields.get(field)


class EventSource(Model):
    """Quantities of the event as a whole, its objects (met), and its triggers. Expressions name whole branches."""

    fields: dict[str, Source] = Field(default_factory=dict)
    labels: dict[str, Labels] = Field(default_factory=dict)
    objects: dict[str, ObjectSource] = Field(default_factory=dict)
    unavailable: dict[str, str] = Field(default_factory=dict)


class WeightFactor(Model):
    """A factor of a simulated event's weight. `uses` limits it to selections that use one of these base objects.

    In a format that varies, a factor that a file lacks, with all its alternatives, is left out and listed.
    """

    expression: str
    uses: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


class Weights(Model):
    """Weight of an event: 1 in collision data, the product of the factors in simulation.

    `simulation` is true for simulated events; without it, or where files that have `present` lack its branches, all
    events are. `present` names branches that only simulation has: files without any of them are collision data.
    `normalisation` (optional) turns the sum of weights into the yield for 1 fb-1; it is multiplied by `luminosity`
    (fb-1).
    """

    simulation: str | None = None
    simulation_otherwise: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    factors: tuple[WeightFactor, ...] = ()
    normalisation: str | None = None
    luminosity: float = 1.0

    @field_validator("present", mode="before")
    @classmethod
    def _one_name(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _known(self) -> "Weights":
        if self.simulation is None and not self.present:
            raise ValueError(
                "simulation: Field required: a comparison, or `present`, a branch that only simulation has"
            )
        return self


def _write(value: str | float) -> str:
    return value if isinstance(value, str) else repr(value)
