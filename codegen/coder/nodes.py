"""The steps of a coder's loop: each takes the state, does one thing, and returns what it adds.

What a model, its code and its results do wrong is data in the state (`problem`); only a model that is out of reach, and
a machine that does not work, are exceptions.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from codegen.coder.classes import class_offence, classify
from codegen.coder.classifying import classify_with_model
from codegen.coder.feedback import (
    tell_acceptance,
    tell_difference,
    tell_failure,
    tell_no_code,
    tell_offences,
    tell_plainly,
)  # fmt: skip
from codegen.coder.feedback_check import strike_totals
from codegen.coder.framing import find_forged
from codegen.coder.modes import choose_mode
from codegen.coder.probes import list_numbers, look
from codegen.coder.prompting import list_quotes, write_criteria
from codegen.coder.task import Acceptance, CodingServices, CodingState, CodingTask, Exchange, Round
from codegen.coder.threads import run_in_thread
from codegen.coder.writing import Situation, instruct, write_functions
from codegen.compare import compare_cutflows
from codegen.explaining.explain import explain_mismatch, list_keys
from schemas.coding import Attempt, CallRecord, CodingRecord, Explanation, Offence
from schemas.comparison import Comparison
from schemas.cutflow import Cutflow
from schemas.errors import DataError, PaperfilterError, ProfileError


class Nodes:
    """The steps of a task; each returns what it adds to the state."""

    def __init__(self, task: CodingTask, services: CodingServices) -> None:
        self._task = task
        self._services = services
        self._mode = choose_mode(task)
        self._known = "\n".join([self._mode.write_guide(), write_criteria(task.ssc), *list_quotes(task.ssc)])

    def has_ended(self, state: CodingState) -> bool:
        """Whether nothing is left to be done."""
        return "record" in state

    def is_spoilt(self, state: CodingState) -> bool:
        """Whether something is wrong with the attempt."""
        return state["problem"] is not None

    async def bind(self, state: CodingState) -> CodingState:
        """What the loop starts from: nothing, or the attempts that are there already."""
        attempts = state.get("attempts", ())
        start = CodingState(attempts=attempts, feedback=state.get("feedback", ""))
        if (attempts and attempts[-1].accepted) or len(attempts) >= self._task.rounds:
            return start | CodingState(record=await self._close(attempts, state.get("acceptance")))
        return start | self._begin(len(attempts) + 1)

    def _begin(self, number: int) -> CodingState:
        return CodingState(
            number=number, exchanges=(), instruction="", written=None, program=None, first_line=1, offences=(),
            ran=None, comparison=None, values=None, acceptance=None, explanation=None, problem=None,
        )  # fmt: skip

    def _look(self, state: CodingState) -> Situation:
        told = (f"attempt {a.number}: {a.problem}" for a in state["attempts"])
        history = tuple(self._strike(line, state, echoed=True) for line in told)
        return Situation(state["number"], state.get("functions"), state["feedback"], history)

    async def instruct(self, state: CodingState) -> CodingState:
        """The supervisor says what to write, or what to change."""
        port = self._services.supervisor if self._task.supervised else None
        instructed = await instruct(port, self._mode, self._look(state))
        return {"instruction": instructed.text, "exchanges": instructed.exchanges}

    async def write(self, state: CodingState) -> CodingState:
        """The coder writes functions."""
        written = await write_functions(self._services.coder, self._mode, self._look(state), state["instruction"])
        exchanges = (*state["exchanges"], *written.exchanges)
        return {"exchanges": exchanges, "written": written.reply.functions, "problem": written.reply.problem}

    async def guard(self, state: CodingState) -> CodingState:
        """What the functions must not do, as far as reading them shows."""
        functions = state["written"] or ""
        made = self._mode.make_program(functions, self._services.coder.model)
        offences = self._mode.check(functions, made.steps)
        return {
            "functions": functions, "program": made.source, "first_line": made.first_line, "offences": offences,
            "problem": name_offence(offences),
        }  # fmt: skip

    async def execute(self, state: CodingState) -> CodingState:
        """The program over the events of the loop, in the sandbox."""
        ran = await self._services.run(state["program"] or "", state["number"])
        return {"ran": ran, "problem": ran.problem}

    async def compare(self, state: CodingState) -> CodingState:
        """The events of every step against the baseline's."""
        ran = state["ran"]
        assert ran is not None
        assert ran.cutflow is not None
        forged = find_forged(state["program"] or "", ran.cutflow)
        if forged:  # nothing of it may be told
            return {
                "ran": ran._replace(cutflow=None), "offences": (*state["offences"], *forged),
                "problem": name_offence(forged),
            }  # fmt: skip
        try:
            comparison = compare_cutflows(ran.cutflow, self._services.baseline)
        except (ProfileError, DataError) as error:  # what identifies an event is not what it should be
            return {"problem": str(error)}
        needed = self._mode.make_program("", "nobody").branches
        numbers = list_numbers(self._task.profile, needed)
        offences = look(ran.folder, ran.cutflow, self._services.baseline, numbers)
        problem = name_offence(offences)
        if problem is None and not comparison.matched:
            problem = f"other events at {comparison.first_difference or 'every step'}"
        return {"comparison": comparison, "offences": (*state["offences"], *offences), "problem": problem}

    async def accept(self, state: CodingState) -> CodingState:
        """Whether it is right beyond the events it was tried on."""
        ran = state["ran"]
        assert ran is not None
        acceptance = await self._services.accept(state["program"] or "", state["number"], ran)
        return {
            "acceptance": acceptance, "offences": (*state["offences"], *acceptance.offences),
            "problem": acceptance.problem,
        }  # fmt: skip

    async def explain(self, state: CodingState) -> CodingState:
        """What is wrong, as the next attempt is told."""
        problem = state["problem"] or ""
        ran, comparison, acceptance = state["ran"], state["comparison"], state["acceptance"]
        if state["written"] is None:
            earlier = state["feedback"] if "functions" in state else ""
            return {"feedback": tell_no_code(problem, earlier)}
        if acceptance is not None:
            return {"feedback": self._tell_acceptance(acceptance, state)}
        if state["offences"]:
            return {"feedback": self._strike(tell_offences(state["offences"]), state, echoed=True)}
        lines = state["written"].count("\n") + 1
        if ran is not None and (ran.cutflow is None or comparison is None):
            told = tell_failure(problem, ran.execution, state["first_line"], lines)
            return {"feedback": self._strike(told, state, echoed=True)}
        assert ran is not None
        assert ran.cutflow is not None
        assert comparison is not None
        explanation = await self._explain_difference(state["program"] or "", ran.cutflow, comparison)
        if explanation is None:
            return {"feedback": self._strike(tell_plainly(problem), state, echoed=True)}
        return {"explanation": explanation, "feedback": self._strike(tell_difference(explanation), state)}

    async def _explain_difference(self, source: str, cutflow: Cutflow, comparison: Comparison) -> Explanation | None:
        """Why events differ; None where no single step does."""
        ssc, baseline = self._task.ssc, self._services.baseline
        if comparison.first_difference is None:
            return None
        keys = {*list_keys(ssc, cutflow, baseline, comparison), *(e.key for e in comparison.examples)}
        values = await self._services.find_values(source, sorted(keys))
        explain = partial(
            explain_mismatch, ssc, self._task.profile, cutflow, baseline, comparison, values.analysis, values.baseline
        )  # fmt: skip
        for files in (self._services.files, ()):
            # not everything of all criteria and files can be worked out by hand; what the values say is left then
            with suppress(PaperfilterError):
                return await run_in_thread(partial(explain, files=files))
        return None

    def _tell_acceptance(self, acceptance: Acceptance, state: CodingState) -> str:
        """Why code that matches in the loop was not accepted. The lines about made-up events stand on the criteria
        alone, but for the values that the code stored there; the rest may hold what it printed."""
        if acceptance.offences:
            return self._strike(tell_acceptance(acceptance), state, echoed=True)
        problem = self._strike(acceptance.problem or "", state, echoed=True) or None
        return self._strike(tell_acceptance(acceptance.model_copy(update={"problem": problem})), state, values=True)

    def _strike(self, text: str, state: CodingState, *, echoed: bool = False, values: bool = False) -> str:
        """A text without totals of the baseline, should any have come in. What the coder knows anyway stays.

        `echoed`, `values`: what the coder's code prints, or hands over, goes into it, and must not become an oracle.
        """
        known = "\n".join([self._known, state.get("functions", "")])
        return strike_totals(text, self._services.secret, known, echoed=echoed, values=values)

    async def fix(self, state: CodingState) -> CodingState:
        """The attempt is over; the next one begins, if it was not accepted and one is left."""
        ran, acceptance = state["ran"], state["acceptance"]
        written = state["written"]
        attempt = Attempt(
            number=state["number"],
            code_sha256=hashlib.sha256(written.encode()).hexdigest() if written is not None else None,
            offences=state["offences"],
            execution=ran.execution if ran is not None else None,
            comparison=state["comparison"],
            held_out=acceptance.held_out if acceptance is not None else None,
            witness=acceptance.witness if acceptance is not None else None,
            explanation=state["explanation"],
            problem=state["problem"],
            calls=tuple(self._count(e) for e in state["exchanges"]),
        )
        exchanges = state["exchanges"]
        if not attempt.accepted:
            asked = await classify_with_model(self._services.classifier, attempt, written, sample=self._task.sample)
            if asked.request is not None:
                failure = asked.problem if asked.reply is None else None
                exchanges = (*exchanges, Exchange(asked.request, asked.reply, failure))
            attempt = attempt.model_copy(
                update={
                    "failure": asked.failure, "classified_by": "model" if asked.by_model else "rules",
                    "calls": tuple(self._count(e) for e in exchanges),
                }
            )  # fmt: skip
        last = Round(
            attempt=attempt, exchanges=exchanges, instruction=state["instruction"], functions=written,
            program=state["program"], feedback="" if attempt.accepted else state["feedback"],
            cutflow=ran.cutflow if ran is not None else None, acceptance=acceptance,
        )  # fmt: skip
        attempts = (*state["attempts"], attempt)
        update = CodingState(attempts=attempts, last=last)
        if attempt.accepted or len(attempts) >= self._task.rounds:
            return update | CodingState(record=await self._close(attempts, acceptance))
        return update | self._begin(len(attempts) + 1)

    def _count(self, exchange: Exchange) -> CallRecord:
        reply, role = exchange.reply, exchange.request.role
        assert role in ("supervisor", "coder", "classifier")
        port = {"supervisor": self._services.supervisor, "classifier": self._services.classifier}.get(role)
        call = CallRecord(
            role=role,
            model=reply.model if reply is not None else (port or self._services.coder).model,
            prompt_tokens=reply.prompt_tokens if reply is not None else 0,
            completion_tokens=reply.completion_tokens if reply is not None else 0,
            seconds=round(reply.seconds, 3) if reply is not None else 0.0,
            cached=reply.cached if reply is not None else False,
        )
        return call.model_copy(update={"cost": self._services.price(call)})

    async def _close(self, attempts: tuple[Attempt, ...], acceptance: Acceptance | None) -> CodingRecord:
        """How the loop ended, and what it took."""
        task, services = self._task, self._services
        calls = [c for a in attempts for c in a.calls]
        costs = [c.cost for c in calls]
        given = f"{self._mode.write_criteria()}\n{_find_data(self._mode.write_guide())}"  # as a prompt has them
        supervisor = services.supervisor if task.supervised else None
        return CodingRecord(
            coder=task.coder,
            model=services.coder.model,
            supervisor=supervisor.model if supervisor is not None else None,
            rounds=task.rounds,
            ended="matched" if attempts and attempts[-1].accepted else "not matched",
            attempts=attempts,
            against=task.against,
            held_out=task.held_out,
            witnesses=acceptance.witnesses if acceptance is not None else 0,
            user_tokens=await services.coder.count_tokens(given),
            total_tokens=sum(c.prompt_tokens + c.completion_tokens for c in calls),
            calls=len(calls),
            seconds=round(sum(c.seconds for c in calls), 3),
            cost=None if not costs or None in costs else sum(c for c in costs if c is not None),
        )


def _find_data(guide: str) -> str:
    """What a guide says about the data; empty where it has nothing of them."""
    _, found, rest = guide.partition("\n# The files")
    return f"# The files{rest.partition(chr(10) + '# ')[0]}" if found else ""


def name_offence(offences: Sequence[Offence]) -> str | None:
    """The offence that decides the class of the failure, in a line; None where there is none."""
    if not offences:
        return None
    failure = classify(Attempt(number=1, code_sha256="", offences=tuple(offences)))
    worst = next((o for o in offences if class_offence(o) == failure), offences[0])
    return f"{worst.kind}: {worst.detail}"
