"""Working points: which grade ("loose", "tight") is printed, and whose it is."""

import re
from collections.abc import Sequence

from extract.grounding.belonging import find_other_twin
from extract.grounding.judgement import Reading
from schemas.finding import Finding

_GRADE = re.compile(r"\b(very[\s-](?:loose|tight)|loose|medium|tight|loosest|tightest|tighter|looser)\b", re.IGNORECASE)
_GRADE_TWIN = re.compile(rf"{_GRADE.pattern}\s\(({_GRADE.pattern})\)", re.IGNORECASE)
# "loose identification and isolation criteria": one grade for both
_SHARED = re.compile(r"\s[\w-]+\s(?:and|or)\s[\w-]+\s(?:criteri|requirement|working\s|selection|quality)")
_REACH = 40  # characters behind a grade in which the noun that it grades stands
_GRADED = {
    "id": re.compile(r"\bidentif\w+|\bID\b|likelihood|quality", re.IGNORECASE),
    "isolation": re.compile(r"\b(?:non-)?isolat\w+", re.IGNORECASE),
    "btag": re.compile(r"\bb-?tag\w*|\bb-?jet\w*", re.IGNORECASE),
    "jvt": re.compile(r"\bJVT\b|jet[- ]vertex", re.IGNORECASE),
}


def find_unsaid_grade(labels: Sequence[str], readings: tuple[Reading, ...]) -> str | None:
    """A grade of the labels that is not printed where others are: "loose" where only "very loose" stands."""
    printed = {_grade(m[0]) for r in readings for m in _GRADE.finditer(r.statement.text, r.first, r.last)}
    unsaid = {_grade(m[0]) for label in labels for m in _GRADE.finditer(label)} - printed
    return min(unsaid) if printed and unsaid else None


def find_grade_twin(finding: Finding, readings: tuple[Reading, ...]) -> str | None:
    """Why a working point is the other one's of a pair: "electrons (muons) … loose (medium)"."""
    if not isinstance(finding.value, str):
        return None
    grades = [_grade(m[0]) for m in _GRADE.finditer(finding.value)]
    for reading in readings:
        for match in _GRADE_TWIN.finditer(reading.statement.text, reading.first, reading.last):
            first, second = _grade(match[1]), _grade(match[2])
            if len(grades) == 1 and first != second and grades[0] in (first, second):
                return find_other_twin(finding, reading.statement.text, inner=grades[0] == second, what=grades[0])
    return None


def _grade(printed: str) -> str:
    return " ".join(re.split(r"[\s-]+", printed.lower()))


def find_grade_owner(finding: Finding, readings: tuple[Reading, ...]) -> str | None:
    """Why a working point is another variable's or object's: "tight identification and loose isolation"."""
    if finding.variable not in _GRADED or not isinstance(finding.value, str):
        return None
    grades = {_grade(g) for g in _GRADE.findall(finding.value)}
    if not grades:
        return None
    owners: set[str] = set()
    for reading in readings:
        text = reading.statement.text
        for match in _GRADE.finditer(text, reading.first, reading.last):
            if _grade(match[0]) not in grades:
                continue
            following = _GRADE.search(text, match.end())
            stretch = text[match.end() : min(following.start() if following else len(text), match.end() + _REACH)]
            named = {v: m.start() for v, p in _GRADED.items() if (m := p.search(stretch))}
            owner = min(named, key=lambda v: named[v]) if named else finding.variable
            if owner == finding.variable or (finding.variable in named and _SHARED.match(stretch)):
                return None
            owners.add(owner)
    return (
        f"'{finding.value}' is printed for {', '.join(sorted(owners))}"
        if owners
        else f"'{finding.value}' is not printed as a grade"
    )
