"""What stands in a form: of a part as it is, of a new one, or as somebody filled it in and it could not be done."""

from dataclasses import dataclass, field

from pipeline.review.forms import FieldProblem


@dataclass(frozen=True)
class Conflict:
    """A part was changed by somebody else since the page showed it: both versions, in words."""

    seen: str
    """As the page showed it."""
    now: str
    """As it is."""
    by: str
    """Who changed it."""
    digest: str
    """Of it as it is: sent again with the form, it overrules."""


@dataclass(frozen=True)
class Draft:
    """A form to be shown."""

    do: str
    """edit, add, attach, answer, claim, …: the `do` of the form."""
    kind: str
    """Of the part: cut, object, …"""
    address: str
    """Of the part; empty for a new one."""
    values: dict[str, str]
    """By the name of the field: of a cut its fields, of any part `yaml`."""
    as_yaml: bool
    """Whether the part is shown as YAML; a cut may be shown in both ways."""
    title: str = ""
    """The part in words."""
    owner: str = ""
    doc: str = ""
    start: int = 0
    end: int = 0
    selection: str = ""
    """The words that are selected, which become the quote."""
    seen: str = ""
    """ADDRESS=DIGEST of the part as it is shown."""
    problems: tuple[FieldProblem, ...] = field(default=())
    conflict: Conflict | None = None

    def problem(self, name: str) -> str:
        """What is wrong with a field; empty when nothing is."""
        return "; ".join(p.text for p in self.problems if p.field == name)
