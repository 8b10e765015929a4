"""Events gained and lost are those of the event sets, step by step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.cutflow_changes import OUTSIDE, compare_cutflows, keep_events, name_parts
from schemas.criteria import Cut, Region, SelectionCriteria
from schemas.cutflow import Cutflow, EventTable, RegionFlow, Step

NAMES = ("a", "b", "c", "d")


def _make(n: int, steps: tuple[str, ...], last: list[int], labels: str = "") -> Cutflow:
    keys = tuple((k,) for k in range(n))
    lines = ("initial", *steps)
    counts = [sum(x >= i for x in last) for i in range(len(lines))]
    table = EventTable(columns=("event",), keys=keys, last_step=tuple(last))
    shown = tuple(Step(id=s, label=s + labels, count=c) for s, c in zip(lines, counts, strict=True))
    end = len(lines) - 1
    passed = [k for k in range(n) if last[k] == end]
    child = EventTable(columns=("event",), keys=tuple((k,) for k in passed), last_step=tuple(k % 2 for k in passed))
    odd = sum(k % 2 for k in passed)
    return Cutflow(
        analysis="test", n_events=n,
        regions=(
            RegionFlow(name="all", steps=shown, events=table),
            RegionFlow(
                name="child", parent="all", events=child,
                steps=(shown[-1], Step(id="odd", label="odd", count=odd)),
            ),
        ),
    )  # fmt: skip


@st.composite
def _cutflows(draw: st.DrawFn) -> tuple[Cutflow, Cutflow]:
    n = draw(st.integers(1, 12))
    sides = []
    for _ in range(2):
        steps = tuple(draw(st.permutations(NAMES))[: draw(st.integers(0, 4))])
        sides.append(_make(n, steps, draw(st.lists(st.integers(0, len(steps)), min_size=n, max_size=n))))
    return sides[0], sides[1]


@given(_cutflows())
def test_gained_and_lost_are_differences_of_event_sets(sides: tuple[Cutflow, Cutflow]) -> None:
    before, after = sides
    for change in compare_cutflows(keep_events(before), keep_events(after)):
        old = next(r for r in before.regions if r.name == change.name)
        new = next(r for r in after.regions if r.name == change.name)
        then = {s.id: i for i, s in enumerate(old.steps)}
        now = {s.id: i for i, s in enumerate(new.steps)}
        assert [s.id for s in change.steps if s.after is not None] == list(now)
        assert {s.id for s in change.steps[1:]} == {*list(now)[1:], *list(then)[1:]}
        for at, step in enumerate(change.steps):
            i, j = (0, 0) if at == 0 else (then.get(step.id), now.get(step.id))
            assert step.before == (None if i is None else old.steps[i].count)
            assert step.after == (None if j is None else new.steps[j].count)
            assert (step.kind == "new", step.kind == "removed") == (i is None, j is None)
            if i is None or j is None:
                assert (step.gained, step.lost) == (0, 0)
                continue
            were, are = old.keys_at(i), new.keys_at(j)
            assert (step.gained, step.lost) == (len(are - were), len(were - are))


def test_new_removed_and_moved_steps_are_told_apart() -> None:
    before = keep_events(_make(4, ("a", "b", "c"), [0, 1, 2, 3]))
    after = keep_events(_make(4, ("c", "a", "new"), [0, 1, 2, 3]))
    region = compare_cutflows(before, after)[0]
    assert {s.id: s.kind for s in region.steps} == {
        "initial": "same", "c": "moved", "a": "changed", "new": "new", "b": "removed",
    }  # fmt: skip
    assert region.kind == "changed"
    assert region.last.id == "new"


def test_a_cut_that_reads_otherwise_is_changed_where_no_event_is() -> None:
    before, after = (keep_events(_make(2, ("a",), [0, 1], label)) for label in ("", "!"))
    kinds = [s.kind for s in compare_cutflows(before, after)[0].steps]
    assert kinds == ["changed", "changed"]
    assert {r.kind for r in compare_cutflows(before, before)} == {"same"}


def test_regions_come_and_go() -> None:
    both = keep_events(_make(3, ("a",), [0, 1, 1]))
    one = both._replace(regions=both.regions[:1])
    assert [(r.name, r.kind) for r in compare_cutflows(one, both)] == [("all", "same"), ("child", "new")]
    assert [(r.name, r.kind) for r in compare_cutflows(both, one)] == [("all", "same"), ("child", "removed")]
    assert {r.kind for r in compare_cutflows(None, both)} == {"new"}
    assert both.regions[1].last.tolist() == [OUTSIDE, 1, 0]


def test_a_step_knows_its_cuts() -> None:
    cuts = (Cut(id="x", variable="met.pt", operator="pass", group="a"), Cut(id="y", variable="met.pt", operator="pass"))
    alike = Cut(id="z", variable="met.pt", operator="pass", group="a")
    criteria = SelectionCriteria(regions=(Region(name="all", cuts=(*cuts, alike)),))
    cutflow = keep_events(_make(2, ("a", "y", "gone"), [0, 3]))
    region = name_parts(compare_cutflows(None, cutflow), criteria)[0]
    assert [s.part for s in region.steps] == [None, "cut:x", "cut:y", None]


def test_cutflows_of_other_events_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different events"):
        compare_cutflows(keep_events(_make(2, (), [0, 0])), keep_events(_make(3, (), [0, 0, 0])))
