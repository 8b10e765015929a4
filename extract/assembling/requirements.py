"""Findings of one meaning become one requirement with the evidence of all of them.

Prose and tables of one paper repeat each other. Two findings are one requirement when subject, variable, outcome,
value and unit agree and neither scope nor condition contradicts: an absent scope or condition contradicts nothing.
"""

import re
from collections.abc import Sequence

from extract.assembling.sources import PAPER_ALONE, Sources
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp, Value
from schemas.model import Model
from schemas.units import to_base
from schemas.vocabulary import Operator

COMPLEMENT: dict[Operator, Operator] = {
    ">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass",
}  # fmt: skip

DIRECTION: dict[Operator | None, str] = {">": "lower", ">=": "lower", "<": "upper", "<=": "upper"}

WHOLE_ANALYSIS = frozenset(
    {"", "analysis", "event", "events", "event selection", "final state", "preselection", "selection", "search"}
    | {"all categories", "categories", "category", "channels", "channel", "region", "regions"}
)
NON_WORDS = re.compile(r"\W+")


class Requirement(Model):
    """What the paper asks for, once. `operator` says what survives; `value` is in base units (GeV, mm, rad)."""

    finding: Finding
    operator: Operator
    value: Value | None
    unit: str | None
    scope: str | None
    condition: str | None
    evidence: tuple[Evidence, ...]
    findings: tuple[str, ...]
    also_printed: tuple[Operator, ...] = ()  # the same threshold with another strictness, printed elsewhere
    note: str | None = None
    group: str | None = None
    delegating: Evidence | None = None  # where the paper leaves it to a cited work; `evidence` is of that work then

    @property
    def position(self) -> int:
        """Where it stands first in the text, prose before tables: the order of a selection is told in prose.

        What a cited work states stands where the paper delegates it.
        """
        spans = [e.spans[0][0] for e in self.in_paper if e.spans and e.source == "prose"]
        spans = spans or [e.spans[0][0] for e in self.in_paper if e.spans]
        return min(spans, default=0)

    @property
    def sort_key(self) -> tuple[int, int]:
        """Order of the text; of one delegation, order of the cited work's text."""
        inner = [e.spans[0][0] for e in self.evidence if e.spans] if self.delegating is not None else []
        return self.position, min(inner, default=-1)

    @property
    def in_paper(self) -> tuple[Evidence, ...]:
        """The quotes of the paper itself: spans count in its text."""
        return self.evidence if self.delegating is None else (self.delegating,)

    @property
    def all_evidence(self) -> tuple[Evidence, ...]:
        """All quotes, the delegating one before those of the cited work."""
        return self.evidence if self.delegating is None else (self.delegating, *self.evidence)

    def with_also(self, other: "Requirement") -> "Requirement":
        """This requirement, with the findings of another one that asks for the same thing in other words."""
        return self.model_copy(update={"findings": self.findings + other.findings})

    @property
    def quotes(self) -> str:
        """All quoted text, for looking up words of definition such as "same-flavour"."""
        return " ".join(part for e in self.evidence for part in e.quote)


def merge_findings(
    findings: Sequence[Finding], evidence: Sequence[Evidence], sources: Sources = PAPER_ALONE
) -> tuple[Requirement, ...]:
    """Requirements of the grounded findings, in order of the text. `evidence[i]` belongs to `findings[i]`.

    `sources` knows further places of a finding and what came from cited works.
    """
    merged: list[Requirement] = []
    for finding, proof in zip(findings, evidence, strict=True):
        if not proof.grounded:
            continue
        new = _as_requirement(finding, proof, sources)
        for i, old in enumerate(merged):
            joined = _join(old, new)
            if joined is not None:
                merged[i] = joined
                break
        else:
            merged.append(new)
    return tuple(sorted(merged, key=lambda r: r.sort_key))


def _as_requirement(finding: Finding, proof: Evidence, sources: Sources) -> Requirement:
    operator, group = finding.operator, finding.group
    note = None
    # A veto on objects leaves those on the other side of the threshold; vetoed events are handled by the same rule
    # because "events with n >= 1 are rejected" leaves n < 1.
    if finding.effect in ("remove_object", "reject_event") and operator in COMPLEMENT and finding.stage != "overlap":
        operator = COMPLEMENT[operator]
        group = None  # rejecting A or B keeps what fails A and fails B: "or" becomes "and"
        note = f"printed as {finding.operator} {finding.effect.replace('_', ' ')}"
    if proof.recognised:
        warning = "read from a picture of the page: compare its letters and signs"
        note = f"{note}; {warning}" if note else warning
    value, unit = _in_base_units(finding.value, finding.unit)
    return Requirement(
        finding=finding, operator=operator, value=value, unit=unit, scope=_named_scope(finding.scope),
        condition=finding.condition,
        evidence=(proof, *sources.further.get(finding.id, ())), findings=sources.stands_for(finding.id), note=note,
        group=group, delegating=sources.find_delegating(finding),
    )  # fmt: skip


def _named_scope(scope: str | None) -> str | None:
    """The scope, if it names a part of the events; "the final state" and "the analysis" are all of them."""
    plain = _plain(scope or "").removeprefix("the ")
    return None if plain in WHOLE_ANALYSIS else scope


def _in_base_units(value: Value | None, unit: str | None) -> tuple[Value | None, str | None]:
    if unit is None or value is None or isinstance(value, str):
        return value, unit
    base = to_base(0.0, unit)[1]
    if isinstance(value, Ramp):
        return value.model_copy(update={"y": tuple(to_base(y, unit)[0] for y in value.y)}), base
    if isinstance(value, tuple):
        numbers = tuple(to_base(v, unit)[0] if isinstance(v, float) else v for v in value)
        return numbers, base  # type: ignore[return-value]  # same members, converted
    return to_base(value, unit)[0], base


def _join(old: Requirement, new: Requirement) -> Requirement | None:
    """Both as one requirement, or None when they say different things."""
    a, b = old.finding, new.finding
    # Two sentences that differ in scope, condition or sign are two statements; a text and its table may say one
    # statement in fuller and in shorter words.
    cited = (old.delegating is None) != (new.delegating is None)
    elsewhere = a.source != b.source or cited
    same = (
        a.subject == b.subject
        and a.second_subject == b.second_subject
        and a.variable == b.variable
        and (a.effect == b.effect or {a.effect, b.effect} <= {"keep", "remove_object", "reject_event"})
        and _same_value(old.value, new.value)
        and old.unit == new.unit
        and (a.group == b.group or elsewhere)
    )
    if not same:
        return None
    strictness_differs = old.operator != new.operator
    if strictness_differs and (
        DIRECTION.get(old.operator) is None or DIRECTION.get(old.operator) != DIRECTION.get(new.operator)
    ):
        return None
    if not (_compatible(old.scope, new.scope, elsewhere) and _compatible(old.condition, new.condition, elsewhere)):
        return None
    if strictness_differs and (cited or not elsewhere):
        return None
    if cited:
        # The paper's own words win; that the cited work says the same changes nothing.
        return (old if old.delegating is None else new).with_also(new if old.delegating is None else old)
    condition, note = _joint_condition(old, new)
    return old.model_copy(
        update={
            "scope": old.scope or new.scope,
            "condition": condition,
            "evidence": old.evidence + new.evidence,
            "findings": old.findings + new.findings,
            "also_printed": old.also_printed + ((new.operator,) if strictness_differs else ()),
            "note": note,
            "finding": a if a.source == "prose" or b.source != "prose" else b,
        }
    )


def _joint_condition(old: Requirement, new: Requirement) -> tuple[str | None, str | None]:
    if old.condition is not None and new.condition is not None:
        return old.condition, old.note
    stated = old.condition or new.condition
    if stated is None or old.finding.variable == "n":
        return stated, old.note  # "at least two jets" and "at least two jets with pT > 25 GeV": the fuller one
    return None, f"one place adds: {stated}"


def _same_value(a: Value | None, b: Value | None) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-12)
    if isinstance(a, str) and isinstance(b, str):
        return _plain(a) == _plain(b)
    return a == b


def _compatible(a: str | None, b: str | None, elsewhere: bool) -> bool:
    if a is None or b is None:
        return a == b or elsewhere
    return _plain(a) == _plain(b)


def _plain(text: str) -> str:
    return NON_WORDS.sub(" ", text.lower()).strip()
