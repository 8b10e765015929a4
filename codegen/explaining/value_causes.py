"""What the values of single events say about the cause of a difference, in order of strength."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from codegen.explaining.sights import Sight, is_close
from schemas.coding import Cause, CauseKind

NEAR = 5e-3  # relative difference of values that are nearly the same
ENOUGH = 0.8  # of the events that speak for or against a cause
RATIOS = (
    (1000.0, "1000 times the right value: MeV where GeV is meant, or a length in μm"),
    (0.001, "1/1000 of the right value: GeV where MeV is meant (divided by 1000 twice, or by 1000 too often)"),
    (1e6, "a million times the right value: a unit that is not converted twice over"),
    (1e-6, "a millionth of the right value: converted twice"),
    (10.0, "10 times the right value: mm for cm"),
    (0.1, "a tenth of the right value: cm for mm"),
    (180 / math.pi, "180/π times the right value: degrees for radians"),
    (math.pi / 180, "π/180 of the right value: radians for degrees"),
)  # fmt: skip


class Support(NamedTuple):
    """In how many of the events that can say something a cause holds."""

    holds: int
    of: int

    @property
    def enough(self) -> bool:
        """Whether the cause is worth naming."""
        return self.holds > 0 and self.holds >= ENOUGH * self.of


def list_value_causes(sights: Sequence[Sight], limits: Sequence[float], parts: str = "") -> Iterator[Cause]:
    """Causes that the values of the differing events speak for, the strongest first. `parts` is what the quantity is
    made of, in words."""
    made = f": {parts}" if parts else ""
    differing = [s for s in sights if s.kept_by in ("analysis", "baseline")]
    known = [s for s in differing if s.pairs]
    if not known:
        yield from _compare_lengths(differing, made)
        return
    for ratio, text in RATIOS:
        found = _support(known, partial(_has_ratio, ratio))
        if found.enough:
            yield _cause("unit", f"the analysis has {text}", found)
            return
    found = _support([s for s in known if _differs(s)], lambda p: is_close(p[0], -p[1]) or is_close(p[0], p[1]))
    if found.enough:
        ours_negative = any(a < 0 < b for s in known for a, b in s.pairs or ())
        text = "abs() is missing" if ours_negative else "the analysis takes the magnitude of a value whose sign counts"
        yield _cause("sign", f"the same values with the opposite sign: {text}", found)
        return
    same = [s for s in known if not _differs(s)]
    if len(same) >= ENOUGH * len(known):
        at_limit = [s for s in same if any(is_close(a, limit, 1e-12) for a, _ in s.pairs or () for limit in limits)]
        if at_limit and len(at_limit) >= ENOUGH * len(same):
            text = "the value lies exactly on the threshold: < stands where ≤ is asked, or ≤ where < is"
            yield _cause("boundary", text, Support(len(at_limit), len(same)))
            return
        text = "both sides compare the same value and decide differently: the threshold or the sign of comparison"
        yield _cause("threshold", text, Support(len(same), len(known)))
        return
    near = [s for s in known if all(is_close(a, b, NEAR) for a, b in s.pairs or ())]
    if len(near) >= ENOUGH * len(known):
        text = "the values differ by less than 0.5%: rounding, single precision, or a quantity that is nearly the same"
        yield _cause("definition", f"{text} (energy for pT, rapidity for η)", Support(len(near), len(known)))
        return
    whole = [s for s in known if all(float(a).is_integer() and float(b).is_integer() for a, b in s.pairs or ())]
    if len(whole) == len(known):
        more = sum(a > b for s in known for a, b in s.pairs or ())
        which = "more" if more >= ENOUGH * len(known) else "fewer" if more <= (1 - ENOUGH) * len(known) else "other"
        text = f"the analysis counts {which} objects; look at their definition{made}"
        yield _cause("definition", text, Support(len(whole), len(known)))
        return
    yield _cause(
        "definition", f"the analysis compares another quantity or other objects; look at its definition{made}",
        Support(len(known) - len(same), len(known)),
    )  # fmt: skip


def _compare_lengths(differing: Sequence[Sight], made: str) -> Iterator[Cause]:
    """Where values cannot be put side by side: one side has none, or another number of them."""
    lists = [s for s in differing if isinstance(s.analysis, tuple) and isinstance(s.baseline, tuple)]
    if len(lists) >= ENOUGH * len(differing) and lists:
        more = sum(len(s.analysis or ()) > len(s.baseline or ()) for s in lists if isinstance(s.analysis, tuple))  # type: ignore[arg-type]
        which = "more" if more >= ENOUGH * len(lists) else "fewer" if more <= (1 - ENOUGH) * len(lists) else "other"
        text = f"the analysis compares {which} objects than are right; look at their definition{made}"
        yield _cause("definition", text, Support(len(lists), len(differing)))
    for side, other, name in ((0, 1, "analysis"), (1, 0, "baseline")):
        absent = [
            s for s in differing if s.told[side] and s[2 + side] is None and s.told[other] and s[2 + other] is not None
        ]
        if absent and len(absent) >= ENOUGH * len(differing):
            text = f"the value is missing in the {name} only: an object or a number that is not found there"
            yield _cause("missing", text, Support(len(absent), len(differing)))


def _support(sights: Sequence[Sight], holds: Callable[[tuple[float, float]], bool]) -> Support:
    return Support(sum(all(holds(p) for p in s.pairs or ()) for s in sights), len(sights))


def _has_ratio(ratio: float, pair: tuple[float, float]) -> bool:
    return pair[1] != 0 and math.isclose(pair[0] / pair[1], ratio, rel_tol=2e-3)


def _differs(sight: Sight) -> bool:
    return any(not is_close(a, b) for a, b in sight.pairs or ())


def _cause(kind: CauseKind, text: str, support: Support) -> Cause:
    return Cause(kind=kind, text=text, evidence=f"in {support.holds} of {support.of} events")
