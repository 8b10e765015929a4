"""Files of ours that a person edited: the statement wins over the comment above it, and the document says so."""

from collections.abc import Iterable, Sequence

from codegen.adl.carried import Carried, list_expected
from codegen.adl.changes import Change, compare
from codegen.adl.completing import complete
from codegen.adl.importing import read_statements
from codegen.adl.ledger import Read
from codegen.adl.owners import Owner, add_new, close
from codegen.adl.translating import BUILT, BY, Part, Translator, edit_status, join_notes, list_cuts, say_was
from codegen.adl.write import Writer
from schemas.constants import CONSTANTS
from schemas.criteria import (
    Binning,
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    Region,
    SelectionCriteria,
)
from schemas.errors import CriteriaError
from schemas.validation import check_criteria


def agree(text: str, carried: list[Carried], criteria: SelectionCriteria) -> SelectionCriteria:
    """The document of an edited file. `criteria` is what its comments hold.

    Raises CriteriaError when an edited or added statement cannot be expressed, with line and token.
    """
    changes = compare(carried, list_expected(criteria))
    read = read_statements(text)
    said = complete(read)
    touched = {line for c in changes for line in (*c.added, *(c.lines if c.state == "edited" else ()))}
    problems = [p for p in read.problems if p.line in touched]
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CriteriaError(f"{problems[0].describe()}{more}")
    document = _Agreement(changes, criteria, read, said).build()
    if _is_valid(criteria):
        check_criteria(document)
    return document


def _is_valid(criteria: SelectionCriteria) -> bool:
    try:
        check_criteria(criteria)
    except CriteriaError:
        return False
    return True


class _Agreement:
    """Puts the document together: what stands from the comments, the rest from the statements."""

    def __init__(self, changes: list[Change], criteria: SelectionCriteria, read: Read, said: SelectionCriteria) -> None:
        self.changes = changes
        self.criteria = criteria
        self.read = read
        self.said = said
        self.translator = Translator(criteria)
        self.owners: list[Owner] = []
        self.order: list[object] = []
        self.binnings: dict[str, Binning] = {}

    def build(self) -> SelectionCriteria:
        """The document."""
        content: dict[str, object] = {}
        outputs = self.criteria.outputs
        for change in self.changes:
            kind = change.carried.comment.kind
            if kind in ("object", "candidate", "variable", "region"):
                self._start(kind, change)
            elif kind in ("cut", "remove_overlap"):
                self._add(kind, change)
            elif kind == "overlap":
                if change.state != "stands":
                    self._refuse(change)
            elif kind == "choice" and change.state != "stands":
                owner = self.owners[-1]
                owner.part = self._rebuild(owner.part, change)
            elif kind == "outputs" and change.state == "edited":
                outputs = self._read_outputs(change)
            elif kind == "analysis" and change.state != "stands":
                content["analysis"] = self._read_analysis(change)
            elif kind in ("document", "members", "question", "outputs") and change.state != "stands":
                self._refuse(change)
        for change in self.changes:
            add_new(self.owners, change, self.said, self.read, self.translator)
        for owner in self.owners:
            binning = self.binnings.get(owner.part.name) if isinstance(owner.part, NamedVariable) else None
            if binning is not None:
                owner.part = owner.part.model_copy(update={"binning": binning})
        self.owners.sort(key=lambda owner: owner.line)
        return self.criteria.model_copy(
            update=content
            | {
                "objects": self._sort(ObjectDefinition), "candidates": self._sort(Candidate),
                "variables": self._sort(NamedVariable), "regions": self._sort(Region), "outputs": outputs,
                "questions": (*self.criteria.questions, *self.translator.list_questions(self.said)),
            }
        )  # fmt: skip

    def _sort(self, kind: type[Part]) -> tuple[Part, ...]:
        parts = [close(owner) for owner in self.owners if isinstance(owner.part, kind)]
        place = {d.name: k for k, d in enumerate(self.criteria.objects)}
        if kind is ObjectDefinition and all(p.name in place for p in parts):
            parts.sort(key=lambda p: place[p.name])  # objects made after an overlap removal stand below it
        return tuple(parts)

    def _refuse(self, change: Change) -> None:
        comment = change.carried.comment
        line = change.lines[0] if change.lines else comment.line
        raise CriteriaError(
            f"line {line}: '{comment.kind}': the statement and the comment above it (line {comment.line}) disagree; "
            "expected the comment to be changed, too, or taken out with its statement"
        )

    def _start(self, kind: str, change: Change) -> None:
        models: dict[str, type[Part]] = {
            "object": ObjectDefinition, "candidate": Candidate, "variable": NamedVariable, "region": Region,
        }  # fmt: skip
        index = sum(isinstance(owner.part, models[kind]) for owner in self.owners)
        part: Part = self._find_part(kind, index)
        line = change.lines[0] if change.lines else change.carried.comment.line
        if change.state == "edited":
            part = self._rebuild(part, change)
        elif change.state == "gone":
            self._refuse(change)
        self.owners.append(Owner(line, part))

    def _find_part(self, kind: str, index: int) -> Part:
        """The part of the document that a comment holds."""
        of_kind: dict[str, Sequence[Part]] = {
            "object": self._order_objects(), "candidate": self.criteria.candidates,
            "variable": self.criteria.variables, "region": self.criteria.regions,
        }  # fmt: skip
        part = of_kind[kind][index]
        match part:
            case ObjectDefinition():
                return part.model_copy(update={"cuts": (), "remove_overlap": ()})
            case Candidate():
                return part.model_copy(update={"select": ()})
            case Region():
                return part.model_copy(update={"cuts": ()})
        return part

    def _order_objects(self) -> Sequence[ObjectDefinition]:
        """The objects in the order of the file."""
        if not self.order:
            blocks = [entry for block in Writer(self.criteria).write() for entry in block]
            names = [c.load() for e in blocks for c in e.comments if c.kind == "object"]
            left = list(self.criteria.objects)
            for content in names:
                name = content.get("name") if isinstance(content, dict) else None
                self.order.append(left.pop(next(k for k, d in enumerate(left) if d.name == name)))
        return [d for d in self.order if isinstance(d, ObjectDefinition)]

    def _rebuild(self, part: Part, change: Change) -> Part:
        """The part as its statements say it now, with what only the comment knows."""
        first = change.lines[0] if change.lines else change.carried.comment.line
        match part:
            case ObjectDefinition():
                found = self._near("object", self.said.objects, first, change)
                assert isinstance(found, ObjectDefinition)
                update: dict[str, object] = {
                    "base": self.translator.rename_all(found.base),
                    "union": self.translator.rename_all(found.union),
                }
                name = self.translator.rename(found.name)
                return part.model_copy(update=update | {"name": name, "note": say_was(part.note, "another source")})
            case NamedVariable():
                found = self._near("variable", self.said.variables, first, change)
                assert isinstance(found, NamedVariable)
                expression = self.translator.rewrite(found.expression)
                note = say_was(part.note, part.expression)
                unit = found.unit if part.unit is None or expression != part.expression else part.unit
                name = self.translator.rename(found.name)
                return part.model_copy(update={"name": name, "expression": expression, "unit": unit, "note": note})
            case Region():
                found = self._near("region", self.said.regions, first, change)
                assert isinstance(found, Region)
                parent = self.translator.rename(found.parent) if found.parent is not None else None
                return part.model_copy(update={"name": self.translator.rename(found.name), "parent": parent})
        if change.carried.comment.kind == "choice":
            heads = (n for key, n in self.read.lines.items() if key.startswith("candidate ") and n <= first)
            first = max(heads, default=first)
        found = self._near("candidate", self.said.candidates, first, change)
        assert isinstance(found, Candidate)
        fields: dict[str, object] = {k: self.translator.rewrite_any(getattr(found, k)) for k in BUILT}
        if part.by != BY:
            fields |= {"origin": "human", "by": BY, "history": part.evidence, "evidence": ()}
            fields |= {"status": edit_status(part.status), "note": say_was(part.note, "chosen otherwise")}
        return part.model_copy(update=fields)

    def _near(self, kind: str, parts: Iterable[Part], line: int, change: Change) -> Part:
        for part in parts:
            at = self.read.lines.get(f"{kind} {part.name}")
            if at is not None and (at in change.lines or at == line):
                return part
        self._refuse(change)
        raise AssertionError("unreachable")

    def _add(self, kind: str, change: Change) -> None:
        owner = self.owners[-1]
        line = change.lines[0] if change.lines else change.carried.comment.line
        if kind == "remove_overlap":
            removal = OverlapRemoval.model_validate(change.carried.content)
            owner.removals.append((line, self._agree_removal(removal, change)))
            return
        cut = Cut.model_validate(change.carried.content)
        if change.state == "stands":
            owner.cuts.append((line, cut))
        elif change.state == "gone":
            rejected = {
                "status": "rejected",
                "origin": "human",
                "by": BY,
                "note": join_notes(cut.note, "taken out of the ADL file"),
            }
            owner.cuts.append((line, cut.model_copy(update=rejected)))
        else:
            new = [c for c in list_cuts(self.said) if self.read.lines.get(f"cut {c.id}") in change.lines]
            new = [c for c in new if c.id not in self.translator.taken]
            if not new:
                note = join_notes(cut.note, "joined with others in the ADL file")
                owner.cuts.append(
                    (line, cut.model_copy(update={"status": "rejected", "origin": "human", "by": BY, "note": note}))
                )
            # Of cuts that are joined by "or" each takes its own; the last takes what is left.
            mine = new[:1] if cut.group is not None and self._more_of_group(change) else new
            for k, one in enumerate(mine):
                self.translator.taken.add(one.id)
                owner.cuts.append((line, self.translator.edit(cut, one) if k == 0 else self.translator.add_cut(one)))

    def _more_of_group(self, change: Change) -> bool:
        k = self.changes.index(change)
        return k + 1 < len(self.changes) and self.changes[k + 1].lines == change.lines

    def _agree_removal(self, removal: OverlapRemoval, change: Change) -> OverlapRemoval:
        if change.state == "stands":
            return removal
        update: dict[str, object] = {"origin": "human", "by": BY, "history": removal.evidence, "evidence": ()}
        if change.state == "gone":
            note = join_notes(removal.note, "taken out of the ADL file")
            return removal.model_copy(update=update | {"status": "rejected", "note": note})
        for definition in self.said.objects:
            for found in definition.remove_overlap:
                if self.read.lines.get(f"away {definition.name} {found.with_}") in change.lines:
                    note = say_was(removal.note, f"closer than {removal.deltaR:g} to {removal.with_}")
                    new = {"with_": self.translator.rename(found.with_), "deltaR": found.deltaR, "note": note}
                    return removal.model_copy(update=update | new | {"status": edit_status(removal.status)})
        self._refuse(change)
        raise AssertionError("unreachable")

    def _read_outputs(self, change: Change) -> tuple[str, ...]:
        """What is stored now; edited histograms change the bins of their variable."""
        histograms = [t for t in change.carried.tokens if t[0].lower() == "histo" and t not in change.expected]
        for tokens in histograms:
            fields = "".join(tokens[1:]).rsplit(",", 4)
            try:
                bins, low, high = (float(f) for f in fields[1:4])
                made = Binning(bins=int(bins), low=low, high=high)
            except ValueError:
                self._refuse(change)
            self.binnings[self.translator.rename(fields[-1])] = made
        kept = [t for t in change.expected if t[0] == "histo"]
        if sum(t[0].lower() == "histo" for t in change.carried.tokens) < len(kept):
            self._refuse(change)
        outputs = tuple(self.translator.rename(name) for name in self.said.outputs)
        saved = [t for t in change.expected if t[0] == "save"]
        if outputs == self.criteria.outputs and any(t not in change.carried.tokens for t in saved):
            self._refuse(change)  # taken out in one region and still stored in another
        return outputs

    def _read_analysis(self, change: Change) -> object:
        for line, tokens in change.carried.statements:
            if tokens[0] == "define" and tokens[1] in CONSTANTS and tokens[3:] != (repr(CONSTANTS[tokens[1]]),):
                expected = (
                    f"expected {CONSTANTS[tokens[1]]!r}, or another name: {tokens[1]} is a constant of the criteria"
                )
                raise CriteriaError(f"line {line}: '{' '.join(tokens[3:])}': {expected}")
        about = self.said.analysis.model_dump(exclude_defaults=True)
        about.pop("slug", None)
        return self.criteria.analysis.model_copy(update=about)
