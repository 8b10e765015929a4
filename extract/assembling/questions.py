"""Open questions: what was not mapped, or could be read in two ways. Each says what its default does."""

from collections.abc import Sequence

from extract.assembling.requirements import Requirement
from schemas.criteria import Alternative, Cut, Question
from schemas.evidence import Evidence
from schemas.finding import Ramp

LEAVE_OUT = "leave_out"


def leave_out(*cuts: Cut) -> Alternative:
    """The answer that keeps these cuts, or what the question is about, out of the code."""
    return Alternative(
        key=LEAVE_OUT, text="leave it out of the code; the report lists it", rejects=tuple(c.id for c in cuts)
    )


def ask_unplaced(number: int, subject: str, why: str, requirements: Sequence[Requirement]) -> Question:
    """One question for all requirements of a subject that have no place for the same reason."""
    shown = "; ".join(describe(r) for r in requirements[:6])
    more = f"; and {len(requirements) - 6} more" if len(requirements) > 6 else ""
    name = subject.removeprefix("other:").replace("_", " ")
    return Question(
        id=f"q{number}_{slug(subject)}",
        text=f"{name}: {shown}{more}",
        why=why,
        alternatives=(leave_out(),),
        default=LEAVE_OUT,
        evidence=tuple(e for r in requirements for e in r.all_evidence),
    )


def ask_condition(number: int, cut: Cut, condition: str, evidence: tuple[Evidence, ...]) -> Question:
    """A cut whose condition has no expression: leave it out (default), or apply it to all."""
    return Question(
        id=f"q{number}_{cut.id}",
        text=f"{cut.id} holds only for: {condition}. What becomes of the cut?",
        why="the condition has no expression in the criteria",
        alternatives=(
            leave_out(cut),
            Alternative(key="apply_to_all", text="apply it without the condition"),
        ),
        default=LEAVE_OUT,
        cuts=(cut.id,),
        evidence=evidence,
    )


def ask_group(number: int, cut: Cut, lost: Sequence[Requirement]) -> Question:
    """An "or" of which one branch has no place: without that branch the cut would be tighter than the paper."""
    return Question(
        id=f"q{number}_{cut.id}",
        text=f"{cut.id} is one branch of an or; the other has no place: {'; '.join(describe(r) for r in lost)}",
        why="the cut alone is tighter than what the paper asks for",
        alternatives=(leave_out(cut), Alternative(key="alone", text="apply this branch alone")),
        default=LEAVE_OUT,
        cuts=(cut.id,),
        evidence=cut.evidence,
    )


def ask_ends(number: int, cut: Cut) -> Question:
    """A range in prose that does not say whether its ends belong to it: open at both ends by default."""
    if cut.threshold is None:
        raise ValueError(f"cut {cut.id} has no range")
    closed = cut.model_copy(update={"threshold": cut.threshold.model_copy(update={"closed": "both"})})
    return Question(
        id=f"q{number}_{cut.id}",
        text=f"{cut.id}: do the ends of {cut.threshold.literal or cut.threshold.range} belong to the range?",
        why="the text does not say",
        alternatives=(
            Alternative(key="open", text="no, both ends are excluded"),
            Alternative(key="closed", text="yes, both ends are included", changes=(closed,)),
        ),
        default="open",
        cuts=(cut.id,),
        evidence=cut.evidence,
    )


def ask_strictness(number: int, cut: Cut, operators: Sequence[str]) -> Question:
    """The same threshold with two signs in two places: the sign of the prose is the default."""
    return Question(
        id=f"q{number}_{cut.id}",
        text=f"{cut.id}: the paper prints {' and '.join(operators)} for the same threshold. Which one holds?",
        why="text and table differ",
        alternatives=tuple(
            Alternative(key=f"sign_{i}", text=f"use {op}", changes=(cut.model_copy(update={"operator": op}),))
            for i, op in enumerate(operators)
        ),
        default="sign_0",
        cuts=(cut.id,),
        evidence=cut.evidence,
    )


def ask_which(number: int, cuts: Sequence[Cut], default: str, group: str) -> Question:
    """One variable is bounded more than once. `default` is `only_<cut id>`, `all`, `any` or `leave_out`."""
    alternatives = [
        Alternative(
            key=f"only_{c.id}", text=f"only {describe_cut(c)}", rejects=tuple(o.id for o in cuts if o.id != c.id)
        )
        for c in cuts
    ]
    joined = tuple(c.model_copy(update={"group": group}) for c in cuts)
    return Question(
        id=f"q{number}_{cuts[0].id}",
        text=f"The paper prints {' and '.join(describe_cut(c) for c in cuts)}. Which one holds?",
        why="one variable is bounded more than once, without a condition that tells the cases apart",
        alternatives=(
            *alternatives,
            Alternative(key="all", text="all of them hold"),
            Alternative(key="any", text="any one of them is enough", changes=joined),
            leave_out(*cuts),
        ),
        default=default,
        cuts=tuple(c.id for c in cuts),
        evidence=tuple(e for c in cuts for e in c.evidence),
    )


def ask_region(number: int, cut: Cut) -> Question:
    """A cut of a region whose name the sentence does not say: in the preselection it would hold for all regions."""
    return Question(
        id=f"q{number}_{cut.id}",
        text=f"{cut.id}: which region does {describe_cut(cut)} belong to?",
        why="the sentence defines a region without naming it",
        alternatives=(leave_out(cut), Alternative(key="everywhere", text="it holds for every event")),
        default=LEAVE_OUT,
        cuts=(cut.id,),
        evidence=cut.evidence,
    )


def ask_assumed(number: int, text: str) -> Question:
    """A choice the paper does not state and without which no candidate can be built."""
    return Question(
        id=f"q{number}_assumed",
        text=f"Assumed: {text}.",
        why="the paper does not state it and the candidate needs it",
        alternatives=(Alternative(key="as_assumed", text="yes"),),
        default="as_assumed",
    )


def describe(requirement: Requirement) -> str:
    """A requirement in a few words: variable, sign, value, unit, condition."""
    f = requirement.finding
    variable = f.variable.removeprefix("other:")
    value = requirement.value
    shown = _show(value) if value is not None else ("as in " + ", ".join(f.cites) if f.cites else "")
    unit = f" {requirement.unit}" if requirement.unit else ""
    condition = f" ({requirement.condition})" if requirement.condition else ""
    source = f" (from {f.document})" if f.document else ""
    return f"{variable} {requirement.operator} {shown}{unit}{condition}{source}".replace("  ", " ").strip()


def describe_cut(cut: Cut) -> str:
    """A cut in a few words."""
    t = cut.threshold
    if t is None:
        return f"{cut.variable} {cut.operator}"
    value = next(v for v in (t.value, t.range, t.label, t.labels, t.expression) if v is not None)
    return f"{cut.variable} {cut.operator} {_show(value)} {t.unit or ''}".strip()


def slug(text: str) -> str:
    """Letters, digits and single underscores, at most 40 characters."""
    plain = text.removeprefix("other:").lower().replace("μ", "mu").replace("τ", "tau").replace("γ", "y")
    words = "".join(c if c.isascii() and c.isalnum() else "_" if c in "- _" else "" for c in plain)
    return "_".join(w for w in words.split("_") if w)[:40].rstrip("_") or "unnamed"


def name_region(scope: str) -> str:
    """A scope as the name of a region; names start with a letter ("1-jet category" is `region_1_jet_category`).

    "Region" stays where it says what kind it is (signal, control, validation) and goes where it adds nothing.
    """
    plain = slug(scope)
    if plain.endswith("_region") and not plain.endswith(("signal_region", "control_region", "validation_region")):
        plain = plain.removesuffix("_region")
    return f"region_{plain}" if plain[0].isdigit() else plain


def _show(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Ramp):
        points = ", ".join(f"{y:g} at {x:g}" for x, y in zip(value.x, value.y, strict=True))
        return f"linear in {value.argument}: {points}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_show(v) for v in value) + "]"
    return str(value)
