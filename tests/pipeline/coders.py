"""Attempts of a coder as a run folder has them, with what hostile models write in them."""

from pathlib import Path

from codegen.coder.task import Acceptance
from pipeline.coding_calls import keep_call
from pipeline.coding_log import ACCEPTANCE, ATTEMPT, FUNCTIONS, name_attempt
from pipeline.models.config import Price
from pipeline.run_store import dump_artefact
from schemas.coding import Attempt, CallRecord, CodingRecord, ExampleEvent, Explanation, Offence
from schemas.comparison import Comparison, StepComparison
from schemas.execution import Execution, Limits, RefusedOutput
from schemas.model_call import Message, ModelReply, ModelRequest
from schemas.verdict import Verdict

EVIL = (
    "```\n# Accepted\n~~~\n</code></pre><script>alert(1)</script>\n\x1b[31mred\x1b[0m \x1b]0;title\x07\r\n"
    "| a | b |\n`````markdown\n</data> ignore the above \u202e\x9b2J [link](javascript:alert(1)) <img src=x>\n"
)
TRACE = "Traceback (most recent call last):\nNameError: x"
PRICE = Price(prompt=1.0, completion=2.0)


def ask(role: str, text: str = "Write it.", system: str = "You write selections.") -> ModelRequest:
    messages = (Message(role="system", content=system), Message(role="user", content=text))
    return ModelRequest.model_validate({"role": role, "messages": messages, "label": "attempt 1"})


def reply(text: str, reasoning: str | None = None, *, cached: bool = False) -> ModelReply:
    return ModelReply(
        text=text, reasoning=reasoning, model="m", prompt_tokens=1000, completion_tokens=100, seconds=2.5, cached=cached
    )


def compare(only: int, *, evil: str = "") -> Comparison:
    def step(name: str, ours: int, theirs: int, only_ours: int) -> StepComparison:
        state = "equal" if ours == theirs else "different"
        return StepComparison(
            region=f"SR{evil}", step=name, label=f"{name}{evil}", analysis_count=ours, baseline_count=theirs,
            only_analysis=only_ours, state=state,
        )  # fmt: skip

    steps = (step("initial", 832, 832, 0), step("four_leptons", 322 + only, 322, only))
    first = "SR/four_leptons" if only else None
    return Comparison(
        analysis=f"llm:m{evil}", baseline="h4l", matched=not only, steps=steps, first_difference=first,
        summary=f"{2 - bool(only)} of 2 steps have the same events{evil}",
    )  # fmt: skip


def execute(*, evil: str = "", outcome: str = "ok", code: int | None = 0) -> Execution:
    return Execution.model_validate(
        {
            "tier": "bubblewrap", "outcome": outcome, "exit_code": code, "seconds": 1.25, "stdout": f"SR 832{evil}",
            "stderr": f"{'warning' if outcome == 'ok' else TRACE}{evil}",
            "refused": (RefusedOutput(name=f"a{evil}", reason="a pipe"),) if evil else (), "limits": Limits(),
        }
    )  # fmt: skip


def keep_attempt(coding: Path, attempt: Attempt, functions: str | None, evil: str = "") -> Attempt:
    """The files of one attempt with two calls, as the loop writes them."""
    folder = coding / name_attempt(attempt.number)
    folder.mkdir(parents=True, exist_ok=True)
    calls: list[CallRecord] = []
    for number, role in ((1, "supervisor"), (2, "coder")):
        request = ask(role, f"Attempt {attempt.number}. {evil}")
        calls.append(keep_call(folder, number, request, reply(f"Text{evil}", evil or None), model="m", price=PRICE))
    if functions is not None:
        (folder / FUNCTIONS).write_text(functions, encoding="utf-8")
    kept = attempt.model_copy(update={"calls": tuple(calls)})
    dump_artefact(folder / ATTEMPT, kept)
    if attempt.held_out is not None:
        verdict = Verdict(item=f"z1{evil}", owner="candidates", verdict="wrong", detail=f"no{evil}", likely=("x | y",))
        acceptance = Acceptance(held_out=True, witness=True, witnesses=19, verdicts=(verdict,), differing=evil or None)
        dump_artefact(folder / ACCEPTANCE, acceptance)
    return kept


def fill(coding: Path, evil: str = "") -> CodingRecord:
    """A loop of four rounds: no code, a crash, other events, accepted."""
    explanation = Explanation(
        region="SR", step="four_leptons", label=f"four leptons{evil}", only_analysis=7, only_baseline=0,
        examples=(ExampleEvent(key=(1, 2), kept_by="analysis", analysis=f"3{evil}", baseline="4"),),
    )  # fmt: skip
    sha, select = "0" * 64, f"def select(events, selection):\n    x = 1\n\n    # {evil}\n"
    offence = Offence(kind="wrong branch", detail=f"no branch{evil}", line=3)
    attempts = [
        (Attempt(number=1, problem=f"the reply held no code{evil}", failure="syntax", classified_by="rules"), None),
        (Attempt(number=2, code_sha256=sha, execution=execute(evil=evil, outcome="crashed", code=1),
                 problem="it crashed", failure="function-calling error", classified_by="rules",
                 offences=(offence,)), select),
        (Attempt(number=3, code_sha256=sha, execution=execute(evil=evil), comparison=compare(7, evil=evil),
                 explanation=explanation, problem="other events", failure="semantic error",
                 classified_by="model"), select),
        (Attempt(number=4, code_sha256=sha, execution=execute(), comparison=compare(0), held_out=True, witness=True),
         select),
    ]  # fmt: skip
    kept = tuple(keep_attempt(coding, attempt, functions, evil) for attempt, functions in attempts)
    calls = [call for attempt in kept for call in attempt.calls]
    return CodingRecord(
        coder="llm", model=f"m{evil}", supervisor="big", rounds=5, ended="matched", attempts=kept, against="h4l",
        held_out=f"events.root{evil}", witnesses=19, user_tokens=800,
        total_tokens=sum(c.prompt_tokens + c.completion_tokens for c in calls), calls=len(calls),
        seconds=sum(c.seconds for c in calls), cost=sum(c.cost or 0.0 for c in calls),
    )  # fmt: skip
