"""Asking the supervisor for an instruction and the coder for functions, in prompts that fit into the model's context.

A prompt that is too long is shortened, step by step and always in this order: worked examples of the guide; branches
that the criteria do not need; quotes of the paper; notes in the criteria; the code so far. What does not fit even then
is a question without a reply.
"""

from collections.abc import Callable
from typing import NamedTuple

from codegen.coder.modes import Mode
from codegen.coder.prompting import Words, list_quotes, number_lines, shorten, write_prompt
from codegen.coder.reply import Reply, read_reply
from codegen.coder.task import Exchange
from codegen.outputs import clean_text
from schemas.errors import ModelContextExceeded
from schemas.fencing import fence
from schemas.model_call import Message, ModelPort, ModelReply, ModelRequest, Role

LONGEST_INSTRUCTION = 4000  # characters of a supervisor's reply that are used
FEWEST_WORDS = 3  # with less it is no instruction
FRAME = 64  # tokens that a chat template adds
ANSWER = 6000  # tokens that an answer should have room for
SHARE = 4  # at least this part of a small context is for the answer
HISTORY = 6  # earlier attempts that a supervisor is told of


class Room(NamedTuple):
    """How much of everything a prompt holds."""

    examples: bool = True
    far: bool = True  # branches that the criteria do not need
    quotes: bool = True
    notes: bool = True
    code: bool = True


LEVELS = (
    Room(),
    Room(examples=False),
    Room(examples=False, far=False),
    Room(examples=False, far=False, quotes=False),
    Room(examples=False, far=False, quotes=False, notes=False),
    Room(examples=False, far=False, quotes=False, notes=False, code=False),
)


class Situation(NamedTuple):
    """Where the loop stands when something is written."""

    number: int  # of the attempt, from 1
    functions: str | None  # the latest code there is
    feedback: str  # on the latest attempt
    history: tuple[str, ...] = ()  # how each attempt ended, in a line


class Instructed(NamedTuple):
    """A supervisor's instruction, or the plain one where it gave none."""

    text: str
    exchanges: tuple[Exchange, ...]


class Written(NamedTuple):
    """What a coder wrote, or why there is nothing."""

    reply: Reply
    exchanges: tuple[Exchange, ...]


async def instruct(port: ModelPort | None, mode: Mode, at: Situation) -> Instructed:
    """What the coder is told to do. Without a supervisor, and where its reply is of no use, a plain instruction.

    Raises ModelUnavailable and ModelReplyFailed.
    """
    plain = write_prompt("instruction", {"number": at.number, "hybrid": mode.hybrid}).strip()
    if port is None:
        return Instructed(plain, ())

    def write(room: Room) -> tuple[Message, ...]:
        words: Words = {
            "number": at.number, "hybrid": mode.hybrid, "code": _show(at, room) or "", "feedback": at.feedback,
            "history": [fence(line) for line in at.history[:-1][-HISTORY:]],
        }  # fmt: skip
        return _make_messages("supervisor_system", mode, room, write_prompt("supervisor", words))

    exchange = await _ask(port, "supervisor", mode.task.sample, at, write)
    text = _read_instruction(exchange.reply)
    return Instructed(text or plain, (exchange,))


def _read_instruction(reply: ModelReply | None) -> str | None:
    """The instruction in a reply; None for one that says nothing."""
    if reply is None:
        return None
    lines = clean_text(reply.text[: 2 * LONGEST_INSTRUCTION].encode("utf-8", "replace")).strip().split("\n")
    text = "\n".join(line.rstrip() for line in lines)
    words = [word for word in text.split() if sum(c.isalpha() for c in word) > 1]
    return shorten(text, LONGEST_INSTRUCTION) if len(words) >= FEWEST_WORDS else None


async def write_functions(port: ModelPort, mode: Mode, at: Situation, instruction: str) -> Written:
    """The functions that the coder writes. A reply without code is a result as well, and a prompt that never fits.

    Raises ModelUnavailable and ModelReplyFailed.
    """

    def write(room: Room) -> tuple[Message, ...]:
        words: Words = {
            "number": at.number, "instruction": fence(instruction), "code": _show(at, room), "feedback": at.feedback
        }  # fmt: skip
        return _make_messages("system", mode, room, write_prompt("fix" if at.number > 1 else "coder", words))

    exchange = await _ask(port, "coder", mode.task.sample, at, write)
    if exchange.reply is None:
        return Written(Reply(None, exchange.failure), (exchange,))
    reply = read_reply(exchange.reply.text, mode.wanted, cut=exchange.reply.finish == "length")
    if reply.functions is None and not exchange.reply.text.strip() and exchange.reply.reasoning:
        reply = Reply(None, "the reply held reasoning only and no answer")
    return Written(reply, (exchange,))


def _show(at: Situation, room: Room) -> str | None:
    """The code so far; None where there is some and no room for it."""
    if at.functions is None:
        return ""
    return number_lines(at.functions) if room.code else None


def _make_messages(system: str, mode: Mode, room: Room, question: str) -> tuple[Message, ...]:
    """What all questions of a role share stands in front, so that a server's prefix cache hits."""
    words: Words = {
        "hybrid": mode.hybrid,
        "guide": mode.write_guide(form=system == "system", examples=room.examples, far=room.far),
        "criteria": mode.write_criteria(notes=room.notes),
        "quotes": list_quotes(mode.task.ssc) if room.quotes else (),
    }
    return Message(role="system", content=write_prompt(system, words)), Message(role="user", content=question)


async def _ask(
    port: ModelPort, role: Role, sample: int, at: Situation, write: Callable[[Room], tuple[Message, ...]]
) -> Exchange:
    """One question, as long as the context allows; what never fits is an exchange without a reply.

    A server that gives no reply (errors, nonsense, silence) is the machine's failure, not the model's: it is raised.
    """
    context = await port.find_context_length()
    room = context - FRAME - min(ANSWER, context // SHARE)
    request = failure = None
    for level in LEVELS:
        messages = write(level)
        if request is not None and request.messages == messages:
            continue
        request = ModelRequest(role=role, messages=messages, sample=sample, label=f"attempt {at.number}")
        size = sum([await port.count_tokens(m.content) for m in messages])
        if size > room:
            failure = f"the prompt does not fit: {size} tokens where {room} of {context} are for it"
            continue
        try:
            return Exchange(request, await port.ask(request), None)
        except ModelContextExceeded as error:
            failure = str(error)
    assert request is not None
    return Exchange(request, None, failure)
