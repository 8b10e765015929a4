"""Simulated coders behind a model server: right code, real mistakes and broken replies in the loop, at known rates."""

import re
from functools import cache

from benchmarks.coders.bugs import Bug, load_bugs
from benchmarks.coders.right import ANALYSES
from benchmarks.coders.scripts import Turn, expect, write_reply
from benchmarks.coders.speaking import CONTEXT, find_place
from benchmarks.simulated.drawing import choose, draw
from benchmarks.simulated.specification import SimulatedCoder
from benchmarks.stand_in import Answer, ChatBody, Refusal, Said, Server, StandIn
from schemas.coding import FailureClass
from schemas.model import Model

# Replies without code that can be used. An empty one is asked for once more by the client, so it is not among them.
_BROKEN = (
    Turn(reply="prose", shown_by="reply", failure="syntax"),
    Turn(reply="other_language", shown_by="reply", failure="syntax"),
)
_SLUG = re.compile(r"^ *slug: *(\w+) *$", re.MULTILINE)
# What every run shows, on whatever events: witness events are others where the data are others.
_SEEN = ("guard", "run", "comparison")


class CoderTruth(Model):
    """What a simulated coder does in one run, and what must become of it."""

    analysis: str
    run: int
    turns: tuple[Turn, ...]  # until the first that is right, or all that are allowed

    @property
    def matched(self) -> bool:
        """Whether the loop ends with a program that is accepted."""
        return bool(self.turns) and _is_right(self.turns[-1])

    @property
    def rounds(self) -> int:
        """Attempts that are used."""
        return len(self.turns)

    @property
    def failures(self) -> tuple[FailureClass, ...]:
        """The class of each failed attempt, in order."""
        found = (_find_failure(self.analysis, turn) for turn in self.turns)
        return tuple(failure for failure in found if failure is not None)


def tell_truth(coder: SimulatedCoder, analysis: str, run: int, rounds: int) -> CoderTruth:
    """What the coder does in a run of at most so many rounds. Raises OSError for an analysis without mistakes."""
    turns: list[Turn] = []
    while len(turns) < rounds and not (turns and _is_right(turns[-1])):
        turns.append(take_turn(coder, analysis, run, len(turns) + 1))
    return CoderTruth(analysis=analysis, run=run, turns=tuple(turns))


def take_turn(coder: SimulatedCoder, analysis: str, run: int, number: int) -> Turn:
    """What the coder answers at attempt `number`, whatever became of the attempts before."""
    names = (coder.seed, analysis, run, number)
    if draw(*names, "break") < coder.broken:
        return choose(_BROKEN, *names, "kind")
    if draw(*names, "right") < coder.right:
        return Turn()
    return Turn(bugs=(choose(list_mistakes(analysis), *names, "bug"),))


@cache
def list_mistakes(analysis: str) -> tuple[str, ...]:
    """Names of the mistakes that any events show, without loops that have no end: those cost a minute each."""
    return tuple(name for name, bug in load_bugs(analysis).items() if _is_usual(bug))


def expect_matches(coder: SimulatedCoder, rounds: int) -> float:
    """The share of runs that end with a match: each attempt is right by itself."""
    return 1.0 - (1.0 - coder.right * (1.0 - coder.broken)) ** rounds


def serve_simulated_coder(coder: SimulatedCoder) -> StandIn:
    """A server, not yet started, whose model is the coder: its name is `coder.name`, the run is the question's seed."""

    async def speak(question: ChatBody) -> Said:
        place, analysis = find_place(question), find_analysis(question)
        if place is None or (place.role != "classifier" and analysis is None):
            return Refusal(400, f"this model writes the selections of {', '.join(ANALYSES)} only")
        if place.role == "classifier":
            return Answer('{"reason": "no rule can tell", "failure": "other"}')
        if place.role == "supervisor":
            return Answer("Follow the criteria step by step; look at the first difference, and leave the rest.")
        return Answer(write_reply(analysis or "", take_turn(coder, analysis or "", question.seed or 0, place.number)))

    return StandIn(speak, Server(model=coder.name, max_model_len=CONTEXT))


def find_analysis(question: ChatBody) -> str | None:
    """The built-in analysis whose criteria stand in a question."""
    return next((name for name in _SLUG.findall(question.prompt) if name in ANALYSES), None)


@cache
def _find_failure(analysis: str, turn: Turn) -> FailureClass | None:
    return expect(analysis, turn).failure


def _is_right(turn: Turn) -> bool:
    return not turn.bugs and turn.failure is None


def _is_usual(bug: Bug) -> bool:
    return bug.failure != "timeout" and len(bug.shown_by) == 1 and bug.shown_by[0] in _SEEN
