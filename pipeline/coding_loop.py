"""Driving stage two's graph: models asked, every attempt shown on a line, and kept when it is over."""

from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.coding_desk import CodingDesk, Ports
from pipeline.coding_services import Workshop
from pipeline.coding_store import CodingStore
from pipeline.terminal import Progress, Stage
from schemas.coding import Attempt, CodingRecord

if TYPE_CHECKING:
    from codegen.coder.task import CodingServices, CodingState, CodingTask, Exchange
    from codegen.graph import Said

WORDS = {
    "instruct": "the supervisor writes an instruction",
    "write": "the coder writes",
    "guard": "the code is read",
    "execute": "the code runs",
    "compare": "events are compared",
    "accept": "events that it never saw",
    "explain": "the difference is explained",
    "fix": "it is written down",
}


class Show:
    """One line per attempt; while it is under way, what is being done."""

    def __init__(self, progress: Progress, *, in_words: bool = False) -> None:
        """`in_words`: the criteria state in words what a model codes."""
        self._progress = progress
        self._in_words = in_words
        self._shown = ExitStack()
        self._stage: Stage | None = None
        self._number = 0

    def begin(self, number: int) -> None:
        """An attempt begins."""
        if number != self._number:
            self._number = number
            self._stage = self._shown.enter_context(self._progress.stage(f"attempt {number}"))

    def say(self, text: str) -> None:
        """What is being done now. May be called from any thread."""
        if self._stage is not None:
            self._stage.update(text)

    def end(self, attempt: Attempt, *, reused: bool = False) -> None:
        """An attempt is over."""
        self.begin(attempt.number)
        assert self._stage is not None
        self._stage.detail, self._stage.reused = word_attempt(attempt, in_words=self._in_words), reused
        self._stage.failed = not attempt.accepted
        self._close()

    def interrupt(self) -> None:
        """The loop was left; an attempt that is under way is not over."""
        if self._stage is not None:
            self._stage.failed, self._stage.detail = True, "not finished; the same command goes on here"
            self._close()

    def _close(self) -> None:
        self._shown.close()
        self._stage = None


def word_attempt(attempt: Attempt, *, in_words: bool = False) -> str:
    """What became of an attempt, in one line."""
    if attempt.accepted:
        return word_accepted(attempt, in_words=in_words)
    comparison = attempt.comparison
    if comparison is not None and not comparison.matched:
        return comparison.summary
    kind = f" ({attempt.failure})" if attempt.failure else ""
    return f"{attempt.problem}{kind}"


def word_accepted(attempt: Attempt, *, in_words: bool = False) -> str:
    """What an accepted attempt was tried on."""
    if attempt.held_out and attempt.witness:
        return "accepted: every step keeps the right events, the held-out and the witness events as well"
    if attempt.held_out:
        none = "no witness events: these criteria are in words" if in_words else "there are no witness events"
        return f"accepted: every step keeps the right events, the held-out ones as well; {none}"
    return "accepted: every step keeps the right events"


async def drive(
    task: "CodingTask", workshop: Workshop, store: CodingStore, desk: CodingDesk, run: Path, progress: Progress,
    show: Show,
) -> CodingRecord:  # fmt: skip
    """Go through the graph from what the store has. Raises ModelError when models give no replies."""
    from codegen.graph import Made, run_coding

    state = store.load(task.rounds)
    for attempt in state["attempts"]:
        show.end(attempt, reused=True)
    async with AsyncExitStack() as opened:
        ports = await desk.open(run, opened, progress.note)
        await _greet(ports, task, state)
        try:
            async for event in run_coding(task, serve(workshop, ports, desk, task), state):
                if not isinstance(event, Made):
                    _say(show, event)
                    continue
                state.update(event.state)
                if event.step in ("instruct", "write"):
                    _keep_calls(store, desk, state["number"], state["exchanges"])
                if event.step == "fix":
                    last = state["last"]
                    _keep_calls(store, desk, last.attempt.number, last.exchanges)
                    store.keep(last)
                    show.end(state["last"].attempt)
        finally:
            show.interrupt()
    return state["record"]


async def _greet(ports: Ports, task: "CodingTask", state: "CodingState") -> None:
    """See that the models answer at all, before an attempt begins. Raises ModelUnavailable."""
    attempts = state["attempts"]
    if len(attempts) < task.rounds and not (attempts and attempts[-1].accepted):
        await ports.coder.find_context_length()
        if task.supervised:
            await ports.supervisor.find_context_length()


def _say(show: Show, said: "Said") -> None:
    if said.number:
        show.begin(said.number)
        show.say(said.text or WORDS[said.step])


def _keep_calls(store: CodingStore, desk: CodingDesk, number: int, exchanges: "tuple[Exchange, ...]") -> None:
    for place, exchange in enumerate(exchanges, start=1):
        own = desk.settings.of(exchange.request.role)
        store.keep_exchange(number, place, exchange, own.model, own.price)


def serve(workshop: Workshop, ports: Ports, desk: CodingDesk, task: "CodingTask") -> "CodingServices":
    """The services of the graph; what blocks goes into a thread."""
    from codegen.coder.task import CodingServices
    from codegen.coder.threads import run_in_thread

    return CodingServices(
        coder=ports.coder,
        supervisor=ports.supervisor if task.supervised else None,
        classifier=ports.classifier if desk.options.classify else None,
        run=lambda source, number: run_in_thread(partial(workshop.run, source, number)),
        baseline=workshop.loop,
        files=workshop.files,
        secret=workshop.secret,
        find_values=lambda source, keys: run_in_thread(partial(workshop.find_values, source, keys)),
        accept=lambda source, number, ran: run_in_thread(partial(workshop.accept, source, number, ran)),
        price=desk.price,
    )
