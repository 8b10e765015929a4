"""An ADL file by its statements alone: objects, candidates, variables and regions of the criteria.

Nothing that selects is dropped: what the criteria cannot express is a problem with line and token. What does not select
(weights, histograms of two variables, published counts) is listed.
"""

from codegen.adl.blocks import read_blocks
from codegen.adl.choosing import read_combination
from codegen.adl.cuts import Away
from codegen.adl.ledger import Ledger, Read
from codegen.adl.meaning import Interpreter
from codegen.adl.names import free_name
from codegen.adl.regions import RegionReader
from codegen.adl.sources import find_bases, list_aliases, list_sources, spell
from codegen.adl.syntax import Block, Call, Name, NotExpressible, Problem, Statement
from codegen.adl.words import BASE_OF_WORD
from schemas.criteria import (
    Analysis,
    Cut,
    ObjectDefinition,
    OverlapRemoval,
)


def read_statements(text: str) -> Read:
    """Everything that the statements of a file say; never raises."""
    blocks, problems = read_blocks(text)
    importer = _Importer()
    importer.ledger.read.problems += problems
    importer.ledger.read.text = tuple(text.split("\n"))
    importer.ledger.wanted = {block.name for block in blocks}
    for block in blocks:
        importer.read_block(block)
    importer.finish()
    importer.ledger.read.problems.sort(key=lambda p: p.line)
    importer.ledger.read.asides.sort(key=lambda p: p.line)
    return importer.ledger.read


class _Importer:
    def __init__(self) -> None:
        self.ledger = Ledger()
        self.regions = RegionReader(self.ledger)

    def read_block(self, block: Block) -> None:
        """One block; what cannot be expressed becomes a problem and the rest goes on."""
        try:
            match block.kind:
                case "info":
                    self._info(block)
                case "object":
                    self._object(block)
                case "define":
                    name = self.ledger.definer.define(block)
                    self.ledger.read.lines |= {f"candidate {name}": block.line, f"variable {name}": block.line}
                case "region":
                    self.regions.read_region(block)
                case "histolist":
                    self.regions.histograms[block.name] = block.statements
                case "aside":
                    self.ledger.put_aside(block.line, block.name, "published counts or systematic variations")
                case "table":
                    self.ledger.put_aside(block.line, block.name, "a table; nothing is selected by it alone")
                case _:
                    raise NotExpressible(
                        block.line, block.kind, "is not expressible; expected object, define or region"
                    )
        except NotExpressible as error:
            self.ledger.mark_broken(block.name, error.problem)
        except RecursionError:
            self.ledger.mark_broken(block.name, Problem(block.line, block.name, "is nested too deeply"))

    def finish(self) -> None:
        """What can only be known at the end: indices that no statement chose."""
        for name, line in self.ledger.definer.list_unchosen():
            message = "its indices stay open; expected select … ~= … that chooses the objects"
            self.ledger.read.problems.append(Problem(line, name, message))

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
                self.ledger.put_aside(block.line, number, f"expected a number after {word}")
        self.ledger.read.analysis = Analysis.model_validate(about)

    def _object(self, block: Block) -> None:
        takes = [s.body for s in block.statements if s.verb == "take" and s.body is not None]
        rest = [s for s in block.statements if s.verb != "take"]
        if not takes:
            raise NotExpressible(block.line, block.name, "expected take, and what the object is made from")
        first = takes[0]
        if isinstance(first, Call) and first.function.lower() in ("comb", "assign"):
            made, lines = read_combination(
                block,
                first,
                self.ledger.known,
                self.ledger.definer,
                self.ledger.make_maker(f"{block.name}"),
                self.ledger.name,
            )
            if made is not None:
                select: list[Cut] = []
                for line in dict.fromkeys(lines):
                    select += self.ledger.keep(
                        [c for c, at in zip(made.select, lines, strict=True) if at == line], line
                    )
                self.ledger.read.candidates.append(made.model_copy(update={"select": tuple(select)}))
                self.ledger.read.lines |= {f"candidate {made.name}": block.line}
            return
        if isinstance(first, Call) and first.function.lower() == "members":
            self.ledger.known.collections[block.name] = Interpreter(self.ledger.known).one(first)
            return
        names = [n for take in takes for n in list_sources(take)]
        if any(self.ledger.known.is_met(n.text) for n in names):
            if len(names) > 1 or rest:
                raise NotExpressible(block.line, block.name, "met has no cuts of its own and is in no union")
            self.ledger.known.met.add(block.name)
            return
        name = self.ledger.name(block.name)
        definition = self._define(name, names)
        this = {n.text for n in names} if len(names) == 1 else set()
        this |= {block.name, *list_aliases(takes)}
        if len(names) == 1:
            this |= {w for t in tuple(this) for w in (f"{t}_",)} | self._list_ancestors(names[0])
        self.ledger.read.lines[f"object {name}"] = block.line
        cuts: list[Cut] = []
        removals: list[OverlapRemoval] = []
        for statement in rest:
            self._criterion(statement, frozenset(this), block, name, cuts, removals)
        self.ledger.read.objects.append(
            definition.model_copy(update={"cuts": tuple(cuts), "remove_overlap": tuple(removals)})
        )
        self.ledger.known.collections[block.name] = name

    def _list_ancestors(self, source: Name) -> set[str]:
        """Words for the base objects that a collection is made from: Jet, for one that takes jets that take Jet."""
        definition = next(
            (d for d in self.ledger.read.objects if d.name == self.ledger.known.collections.get(source.text)), None
        )
        seen = 0
        while definition is not None and isinstance(definition.base, str) and seen < 50:
            base, seen = definition.base, seen + 1
            definition = next((d for d in self.ledger.read.objects if d.name == base), None)
            if definition is None:
                return spell(base)
        return spell(BASE_OF_WORD[source.text.lower()]) if source.text.lower() in BASE_OF_WORD else set()

    def _define(self, name: str, sources: list[Name]) -> ObjectDefinition:
        known = [self.ledger.known.collections.get(s.text) for s in sources]
        bases = [None if k is not None else find_bases(s) for k, s in zip(known, sources, strict=True)]
        for source, one, base in zip(sources, known, bases, strict=True):
            if one is None and not base:
                raise NotExpressible(source.line, source.text, self.ledger.known.suggest(source.text))
        if all(base for base in bases):
            listed = tuple(b for base in bases if base for b in base)
            return ObjectDefinition(name=name, base=listed[0] if len(listed) == 1 else listed)
        if len(known) == 1:
            return ObjectDefinition(name=name, base=known[0])
        parts = [
            [k] if k is not None else [self.ledger.make_base(b) for b in base or ()]
            for k, base in zip(known, bases, strict=True)
        ]
        return ObjectDefinition(name=name, union=tuple(p for part in parts for p in part))

    def _criterion(
        self, statement: Statement, this: frozenset[str], block: Block, name: str, cuts: list[Cut],
        removals: list[OverlapRemoval],
    ) -> None:  # fmt: skip
        """One line of an object's block."""
        body = statement.body
        try:
            if statement.verb in ("histo", "print", "save"):
                self.ledger.put_aside(statement.line, statement.verb, "inside an object; it selects nothing")
                return
            if statement.verb not in ("select", "reject") or body is None:
                raise NotExpressible(statement.line, statement.verb, "is not expressible in an object")
            maker = self.ledger.make_maker(name, this)
            away = maker.find_away(statement.verb, body)
            if away is not None:
                removals.append(self._remove(away))
                self.ledger.read.lines[f"away {name} {away.near}"] = statement.line
                return
            made = maker.select(body) if statement.verb == "select" else maker.reject(body)
            cuts += self.ledger.keep(made, statement.line)
        except NotExpressible as error:
            self.ledger.mark_broken(block.name, error.problem)

    def _remove(self, away: Away) -> OverlapRemoval:
        note = None if away.is_exact else f"an object at exactly {away.radius:g} is removed in ADL and stays here"
        return OverlapRemoval.model_validate(
            {"with": away.near, "deltaR": away.radius, "status": "accepted", "note": note}
        )
