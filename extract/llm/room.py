"""What fits into a model's context: instructions, text and the answer together."""

from typing import NamedTuple

from extract.llm.chunks import CHUNK, OVERLAP, Chunk
from extract.llm.prompting import write_system
from schemas.errors import ModelContextExceeded
from schemas.model_call import ModelPort

_FRAME = 400  # tokens of the question around the text, and of what a chat template adds
_SAFE = 1.1  # tokens of a part may be denser than those of the whole
_BULK_ANSWER = 1.5  # tokens of answer per token of text: most sentences of a long text state nothing
_CHUNK_ANSWER = 3.0
_SHORTEST_ANSWER = 500
_SHORTEST = 300  # characters: a chunk must be able to hold a sentence or two


class Room(NamedTuple):
    """The context length in tokens, what the instructions take of it, and tokens per character of this paper."""

    context: int
    system: int
    density: float
    examples: bool = True

    def holds(self, chunk: Chunk) -> bool:
        """Whether everything can be asked at once, the answer's room included."""
        text = (chunk.size + len(chunk.lead)) * self.density
        return self.system + _FRAME + text + max(_BULK_ANSWER * text, _SHORTEST_ANSWER) <= self.context

    @property
    def characters(self) -> int:
        """The most characters of a chunk."""
        left = self.context - self.system - _FRAME - _SHORTEST_ANSWER - OVERLAP * self.density
        return min(CHUNK, int(left / (1 + _CHUNK_ANSWER) / self.density))


async def find_room(port: ModelPort, text: str) -> Room:
    """The room a model leaves for a paper's text; the worked examples are left out where it is small.

    Raises ModelContextExceeded when not even a paragraph fits, ModelUnavailable when nothing answers.
    """
    context = await port.find_context_length()
    density = _SAFE * await port.count_tokens(text) / len(text) if text else 0.4
    system = 0
    for examples in (True, False):
        system = await port.count_tokens(write_system(examples=examples))
        room = Room(context, system, max(density, 0.01), examples)
        if room.characters >= (CHUNK // 2 if examples else _SHORTEST):
            return room
    raise ModelContextExceeded(
        f"the context of model '{port.model}' ({context} tokens) is too small for the instructions ({system}) and a "
        f"paragraph; start the server with a longer one"
    )
