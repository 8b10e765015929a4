"""An ADL file as blocks of statements. What is not ADL is listed with its line; the rest is read all the same."""

from collections.abc import Sequence

from codegen.adl.lexer import Token, list_tokens, strip_comment
from codegen.adl.parse import Parser
from codegen.adl.syntax import Block, Call, Expression, NotExpressible, Problem, Statement, Text, Together

_KEYWORDS: dict[str, str] = {
    "define": "define", "def": "define", "object": "object", "obj": "object", "composite": "composite",
    "region": "region", "algo": "region", "algorithm": "region", "info": "info", "take": "take", "using": "take",
    "select": "select", "cut": "select", "cmd": "select", "reject": "reject", "histo": "histo",
    "histolist": "histolist", "weight": "weight", "bin": "bin", "bins": "bin", "table": "table", "sort": "sort",
    "save": "save", "print": "print", "counts": "counts", "countsformat": "countsformat", "process": "process",
    "systematic": "systematic", "trigger": "trigger",
}  # fmt: skip
_INFO = ("title", "experiment", "id", "publication", "sqrts", "lumi", "arxiv", "hepdata", "doi")
_INSIDE_TABLE = ("tabletype", "nvars", "errors")
_OPEN_ENDS = ("and", "or", "AND", "OR", "&&", "||", "?", "+", "-", "*", "/", ",", "=", "<", ">", "<=", ">=", "==")
_OPEN_STARTS = ("and", "or", "AND", "OR", "&&", "||", "?", ":", "*", "/", "+", ")")
_ASIDE = ("weight", "sort", "print", "counts", "countsformat", "process", "systematic", "trigger")


def read_blocks(text: str) -> tuple[list[Block], list[Problem]]:
    """The blocks of a file in order, and everything that could not be read."""
    reader = _Reader()
    info: Block | None = None
    pending: list[Token] = []
    for number, line in enumerate(text.split("\n"), start=1):
        first, _, rest = strip_comment(line).strip().partition(" ")
        if info is not None and first.lower() in _INFO:
            info.words[first.lower()] = rest.strip().strip('"')
            continue
        tokens = list_tokens(line, number)
        if not tokens:
            continue
        if pending and _continues(pending, tokens):
            pending += tokens
            continue
        reader.read(pending)
        pending = tokens
        word = _KEYWORDS.get(tokens[0].text.lower())
        if word == "info":
            info = Block("info", rest.strip(), number)
            reader.blocks.append(info)
            pending = []
        elif word is not None:
            info = None
    reader.read(pending)
    return reader.blocks, reader.problems


def _continues(before: Sequence[Token], tokens: Sequence[Token]) -> bool:
    """Whether a line goes on with the statement of the line above."""
    if tokens[0].text.lower() in _KEYWORDS:
        return False
    depth = sum(t.text in ("(", "{", "[") for t in before) - sum(t.text in (")", "}", "]") for t in before)
    return depth > 0 or before[-1].text in _OPEN_ENDS or tokens[0].text in _OPEN_STARTS


class _Reader:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.problems: list[Problem] = []

    def read(self, tokens: list[Token]) -> None:
        """One statement, added to its block."""
        if not tokens:
            return
        try:
            bad = next((t for t in tokens if t.kind == "bad"), None)
            if bad is not None:
                raise NotExpressible(bad.line, bad.text, "is no character of ADL")
            self._read(tokens)
        except NotExpressible as error:
            self.problems.append(error.problem)
        except RecursionError:
            self.problems.append(Problem(tokens[0].line, tokens[0].text, "is nested too deeply"))

    def _read(self, tokens: list[Token]) -> None:
        first, rest = tokens[0], tokens[1:]
        word = _KEYWORDS.get(first.text.lower())
        within = self.blocks[-1].kind if self.blocks else None
        if within == "table" and (first.text.lower() in _INSIDE_TABLE or first.kind == "number" or first.text in "+-"):
            return
        match word:
            case "define":
                self._define(first, rest)
            case "object" | "composite":
                self._object(word, first, rest)
            case "region" | "histolist" | "table":
                self.blocks.append(Block(word, _name(first, rest), first.line))
                if len(rest) > 1 and word != "table":
                    raise NotExpressible(rest[1].line, rest[1].text, f"expected the name of the {word} alone")
            case "take":
                self._statement("take", first, self._list_takes(rest, first.line))
            case "select" | "reject":
                if rest and rest[0].text.upper() == "HLT" and all(t.kind == "string" for t in rest[1:]):
                    triggers = tuple(Call(t.line, "HLT", (Text(t.line, t.text[1:-1]),)) for t in rest[1:])
                    self._statement(word, first, list(triggers))
                    return
                self._statement(word, first, [_parse(rest, first.line)])
            case "bin":
                self._bin(first, rest)
            case "histo":
                self._histo(first, rest)
            case "save":
                self._save(first, rest)
            case "countsformat" | "process" | "systematic" if within != "region":
                self.blocks.append(Block("aside", " ".join(t.text for t in tokens[:3]), first.line))
            case _ if word in _ASIDE:
                self._add(Statement(str(word), first.line, words=tuple(t.text for t in tokens)))
            case _ if within in ("region", "histolist") and len(tokens) == 1 and first.kind == "name":
                self._add(Statement("refer", first.line, words=(first.text,)))
            case _:
                raise NotExpressible(
                    first.line, first.text, "expected a keyword of ADL (object, take, select, define, region, …)"
                )

    def _add(self, statement: Statement) -> None:
        if self.blocks and self.blocks[-1].kind == "define":
            define = self.blocks[-1]
            ends = f"follows define {define.name} in line {define.line}, which ends the object or region above it"
            raise NotExpressible(statement.line, statement.verb, f"{ends}; write definitions before it")
        if not self.blocks or self.blocks[-1].kind not in ("object", "composite", "region", "histolist"):
            raise NotExpressible(statement.line, statement.verb, "expected an object or a region above it")
        self.blocks[-1].statements.append(statement)

    def _statement(self, verb: str, first: Token, bodies: list[Expression]) -> None:
        for body in bodies:
            self._add(Statement(verb, first.line, body))

    def _define(self, first: Token, rest: list[Token]) -> None:
        name = _name(first, rest)
        if len(rest) < 3 or rest[1].text not in ("=", ":"):
            raise NotExpressible(first.line, name, "expected define NAME = expression")
        self.blocks.append(Block("define", name, first.line, body=_parse(rest[2:], first.line)))

    def _object(self, word: str, first: Token, rest: list[Token]) -> None:
        name = _name(first, rest)
        block = Block(word, name, first.line)
        self.blocks.append(block)
        rest = rest[1:]
        if not rest:
            return
        if rest[0].text != ":" and rest[0].text.lower() not in ("take", "using"):
            raise NotExpressible(rest[0].line, rest[0].text, "expected take, using or : after the name of an object")
        words = [t.text.lower() for t in rest]
        if "alias" in words:
            k = words.index("alias")
            block.alias = _name(rest[k], rest[k + 1 :])
            rest = rest[:k]
        self._statement("take", first, self._list_takes(rest[1:], first.line))

    def _list_takes(self, tokens: list[Token], line: int) -> list[Expression]:
        """What stands after take: names (with an alias each), unions, combinations; one per comma."""
        words = [t.text.lower() for t in tokens]
        if "alias" in words:
            k = words.index("alias")
            self.blocks[-1].alias = _name(tokens[k], tokens[k + 1 :])
            tokens = tokens[:k]
        return [_parse(part, line) for part in _split(tokens)]

    def _bin(self, first: Token, rest: list[Token]) -> None:
        label = None
        if rest and rest[0].kind == "string":
            label, rest = rest[0].text[1:-1], rest[1:]
        parser = Parser(rest, first.line)
        body = parser.condition()
        edges = tuple(t.text for t in parser.tokens[parser.at :])
        if edges and not all(t.kind == "number" or t.text in "+-" for t in parser.tokens[parser.at :]):
            parser.finish()
        self._add(Statement("bin", first.line, body, words=edges, label=label))

    def _histo(self, first: Token, rest: list[Token]) -> None:
        parts = _split(rest)
        name = "".join(t.text for t in parts[0]) if parts else ""
        title = parts[1][0].text.strip('"') if len(parts) > 1 and parts[1] else ""
        numbers = [_as_number(p) for p in parts[2:5]]
        if len(parts) != 6 or any(n is None for n in numbers):
            self._add(Statement("histo", first.line, words=(name, title)))  # two dimensions, or bins of unequal width
            return
        value = _parse(parts[5], first.line)
        found = tuple(n for n in numbers if n is not None)
        self._add(Statement("histo", first.line, words=(name, title), values=(value,), numbers=found))

    def _save(self, first: Token, rest: list[Token]) -> None:
        values: list[Expression] = []
        if len(rest) > 2 and rest[1].text.lower() == "csv":
            for part in _split(rest[2:]):
                parser = Parser(part, first.line)
                while parser.peek() is not None:
                    value = parser.sum()
                    values += value.parts if isinstance(value, Together) else [value]
        self._add(Statement("save", first.line, words=tuple(t.text for t in rest[:1]), values=tuple(values)))


def _name(first: Token, rest: list[Token]) -> str:
    if not rest or rest[0].kind != "name":
        found = rest[0] if rest else first
        raise NotExpressible(found.line, found.text, f"expected a name after {first.text}")
    return rest[0].text


def _parse(tokens: list[Token], line: int) -> Expression:
    parser = Parser(tokens, line)
    expression = parser.condition()
    parser.finish()
    return expression


def _split(tokens: list[Token]) -> list[list[Token]]:
    """The tokens between the commas that stand outside of brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "{", "[")) - (token.text in (")", "}", "]"))
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _as_number(tokens: list[Token]) -> float | None:
    text = "".join(t.text for t in tokens)
    try:
        return float(text)
    except ValueError:
        return None
