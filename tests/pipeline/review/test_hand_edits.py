"""Who edits criteria.yaml by hand while a review goes on is one of those who act."""

import os
import time
from pathlib import Path

import pytest

from pipeline.reading import load_criteria, load_marked
from pipeline.review.merging import merge_criteria
from pipeline.review.parts import find_part
from pipeline.review.store import Review
from schemas.criteria import Cut, SelectionCriteria, Threshold
from schemas.criteria_yaml import parse_criteria
from schemas.errors import CriteriaError
from schemas.review import Accept, Reject, Reply, Rewrite, TakeDefaults, Undo
from tests.pipeline.review.runs import AUTHOR, CRITERIA, edit_by_hand, run

__all__ = ["run"]


def find_cut(criteria: SelectionCriteria, name: str) -> Cut:
    cut = find_part(criteria, f"cut:{name}").value
    assert isinstance(cut, Cut)
    return cut


def test_an_edit_before_any_review_is_the_first_revision(run: Path) -> None:
    made = load_criteria(run / "criteria.yaml")
    edit_by_hand(run, "value: 20", "value: 25")
    marked = load_marked(run)
    with Review.open(run) as review:
        (revision,) = review.history
        assert (revision.by, revision.action) == (AUTHOR, Rewrite())
        assert [c.part for c in revision.changes] == ["cut:mu_pt"]
        assert review.before(0).criteria == made
        assert review.state.criteria == marked == load_marked(run)
        cut = find_cut(review.state.criteria, "mu_pt")
        assert (cut.by, cut.status, cut.threshold) == (AUTHOR, "edited", Threshold(value=25, unit="GeV"))
        review.act(Undo(), "Marie")
        assert review.state.criteria == made
    assert load_criteria(run / "criteria.yaml") == made


def test_an_edit_meanwhile_goes_on_top_and_is_its_authors_alone(run: Path) -> None:
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_eta", "cut:pair")), "Marie")
        review.act(Reply(question="ends", alternative="with"), "Marie")
        edit_by_hand(run, "value: 2.4", "value: 2.5")  # the file does not say yet what Marie did
        assert review.refresh()
        assert review.revision == 3
        assert review.history[-1].by == AUTHOR
        assert [c.part for c in review.history[-1].changes] == ["cut:mu_eta"]
        criteria = review.state.criteria
        assert find_cut(criteria, "mu_eta").by == AUTHOR
        assert find_cut(criteria, "pair").by == "Marie"
        assert find_cut(criteria, "window").threshold == Threshold(range=(70, 110), unit="GeV", closed="both")
        assert criteria.questions[0].answer is not None
        assert not review.refresh()
        edit_by_hand(run, "# from both detectors", "# muon system and tracker")
        assert not review.refresh()  # a comment is no action
        review.act(Reject(part="cut:pair"), "Marie")
    assert load_criteria(run / "criteria.yaml") == review.state.criteria
    text = (run / "criteria.yaml").read_text(encoding="utf-8")
    assert "# muon system and tracker" in text
    edit_by_hand(run, "value: 20", "value: 22")
    with Review.open(run) as later:
        assert later.revision == 5
        cuts = {name: find_cut(later.state.criteria, name) for name in ("mu_pt", "mu_eta", "pair")}
    assert {name: (cut.by, cut.status) for name, cut in cuts.items()} == {
        "mu_pt": (AUTHOR, "edited"), "mu_eta": (AUTHOR, "edited"), "pair": ("Marie", "rejected"),
    }  # fmt: skip


def test_a_status_that_is_written_by_hand_has_a_name(run: Path) -> None:
    edit_by_hand(run, "threshold: {value: 2.4}}", "threshold: {value: 2.4}, status: rejected, by: Nobody}")
    cut = find_cut(load_marked(run), "mu_eta")
    assert (cut.status, cut.by, cut.origin) == ("rejected", AUTHOR, "human")


def test_a_file_that_does_not_fit_stays_as_it_is_until_it_does(run: Path) -> None:
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
        review.settle()
        edit_by_hand(run, "value: 20", "value: [20")
        broken = (run / "criteria.yaml").read_bytes()
        assert review.refresh()
        assert review.problem is not None
        assert "line " in review.problem
        with pytest.raises(CriteriaError, match="no valid YAML"):
            review.act(Accept(parts=("cut:mu_eta",)), "Marie")
        with pytest.raises(CriteriaError, match="no valid YAML"):
            Review.open(run)
        assert (run / "criteria.yaml").read_bytes() == broken
        assert review.revision == 1
        edit_by_hand(run, "value: [20", "value: 21")
        assert review.refresh()
        assert review.problem is None
        review.act(Accept(parts=("cut:mu_eta",)), "Marie")
    assert find_cut(load_criteria(run / "criteria.yaml"), "mu_pt").threshold == Threshold(value=21, unit="GeV")


def test_a_file_that_is_being_saved_is_left_until_it_is_whole(run: Path) -> None:
    review = Review.open(run)
    path = run / "criteria.yaml"
    whole = path.read_text(encoding="utf-8").replace("value: 20", "value: 25")
    cut_off = whole[: whole.index("questions:")]
    path.write_text(cut_off, encoding="utf-8")  # this very moment, and it would parse
    assert not review.refresh()
    assert review.state.criteria.questions
    path.write_text(whole, encoding="utf-8")
    os.utime(path, (time.time() - 60, time.time() - 60))
    assert review.refresh()
    assert review.state.criteria.questions
    assert review.revision == 1


def test_a_file_that_is_gone_comes_back(run: Path) -> None:
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
    (run / "criteria.yaml").unlink()
    with Review.open(run) as again:
        assert again.state == review.state
        assert again.revision == 1
    assert load_criteria(run / "criteria.yaml") == review.state.criteria
    with Review.open(run) as again:
        again.act(Undo(), "Marie")
        (run / "criteria.yaml").unlink()
    assert load_criteria(run / "criteria.yaml") == again.state.criteria == again.before(0).criteria


def test_the_file_as_it_was_made_is_taken_as_such(run: Path) -> None:
    made = (run / "criteria.yaml").read_bytes()
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
        review.act(TakeDefaults(), "Marie")
    (run / "criteria.yaml").write_bytes(made)
    with Review.open(run) as review:
        assert review.history[-1].by == AUTHOR
        assert review.state == review.before(0)
        review.act(Undo(), "Marie")
        assert find_cut(review.state.criteria, "mu_pt").by == "Marie"


def read(*changes: tuple[str, str]) -> SelectionCriteria:
    text = CRITERIA
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return parse_criteria(text, "criteria")


ADDED = "      - {id: by_hand, variable: met.pt, operator: '>', threshold: {value: 30, unit: GeV}}\n"
PAIR = '      - {id: pair, variable: count(z), operator: "==", threshold: {value: 1}}\n'
HIGHER, HIGHEST, WIDER = ("value: 20", "value: 25"), ("value: 20, unit: GeV", "value: 30, unit: GeV"), ("2.4", "2.5")
BEFORE, AFTER, GONE = (PAIR, ADDED + PAIR), (PAIR, PAIR + ADDED), (PAIR, "")
OTHER = ('variable: pt, operator: ">"', 'variable: eta, operator: "<"')


@pytest.mark.parametrize(
    ("mine", "theirs", "together"),
    [
        (HIGHER, WIDER, (HIGHER, WIDER)),
        (AFTER, HIGHER, (AFTER, HIGHER)),
        (HIGHER, BEFORE, (HIGHER, BEFORE)),
        (GONE, HIGHER, (GONE, HIGHER)),
        (HIGHER, GONE, (HIGHER, GONE)),
        (HIGHER, HIGHEST, (HIGHER,)),
        (OTHER, HIGHEST, (OTHER,)),  # what a cut says is changed as a whole, never half by one and half by the other
    ],
)
def test_what_two_changed_goes_together(
    mine: tuple[str, str], theirs: tuple[str, str], together: tuple[tuple[str, str], ...]
) -> None:
    assert merge_criteria(read(), read(mine), read(theirs)) == read(*together)


def test_an_order_that_one_changed_stays() -> None:
    criteria = read()
    region = criteria.regions[0]
    turned = criteria.model_copy(update={"regions": (region.model_copy(update={"cuts": region.cuts[::-1]}),)})
    other = read(("value: 20", "value: 25"))
    merged = merge_criteria(criteria, turned, other)
    assert [c.id for c in merged.regions[0].cuts] == ["window", "pair"]
    assert merge_criteria(criteria, other, turned) == merged
