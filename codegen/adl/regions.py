"""Regions of an ADL file: cuts, bins as regions of their own, and what selects nothing."""

from codegen.adl.ledger import Ledger
from codegen.adl.names import free_name
from codegen.adl.spelling import show
from codegen.adl.syntax import Block, Comparison, Expression, Name, NotExpressible, Statement
from schemas.criteria import Binning, Cut, Region

_CHOICES = ("~=", "~!")
_SCALE_FACTORS = ("lepsf", "btagsf", "xslumicorrsf")  # weights that CutLang applies by a select


class RegionReader:
    """Reads one region after the other."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.regions: dict[str, str] = {}
        self.histograms: dict[str, list[Statement]] = {}

    def read_region(self, block: Block) -> None:
        """A region, and one more for each bin."""
        name = free_name(block.name, self.regions.values())
        self.regions[block.name] = name
        self.ledger.known.regions.add(block.name)
        self.ledger.read.lines[f"region {name}"] = block.line
        parent: str | None = None
        cuts: list[Cut] = []
        bins: list[tuple[Statement, list[Cut]]] = []
        asides: list[str] = []
        for statement in block.statements:
            try:
                reference = self._find_reference(statement)
                if reference is not None:
                    if bins:
                        raise NotExpressible(statement.line, reference, "expected no region after the bins of another")
                    if parent is None and not cuts:
                        parent = reference
                    else:
                        cuts += self.ledger.keep(self._list_inherited(reference), statement.line)
                elif statement.verb == "bin" and statement.body is not None and not statement.words:
                    bins.append(
                        (
                            statement,
                            self.ledger.keep(self.ledger.make_maker(name).select(statement.body), statement.line),
                        )
                    )
                elif statement.verb in ("select", "reject") and statement.body is not None:
                    if bins:
                        raise NotExpressible(
                            statement.line, statement.verb, "expected no requirement after the bins of a region"
                        )
                    cuts += self._event_cuts(statement, name)
                else:
                    asides += self._do(statement)
            except NotExpressible as error:
                self.ledger.read.problems.append(error.problem)
        note = f"not imported: {'; '.join(asides)}" if asides else None
        self.ledger.read.regions.append(Region(name=name, parent=parent, cuts=tuple(cuts), note=note))
        for k, (statement, made) in enumerate(bins, start=1):
            bin_name = free_name(f"{name}_bin_{k}", self.regions.values())
            self.regions[f"{block.name} bin {k}"] = bin_name
            self.ledger.read.lines[f"region {bin_name}"] = statement.line
            self.ledger.read.regions.append(Region(name=bin_name, parent=name, cuts=tuple(made), note=statement.label))

    def _event_cuts(self, statement: Statement, region: str) -> list[Cut]:
        body = statement.body
        assert body is not None
        if isinstance(body, Comparison) and body.operator in _CHOICES:
            if statement.verb == "reject":
                raise self._fail(body, "expected select before a choice")
            self.ledger.definer.choose(body)
            return []
        if isinstance(body, Name) and body.text.lower() == "none":
            raise self._fail(body, "selects nothing at all")
        if isinstance(body, Name) and body.text.lower() in _SCALE_FACTORS:
            self.ledger.put_aside(statement.line, body.text, "a weight; it selects nothing")
            return []
        maker = self.ledger.make_maker(region)
        return self.ledger.keep(
            maker.select(body) if statement.verb == "select" else maker.reject(body), statement.line
        )

    def _fail(self, body: Expression, message: str) -> NotExpressible:
        return NotExpressible(body.line, show(body), message)

    def _find_reference(self, statement: Statement) -> str | None:
        """The region that a statement takes in: its bare name, or take or select and its name."""
        if statement.verb == "take":
            return self._find_taken(statement)
        name = statement.words[0] if statement.verb == "refer" else None
        if statement.verb == "select" and isinstance(statement.body, Name) and statement.body.text in self.regions:
            name = statement.body.text
        if name is None or name in self.histograms:
            return None
        if name not in self.regions:
            raise NotExpressible(statement.line, name, "is no region that is defined above")
        return self.regions[name]

    def _find_taken(self, statement: Statement) -> str:
        body = statement.body
        if isinstance(body, Name) and body.text in self.regions:
            return self.regions[body.text]
        token = show(body) if body is not None else statement.verb
        known = self.ledger.known
        if isinstance(body, Name) and (known.find_things(body.text) is not None or body.text in known.variables):
            raise NotExpressible(statement.line, token, "is no region; a region takes in regions only")
        raise NotExpressible(statement.line, token, "is no region that is defined above")

    def _list_inherited(self, region: str) -> list[Cut]:
        """All cuts of a region and of its parents, to be repeated in a region that takes in several."""
        found = next((r for r in self.ledger.read.regions if r.name == region), None)
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
            case "trigger":
                name = next((w for w in statement.words[1:] if w.startswith("HLT")), "HLT_NAME")
                raise NotExpressible(statement.line, statement.verb, f"is no statement; expected select {name} == 1")
            case "sort":
                raise NotExpressible(
                    statement.line, statement.verb, "is not expressible: collections are ordered by pT"
                )
            case "bin":
                what = f"bins of {show(statement.body)}" if statement.body is not None else "bins"
                self.ledger.put_aside(statement.line, what, "edges only; they select nothing")
                return [f"{what} {' '.join(statement.words)} (line {statement.line})"]
        self.ledger.put_aside(statement.line, " ".join(statement.words[:3]), "selects nothing")
        return [f"{' '.join(statement.words)} (line {statement.line})"] if statement.verb == "weight" else []

    def _store(self, statement: Statement) -> list[str]:
        """A histogram or saved values as outputs."""
        label = " ".join(statement.words[:1])
        if statement.verb == "histo" and not statement.values:
            self.ledger.put_aside(statement.line, label, "a histogram of two variables or with unequal bins")
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
                name = self.ledger.definer.name_value(value, wanted, binning)
                self.ledger.read.lines.setdefault(f"variable {name}", statement.line)
                if name not in self.ledger.read.outputs:
                    self.ledger.read.outputs.append(name)
            except NotExpressible as error:
                self.ledger.put_aside(
                    statement.line, error.problem.token, f"{statement.verb} {label}: {error.problem.message}"
                )
        return []
