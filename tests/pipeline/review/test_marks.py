"""Quotes that a person points at, and thresholds that they claim or dismiss."""

import pytest

from pipeline.review.acting import Background, act
from pipeline.review.marks import rewrite_state
from pipeline.review.parts import address_threshold
from schemas.criteria import (
    OverlapStep,
    SelectionCriteria,
)
from schemas.errors import CriteriaError
from schemas.review import (
    Add,
    Attach,
    Claim,
    Dismiss,
    Remove,
    Reopen,
    ReviewState,
)
from tests.pipeline.review.acted import ASKED, ME, MORE, NOW, change, cut_of, do, make_evidence, read


@pytest.fixture(scope="module")
def asked() -> ReviewState:
    return read(MORE + ASKED)


def test_what_a_person_points_at_stands_first(asked: ReviewState) -> None:
    quote = make_evidence("electrons above 7 GeV", start=90)
    acted = do(asked, Attach(part="cut:e_pt", evidence=quote))
    assert cut_of(acted.state, "e_pt").evidence == (quote, *cut_of(asked, "e_pt").evidence)
    assert [(c.before, c.after) for c in acted.changes] == [("pt > 7 GeV (1 quote)", "pt > 7 GeV (2 quotes)")]
    with pytest.raises(CriteriaError, match="cut 'e_pt' has this quote already"):
        do(acted.state, Attach(part="cut:e_pt", evidence=quote))
    with pytest.raises(CriteriaError, match="region 'signal' has no quotes; its cuts have"):
        do(asked, Attach(part="region:signal", evidence=quote))


def test_a_threshold_is_claimed_dismissed_and_unclaimed_again(asked: ReviewState) -> None:
    quote = make_evidence("pT > 7 GeV, say", start=90)
    threshold = address_threshold("hep-ex/9901001", 95, 99)
    here = quote.model_copy(update={"document_id": "hep-ex/9901001"})
    background = Background(thresholds={threshold: "… pT > 7 GeV …"})
    for part, why in (("question:ends", "question 'ends' requires nothing"), ("region:signal", "has no quotes")):
        with pytest.raises(CriteriaError, match=why):
            do(asked, Claim(threshold=threshold, part=part, evidence=here), background=background)
    claimed = do(asked, Claim(threshold=threshold, part="cut:e_pt", evidence=here), background=background)
    (mark,) = claimed.state.marks
    assert (mark.text, mark.part, mark.by, mark.at, mark.why) == ("… pT > 7 GeV …", "cut:e_pt", ME, NOW, "because")
    assert cut_of(claimed.state, "e_pt").evidence[-1] == here
    assert [c.part for c in claimed.changes] == ["cut:e_pt", threshold]
    assert claimed.changes[1].after == f"… pT > 7 GeV … (belongs to cut 'e_pt', says {ME})"
    dismissed = do(claimed.state, Dismiss(threshold=threshold), background=background).state
    assert [m.part for m in dismissed.marks] == [None]
    assert dismissed.criteria == asked.criteria
    assert do(claimed.state, Reopen(part=threshold)).state == asked
    with pytest.raises(CriteriaError, match="nothing changes: it reads so already"):
        act(dismissed, Dismiss(threshold=threshold), ME, "2026-11-21T13:00:00+00:00", background=background)
    for wrong, said in (
        (Dismiss(threshold=address_threshold("note", 1, 2)), "there is no threshold 'note/1-2' in the coverage"),
        (Dismiss(threshold="cut:e_pt"), "'cut:e_pt' names no printed threshold"),
        (Reopen(part=threshold), "is neither claimed nor dismissed"),
        (Claim(threshold=threshold, part="region:signal", evidence=here), "region 'signal' has no quotes; say to whi"),
    ):
        with pytest.raises(CriteriaError, match=said):
            do(asked, wrong, background=background)


def test_a_mark_follows_its_part(asked: ReviewState) -> None:
    quote = make_evidence("pT > 7 GeV, say", start=90)
    claim = Claim(threshold=address_threshold("note", 95, 99), part="cut:e_pt", evidence=quote)
    claimed = do(asked, claim).state
    renamed = do(claimed, change(claimed, "e_pt", "7", id="electron_pt")).state
    assert [m.part for m in renamed.marks] == ["cut:electron_pt"]
    step = OverlapStep(remove="muons", near="electrons", deltaR=0.3)
    added = do(asked, Add(added=step, at=0), Add(added=step, at=1)).state
    claim = claim.model_copy(update={"part": "step:muons/electrons#2"})
    fewer = do(do(added, claim).state, Remove(part="step:muons/electrons")).state
    assert [m.part for m in fewer.marks] == ["step:muons/electrons"]
    assert do(fewer, Remove(part="step:muons/electrons")).state.marks == ()
    assert rewrite_state(claimed, claimed.criteria) == claimed
    assert rewrite_state(claimed, SelectionCriteria()).marks == ()
