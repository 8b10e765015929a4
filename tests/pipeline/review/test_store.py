"""What was done stays done: through crashes, beside other processes, back and forth."""

import json
import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.reading import load_criteria, load_marked
from pipeline.review.journal import digest_criteria, read_journal
from pipeline.review.parts import find_part
from pipeline.review.seeing import digest_seen
from pipeline.review.store import Review
from pipeline.run_store import reopen_run
from schemas.criteria import Cut, Region, Threshold
from schemas.errors import CriteriaError, RunFolderError, RunFolderInUse, StaleEdit
from schemas.review import (
    Accept,
    Action,
    Add,
    Claim,
    Dismiss,
    Edit,
    Redo,
    Reject,
    Remove,
    Reopen,
    Reply,
    Rewrite,
    TakeDefaults,
    Undo,
)
from tests.pipeline.review.acted import make_evidence
from tests.pipeline.review.runs import run

__all__ = ["run"]

CUTS = ("cut:mu_pt", "cut:mu_eta", "cut:pair", "cut:window")


def find_cut(review: Review, name: str) -> Cut:
    cut = find_part(review.state.criteria, f"cut:{name}").value
    assert isinstance(cut, Cut)
    return cut


def change_value(review: Review, name: str, value: float) -> Edit:
    cut = find_cut(review, name)
    assert cut.threshold is not None
    new = cut.model_copy(update={"threshold": cut.threshold.model_copy(update={"value": float(value)})})
    return Edit(part=f"cut:{name}", after=new)


def check_whole(run: Path) -> Review:
    """Everything that is on record can be read, and every file says the same."""
    review = Review.open(run)
    for revision in review.history:
        assert digest_criteria(review.before(revision.number).criteria) == revision.criteria_sha256
    assert load_marked(run) == review.state.criteria
    assert not any(isinstance(r.action, Rewrite) for r in review.history)  # nothing was taken for a hand's edit
    return review


def test_actions_are_on_record_and_the_file_follows_with_its_comments(run: Path) -> None:
    with Review.open(run) as review:
        made = review.state
        assert (review.revision, review.history, review.next_undo, review.next_redo) == (0, (), None, None)
        done = review.act(Accept(parts=("cut:mu_eta",)), "Marie", why="as in the table")
        assert (done.number, done.by, done.why, done.undoes) == (1, "Marie", "as in the table", None)
        review.act(change_value(review, "mu_pt", 25), "Pierre")
        review.act(Reply(question="ends", alternative="with"), "Marie")
        assert review.before(0) == made
    again = check_whole(run)
    assert again.state == review.state
    assert again.history == review.history
    assert [r.by for r in again.history] == ["Marie", "Pierre", "Marie"]
    assert load_criteria(run / "criteria.yaml") == again.state.criteria
    text = (run / "criteria.yaml").read_text(encoding="utf-8")
    assert "# on the plateau of the trigger" in text
    assert "# from both detectors" in text
    cut = find_cut(again, "mu_pt")
    assert (cut.status, cut.by, cut.threshold) == ("edited", "Pierre", Threshold(value=25, unit="GeV"))
    assert find_cut(again, "mu_eta").by == "Marie"


def test_undo_and_redo_go_back_and_forth_in_whatever_process(run: Path) -> None:
    states = []
    with Review.open(run) as review:
        states.append(review.state)
        for action in (Accept(parts=("cut:mu_pt",)), Reject(part="cut:window"), TakeDefaults()):
            review.act(action, "Marie")
            states.append(review.state)
    for expected in (2, 1, 0):
        with Review.open(run) as review:
            undone = review.act(Undo(), "Pierre")
            assert review.state == states[expected]
            assert undone.undoes == expected + 1
            assert {c.part for c in undone.changes} == {c.part for c in review.history[expected].changes}
    with Review.open(run) as review:
        with pytest.raises(CriteriaError, match="nothing to undo"):
            review.act(Undo(), "Pierre")
        assert review.next_redo is not None
        assert review.next_redo.number == 1
        review.act(Redo(), "Marie")
        review.act(Redo(), "Marie")
        assert review.state == states[2]
        review.act(Undo(), "Marie")
        review.act(Reject(part="cut:pair"), "Marie")  # something new: what was undone before cannot come back
        assert review.next_redo is None
        with pytest.raises(CriteriaError, match="nothing to redo"):
            review.act(Redo(), "Marie")
        review.act(Undo(), "Marie")
        assert review.state == states[1]
    assert len(check_whole(run).history) == 11  # nothing is ever taken out of the history


def test_what_is_wrong_changes_nothing(run: Path) -> None:
    with Review.open(run) as review:
        before = (run / "criteria.yaml").read_bytes()
        wrong: list[Action] = [Accept(parts=("cut:nope",)), Reopen(part="cut:pair"), Rewrite(), Undo()]
        cut = find_cut(review, "window").model_copy(update={"variable": "mass(nothing)"})
        wrong.append(Edit(part="cut:window", after=cut))
        for action in wrong:
            with pytest.raises(CriteriaError):
                review.act(action, "Marie")
        region = review.state.criteria.regions[0].model_copy(update={"parent": "nowhere"})
        broken = review.state.criteria.model_copy(update={"regions": (region,)})
        with pytest.raises(CriteriaError, match="nowhere"):
            review.act(Rewrite(criteria=broken), "Marie")
        assert review.revision == 0
    assert (run / "criteria.yaml").read_bytes() == before
    assert not (run / "review").exists()


def test_who_saw_something_else_is_told_both_versions(run: Path) -> None:
    mine, other = Review.open(run), Review.open(run)
    seen = {"cut:mu_pt": digest_seen(mine.state, "cut:mu_pt")}
    other.act(change_value(other, "mu_pt", 25), "Pierre", seen=seen)
    with pytest.raises(StaleEdit) as caught:
        mine.act(change_value(mine, "mu_pt", 30), "Marie", seen=seen)
    error = caught.value
    assert (error.part, error.by) == ("cut:mu_pt", "Pierre")
    assert error.seen == "pt > 20 GeV"
    assert error.now == "pt > 25 GeV (edited by Pierre)"
    assert "by Pierre" in str(error)
    mine.refresh()
    assert mine.state == other.state
    mine.act(change_value(mine, "mu_eta", 2.5), "Marie", seen={"cut:mu_eta": digest_seen(mine.state, "cut:mu_eta")})
    with pytest.raises(StaleEdit, match="revision 2"):
        other.act(Undo(), "Pierre", at_revision=1)  # the latest action is not what they saw
    assert other.refresh() is False  # it looked before it refused
    other.act(Undo(), "Pierre", at_revision=2)
    assert mine.refresh()
    assert mine.state == other.state == mine.before(1)


def test_what_is_removed_with_a_region_was_seen_with_it(run: Path) -> None:
    with Review.open(run) as mine, Review.open(run) as other:
        seen = {"region:peak": digest_seen(mine.state, "region:peak", whole=True)}
        cut = Cut(id="fine", variable="m", operator=">", threshold=Threshold(value=80, unit="GeV"))
        other.act(Add(owner="region:peak", added=cut), "Pierre")
        with pytest.raises(StaleEdit, match=r"changed meanwhile by Pierre.* > 80 GeV"):
            mine.act(Remove(part="region:peak"), "Marie", seen=seen)
        region = find_part(mine.state.criteria, "region:peak").value
        assert isinstance(region, Region)
        told = {"region:peak": digest_seen(mine.state, "region:peak")}  # the cut is no part of what it says
        mine.act(Edit(part="region:peak", after=region.model_copy(update={"note": "Z"})), "Marie", seen=told)


def test_of_two_who_mark_one_threshold_the_second_looks_again(run: Path) -> None:
    threshold = "threshold:note/3-9"
    with Review.open(run) as mine, Review.open(run) as other:
        seen = {threshold: digest_seen(mine.state, threshold)}
        other.act(Dismiss(threshold=threshold), "Pierre", seen=seen)
        quote = make_evidence("20 GeV", start=3)
        claim = Claim(threshold=threshold, part="cut:mu_pt", evidence=quote)
        with pytest.raises(StaleEdit, match="by Pierre: it reads 'no requirement' now, not 'unclaimed'"):
            mine.act(claim, "Marie", seen=seen)
        mine.act(claim, "Marie", seen={threshold: digest_seen(mine.state, threshold)})
        with pytest.raises(StaleEdit, match="belongs to cut:mu_pt"):
            other.act(Reopen(part=threshold), "Pierre", seen=seen)


def test_a_run_at_work_is_waited_for_and_nothing_is_lost(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.review.store.WAIT", 0.05)
    review = Review.open(run)
    review.act(Accept(parts=("cut:mu_pt",)), "Marie")
    with reopen_run(run):
        with pytest.raises(RunFolderInUse, match="in use by another process"):
            review.act(Accept(parts=("cut:mu_eta",)), "Marie")
        review.close()  # cannot write criteria.yaml now
        with Review.open(run) as reader:
            assert reader.state == review.state
        assert load_marked(run) == review.state.criteria
    assert review.revision == 1
    with Review.open(run) as later:
        later.act(Accept(parts=("cut:mu_eta",)), "Marie")
    assert load_criteria(run / "criteria.yaml") == check_whole(run).state.criteria


@pytest.mark.parametrize("rest", [b'{"number":3,"at":"2026', b'{"number":3,"at":"2026\n', bytes(40), bytes(40) + b"\n"])
def test_a_torn_last_line_is_left_out_and_told(run: Path, rest: bytes) -> None:
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
        review.act(Accept(parts=("cut:mu_eta",)), "Marie")
    with (run / "review" / "history.jsonl").open("ab") as file:
        file.write(rest)
    with Review.open(run) as review:
        assert review.revision == 2
        review.act(Accept(parts=("cut:pair",)), "Marie")
        assert [("cut off" in note) for note in review.notes] == [True]
    lines = (run / "review" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3]
    check_whole(run)


def test_a_damaged_history_is_named(run: Path) -> None:
    with Review.open(run) as review:
        for part in CUTS[:3]:
            review.act(Accept(parts=(part,)), "Marie")
    path = run / "review" / "history.jsonl"
    good = path.read_bytes()
    first, second, third = good.splitlines(keepends=True)
    for bad in (first + b"{}\n" + third, first + third, second + third):
        path.write_bytes(bad)
        with pytest.raises(RunFolderError, match=r"history\.jsonl, line"):
            Review.open(run)
    path.write_bytes(good)
    (run / "review" / "0002.json.gz").write_bytes(b"nothing")
    with Review.open(run) as review, pytest.raises(RunFolderError, match="0002"):
        review.before(2)


def test_a_kill_at_any_step_loses_nothing_that_was_answered(run: Path, tmp_path: Path) -> None:
    """The process is killed at its first, second, … write, sync or renaming, in a copy of the run each."""
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
        review.act(Accept(parts=("cut:mu_eta",)), "Marie", why="not in the file yet")
        review.settle()
        review.act(Reject(part="cut:pair"), "Marie")
    ended = False
    steps = 0
    while not ended:
        steps += 1
        copy = tmp_path / f"copy{steps}"
        shutil.copytree(run, copy)

        def work(tell: Callable[[int], None], copy: Path = copy, steps: int = steps) -> None:
            count_down_to_kill(steps)
            with Review.open(copy) as review:
                tell(review.act(change_value(review, "mu_eta", 2.5), "Marie").number)
                tell(review.act(TakeDefaults(), "Marie").number)

        told, ended = watch(work)
        with check_whole(copy) as review:
            assert review.revision >= max(told, default=3)
            assert review.revision <= 1 + max(told, default=3)
            review.act(Accept(parts=("cut:window",)), "Pierre")
            review.act(Undo(), "Pierre")
        assert load_criteria(copy / "criteria.yaml") == review.state.criteria
    assert steps > 15


def test_kills_at_any_time_leave_a_review_that_goes_on(run: Path) -> None:
    chance = random.Random(6)
    acknowledged = 0
    kills = 25
    for _ in range(kills):

        def work(tell: Callable[[int], None]) -> None:
            review = Review.open(run)
            while True:
                for part in CUTS:
                    tell(review.act(Accept(parts=(part,)), "Marie").number)
                    if part == "cut:pair":
                        review.settle()
                    tell(review.act(Undo(), "Marie").number)

        told, ended = watch(work, kill_after=chance.randrange(8), seconds=chance.uniform(0, 0.02))
        assert not ended
        with check_whole(run) as review:
            acknowledged = max([acknowledged, *told])
            assert acknowledged <= review.revision <= acknowledged + 1
            if review.next_undo is not None:
                review.act(Undo(), "Pierre")
            acknowledged = review.revision
    assert acknowledged >= kills
    with Review.open(run) as review:
        pass
    assert load_criteria(run / "criteria.yaml") == review.state.criteria


def test_two_processes_at_once_both_get_through(run: Path) -> None:
    def work(tell: Callable[[int], None], part: str) -> None:
        with Review.open(run) as review:
            for _ in range(8):
                tell(review.act(Accept(parts=(part,)), part).number)
                tell(review.act(Reopen(part=part), part).number)

    children = [start(lambda tell, part=part: work(tell, part)) for part in CUTS[:2]]
    told = [finish(child) for child in children]
    assert all(ended for _, ended in told)
    numbers = [number for numbers, _ in told for number in numbers]
    assert sorted(numbers) == list(range(1, 33))
    review = check_whole(run)
    assert review.revision == 32
    assert review.state == review.before(0)


def test_a_full_disk_says_so_and_loses_nothing(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review = Review.open(run)
    review.act(Accept(parts=("cut:mu_pt",)), "Marie")

    def refuse(descriptor: int, data: bytes, at: int) -> int:
        real(descriptor, data[:5], at)
        raise OSError(28, "No space left on device")

    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(RunFolderError, match="No space left"):
        review.act(Accept(parts=("cut:mu_eta",)), "Marie")
    monkeypatch.undo()
    assert review.revision == 1
    assert read_journal(run).torn == 0
    review.act(Accept(parts=("cut:mu_eta",)), "Marie")
    review.close()
    assert check_whole(run).revision == 2


Child = tuple[int, int]  # process, end of a pipe


def start(work: Callable[[Callable[[int], None]], None]) -> Child:
    """A process of its own that tells numbers."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            work(lambda number: os.write(writing, b"%d\n" % number))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    return child, reading


def finish(child: Child) -> tuple[list[int], bool]:
    """What a process told, and whether it came to its end."""
    process, reading = child
    with os.fdopen(reading, "rb") as pipe:
        told = [int(line) for line in pipe.read().splitlines()]
    _, status = os.waitpid(process, 0)
    assert status in (0, signal.SIGKILL), status
    return told, status == 0


def watch(
    work: Callable[[Callable[[int], None]], None], kill_after: int | None = None, seconds: float = 0.0
) -> tuple[list[int], bool]:
    """What a process told before it ended; or before it was killed, some time after it told so many numbers."""
    process, reading = start(work)
    told = b""
    if kill_after is not None:
        while told.count(b"\n") < kill_after and (more := os.read(reading, 1)):
            told += more
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
    rest, ended = finish((process, reading))
    return [*map(int, told.split()), *rest], ended


def count_down_to_kill(steps: int) -> None:
    """Have this process killed when it is about to do the step of that number that changes a file."""
    left = [steps]

    def wrap(name: str) -> None:
        real = getattr(os, name)

        def step(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        setattr(os, name, step)

    for name in ("fsync", "replace", "pwrite", "ftruncate"):
        wrap(name)
