"""What the statements of an edited file say, in the names of the document, marked as a person's."""

import re
from collections.abc import Mapping

from codegen.adl.write import Writer
from codegen.wording import describe_cut
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    Question,
    Region,
    SelectionCriteria,
    Threshold,
)

BY = "the ADL file"
BUILT = ("pair", "pairing", "leading", "n", "assign", "sum", "exclude", "require", "minimise", "maximise")
_NAME = re.compile(r"[A-Za-z]\w*")

Part = ObjectDefinition | Candidate | NamedVariable | Region


class Translator:
    """Knows what names of the file are called in the document, and which ids are used."""

    def __init__(self, criteria: SelectionCriteria) -> None:
        self.names = _list_names(criteria)
        self.ids = {cut.id for cut in list_cuts(criteria)}
        self.taken: set[str] = set()  # ids, in the statements, of cuts that are used
        self.renamed: dict[str, str] = {}

    def edit(self, old: Cut, new: Cut) -> Cut:
        """A cut as it was edited, with what it was."""
        fresh = self.translate(new)
        self.renamed[new.id] = old.id
        update: dict[str, object] = {
            "id": old.id, "status": edit_status(old.status), "by": BY, "history": old.evidence,
            "note": say_was(old.note, describe_cut(old)),
        }  # fmt: skip
        return fresh.model_copy(update=update)

    def add_cut(self, new: Cut) -> Cut:
        """A cut that was added, with an id of its own."""
        free, k = new.id, 1
        while free in self.ids:
            k += 1
            free = f"{new.id}_{k}"
        self.ids.add(free)
        self.taken.add(new.id)
        self.renamed[new.id] = free
        return self.translate(new).model_copy(update={"id": free, "by": BY})

    def translate(self, cut: Cut) -> Cut:
        """A cut of the statements in the names of the document."""
        threshold = cut.threshold
        if threshold is not None and threshold.expression is not None:
            threshold = Threshold(expression=self.rewrite(threshold.expression), unit=threshold.unit)
        condition = self.rewrite(cut.condition) if cut.condition is not None else None
        return cut.model_copy(
            update={"variable": self.rewrite(cut.variable), "threshold": threshold, "condition": condition}
        )

    def translate_part(self, part: Part) -> Part:
        """An added object, candidate or region, without its cuts."""
        match part:
            case ObjectDefinition():
                sources = {"base": self.rename_all(part.base), "union": self.rename_all(part.union)}
                return part.model_copy(update={**sources, "cuts": (), "remove_overlap": ()})
            case Candidate():
                fields = {k: self.rewrite_any(getattr(part, k)) for k in BUILT}
                return part.model_copy(update={**fields, "select": (), "by": BY})
            case Region():
                parent = self.rename(part.parent) if part.parent is not None else None
                return part.model_copy(update={"parent": parent, "cuts": ()})
        return part

    def list_questions(self, said: SelectionCriteria) -> list[Question]:
        """Questions about the cuts that were read from statements."""
        questions = []
        for question in said.questions:
            if all(c in self.renamed for c in question.cuts):
                alternatives = tuple(
                    a.model_copy(
                        update={
                            "changes": tuple(
                                self.translate(c).model_copy(update={"id": self.renamed[c.id]}) for c in a.changes
                            )
                        }
                    )
                    for a in question.alternatives
                )
                cuts = tuple(self.renamed[c] for c in question.cuts)
                name = f"{cuts[0]}_working_point" if cuts else question.id
                questions.append(question.model_copy(update={"id": name, "cuts": cuts, "alternatives": alternatives}))
        return questions

    def rename(self, name: str) -> str:
        """The name in the document."""
        return self.names.get(name, name)

    def rename_all(self, names: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        """One name or several, in the document."""
        return (
            tuple(self.rename(n) for n in names)
            if isinstance(names, tuple)
            else None
            if names is None
            else self.rename(names)
        )

    def rewrite(self, text: str) -> str:
        """An expression in the names of the document."""
        return _NAME.sub(lambda m: self.rename(m.group()), text)

    def rewrite_any(self, value: object) -> object:
        """Whatever holds names or expressions, in the names of the document."""
        match value:
            case str():
                return self.rewrite(value)
            case tuple():
                return tuple(self.rewrite_any(v) for v in value)
            case dict():
                return {k: self.rewrite_any(v) for k, v in value.items()}
        return value


def _list_names(criteria: SelectionCriteria) -> Mapping[str, str]:
    """What names of the ADL file are called in the document, where that differs."""
    writer = Writer(criteria)
    writer.write()
    known = writer.vocabulary
    pairs = [*known.collections.items(), *known.names.items(), *writer.regions.items()]
    return {adl: plain for plain, adl in pairs if adl != plain}


def list_cuts(criteria: SelectionCriteria) -> list[Cut]:
    """Every cut of a document."""
    cuts = [c for definition in criteria.objects for c in definition.cuts]
    cuts += [c for region in criteria.regions for c in region.cuts]
    return cuts + [c for candidate in criteria.candidates for c in candidate.select]


def edit_status(status: str) -> str:
    """The status of a part that was edited."""
    return "rejected" if status == "rejected" else "edited"


def say_was(note: str | None, before: str) -> str:
    """A note with what was there before."""
    return join_notes(note, f"was: {before}")


def join_notes(note: str | None, more: str) -> str:
    """Two notes as one."""
    return f"{note}; {more}" if note else more
