"""The cutflow beside the cards: what changed, what it was, and why there is none."""

from pipeline.review.cutflow_changes import RegionChange, StepChange
from pipeline.review.effect_view import build_effect
from pipeline.review.recomputing import Effect, Since

START = StepChange(id="initial", label="all events", before=10, after=10)
MASS = StepChange(id="mass", label="m12 > 60", before=7, after=6, gained=1, lost=2, kind="changed", part="cut:mass")
SAME = StepChange(id="pt", label="pt > 20", before=8, after=8, part="cut:pt")
GONE = StepChange(id="old", label="met > 5", before=5, after=None, kind="removed", part="cut:old")
PARENT = RegionChange(name="pre_selection", parent=None, steps=(START, SAME, MASS, GONE), kind="changed")
CHILD = RegionChange(name="child", parent="pre_selection", steps=(MASS, SAME), kind="changed")


def test_what_changed_comes_first_and_only_once() -> None:
    view = build_effect(Effect(number=3, revision=2, since=1, regions=(PARENT, CHILD), n_events=10))
    assert view.words == "Cutflow of 10 events: pre selection, m12 > 60: 7 → 6, and 1 more"
    assert [(f.region, [(li.before, li.after, li.change) for li in f.lines]) for f in view.changed] == [
        ("pre selection", [("7", "6", "+1 −2"), ("5", "", "gone")])
    ]
    assert [len(f.lines) for f in view.flows] == [3, 1]
    assert view.original == ()


def test_what_the_readers_found_is_shown_where_it_is_another_revision() -> None:
    since_made = Since(revision=0, regions=(PARENT,))
    effect = Effect(number=3, revision=2, since=1, regions=(CHILD,), original=since_made, n_events=10)
    assert [f.region for f in build_effect(effect).original] == ["pre selection"]
    assert build_effect(effect.model_copy(update={"since": 0})).original == ()
    undone = Since(revision=0, regions=(RegionChange(name="pre_selection", parent=None, steps=(START, SAME)),))
    assert build_effect(effect.model_copy(update={"original": undone})).original == ()


def test_a_problem_is_said_in_place_of_a_cutflow() -> None:
    view = build_effect(Effect(number=1, problem="no event data", told=("a", "b")))
    assert (view.words, view.problem, view.told, view.flows) == ("No cutflow", "no event data", ("a", "b"), ())
