"""Criteria documents of all shapes, with the texts and numbers that file formats stumble over."""

from hypothesis import strategies as st

from schemas.criteria import (
    Agreement,
    Alternative,
    Analysis,
    Answer,
    Binning,
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
    SelectionCriteria,
    Threshold,
)
from schemas.document import Box
from schemas.evidence import Evidence

ODD_TEXTS = (
    "",
    " ",
    "  leading",
    "trailing  ",
    "two\nlines",
    "\nfirst",
    "last\n",
    "last\n\n",
    "a\n  b\n\n   c",
    "\t",
    "a\tb",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "null",
    "~",
    "1e5",
    "1.0",
    "0x1f",
    "0o17",
    "1_000",
    ".5",
    "-0",
    "2026-01-02",
    "12:30:45",
    ".nan",
    ".inf",
    "<<",
    "=",
    "!",
    "!!str x",
    "&anchor",
    "*alias",
    "- item",
    "? key",
    ": value",
    "key: value",
    "# comment",
    "a # b",
    "a: b # c",
    "'",
    '"',
    "''",
    '"quoted"',
    "it's",
    "back\\slash",
    "{a: [b]}",
    "[1, 2]",
    "%TAG",
    "@at",
    "`tick`",
    "|",
    ">",
    "---",
    "...",
    "--- a",
    "|η| < 2.47",
    "p_T^{miss} ≥ 30 GeV",
    "\u00e9\u0301",
    "\u2028",
    "\u2029",
    "\x85",
    "\ufeff",
    "\u200b",
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x7f",
    "😀",
    "𝑝T",
    "\r",
    "a\r\nb",
    "\u202e",
    "word " * 60,
    "x" * 300,
    "a" + " " * 130 + "b",
    ("long line " * 14 + "\n") * 3,
    "é" * 200,
    "'\"" * 80,
)
ODD_NUMBERS = (
    0.0,
    -0.0,
    1e-7,
    1e22,
    1e16,
    123456789012345680.0,
    1e300,
    5e-324,
    0.1,
    2.47,
    1 / 3,
    -1e-17,
    1e15,
    1e5,
    7.0,
    -7.5,
    2.0**53,
    1.7976931348623157e308,
)

texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=40).filter(lambda t: t.isprintable() or t < "\ud800"))
said = texts.filter(bool)
sentences = texts.filter(lambda t: len(t) <= 2000 and any(c.isalnum() for c in t))
words = st.one_of(texts, st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True))
numbers = st.one_of(st.sampled_from(ODD_NUMBERS), st.floats(allow_nan=False, allow_infinity=False))
distances = st.one_of(st.sampled_from([0.1, 0.4, 1e-9, 3.0]), st.floats(min_value=1e-12, max_value=10))


def optional(strategy: st.SearchStrategy) -> st.SearchStrategy:
    """The strategy, or nothing."""
    return st.one_of(st.none(), strategy)


def several(strategy: st.SearchStrategy, most: int = 2, least: int = 0) -> st.SearchStrategy:
    """A short tuple."""
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


checks = st.sampled_from(["ok", "wrong", "absent", "not_applicable"])
statuses = st.sampled_from(["proposed", "accepted", "edited", "rejected"])
boxes = st.builds(Box, page=st.integers(1, 99), x0=numbers, y0=numbers, x1=numbers, y1=numbers)
evidence = st.builds(
    Evidence, document_id=words, page=optional(st.integers(1, 999)), quote=several(texts, 3, 1),
    spans=several(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))), boxes=several(boxes),
    alignment=st.sampled_from(["exact", "normalised", "not_found"]), number=checks, unit=checks, operator=checks,
    polarity=checks, source=st.sampled_from(["prose", "table", "caption"]), recognised=st.booleans(),
    finding=optional(words), reason=optional(texts),
)  # fmt: skip
agreements = st.integers(1, 50).flatmap(lambda of: st.builds(Agreement, found=st.integers(0, of), of=st.just(of)))
provenance = {
    "evidence": several(evidence, 1), "origin": words, "status": statuses, "agreement": optional(agreements),
    "by": optional(texts), "history": several(evidence, 1), "note": optional(texts),
}  # fmt: skip

more = {"unit": optional(words), "literal": optional(texts)}
ends = {"range": st.tuples(numbers, numbers), "closed": optional(st.sampled_from(["none", "left", "right", "both"]))}
ranges = st.builds(Threshold, **ends, **more)
lists = st.one_of(
    st.builds(Threshold, values=several(numbers, 4, 1), **more),
    st.builds(Threshold, labels=several(texts, 3, 1), **more),
)
single = st.one_of(
    st.builds(Threshold, value=numbers, **more),
    st.builds(Threshold, label=texts, **more),
    st.builds(Threshold, expression=texts, **more),
)
asked = {
    "id": words, "variable": said, "quantifier": st.sampled_from(["all", "any"]), "condition": optional(texts),
    "group": optional(words), **provenance,
}  # fmt: skip
worded = {k: v for k, v in asked.items() if k not in ("variable", "quantifier")}
cuts = st.one_of(
    st.builds(Cut, operator=st.sampled_from([">", ">=", "<", "<=", "==", "!="]), threshold=single, **asked),
    st.builds(Cut, operator=st.sampled_from(["between", "outside"]), threshold=ranges, **asked),
    st.builds(Cut, operator=st.just("in"), threshold=lists, **asked),
    st.builds(Cut, operator=st.sampled_from(["pass", "fail"]), **asked),
    st.builds(Cut, words=sentences, **worded),
)
removals = st.builds(OverlapRemoval, with_=words, deltaR=distances, **provenance)
rest = {"name": words, "cuts": several(cuts), "remove_overlap": several(removals, 1), "note": optional(texts)}
objects = st.one_of(
    st.builds(ObjectDefinition, base=st.one_of(words, several(words, 3)), **rest),
    st.builds(ObjectDefinition, union=several(words, 3), **rest),
)
steps = st.builds(OverlapStep, remove=words, near=words, deltaR=distances, **provenance)
chosen = {
    "name": words, "exclude": several(words),
    "require": several(st.one_of(words, st.dictionaries(words, words, max_size=2))),
    "select": several(cuts, 1), **provenance,
}  # fmt: skip
minimise = optional(st.one_of(texts, several(texts, 3)))
candidates = st.one_of(
    st.builds(Candidate, pair=words, pairing=optional(several(words, 3)), minimise=minimise, **chosen),
    st.builds(Candidate, leading=words, n=st.integers(1, 10**30), maximise=optional(texts), **chosen),
    st.builds(Candidate, assign=st.dictionaries(words, texts, max_size=3), **chosen),
    st.builds(Candidate, sum=several(words, 3), **chosen),
)
binnings = st.builds(
    Binning, bins=st.integers(1, 10_000), low=st.floats(-1e9, 0, exclude_max=True), high=st.floats(0.5, 1e9)
)
named = {"name": words, "unit": optional(words), "binning": optional(binnings), **provenance}
variables = st.one_of(
    st.builds(NamedVariable, expression=said, **named), st.builds(NamedVariable, words=sentences, **named)
)
regions = st.builds(Region, name=words, parent=optional(words), cuts=several(cuts, 3), note=optional(texts))
alternatives = st.builds(
    Alternative, key=words, text=texts, changes=several(cuts, 1), rejects=several(words), objects=several(objects, 1),
    overlap=optional(several(steps, 1)), candidates=several(candidates, 1), variables=several(variables, 1),
)  # fmt: skip
answers = st.builds(Answer, by=texts, at=texts, alternative=optional(words), text=optional(texts))
questions = st.builds(
    Question, id=words, text=texts, why=texts, alternatives=several(alternatives), default=optional(words),
    cuts=several(words), evidence=several(evidence, 1), agreement=optional(agreements), answer=optional(answers),
)  # fmt: skip
analyses = st.builds(
    Analysis, slug=words, title=optional(texts), paper=optional(texts), experiment=optional(texts),
    sqrt_s=optional(numbers), luminosity=optional(numbers), final_state=optional(texts),
)  # fmt: skip
documents = st.builds(
    SelectionCriteria, analysis=analyses, objects=several(objects), overlap=several(steps),
    candidates=several(candidates), variables=several(variables), regions=several(regions), outputs=several(words, 3),
    questions=several(questions, 1),
)  # fmt: skip
