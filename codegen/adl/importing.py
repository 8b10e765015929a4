"""An ADL file by its statements alone: objects, candidates, variables and regions of the criteria.

Nothing that selects is dropped: what the criteria cannot express is a problem with line and token. What does not select
(weights, histograms of two variables, published counts) is listed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from codegen.adl.blocks import read_blocks
from codegen.adl.choosing import read_combination
from codegen.adl.cuts import Away, Maker
from codegen.adl.defining import Definer
from codegen.adl.known import THIS, Known
from codegen.adl.meaning import Interpreter, show
from codegen.adl.names import free_name
from codegen.adl.syntax import Block, Call, Comparison, Expression, Name, NotExpressible, Problem, Statement, Together
from codegen.adl.words import BASE_OF_WORD
from schemas.criteria import (
    Analysis,
    Binning,
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    Region,
)

_NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9]+")
_CHOICES = ("~=", "~!")


@dataclass
class Read:
    """What a file's statements say, part by part, each with the line it stands in."""

    analysis: Analysis = field(default_factory=lambda: Analysis(slug="unnamed"))
    objects: list[ObjectDefinition] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    variables: list[NamedVariable] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)  # of "cut ID", "object NAME", "away NAME NEAR", ...
    tags: dict[str, str] = field(default_factory=dict)  # cut id: the field whose working point is open
    problems: list[Problem] = field(default_factory=list)
    asides: list[Problem] = field(default_factory=list)  # what was not imported and selects nothing


def read_statements(text: str) -> Read:
    """Everything that the statements of a file say; never raises."""
    blocks, problems = read_blocks(text)
    importer = _Importer()
    importer.read.problems += problems
    for block in blocks:
        importer.read_block(block)
    importer.finish()
    importer.read.problems.sort(key=lambda p: p.line)
    importer.read.asides.sort(key=lambda p: p.line)
    return importer.read


class _Importer:
    def __init__(self) -> None:
        self.read = Read()
        self.known = Known(self._make_base)
        self.definer = Definer(self.known, self.read.candidates, self.read.variables, self._name)
        self.names: set[str] = set()
        self.ids: set[str] = set()
        self.bases: dict[str, str] = {}
        self.tagged: list[str] = []
        self.regions: dict[str, str] = {}
        self.histograms: dict[str, list[Statement]] = {}

    def read_block(self, block: Block) -> None:
        """One block; what cannot be expressed becomes a problem and the rest goes on."""
        try:
            match block.kind:
                case "info":
                    self._info(block)
                case "object":
                    self._object(block)
                case "define":
                    self.definer.define(block)
                    self.read.lines |= {f"candidate {block.name}": block.line, f"variable {block.name}": block.line}
                case "region":
                    self._region(block)
                case "histolist":
                    self.histograms[block.name] = block.statements
                case "table":
                    self._aside(block.line, block.name, "a table; nothing is selected by it alone")
                case _:
                    raise NotExpressible(
                        block.line, block.kind, "is not expressible; expected object, define or region"
                    )
        except NotExpressible as error:
            self._break(block.name, error.problem)
        except RecursionError:
            self._break(block.name, Problem(block.line, block.name, "is nested too deeply"))

    def finish(self) -> None:
        """What can only be known at the end: indices that no statement chose."""
        for name, line in self.definer.list_unchosen():
            message = "its indices stay open; expected select … ~= … that chooses the objects"
            self.read.problems.append(Problem(line, name, message))

    def _break(self, name: str, problem: Problem) -> None:
        self.read.problems.append(problem)
        self.known.broken[name] = problem.line

    def _aside(self, line: int, token: str, message: str) -> None:
        self.read.asides.append(Problem(line, token, message))

    def _name(self, wanted: str) -> str:
        name = free_name(wanted, self.names)
        self.names.add(name)
        return name

    def _make_base(self, base: str) -> str:
        if base not in self.bases:
            name = self._name(f"{base}s" if base != "vertex" else "vertices")
            self.bases[base] = name
            self.read.objects.insert(len(self.bases) - 1, ObjectDefinition(name=name, base=base))
        return self.bases[base]

    def _info(self, block: Block) -> None:
        words = block.words
        paper = f"arXiv:{words['arxiv']}" if words.get("arxiv") else words.get("publication") or None
        about: dict[str, object] = {
            "slug": free_name(block.name.split()[0] if block.name else "unnamed", ()),
            "title": words.get("title") or None,
            "paper": paper, "experiment": words.get("experiment") or None,
        }  # fmt: skip
        for word, name in (("sqrts", "sqrt_s"), ("lumi", "luminosity")):
            number = words.get(word, "").split(" ")[0]
            try:
                about[name] = float(number) if number else None
            except ValueError:
                self._aside(block.line, number, f"expected a number after {word}")
        self.read.analysis = Analysis.model_validate(about)

    def _object(self, block: Block) -> None:
        takes = [s.body for s in block.statements if s.verb == "take" and s.body is not None]
        rest = [s for s in block.statements if s.verb != "take"]
        if not takes:
            raise NotExpressible(block.line, block.name, "expected take, and what the object is made from")
        first = takes[0]
        if isinstance(first, Call) and first.function.lower() in ("comb", "assign"):
            made, lines = read_combination(
                block, first, self.known, self.definer, self._maker(f"{block.name}"), self._name
            )
            if made is not None:
                self.read.candidates.append(made)
                self.read.lines |= {f"candidate {made.name}": block.line}
                for cut, line in zip(made.select, lines, strict=True):
                    self._note_cut(cut, line)
            return
        if isinstance(first, Call) and first.function.lower() == "members":
            self.known.collections[block.name] = Interpreter(self.known).one(first)
            return
        names = [n for take in takes for n in _list_sources(take)]
        if any(self.known.is_met(n.text) for n in names):
            if len(names) > 1 or rest:
                raise NotExpressible(block.line, block.name, "met has no cuts of its own and is in no union")
            self.known.met.add(block.name)
            return
        name = self._name(block.name)
        definition = self._define(name, names)
        this = {n.text for n in names} if len(names) == 1 else set()
        this |= {block.name, *_list_aliases(takes)}
        if len(names) == 1:
            this |= {w for t in tuple(this) for w in (f"{t}_",)} | self._list_ancestors(names[0])
        self.read.lines[f"object {name}"] = block.line
        cuts: list[Cut] = []
        removals: list[OverlapRemoval] = []
        for statement in rest:
            self._criterion(statement, frozenset(this), block, name, cuts, removals)
        self.read.objects.append(definition.model_copy(update={"cuts": tuple(cuts), "remove_overlap": tuple(removals)}))
        self.known.collections[block.name] = name

    def _list_ancestors(self, source: Name) -> set[str]:
        """Words for the base objects that a collection is made from: Jet, for one that takes jets that take Jet."""
        definition = next((d for d in self.read.objects if d.name == self.known.collections.get(source.text)), None)
        seen = 0
        while definition is not None and isinstance(definition.base, str) and seen < 50:
            base, seen = definition.base, seen + 1
            definition = next((d for d in self.read.objects if d.name == base), None)
            if definition is None:
                return _spell(base)
        return _spell(BASE_OF_WORD[source.text.lower()]) if source.text.lower() in BASE_OF_WORD else set()

    def _define(self, name: str, sources: list[Name]) -> ObjectDefinition:
        known = [self.known.collections.get(s.text) for s in sources]
        bases = [None if k is not None else _find_bases(s) for k, s in zip(known, sources, strict=True)]
        for source, one, base in zip(sources, known, bases, strict=True):
            if one is None and not base:
                raise NotExpressible(source.line, source.text, self.known.suggest(source.text))
        if all(base for base in bases):
            listed = tuple(b for base in bases if base for b in base)
            return ObjectDefinition(name=name, base=listed[0] if len(listed) == 1 else listed)
        if len(known) == 1:
            return ObjectDefinition(name=name, base=known[0])
        parts = [
            [k] if k is not None else [self._make_base(b) for b in base or ()]
            for k, base in zip(known, bases, strict=True)
        ]
        return ObjectDefinition(name=name, union=tuple(p for part in parts for p in part))

    def _maker(self, owner: str, this: frozenset[str] = frozenset()) -> Maker:
        self.tagged = []
        interpreter = Interpreter(self.known, this, self.tagged.append)
        return Maker(interpreter, lambda variable: _make_id(owner, variable), lambda first: f"{first}_or")

    def _criterion(
        self, statement: Statement, this: frozenset[str], block: Block, name: str, cuts: list[Cut],
        removals: list[OverlapRemoval],
    ) -> None:  # fmt: skip
        """One line of an object's block."""
        body = statement.body
        try:
            if statement.verb in ("histo", "print", "save"):
                self._aside(statement.line, statement.verb, "inside an object; it selects nothing")
                return
            if statement.verb not in ("select", "reject") or body is None:
                raise NotExpressible(statement.line, statement.verb, "is not expressible in an object")
            maker = self._maker(name, this)
            away = maker.find_away(statement.verb, body)
            if away is not None:
                removals.append(self._remove(away))
                self.read.lines[f"away {name} {away.near}"] = statement.line
                return
            made = maker.select(body) if statement.verb == "select" else maker.reject(body)
            cuts += self._keep(made, statement.line)
        except NotExpressible as error:
            self._break(block.name, error.problem)

    def _remove(self, away: Away) -> OverlapRemoval:
        note = None if away.is_exact else f"an object at exactly {away.radius:g} is removed in ADL and stays here"
        return OverlapRemoval.model_validate(
            {"with": away.near, "deltaR": away.radius, "status": "accepted", "note": note}
        )

    def _keep(self, cuts: Iterable[Cut], line: int) -> list[Cut]:
        """The cuts with ids and groups of their own, noted down with their line."""
        kept: list[Cut] = []
        groups: dict[str, str] = {}
        for cut in cuts:
            free = cut.id
            k = 1
            while free in self.ids:
                k += 1
                free = f"{cut.id}_{k}"
            group = cut.group
            if group is not None:
                group = groups.setdefault(group, f"{free}_or")
                self.ids.add(group)
            kept.append(cut.model_copy(update={"id": free, "group": group}))
            self._note_cut(kept[-1], line)
        return kept

    def _note_cut(self, cut: Cut, line: int) -> None:
        self.ids.add(cut.id)
        self.read.lines[f"cut {cut.id}"] = line
        for variable in self.tagged:
            if variable in cut.variable:
                self.read.tags[cut.id] = variable

    def _region(self, block: Block) -> None:
        name = free_name(block.name, self.regions.values())
        self.regions[block.name] = name
        self.read.lines[f"region {name}"] = block.line
        parent: str | None = None
        cuts: list[Cut] = []
        bins: list[tuple[Statement, list[Cut]]] = []
        asides: list[str] = []
        for statement in block.statements:
            try:
                reference = self._find_reference(statement)
                if reference is not None:
                    if parent is None and not cuts:
                        parent = reference
                    else:
                        cuts += self._keep(self._list_inherited(reference), statement.line)
                elif statement.verb == "bin" and statement.body is not None and not statement.words:
                    bins.append((statement, self._keep(self._maker(name).select(statement.body), statement.line)))
                elif statement.verb in ("select", "reject") and statement.body is not None:
                    if bins:
                        raise NotExpressible(
                            statement.line, statement.verb, "expected no requirement after the bins of a region"
                        )
                    cuts += self._event_cuts(statement, name)
                else:
                    asides += self._do(statement)
            except NotExpressible as error:
                self.read.problems.append(error.problem)
        note = f"not imported: {'; '.join(asides)}" if asides else None
        self.read.regions.append(Region(name=name, parent=parent, cuts=tuple(cuts), note=note))
        for k, (statement, made) in enumerate(bins, start=1):
            bin_name = free_name(f"{name}_bin_{k}", self.regions.values())
            self.regions[f"{block.name} bin {k}"] = bin_name
            self.read.lines[f"region {bin_name}"] = statement.line
            self.read.regions.append(Region(name=bin_name, parent=name, cuts=tuple(made), note=statement.label))

    def _event_cuts(self, statement: Statement, region: str) -> list[Cut]:
        body = statement.body
        assert body is not None
        if isinstance(body, Comparison) and body.operator in _CHOICES:
            if statement.verb == "reject":
                raise self._fail(body, "expected select before a choice")
            self.definer.choose(body)
            return []
        if isinstance(body, Name) and body.text.lower() == "none":
            raise self._fail(body, "selects nothing at all")
        maker = self._maker(region)
        return self._keep(maker.select(body) if statement.verb == "select" else maker.reject(body), statement.line)

    def _fail(self, body: Expression, message: str) -> NotExpressible:
        return NotExpressible(body.line, show(body), message)

    def _find_reference(self, statement: Statement) -> str | None:
        """The region that a statement takes in: its bare name, or select and its name."""
        name = statement.words[0] if statement.verb == "refer" else None
        if statement.verb == "select" and isinstance(statement.body, Name) and statement.body.text in self.regions:
            name = statement.body.text
        if name is None or name in self.histograms:
            return None
        if name not in self.regions:
            raise NotExpressible(statement.line, name, "is no region that is defined above")
        return self.regions[name]

    def _list_inherited(self, region: str) -> list[Cut]:
        """All cuts of a region and of its parents, to be repeated in a region that takes in several."""
        found = next((r for r in self.read.regions if r.name == region), None)
        if found is None:
            return []
        return [*(self._list_inherited(found.parent) if found.parent else []), *found.cuts]

    def _do(self, statement: Statement) -> list[str]:
        """What selects nothing: histograms become outputs where they can; the rest comes back in words."""
        match statement.verb:
            case "refer":
                return [a for one in self.histograms[statement.words[0]] for a in self._do(one)]
            case "histo" | "save":
                return self._store(statement)
            case "sort" if [w.lower() for w in statement.words[1:2]] == ["pt"] and statement.words[
                -1
            ].lower() == "descend":
                return []
            case "sort" | "trigger" | "systematic":
                raise NotExpressible(
                    statement.line, statement.verb, "is not expressible: collections are ordered by pT"
                )
            case "bin":
                what = f"bins of {show(statement.body)}" if statement.body is not None else "bins"
                self._aside(statement.line, what, "edges only; they select nothing")
                return [f"{what} {' '.join(statement.words)} (line {statement.line})"]
        self._aside(statement.line, " ".join(statement.words[:3]), "selects nothing")
        return [f"{' '.join(statement.words)} (line {statement.line})"] if statement.verb == "weight" else []

    def _store(self, statement: Statement) -> list[str]:
        """A histogram or saved values as outputs."""
        label = " ".join(statement.words[:1])
        if statement.verb == "histo" and not statement.values:
            self._aside(statement.line, label, "a histogram of two variables or with unequal bins")
            return []
        for k, value in enumerate(statement.values):
            try:
                low_high = statement.numbers[1:]
                binning = None
                if statement.numbers:
                    bins = int(statement.numbers[0])
                    if not (1 <= bins <= 10_000 and low_high[0] < low_high[1]):
                        raise NotExpressible(statement.line, label, "expected bins with a width")
                    binning = Binning(bins=bins, low=low_high[0], high=low_high[1])
                wanted = label if len(statement.values) == 1 else f"{label}_{k + 1}"
                name = self.definer.name_value(value, wanted, binning)
                self.read.lines.setdefault(f"variable {name}", statement.line)
                if name not in self.read.outputs:
                    self.read.outputs.append(name)
            except NotExpressible as error:
                self._aside(statement.line, error.problem.token, f"{statement.verb} {label}: {error.problem.message}")
        return []


def _list_sources(take: Expression) -> list[Name]:
    """The collections that a take names: one, those of a union, or one with an alias behind it."""
    match take:
        case Name():
            return [take]
        case Together(parts=(Name() as first, *_)):
            return [first]
        case Call(function=function, arguments=arguments) if function.lower() == "union":
            return [n for a in arguments for n in _list_sources(a)]
    token = take.function if isinstance(take, Call) else show(take)
    raise NotExpressible(take.line, token, "expected a collection, Union(...), comb(...) after take")


def _list_aliases(takes: list[Expression]) -> set[str]:
    return {p.text for t in takes if isinstance(t, Together) for p in t.parts[1:] if isinstance(p, Name)}


def _find_bases(source: Name) -> tuple[str, ...]:
    word = source.text.lower().rstrip("_")
    if word in ("lep", "lepton", "leptons"):
        return ("electron", "muon")
    return (BASE_OF_WORD[word],) if word in BASE_OF_WORD else ()


def _spell(base: str) -> set[str]:
    """Every spelling of a base object that files use."""
    words = {w for w, b in BASE_OF_WORD.items() if b == base}
    return {s for w in words for s in (w, w.upper(), w.capitalize(), "FatJet" if w == "fatjet" else w)}


def _make_id(owner: str, variable: str) -> str:
    """A short id for a cut: the owner and the names in its variable."""
    words = _NOT_IDENTIFIER.sub("_", variable.replace(f"{owner}.", "")).strip("_")
    return f"{owner}_{words[:40].rstrip('_') or 'cut'}"


__all__ = ["THIS", "Read", "read_statements"]
