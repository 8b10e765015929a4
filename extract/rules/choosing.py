"""What all choices have in common: the words that say something is taken, and the draft of a choice."""

import re

from extract.rules.drafts import Draft
from schemas.vocabulary import Effect, Operator, Stage

CHOSEN = re.compile(
    r"\b(?:is|are|be|being|was|were)(?: \w+){0,2} (?:chosen|selected|retained|kept|taken|considered|used|assigned"
    r"|referred to|defined"
    r"|identified|denoted|called|labelled|required|formed|associated|designated)\b|\b(?:has|have|is given) priority"
    r"|preferr\w+"
    r"|\b(?:choose|choosing|select|selecting|take|taking|chosen|picking|retaining|chooses|selects|retains)\b"
)
TRAINING = re.compile(
    r"\b(?:BDTs?|trained|training|optimis|optimiz|uncertaint|simulat|sensitivity|significance|likelihood fit"
    r"|expected|contamination"
    r"|background contribution|figure of merit|resolution|input variable)\b|(?:mini"
    r"|maxi)mi[sz]\w* (?:the )?(?:background|contribution|effect|impact|bias|correlation)",
    re.I,
)
# After these words a passage describes the inputs of a classifier, and its choices select nothing.
INPUTS = re.compile(r"\bBDTs?\b|boosted decision|input variables|discriminating variables")
# Nouns that are not what is chosen.
NOT_CHOSEN = ("event", "trigger", "track", "vertex", "other:candidate", "other:candidates")


def choose(
    match: re.Match[str],
    subject: str,
    variable: str,
    operator: Operator,
    value: str | tuple[str, ...] | None = None,
    *,
    effect: Effect = "choose",
    stage: Stage = "candidate",
    condition: str | None = None,
    second: str | None = None,
    cites: tuple[str, ...] = (),
) -> Draft:
    return Draft(
        match.start(), match.end(), stage, subject, variable, operator, value, second_subject=second, effect=effect,
        condition=condition, cites=cites,
    )  # fmt: skip


def find_condition(front: str) -> str | None:
    """The case in which a choice is made: "If more than one photon passes"."""
    case = re.search(
        r"\b(?:[Ii]f|[Ww]hen|[Ww]here|[Ii]n (?:the )?(?:case|events?)(?: of| where| that"
        r"| with)?) (?P<case>[^,;]{5,110})(?:,|$)",
        front,
    )
    return case["case"].strip() if case else None
