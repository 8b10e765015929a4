"""From an event to two events, just inside and just outside a threshold, that differ in nothing else."""

import math
from typing import NamedTuple

from codegen.witness.distance import Sides
from codegen.witness.evaluate import Outcome
from codegen.witness.examining import Examiner
from codegen.witness.goals import Goal
from codegen.witness.lines import Line
from codegen.witness.stored import Event
from codegen.witness.values import Entry

CLOSE = 1e-4  # how far from a threshold, relative to it, the values inside and outside are
STRIDES = tuple(s * 10**e for e in (-3, -2, -1, 0) for s in (1.0, 2.0, 4.0))
DISCRETE = 120


class Pair(NamedTuple):
    """Two events between which one comparison of one cut flips: `inside` passes the cut."""

    inside: Event
    outside: Event
    entry: Entry


class Crosser(Examiner):
    """Crosses thresholds: along lines, or by jumps where numbers are counts or words."""

    def _cross(self, goal: Goal, event: Event, entry: Entry, strict: bool) -> Pair | None:
        """Along lines to the threshold; nothing for counts and words."""
        here = self.find_state(goal, event, entry)
        if here is None or not here[1].pairs or all(a.is_integer() and b.is_integer() for a, b in here[1].pairs):
            return None
        for line in self.lines.list_lines(event, entry):
            if self.climber.is_spent:
                return None
            pair = self._follow(goal, entry, line, here, strict)
            if pair is not None:
                return pair
        return None

    def _list_others(self, goal: Goal, strict: bool) -> list[str]:
        """The cuts that must not change with a region's cut: all others of the chain, or those that come before it."""
        listed: list[str] = []
        for region in self.interpreter.list_chain(goal.owner):
            for _, cuts in self.interpreter.steps[region]:
                names = [c.cut.id for c in cuts]
                listed += [name for name in names if name != goal.item]
                if goal.item in names and not strict:
                    return listed
        return listed

    def _compare(
        self,
        goal: Goal,
        entry: Entry,
        here: tuple[bool, Sides, Outcome],
        there: tuple[bool, Sides, Outcome] | None,
        strict: bool,
    ) -> str:
        """What changed between two events: "same", "flip" (only the goal's comparison), or "other"."""
        if there is None:
            return "other"
        before, after = here[2], there[2]
        if goal.kind == "region" and any(
            before.passed[k] != after.passed[k] for k in self._list_others(goal, strict)
        ):  # fmt: skip
            return "other"
        for key, value in before.single.items() if strict else ():
            if key != entry and after.single.get(key, value) != value and (
                goal.kind != "combination" or key[0] != goal.item
            ):  # fmt: skip
                return "other"
        if here[0] == there[0]:
            return "same" if before.signature == after.signature or goal.kind == "region" else "other"
        flipped = here[1].find_flipped(there[1])
        if before.signature == after.signature or (goal.atom is not None and flipped is None):
            return "other"
        if goal.side and flipped is not None:
            outside = there if here[0] else here
            if flipped < len(outside[1].pairs):
                left, right = outside[1].pairs[flipped]
                equal = here[1].pairs[flipped]
                other = left - right if left != right else equal[0] - equal[1]
                if other * goal.side < 0:
                    return "other"
        return "flip"

    def _follow(
        self, goal: Goal, entry: Entry, line: Line, here: tuple[bool, Sides, Outcome], strict: bool
    ) -> Pair | None:
        """Along a line to where the comparison flips, then close to that place on both sides."""
        probe = self.find_state(goal, line(1e-4), entry)
        if probe is None or (probe[1].pairs == here[1].pairs and probe[1].truths == here[1].truths):
            return None
        for sign in (1.0, -1.0):
            last = 0.0
            for stride in STRIDES:
                event = line(sign * stride)
                verdict = self._compare(goal, entry, here, self.find_state(goal, event, entry), strict)
                if verdict == "other":
                    break
                if verdict == "flip":
                    pair = self._close_in(goal, entry, line, here, last, sign * stride, strict)
                    if pair is not None:
                        return pair
                    break
                last = sign * stride
        return None

    def _close_in(
        self,
        goal: Goal,
        entry: Entry,
        line: Line,
        here: tuple[bool, Sides, Outcome],
        near: float,
        far: float,
        strict: bool,
    ) -> Pair | None:
        start = (near, far)
        for _ in range(50):
            middle = (near + far) / 2
            if middle in (near, far):
                break
            verdict = self._compare(goal, entry, here, self.find_state(goal, line(middle), entry), strict)
            if verdict == "other":
                return None
            near, far = (middle, far) if verdict == "same" else (near, middle)
        kept = self._step_back(goal, entry, line, here, near, start[0] - near, "same", strict)
        flipped = self._step_back(goal, entry, line, here, far, start[1] - far, "flip", strict)
        if kept is None or flipped is None:
            return None
        pair = Pair(kept, flipped, entry) if here[0] else Pair(flipped, kept, entry)
        return pair if self._check(goal, pair, strict) else None

    def _step_back(
        self, goal: Goal, entry: Entry, line: Line, here: tuple[bool, Sides, Outcome], at: float, reach: float,
        wanted: str, strict: bool,
    ) -> Event | None:  # fmt: skip
        """The event nearest to the threshold that keeps a safe distance from it."""
        reach = reach or math.copysign(1e-3, at if wanted == "flip" else -at or -1.0)
        fraction = 1e-9
        for _ in range(40):
            event = line(at + reach * fraction)
            state = self.find_state(goal, event, entry)
            if state is None or self._compare(goal, entry, here, state, strict) != wanted:
                if fraction > 1e-3:
                    return None
            elif self._is_far_enough(state[1]) and self.is_steady(event):
                return event
            fraction *= 2
            if fraction > 1:
                break
        event = line(at + reach)
        state = self.find_state(goal, event, entry)
        return (
            event
            if state and self._compare(goal, entry, here, state, strict) == wanted and self.is_steady(event)
            else None
        )

    def _is_far_enough(self, sides: Sides) -> bool:
        return all(
            abs(a - b) >= 0.5 * CLOSE * max(abs(a), abs(b), 1e-9) for a, b in sides.pairs if math.isfinite(a - b)
        )

    def _check(self, goal: Goal, pair: Pair, strict: bool) -> bool:
        states = [self.find_state(goal, e, pair.entry) for e in (pair.inside, pair.outside)]
        if states[0] is None or states[1] is None or states[0][0] is False or states[1][0] is True:
            return False
        if self._compare(goal, pair.entry, states[0], states[1], strict) != "flip":
            return False
        if goal.piece is not None:
            return all(
                min(self._find_piece(goal, e, pair.entry), default=1.0) == 0 for e in (pair.inside, pair.outside)
            )
        return True

    def _jump(self, goal: Goal, event: Event, entry: Entry, strict: bool) -> Pair | None:
        """For words, counts and charges: one thing changed at a time, then two."""
        here = self.find_state(goal, event, entry)
        if here is None:
            return None
        for attempt in range(DISCRETE):
            changed = self.maker.change(event)
            if attempt > DISCRETE // 2:
                changed = self.maker.change(changed)
            there = self.find_state(goal, changed, entry)
            if there is None or self._compare(goal, entry, here, there, strict) != "flip":
                continue
            pair = Pair(event, changed, entry) if here[0] else Pair(changed, event, entry)
            if self._check(goal, pair, strict) and self.is_steady(changed) and self.is_steady(event):
                return pair
        return None
