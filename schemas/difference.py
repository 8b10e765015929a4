"""What differs between two criteria documents, told by meaning and not by lines."""

from typing import Literal

from schemas.model import Model

# what a change does: other events may pass, other lines in the cutflow, other variables stored, definitions that
# nothing uses read otherwise; or nothing of this
Effect = Literal["selection", "cutflow", "outputs", "unused", "none"]

Kind = Literal[
    "added", "removed", "changed", "renamed", "moved", "reordered", "spelled", "provenance", "question", "described"
]  # fmt: skip


class Change(Model):
    """One change from document A to document B. `before` and `after` are words for people."""

    effect: Effect
    kind: Kind
    where: str  # "object electrons", "region signal, cut m12"
    field: str | None = None
    before: str | None = None
    after: str | None = None

    @property
    def text(self) -> str:
        """The change on one line."""
        about = f"{self.where}: {self.field}" if self.field else self.where
        match self.kind:
            case "added":
                return f"{about}: added: {self.after}"
            case "removed":
                return f"{about}: removed: {self.before}"
            case "spelled":
                return f"{about}: {self.before} → {self.after} (the same)"
            case "reordered":
                return f"{about}: order {self.before} → {self.after}"
            case "renamed" | "moved":
                return f"{about}: {self.kind}: {self.before} → {self.after}"
        if self.before is None and self.after is None:
            return f"{self.where}: other {self.field}"
        return f"{about}: {self.before or 'none'} → {self.after or 'none'}"


class Difference(Model):
    """All changes, those of the selection first, otherwise in document order."""

    changes: tuple[Change, ...] = ()

    @property
    def same(self) -> bool:
        """Whether both documents define the same, select the same events, and give the same cutflow and outputs."""
        return all(c.effect == "none" for c in self.changes)
