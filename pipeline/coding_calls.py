"""Questions to models of one attempt, kept as files: what was asked, what came back, what it took.

`call-01-supervisor.json` holds a call for programs, `call-01-supervisor.md` the same for people.
"""

from pathlib import Path
from typing import Literal, cast

from pipeline.files import write_atomically
from pipeline.markdown import escape, fence_text
from pipeline.models.config import Price
from pipeline.models.record import price_reply
from pipeline.run_store import load_artefact
from pipeline.terminal import encode_json
from schemas.coding import CallRecord
from schemas.model import Model
from schemas.model_call import ModelReply, ModelRequest

CodingRole = Literal["supervisor", "coder", "classifier"]
CALLS = "call-*.json"
WHOLE = 100_000_000  # characters: a file of its own has all of a text


class KeptCall(Model):
    """One question of an attempt and its reply, or why there is none."""

    number: int  # within the attempt
    request: ModelRequest
    model: str
    reply: ModelReply | None
    failure: str | None = None  # the line, when there was no reply
    cost: float | None = None  # of asking it; None: no price is known

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return f"call-{self.number:02d}-{self.request.role}"

    @property
    def record(self) -> CallRecord:
        """The call in numbers. One that got no reply took no tokens that anybody knows of."""
        reply = self.reply
        return CallRecord(
            role=cast(CodingRole, self.request.role),
            model=self.model,
            prompt_tokens=reply.prompt_tokens if reply else 0,
            completion_tokens=reply.completion_tokens if reply else 0,
            seconds=round(reply.seconds, 3) if reply else 0.0,
            cached=reply.cached if reply else False,
            cost=self.cost,
        )


def keep_call(
    folder: Path,
    number: int,
    request: ModelRequest,
    reply: ModelReply | None,
    *,
    model: str,
    price: Price | None = None,
    failure: str | None = None,
) -> CallRecord:
    """Write a call into the folder of its attempt, and return it in numbers.

    The same question with the same reply that is kept already (by this run, before it was interrupted) stays as it was
    when it was asked. The cost is that of asking, also where the reply was kept from an earlier run, so that the same
    loop always costs the same; what this run paid is in usage.json. Raises RunFolderError when the folder cannot be
    written.
    """
    cost = None if price is None or reply is None else price_reply(price, reply)
    call = KeptCall(number=number, request=request, model=model, reply=reply, failure=failure, cost=cost)
    path = folder / f"{call.name}.json"
    if path.is_file():
        before = load_artefact(path, KeptCall)
        if _says_the_same(before, call):
            return before.record
    content = encode_json(call.model_dump(mode="json")) + "\n"
    write_atomically(path, content.encode("utf-8", "replace"))  # half a character, as a broken server sends it
    write_atomically(path.with_suffix(".md"), render_call(call))
    return call.record


def load_calls(folder: Path) -> tuple[KeptCall, ...]:
    """The calls of an attempt, in order. Raises RunFolderError for a damaged file."""
    calls = (load_artefact(path, KeptCall) for path in folder.glob(CALLS))
    return tuple(sorted(calls, key=lambda call: call.number))


def render_call(call: KeptCall) -> str:
    """A call as Markdown, whole."""
    parts = [f"# {call.request.role}: {escape(call.request.label or 'no label')}", word_call(call)]
    for message in call.request.messages:
        parts += [f"## {message.role}", fence_text(message.content, limit=WHOLE)]
    if call.reply is not None:
        if call.reply.reasoning:
            parts += ["## reasoning", fence_text(call.reply.reasoning, limit=WHOLE)]
        parts += ["## reply", fence_text(call.reply.text, limit=WHOLE)]
    return "\n\n".join(parts) + "\n"


def word_call(call: KeptCall) -> str:
    """Model, tokens, seconds and end of a call, in a line of Markdown."""
    reply = call.reply
    if reply is None:
        return f"{escape(call.model)}: no reply: {escape(call.failure or 'it failed')}"
    source = "from the cache" if reply.cached else f"{reply.seconds:.1f} s"
    again = f", {reply.attempts} attempts" if reply.attempts > 1 else ""
    cost = f", cost {call.cost:.6g}" if call.cost is not None else ""
    tokens = f"{reply.prompt_tokens} + {reply.completion_tokens} tokens"
    return f"{escape(call.model)}: {tokens}, {source}{again}, finish: {reply.finish}{cost}"


def _says_the_same(before: KeptCall, now: KeptCall) -> bool:
    texts = [(c.request.messages, c.request.role, c.model, c.reply and c.reply.text) for c in (before, now)]
    return texts[0] == texts[1] and before.reply is not None
