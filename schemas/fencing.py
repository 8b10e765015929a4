"""Text of others as data inside a prompt: nothing in it may end its fence or look like a control token of a model.

A zero-width space is put into whatever looks like a tag or a control token; `unfence` takes it out of quotes again, so
that they are the paper's own characters.
"""

import re

_GAP = "\u200b"
# <|im_start|>, </s>, <think>, <end_of_turn>, <paper_text>, <<SYS>>, fullwidth bars as some tokenizers have them
_TAG = re.compile(r"<(?=[<|/!｜]?[A-Za-z_|｜/][^<>\n]{0,60}[>]|[|｜])")
# [INST], [/INST], [TOOL_CALLS], [AVAILABLE_TOOLS]
_BRACKET = re.compile(r"\[(?=/?[A-Z][A-Z_]{2,30}\])")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def fence(text: str) -> str:
    """The text with every control token and tag broken, and without characters that nobody sees."""
    plain = _UNSEEN.sub("", text)
    return _BRACKET.sub("[" + _GAP, _TAG.sub("<" + _GAP, plain))


def unfence(quote: str) -> str:
    """A quote that was copied from fenced text, as it stands in the paper."""
    return quote.replace(_GAP, "")
