"""Random criteria documents: anything that the schema holds, whether or not it validates."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from pydantic import ValidationError

from schemas.criteria import SelectionCriteria

WORDS = ("jets", "leptons", "z1", "higgs", "m4l", "SR-1", "a_1", "jet", "x", "µ", "#: cut {}", "ALL", "electron")
TEXTS = (
    *WORDS,
    "\n#: cut {",
    "\n#+ ]",
    "\\input{x}",
    '"',
    "'",
    "\u2028\x85\r",
    "\U0001f600",
    "\ud800",
    "",
    " | <b> % ",
)
EXPRESSIONS = (
    "pt", "abs(eta)", "count(jets)", "mass(z1)", "higgs.leptons[0].pt", "jets[0].pt / m4l", "id", "met", "not", "abs(",
    "deltaR(pairs(leptons, same_flavour))", "abs(deltaphi(jets[0], met))", "min(abs(deltaphi(jets[:3], met)))",
    "m4l - -1", "leptons.id >= tight", "(pt > 1 or pt < 0.1) and flavour == muon", "-pt**2",
    "interp(m4l, [1, 2], [3, 4])", "leptons[:2]", "not (met > 10)", "count(jets.btag >= medium)", "1 < pt < 2",
    "jets.x", "leptons.flavour == leptons.flavour",
)  # fmt: skip
UNITS = (None, "GeV", "MeV", "deg", "mm", "parsec")
OPERATORS = (">", ">=", "<", "<=", "==", "!=", "between", "outside", "in", "pass", "fail", "minimise")
Made = TypeVar("Made")


class Generator:
    """Documents as plain data, from one seed."""

    def __init__(self, seed: int, texts: Sequence[str] = TEXTS) -> None:
        self.random = Random(seed)
        self.texts = (*WORDS, *texts)

    def document(self) -> SelectionCriteria:
        """A document; parts that the schema refuses are made again."""
        while True:
            content = {
                "analysis": {"slug": self.text()} | self.some(title=self.text, paper=self.text, sqrt_s=self.number),
                "objects": self.many(self.collection), "overlap": self.many(self.step),
                "candidates": self.many(self.candidate),
                "variables": self.many(self.variable), "regions": self.many(self.region),
                "outputs": self.many(self.word), "questions": self.many(self.question),
            }  # fmt: skip
            try:
                return SelectionCriteria.model_validate(content)
            except ValidationError:
                continue

    def word(self) -> str:
        return self.random.choice(WORDS)

    def text(self) -> str:
        return self.random.choice(self.texts)

    def expression(self) -> str:
        return self.random.choice((*EXPRESSIONS, self.text()))

    def number(self) -> float:
        return self.random.choice((0.0, 1.0, -2.5, 1e-17, 7.0, 3e300, 0.1, self.random.uniform(-1e3, 1e3)))

    def many(self, make: Callable[[], Made], least: int = 0) -> list[Made]:
        return [make() for _ in range(self.random.randint(least, 3))]

    def some(self, **fields: Callable[[], object]) -> dict[str, object]:
        return {name: make() for name, make in fields.items() if self.random.random() < 0.3}

    def provenance(self) -> dict[str, object]:
        status = self.random.choice(("proposed", "accepted", "edited", "rejected"))
        return {"status": status} | self.some(origin=self.text, by=self.text, evidence=lambda: self.many(self.evidence))

    def evidence(self) -> dict[str, object]:
        return {
            "document_id": self.text(), "page": self.random.choice((None, 3)), "quote": self.many(self.text),
            "spans": [[1, 5]], "alignment": "exact", "number": "ok", "unit": "ok", "operator": "wrong",
            "polarity": "absent",
        }  # fmt: skip

    def threshold(self) -> dict[str, object]:
        low, high = sorted((self.number(), self.number()))
        kind: dict[str, object] = self.random.choice((
            {"value": self.number()}, {"values": self.many(self.number, 1)}, {"range": [low, high], "closed": "left"},
            {"range": [low, high]}, {"label": self.text()}, {"labels": self.many(self.text, 1)},
            {"expression": self.expression()},
        ))  # fmt: skip
        return kind | self.some(unit=lambda: self.random.choice(UNITS), literal=self.text)

    def cut(self) -> dict[str, object]:
        return {
            "id": self.text(), "variable": self.expression(), "operator": self.random.choice(OPERATORS),
            "quantifier": self.random.choice(("all", "any")), "group": self.random.choice((None, "g", "h")),
            "threshold": self.random.choice((None, self.threshold(), self.threshold())),
            "agreement": self.random.choice((None, {"found": 1, "of": 2})),
        } | self.provenance() | self.some(condition=self.expression, note=self.text)  # fmt: skip

    def collection(self) -> dict[str, object]:
        source: dict[str, object] = self.random.choice(
            ({"base": self.word()}, {"base": self.many(self.word, 1)}, {"union": self.many(self.word, 1)})
        )
        removals = [{"with": self.word(), "deltaR": 0.4} | self.provenance() for _ in range(self.random.randint(0, 2))]
        return {"name": self.text(), "cuts": self.many(self.cut), "remove_overlap": removals} | source

    def step(self) -> dict[str, object]:
        return {"remove": self.word(), "near": self.word(), "deltaR": 0.2} | self.provenance()

    def candidate(self) -> dict[str, object]:
        kind: dict[str, object] = self.random.choice((
            {"pair": self.expression()}, {"pair": self.word(), "pairing": self.many(self.text, 1)},
            {"leading": self.word(), "n": self.random.randint(1, 9)}, {"sum": self.many(self.word, 1)},
            {"assign": {self.text(): self.expression(), "jet": "jets[:2]"}},
        ))  # fmt: skip
        choice: dict[str, object] = self.random.choice(
            (
                {},
                {"minimise": self.expression()},
                {"minimise": self.many(self.expression, 1)},
                {"maximise": self.expression()},
            )
        )
        require = self.random.choice(([], ["same_flavour", "opposite_charge"], [{"opposite_charge": "jet"}]))
        rest = {"name": self.text(), "exclude": self.many(self.word), "require": require, "select": self.many(self.cut)}
        return kind | choice | rest | self.provenance() | self.some(note=self.text)

    def variable(self) -> dict[str, object]:
        binning = {"bins": 10, "low": -1.5, "high": 2}
        return {"name": self.text(), "expression": self.expression()} | self.some(
            unit=self.text, note=self.text, binning=lambda: binning
        )

    def region(self) -> dict[str, object]:
        return {"name": self.text(), "cuts": self.many(self.cut)} | self.some(parent=self.word, note=self.text)

    def question(self) -> dict[str, object]:
        alternatives = [{"key": self.text(), "text": self.text(), "changes": self.many(self.cut)}]
        answer = {"by": self.text(), "at": "2026-01-02T03:04:05Z", "text": self.text()}
        return {"id": self.text(), "text": self.text(), "why": self.text(), "alternatives": alternatives} | self.some(
            cuts=lambda: self.many(self.text), answer=lambda: answer, default=self.text
        )
