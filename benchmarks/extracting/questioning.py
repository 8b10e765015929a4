"""Open questions: raised rightly or wrongly, as far as the gold list decides.

A question names cuts or findings; they lead to the criteria that these findings state, and where they state none, to
those they are about (same name, same page). A question is
- *right* when one of these criteria has a mark of the kind of thing that the question asks (`ASKS`);
- *wrong* when it leads to criteria and none of them has: the paper gives what is asked;
- *other* when it leads to no criterion: its findings are about nothing in the list, or there are none.
A question about a definition that is left to a cited work also leads to the criteria that name this work. One about an
assumed choice leads nowhere, and is right if the list marks a choice at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from benchmarks.extracting.aligning import is_about
from benchmarks.extracting.citing import strip_key
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.gold import GoldCriterion, GoldList, Open
from benchmarks.matching import states
from schemas.citation import Delegation
from schemas.criteria import Question
from schemas.finding import Finding

Asked = Literal[
    "ends", "strictness", "which", "condition", "region", "branch", "choice", "definition", "rivals", "readings",
    "place",
]  # fmt: skip
Verdict = Literal["right", "wrong", "other"]

# What the paper may leave open, for a question of each kind to be right.
# branch: one of two alternatives has no place in the criteria. rivals: the paper and the cited work differ. readings:
# readings differ. place: a requirement has no place in the criteria, because it has no value, name or definition there.
ASKS: dict[Asked, tuple[Open, ...]] = {
    "ends": ("ends",),
    "strictness": ("strictness",),
    "which": ("which",),
    "condition": ("condition", "region"),
    "region": ("region", "condition"),
    "branch": ("which", "condition"),
    "choice": ("choice",),
    "definition": ("definition",),
    "rivals": ("definition", "which"),
    "readings": ("ends", "strictness", "value", "which", "condition", "region"),
    "place": ("value", "definition", "choice"),
}


def judge_questions(gold: GoldList, outcome: ExtractOutcome) -> Counter[tuple[Verdict, Asked]]:
    """How many open questions of each kind were raised rightly, wrongly, or cannot be decided."""
    reasons = {r.reason: r.delegation for r in outcome.resolutions}
    findings = _know_findings(outcome)
    counted = Counter[tuple[Verdict, Asked]]()
    for question in outcome.questions:
        if question.answer is None:
            asked = find_kind(question, reasons)
            delegations = [r.delegation for r in outcome.resolutions if r.reason == question.why]
            counted[_judge(gold, asked, _trace(question, outcome, findings), delegations), asked] += 1
    return counted


def find_kind(question: Question, reasons: Mapping[str, Delegation]) -> Asked:
    """What a question asks, by the answers that it offers. `reasons` are those of resolutions, as in `why`."""
    keys = {a.key for a in question.alternatives}
    named: tuple[tuple[str, Asked], ...] = (
        ("closed", "ends"), ("sign_0", "strictness"), ("cited", "rivals"), ("apply_to_all", "condition"),
        ("everywhere", "region"), ("alone", "branch"), ("as_assumed", "choice"), ("any", "which"),
    )  # fmt: skip
    for key, asked in named:
        if key in keys:
            return asked
    if question.why in reasons:
        return "definition"
    return "readings" if any(k.startswith("only_") for k in keys) else "place"


def _know_findings(outcome: ExtractOutcome) -> dict[str, Finding]:
    return {f.id: f for f in (*(f for r in outcome.readings for f in r.findings), *outcome.findings)}


def _trace(question: Question, outcome: ExtractOutcome, findings: Mapping[str, Finding]) -> list[Finding]:
    """The findings behind a question: of its cuts, of what has no place, and those that its evidence came with."""
    ids = [i for cut in question.cuts for i in outcome.cuts.get(cut, ())]
    ids += outcome.raised.get(question.id, ())
    ids += [e.finding for e in question.evidence if e.finding is not None]
    return [findings[i] for i in dict.fromkeys(ids) if i in findings]


def _judge(gold: GoldList, asked: Asked, findings: Sequence[Finding], delegations: Sequence[Delegation]) -> Verdict:
    if asked == "choice" and not findings:
        return "right" if any("choice" in c.open for c in gold.every) else "other"
    criteria = [c for f in findings for c in _find_criteria(gold, f)]
    cited = {strip_key(key) for d in delegations for key in d.keys}
    if asked == "definition":
        criteria += [c for c in gold.every if cited & {strip_key(key) for key in c.cites}]
    if not criteria:
        return "other"
    return "right" if any(mark in c.open for c in criteria for mark in ASKS[asked]) else "wrong"


def _find_criteria(gold: GoldList, finding: Finding) -> list[GoldCriterion]:
    stated = [c for c in gold.every if states(finding, c)]
    return stated or [c for c in gold.every if is_about(finding, c)]
