"""Cuts in words, for labels of steps and for comments; text of papers is made safe to stand in a comment."""

import unicodedata

from schemas.criteria import Candidate, Cut
from schemas.evidence import Evidence

LINE = 116
QUOTE = 190  # characters of a quote that are shown
WORDS = 160  # of what is stated in words


def describe_cut(cut: Cut) -> str:
    """A cut on one line: "pt > 7 GeV", "50 < m12 < 106 GeV", "id >= loose, if pt < 60"."""
    text = _describe_comparison(cut)
    if cut.quantifier == "any":
        text = f"any: {text}"
    return clean(f"{text}, if {cut.condition}" if cut.condition else text)


def _describe_comparison(cut: Cut) -> str:
    threshold = cut.threshold
    if cut.words is not None:
        return f"in words: {shorten(cut.words, WORDS)}"
    if threshold is None:
        return cut.variable if cut.operator == "pass" else f"not ({cut.variable})"
    unit = f" {threshold.unit}" if threshold.unit else ""
    if threshold.range is not None:
        low, high = (f"{v:.12g}" for v in threshold.range)
        left = "<=" if threshold.closed in ("left", "both") else "<"
        right = "<=" if threshold.closed in ("right", "both") else "<"
        inside = f"{low} {left} {cut.variable} {right} {high}{unit}"
        return inside if cut.operator == "between" else f"not ({inside})"
    if threshold.values is not None:
        return f"{cut.variable} in {', '.join(f'{v:.12g}' for v in threshold.values)}{unit}"
    if threshold.labels is not None:
        return f"{cut.variable} in {', '.join(threshold.labels)}"
    value = threshold.label or threshold.expression or f"{threshold.value:.12g}"
    return f"{cut.variable} {cut.operator} {value}{unit}"


def describe_candidate(candidate: Candidate) -> str:
    """What a candidate is, on one line."""
    if candidate.sum is not None:
        return clean(f"{' + '.join(candidate.sum)}")
    if candidate.leading is not None:
        text = f"the {candidate.n} leading {candidate.leading}"
    elif candidate.assign is not None:
        text = "one of each: " + ", ".join(f"{role} of {source}" for role, source in candidate.assign.items())
    else:
        text = f"pair of {candidate.pair}"
        if candidate.pairing is not None:
            text = f"{', '.join(candidate.pairing)}: pairs of {candidate.pair}, chosen together"
    requirements = [
        r if isinstance(r, str) else ", ".join(f"{k} {v}s" for k, v in r.items()) for r in candidate.require
    ]
    parts = [text, *(r.replace("_", " ") for r in requirements)]
    if candidate.exclude:
        parts.append(f"no member of {', '.join(candidate.exclude)}")
    minimise = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
    if minimise:
        parts.append(f"smallest {', then '.join(minimise)}")
    if candidate.maximise is not None:
        parts.append(f"largest {candidate.maximise}")
    return clean("; ".join(parts))


def quote_evidence(evidence: tuple[Evidence, ...]) -> str:
    """Page and words of the first place that states something, short enough for a line; empty without evidence."""
    if not evidence:
        return ""
    first = evidence[0]
    page = f"p. {first.page}: " if first.page is not None else ""
    return f'{page}"{shorten(" … ".join(first.quote), QUOTE)}"'


def shorten(text: str, length: int) -> str:
    """The text on one line, cut off after a number of characters."""
    text = clean(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def clean(text: str) -> str:
    """The text on one line, without characters that are invisible or that change the direction of writing."""
    visible = (" " if unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") else c for c in text)
    return " ".join("".join(c for c in visible if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")).split())


def write_comment(text: str, indent: str, margin: str = " ") -> list[str]:
    """The text as comment lines that fit the page; what follows on the next line is set in by two more."""
    lines: list[str] = []
    current = f"{indent}#{margin}"
    start = len(current)
    for word in clean(text).split(" "):
        if len(current) + len(word) > LINE and len(current) > start:
            lines.append(current.rstrip())
            current = f"{indent}#{margin}  "
            start = len(current)
        current += f"{word} "
    return [*lines, current.rstrip()]
