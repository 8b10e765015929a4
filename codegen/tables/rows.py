"""A criteria document as the sections and rows of a table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from codegen.tables.formulas import Names, list_names, write_formula
from codegen.tables.phrases import say_candidate, say_cuts, say_removal, say_source
from codegen.tables.pieces import Phrase, Words
from codegen.tables.symbols import find_composite, find_variable
from codegen.wording import clean
from schemas.criteria import Candidate, Cut, ObjectDefinition, Region, SelectionCriteria
from schemas.evidence import Evidence

_CHANNEL = re.compile(r"(?:\d|e|mu|tau|l|b|j|y)+")  # 2e2mu stays as it is


@dataclass(frozen=True)
class Row:
    """One requirement: where it stands in the paper, what is quoted, and the numbers of the open questions about it."""

    phrase: Phrase
    evidence: tuple[Evidence, ...] = ()
    questions: tuple[int, ...] = ()

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages that state it, in order."""
        return tuple(sorted({e.page for e in self.evidence if e.page is not None}))


@dataclass(frozen=True)
class Group:
    """An object, candidate or region with its requirements."""

    title: Phrase
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Section:
    """A part of the table."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Table:
    """Everything that is shown. `questions` are the open ones, numbered from 1 by the rows."""

    title: str
    sections: tuple[Section, ...]
    questions: tuple[str, ...] = ()
    has_pages: bool = field(default=False)


def arrange_table(criteria: SelectionCriteria) -> Table:
    """The document as a table. Rejected cuts are left out; cuts with an open question are marked."""
    return _Arranger(criteria).arrange()


class _Arranger:
    def __init__(self, criteria: SelectionCriteria) -> None:
        self.criteria = criteria
        self.names: Names = list_names(criteria)
        self.open = [q for q in criteria.questions if q.answer is None]

    def arrange(self) -> Table:
        criteria = self.criteria
        sections = [
            Section("Objects", tuple(self._object(d) for d in criteria.objects)),
            Section("Overlap removal, in this order", tuple(self._overlap())),
            Section("Candidates", tuple(self._candidate(c) for c in criteria.candidates)),
            Section("Quantities", tuple(self._quantities())),
            Section("Event selection", tuple(self._region(r) for r in criteria.regions)),
        ]
        kept = tuple(s for s in sections if s.groups)
        has_pages = any(row.pages for s in kept for g in s.groups for row in g.rows)
        return Table(
            criteria.analysis.title or criteria.analysis.slug, kept, tuple(q.text for q in self.open), has_pages
        )

    def _object(self, definition: ObjectDefinition) -> Group:
        rows: list[Row] = []
        source = say_source(definition)
        if source is not None:
            rows.append(Row(source))
        rows += self._cuts(definition.cuts, per_event=False)
        rows += [
            Row(say_removal(r.with_, r.deltaR), r.evidence) for r in definition.remove_overlap if r.status != "rejected"
        ]
        return Group((Words(_capital(definition.name)),), tuple(rows or [Row((Words("all"),))]))

    def _overlap(self) -> Iterator[Group]:
        for step in self.criteria.overlap:
            if step.status != "rejected":
                row = Row(say_removal(step.near, step.deltaR), step.evidence)
                yield Group((Words(_capital(step.remove)),), (row,))

    def _candidate(self, candidate: Candidate) -> Group:
        rows = [Row(phrase) for phrase in say_candidate(candidate, self.names)]
        choice = 1 if candidate.minimise or candidate.maximise else 0
        cuts = list(self._cuts(candidate.select, per_event=False))
        rows[len(rows) - choice : len(rows) - choice] = cuts
        rows[0] = Row(rows[0].phrase, candidate.evidence)
        return Group(find_composite(candidate.name), tuple(rows))

    def _quantities(self) -> Iterator[Group]:
        for variable in self.criteria.variables:
            formula = write_formula(variable.expression, self.names) if variable.words is None else ()
            symbol = find_variable(variable.name)
            if variable.words is not None:
                yield Group(symbol, (Row((Words(f"in words: {clean(variable.words)}"),), variable.evidence),))
                continue
            if formula != symbol:
                yield Group(symbol, (Row(formula),))

    def _region(self, region: Region) -> Group:
        rows = [Row((Words(f"all of {_plain(region.parent)}, and"),))] if region.parent is not None else []
        rows += self._cuts(region.cuts, per_event=True)
        # the name of a region is the author's: WZ, SR1b, ee
        return Group((Words(_plain(region.name)),), tuple(rows or [Row((Words("all events"),))]))

    def _cuts(self, cuts: Sequence[Cut], per_event: bool) -> Iterable[Row]:
        held = [c for c in cuts if c.status != "rejected"]
        done: set[str] = set()
        for cut in held:
            if cut.group is not None and cut.group in done:
                continue
            together = [c for c in held if c.group == cut.group] if cut.group is not None else [cut]
            done |= {cut.group} if cut.group is not None else set()
            ids = {c.id for c in together}
            open_ones = tuple(k for k, q in enumerate(self.open, start=1) if ids & set(q.cuts))
            yield Row(
                say_cuts(together, self.names, per_event), tuple(e for c in together for e in c.evidence), open_ones
            )


def _capital(name: str) -> str:
    plain = _plain(name)
    keeps = _CHANNEL.fullmatch(plain.partition(" ")[0]) or not plain[:1].isascii()
    return plain if keeps else plain[:1].upper() + plain[1:]


def _plain(name: str) -> str:
    return name.replace("_", " ")
