"""Replies that are broken in the ways in which models break them."""

import json
from typing import Literal

from benchmarks.simulated.drawing import choose, draw
from benchmarks.stand_in import Answer

Broken = Literal["cut", "prose", "empty", "wrong types"]

_KINDS: tuple[Broken, ...] = ("cut", "prose", "empty", "wrong types")
_PROSE = "I have read the text with care. It holds several requirements, which I would be glad to explain one by one."


def break_reply(text: str, *names: object) -> tuple[Broken, Answer]:
    """A reply that was whole, broken in one of the ways; the same for the same names."""
    kind = choose(_KINDS, *names, "kind")
    if kind == "cut":
        return kind, Answer(text[: int(len(text) * draw(*names, "where"))], finish="length")
    if kind == "prose":
        return kind, Answer(_PROSE)
    if kind == "empty":
        return kind, Answer("")
    return kind, Answer(_spoil(text))


def _spoil(text: str) -> str:
    """The same items with numbers where words belong and the other way round."""
    found: dict[str, list[dict[str, object]]] = json.loads(text)
    items = [{**item, "quote": 7, "operator": ["?"], "variable": {}} for item in found.get("findings", [])]
    return json.dumps({"findings": items or [{"quote": 7}]}, ensure_ascii=False)
