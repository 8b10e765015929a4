"""ADL's define: numbers, variables, sums of objects, and objects that a later `~=` or `~!` chooses."""

import re
from collections.abc import Callable, Iterator

from codegen.adl.expressions import is_whole_call, write_number
from codegen.adl.known import Known, Things, Value
from codegen.adl.meaning import Interpreter
from codegen.adl.spelling import show
from codegen.adl.syntax import Binary, Block, Call, Comparison, Expression, Index, NotExpressible, Number, Together
from schemas.criteria import Binning, Candidate, NamedVariable


class Definer:
    """Keeps the candidates and variables of a file as their definitions and choices are read."""

    def __init__(
        self, known: Known, candidates: list[Candidate], variables: list[NamedVariable], name: Callable[[str], str]
    ) -> None:
        self.known = known
        self.candidates = candidates
        self.variables = variables
        self.name = name
        self.open: dict[str, tuple[str, int]] = {}  # candidates to be chosen: their collection, and the line
        self.scores: dict[str, str] = {}

    def define(self, block: Block) -> str | None:
        """Take in a definition. The name that it has in the criteria, if it has one. Raises NotExpressible."""
        body = block.body
        assert body is not None
        if any(isinstance(e, Index) and e.first is not None and e.first < 0 for e in walk(body)):
            return self._open(block, body)
        if isinstance(body, Call) and body.function.lower() == "leading":
            return self._add_candidate(block.name, self.read_leading(body, block.name))
        found = Interpreter(self.known).mean(body)
        if isinstance(found, Things):
            return self._compose(block.name, found.parts)
        if not isinstance(found, Value):
            raise NotExpressible(block.line, block.name, "expected a number, a condition or a sum of objects")
        if found.constant is not None:
            self.known.numbers[block.name] = found.constant
            return None
        expanded = Interpreter(self.known, inline=True).mean(body)
        assert isinstance(expanded, Value)
        name = self.name(block.name)
        self.variables.append(NamedVariable(name=name, expression=found.text))
        self.known.variables[block.name] = name
        self.known.expanded[block.name] = expanded
        return name

    def read_leading(self, body: Call, name: str) -> Candidate:
        """The candidate of `leading(X, n)` or `leading(X, n, c)`. Raises NotExpressible."""
        match body.arguments:
            case (source, Number(value=count), *excluded) if count == int(count) and count > 0:
                interpreter = Interpreter(self.known)
                exclude = tuple(interpreter.one(e) for e in excluded)
                made = Candidate(name=self.name(name), leading=interpreter.one(source), n=int(count), exclude=exclude)
                return made.model_copy(update={"status": "accepted"})
        raise NotExpressible(body.line, body.function, "expected leading(collection, number)")

    def choose(self, body: Comparison) -> None:
        """Take in `select score ~= value` or `~!` of a region: it chooses the objects left open in the score."""
        text, is_smallest = self.read_score(body, Interpreter(self.known, inline=True))
        chosen = [name for name in self.open if re.search(rf"\b{name}\b", text)]
        if not chosen:
            raise NotExpressible(body.line, show(body.left), "has no open index left to choose, as in ELE[-1] ELE[-1]")
        if any(self.scores.get(name) not in (None, text) for name in chosen):
            raise NotExpressible(body.line, show(body.left), "the objects are chosen already; expected one choice")
        if chosen[0] in self.scores:
            return
        self.scores |= dict.fromkeys(chosen, text)
        choice: dict[str, object] = {"minimise": text} if is_smallest else {"maximise": text}
        place = next(k for k, c in enumerate(self.candidates) if c.name == chosen[0])
        if len(chosen) == 1:
            self.candidates[place] = self.candidates[place].model_copy(update=choice)
            return
        collections = {self.open[name][0] for name in chosen}
        if len(collections) != 1:
            raise NotExpressible(body.line, show(body.left), "chooses from several collections; expected one")
        joint = Candidate.model_validate(
            {
                "name": self.name("_".join(chosen)),
                "pair": collections.pop(),
                "pairing": tuple(chosen),
                "status": "accepted",
            }
            | choice
        )
        self.candidates[place] = joint
        self.candidates[:] = [c for c in self.candidates if c.name not in chosen]

    def read_score(self, body: Comparison, interpreter: Interpreter) -> tuple[str, bool]:
        """What is smallest (True) or largest (False) for the chosen objects. Raises NotExpressible."""
        left = body.left
        if isinstance(left, Call) and left.function.lower() == "minimise" and len(left.arguments) == 1:
            return interpreter.number(left.arguments[0]).text, True
        score, target = interpreter.number(left), interpreter.number(body.right).constant
        if target is None:
            raise interpreter.fail(body.right, "expected a number")
        if target:
            sign, size = ("-", target) if target > 0 else ("+", -target)
            return f"abs({score.within(5)} {sign} {write_number(size)})", body.operator == "~="
        if body.operator == "~!" or is_whole_call(score.text, "abs"):
            return score.text, body.operator == "~="
        return f"abs({score.text})", True

    def list_unchosen(self) -> Iterator[tuple[str, int]]:
        """Names with open indices that nothing has chosen, and their lines."""
        for name, (_, line) in self.open.items():
            if name not in self.scores:
                yield name, line

    def name_value(self, value: Expression, wanted: str, binning: Binning | None) -> str:
        """The variable that holds a value, made if there is none. Raises NotExpressible."""
        text = Interpreter(self.known).number(value).text
        for k, variable in enumerate(self.variables):
            if text in (variable.name, variable.expression):
                if variable.binning is None:
                    self.variables[k] = variable.model_copy(update={"binning": binning})
                return variable.name
        name = self.name(wanted)
        self.variables.append(NamedVariable(name=name, expression=text, binning=binning))
        return name

    def _add_candidate(self, name: str, candidate: Candidate) -> str:
        self.candidates.append(candidate)
        self.known.candidates[name] = candidate.name
        return candidate.name

    def _compose(self, name: str, parts: tuple[str, ...]) -> str | None:
        known, made = self.known, set(self.known.candidates.values()) - self.known.composites
        if parts == ("met",):
            known.met.add(name)
        elif len(parts) == 1 and parts[0] in made:
            known.candidates[name] = parts[0]
        elif len(parts) > 1 and set(parts) <= made and len(set(parts)) == len(parts):
            return self._add_candidate(name, Candidate(name=self.name(name), sum=parts, status="accepted"))
        elif (collection := _find_leading(parts)) is not None:
            candidate = Candidate(name=self.name(name), leading=collection, n=len(parts), status="accepted")
            return self._add_candidate(name, candidate)
        else:
            known.particles[name] = parts
        return None

    def _open(self, block: Block, body: Expression) -> str:
        """A pair with open indices: a candidate that a later statement chooses."""
        parts = _flatten(body)
        if len(parts) != 2 or not all(isinstance(p, Index) and p.first is not None and p.first < 0 for p in parts):
            message = "open indices are expressible for a pair from one collection, as in ELE[-1] ELE[-1]"
            raise NotExpressible(block.line, show(body), message)
        owners = {Interpreter(self.known).one(p.owner) for p in parts if isinstance(p, Index)}
        if len(owners) != 1:
            raise NotExpressible(block.line, show(body), "expected two objects of one collection")
        collection = owners.pop()
        name = self._add_candidate(
            block.name, Candidate(name=self.name(block.name), pair=collection, status="accepted")
        )
        self.open[name] = (collection, block.line)
        return name


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and everything below it."""
    yield expression
    for value in vars(expression).values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Expression):
                yield from walk(part)


def _flatten(expression: Expression) -> list[Expression]:
    match expression:
        case Together(parts=parts):
            return [p for part in parts for p in _flatten(part)]
        case Binary(operator="+", left=left, right=right):
            return [*_flatten(left), *_flatten(right)]
    return [expression]


def _find_leading(parts: tuple[str, ...]) -> str | None:
    """X, where the parts are X[0], X[1], … in this order and at least two."""
    collection = parts[0].removesuffix("[0]")
    if len(parts) > 1 and collection.isidentifier() and parts == tuple(f"{collection}[{k}]" for k in range(len(parts))):
        return collection
    return None
