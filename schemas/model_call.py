"""A question to a language model and its reply: what the readers ask, what the model client answers.

Whatever speaks to a model (an OpenAI-compatible server, an offline engine, a recorded run) offers a `ModelPort`;
whoever asks knows nothing else about it. A reply is text: what it means is judged by the one who asked.
"""

from typing import Literal, Protocol

from schemas.model import Model

Role = Literal["reader", "checker", "resolver", "supervisor", "coder", "classifier"]
Finish = Literal["stop", "length", "other"]


class Message(Model):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class ModelRequest(Model):
    """One question. Two requests that are equal except for `label` are the same question and are asked once.

    `answer_schema` is a JSON Schema as JSON text (constrained output); None asks for free text. `sample` tells repeated
    readings apart ("--votes 10" asks samples 0 to 9). Messages that many requests share stand first, so that a server's
    prefix cache hits.
    """

    role: Role
    messages: tuple[Message, ...]
    answer_schema: str | None = None
    sample: int = 0
    max_tokens: int | None = None  # of the answer; None: what the server and the role's settings say
    label: str = ""  # for people: which passage or which cited work this is about


class ModelReply(Model):
    """What came back. Seconds are wall-clock, of the attempt that succeeded."""

    text: str
    reasoning: str | None = None
    finish: Finish = "stop"
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    attempts: int = 1
    cached: bool = False  # taken from an earlier run: no model was asked


class ModelPort(Protocol):
    """Something that answers. Safe to be used by many tasks at once; it limits itself what is in flight."""

    @property
    def model(self) -> str:
        """The model's name, as it goes into `llm:<model>`."""
        ...

    async def ask(self, request: ModelRequest) -> ModelReply:
        """The reply.

        Raises ModelContextExceeded when the prompt and the answer do not fit (a chunk may), ModelReplyFailed when this
        question got no reply after all attempts, ModelUnavailable when no question can be answered at all.
        """
        ...

    async def count_tokens(self, text: str) -> int:
        """How many tokens `text` has for this model; an upper estimate where the server does not say."""
        ...

    async def find_context_length(self) -> int:
        """Tokens that prompt and answer may have together. Raises ModelUnavailable."""
        ...
