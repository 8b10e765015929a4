"""A draft holds what people decide, and gives the file back byte for byte where nobody changed anything."""

from pathlib import Path

import pytest

from pipeline.analyses import list_analyses, load_analysis
from pipeline.drafts.bringing import merge_texts
from pipeline.drafts.problems import locate_problems
from pipeline.drafts.reading import ReadDraft, read_draft
from pipeline.drafts.text import drop_comments, make_draft, put_back
from schemas.criteria_yaml import dump_criteria, parse_criteria
from schemas.validation import list_cuts
from tests.schemas.examples import DIPHOTON, H4L

EVIDENCE = """evidence:
  - document_id: paper
    page: 1
    quote: [pT > 6 GeV]
    alignment: exact
    number: ok
    unit: ok
    operator: ok
    polarity: ok
"""

ODD = (
    """# a comment of mine
%YAML_LIKE: no
""".replace("%YAML_LIKE: no\n", "")
    + """
#| mine as well
objects:
- name: muons   # list not set in
  base: muon
  cuts:
  # above a cut
  - id: mu_pt
    origin: rules
    evidence: &proof
    - {document_id: p, page: 1, quote: ["a # b"], alignment: exact, number: ok, unit: ok, operator: ok, polarity: ok}
    variable: pt
    # inside a cut
    operator: ">"
    threshold: {value: 6,
                unit: GeV}
    note: |
      #| not a comment
      two lines

    history: []
  - {id: mu_eta, variable: abs(eta), operator: <, threshold: {value: 2.6}, origin: rules,
     evidence: *proof}
  - id: mu_d0
    variable: abs(d0)
    operator: <
    threshold: {value: 1, unit: mm}
    origin: rules
    note: >-
      folded
      text
    evidence:   # why
    - document_id: p
      page: 1
      quote:
      - |
        several

        lines
      alignment: exact
      number: ok
      unit: ok
      operator: ok
      polarity: ok
    # behind it
regions:
- name: signal
  cuts:
  - {id: n, variable: count(muons), operator: ">=", threshold: {value: 1}}
"""
)


def list_texts() -> list[str]:
    plain = ODD.replace(" &proof", "").replace("evidence: *proof", "evidence: []")
    texts = [H4L, DIPHOTON, ODD, plain]
    texts += [Path(load_analysis(name).criteria).read_text(encoding="utf-8") for name in list_analyses()]
    return texts + [dump_criteria(parse_criteria(text, "x")) for text in texts]


def add_evidence(cut: str, indent: int) -> str:
    """The lines of a cut with a quote behind it."""
    return cut + "".join(" " * indent + line + "\n" for line in EVIDENCE.splitlines())


@pytest.mark.parametrize("text", list_texts())
def test_a_draft_gives_the_file_back(text: str) -> None:
    criteria = parse_criteria(text, "x")
    draft = make_draft(text, criteria, "Criteria", ("a tail",))
    assert put_back(draft, text) == text.strip("\n") + "\n"
    read = read_draft(draft, text, criteria, "Anna", "2026-01-01T00:00:00+00:00")
    assert isinstance(read, ReadDraft), read
    assert read.criteria == criteria


CUT = """      - id: mu_pt
        variable: pt
        operator: '>'
        threshold: {value: 6, unit: GeV}
        origin: rules
"""
WITH_EVIDENCE = (
    "objects:\n  - name: muons\n    base: muon\n    cuts:\n"
    + add_evidence(CUT, 8)
    + "regions:\n  - name: a\n    cuts:\n"
    + "      - {id: n, variable: met.pt, operator: '>', threshold: {value: 9, unit: GeV}}\n"
)


def take(change: tuple[str, str]) -> ReadDraft:
    criteria = parse_criteria(WITH_EVIDENCE, "x")
    draft = make_draft(WITH_EVIDENCE, criteria, "Criteria")
    assert draft.count(change[0]) == 1, draft
    read = read_draft(draft.replace(*change), WITH_EVIDENCE, criteria, "Anna", "2026-01-01T00:00:00+00:00")
    assert isinstance(read, ReadDraft), read
    return read


def test_quotes_follow_a_cut_that_is_moved_renamed_or_laid_out_otherwise() -> None:
    before = next(list_cuts(parse_criteria(WITH_EVIDENCE, "x")))
    shown = drop_comments(make_draft(WITH_EVIDENCE, parse_criteria(WITH_EVIDENCE, "x"), "Criteria"), "#|")
    assert "evidence" not in shown
    renamed = next(list_cuts(take(("- id: mu_pt", "- id: muon_momentum")).criteria))
    assert (renamed.id, renamed.evidence, renamed.origin) == ("muon_momentum", before.evidence, "rules")
    lines = "".join(f"{line}\n" for line in shown.splitlines() if line.startswith("        ") and "mu_" not in line)
    set_out = "".join(f"  {line}\n" for line in lines.splitlines())
    deeper = next(list_cuts(take((f"      - id: mu_pt\n{lines}", f"        - id: mu_pt\n{set_out}")).criteria))
    assert deeper == before
    commented = take(("        variable: pt\n", "        # mine\n        variable: pt   # too\n"))
    assert "        # mine\n        variable: pt   # too\n" in commented.text
    assert next(list_cuts(commented.criteria)) == before


def test_a_new_cut_between_others_has_no_quote_of_theirs() -> None:
    new = "      - id: extra\n        variable: abs(eta)\n        operator: <\n        threshold: {value: 2}\n"
    cuts = list(list_cuts(take(("      - id: mu_pt", f"{new}      - id: mu_pt")).criteria))
    assert [(c.id, len(c.evidence)) for c in cuts] == [("extra", 0), ("mu_pt", 1), ("n", 0)]


def test_problems_are_found_in_their_line() -> None:
    draft = make_draft(WITH_EVIDENCE, parse_criteria(WITH_EVIDENCE, "x"), "Criteria")
    lines = draft.split("\n")

    def find(message: str) -> str:
        (problem,) = locate_problems([message], draft)
        assert problem.line is not None
        return lines[problem.line].strip()

    assert (
        find("object 'muons', cut 'mu_pt', threshold, value: expected a number") == "threshold: {value: 6, unit: GeV}"
    )
    assert find("cut 'mu_pt': the id is used twice; expected unique ids") == "- id: mu_pt"
    assert find("region 'a', cut 'n': unit 'x' is not known").startswith("- {id: n,")
    assert find("object entry 1, base: expected a text") == "base: muon"
    assert locate_problems(["something else"], draft)[0].line is None


def test_changes_of_two_people_are_brought_together() -> None:
    base = "a\nb\nc\nd\ne\n"
    assert merge_texts(base, "a\nB\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "mine", "theirs") == ("a\nB\nc\nd\nE\n", 0)
    assert merge_texts(base, base, "x\n" + base, "mine", "theirs") == ("x\n" + base, 0)
    assert merge_texts(base, "a\nc\nd\ne\n", "a\nc\nd\ne\n", "mine", "theirs") == ("a\nc\nd\ne\n", 0)
    both = merge_texts(base, "a\nB1\nc\nd\ne\n", "a\nB2\nc\nd\ne\n", "mine", "theirs")
    assert both.conflicts == 1
    assert both.text == "a\n<<<<<<< mine\nB1\n=======\nB2\n>>>>>>> theirs\nc\nd\ne\n"
