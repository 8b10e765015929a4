"""A run takes what people said in the review, and what it takes by default is on record."""

import json
from pathlib import Path

import pytest

from pipeline.answering import answer_file, answer_run
from pipeline.editing import describe_hands
from pipeline.files import digest_file
from pipeline.reading import adopt_criteria, load_criteria, load_marked
from pipeline.report import group_criteria
from pipeline.review.parts import find_part
from pipeline.review.store import Review
from pipeline.run_store import load_manifest, reopen_run
from pipeline.running import accept_criteria
from pipeline.terminal import Progress
from schemas.criteria import Cut, Threshold
from schemas.criteria_yaml import dump_criteria
from schemas.errors import CriteriaError, OpenQuestions, RunFolderInUse
from schemas.review import Accept, Add, Edit, Reject, Reopen, Reply, Rewrite, TakeDefaults, Undo
from tests.pipeline.review.runs import AUTHOR, CRITERIA, edit_by_hand, make_run, run

__all__ = ["run"]

QUIET = Progress(quiet=True)


def accept(run: Path, *, defaults: bool = False) -> list[str]:
    """The steps that were done again."""
    with reopen_run(run) as folder:
        accept_criteria(folder, QUIET, accept_defaults=defaults)
        return folder.redone


def test_defaults_are_on_record_and_the_file_stays_as_it_was_made(run: Path) -> None:
    made = (run / "criteria.yaml").read_bytes()
    with pytest.raises(OpenQuestions, match=r"paperfilter answer .* or `paperfilter review .*--accept-defaults"):
        accept(run)
    assert not (run / "review").exists()
    accept(run, defaults=True)
    assert (run / "criteria.yaml").read_bytes() == made  # made anew where the reading changes
    review = Review.open(run)
    (revision,) = review.history
    assert (revision.by, revision.why, revision.action) == (AUTHOR, "--accept-defaults", TakeDefaults())
    accepted = load_criteria(run / "accepted.yaml")
    assert accepted == review.state.criteria == load_marked(run)
    assert accepted.questions[0].answer is not None
    assert accepted.questions[0].answer.by == AUTHOR
    assert accept(run) == accept(run, defaults=True) == []  # they stay accepted, and are taken once
    assert review.refresh() is False

    review.act(Reopen(part="question:ends"), "Marie")
    with pytest.raises(OpenQuestions):
        accept(run)
    with review:
        review.act(Reply(question="ends", alternative="with"), "Marie")
    assert accept(run) == ["accept"]
    assert load_criteria(run / "accepted.yaml") == load_criteria(run / "criteria.yaml")


def test_what_is_made_anew_starts_anew(run: Path) -> None:
    accept(run, defaults=True)
    source = run.parents[2] / "zmumu.yaml"
    source.write_text(CRITERIA.replace("value: 20", "value: 30"), encoding="utf-8")
    with reopen_run(run) as folder:
        adopt_criteria(folder, source, QUIET)
        with pytest.raises(OpenQuestions):
            accept_criteria(folder, QUIET, accept_defaults=False)
        accept_criteria(folder, QUIET, accept_defaults=True)
    assert [(r.by, r.action.do) for r in Review.open(run).history] == [
        (AUTHOR, "defaults"), ("paperfilter", "rewrite"), (AUTHOR, "defaults"),
    ]  # fmt: skip
    accepted = load_criteria(run / "accepted.yaml")
    cut = accepted.objects[0].cuts[0]
    assert cut.threshold is not None
    assert (cut.threshold.value, cut.by, cut.status) == (30, None, "proposed")


def test_who_looks_while_it_is_made_anew_takes_it_for_nobodys_edit(run: Path) -> None:
    accept(run, defaults=True)
    review = Review.open(run)
    source = run.parents[2] / "zmumu.yaml"
    source.write_text(CRITERIA.replace("value: 20", "value: 30"), encoding="utf-8")
    with reopen_run(run) as folder:
        folder.forget("adopt")  # as it is while a step moves its files to their places
        edit_by_hand(run, "value: 20", "value: 30")
        assert review.refresh()
        assert review.revision == 1
        adopt_criteria(folder, source, QUIET)
    review.refresh()
    assert [(r.by, r.action.do) for r in review.history] == [(AUTHOR, "defaults"), ("paperfilter", "rewrite")]
    assert review.state.criteria == load_criteria(run / "criteria.yaml") == load_marked(run)
    assert not review.refresh()


def test_what_was_reviewed_goes_through_with_its_names(run: Path) -> None:
    added = Cut(id="met", variable="met.pt", operator=">", threshold=Threshold(value=30, unit="GeV"))
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_eta",)), "Marie")
        cut = find_part(review.state.criteria, "cut:mu_pt").value
        assert isinstance(cut, Cut)
        other = cut.model_copy(update={"threshold": Threshold(value=25, unit="GeV")})
        review.act(Edit(part="cut:mu_pt", after=other), "Pierre")
        review.act(Add(owner="region:peak", added=added), "Pierre")
        review.act(Reject(part="cut:pair"), "Marie")
        review.act(TakeDefaults(), "Marie")
        review.act(Undo(), "Pierre")
    edit_by_hand(run, "value: 2.4", "value: 2.5")
    accept(run, defaults=True)
    accepted = load_criteria(run / "accepted.yaml")
    hands = {c.id: (c.by, c.status) for owner in (*accepted.objects, *accepted.regions) for c in owner.cuts}
    assert hands == {
        "mu_pt": ("Pierre", "edited"), "mu_eta": (AUTHOR, "edited"), "pair": ("Marie", "rejected"),
        "window": (None, "proposed"), "met": ("Pierre", "accepted"),
    }  # fmt: skip
    assert describe_hands(accepted) == (
        f"2 edited or added by {AUTHOR}, Pierre, 1 accepted by Pierre, 1 rejected by Marie"
    )
    told = {row.id: row.hand for group in group_criteria(accepted) for row in group.rows}
    assert told["mu_pt"] == "edited by Pierre"
    assert told["met"] == "accepted by Pierre"  # a person wrote all of it: what was added later is not told apart
    assert told["pair"] == "rejected by Marie"
    assert told["window"] == ""
    assert [r.action.do for r in Review.open(run).history][-2:] == ["rewrite", "defaults"]
    assert accept(run) == []
    assert load_criteria(run / "criteria.yaml").questions[0].answer is not None  # a person's file by now
    with Review.open(run) as review:
        review.act(Undo(), AUTHOR)
        review.act(Accept(parts=("cut:window",)), "Marie")
        assert describe_hands(review.state.criteria).endswith("2 accepted by Marie, Pierre, 1 rejected by Marie")


def test_a_gate_that_stays_shut_takes_nothing(tmp_path: Path) -> None:
    run = make_run(tmp_path, CRITERIA.replace("    default: without\n", ""))
    with pytest.raises(OpenQuestions, match="ends has no default"):
        accept(run, defaults=True)
    assert not (run / "review").exists()


def test_a_run_from_before_there_were_reviews_stands(run: Path) -> None:
    """Its defaults are in accepted.yaml and in the manifest, and nowhere else."""
    accept(run, defaults=True)
    accepted = (run / "accepted.yaml").read_bytes()
    manifest = json.loads((run / "manifest.json").read_bytes())
    for name in (run / "review").iterdir():
        name.unlink()
    (run / "review").rmdir()
    for step in manifest["steps"]:
        step["inputs"].pop("review/history.jsonl", None)
        if step["name"] == "accept":
            step["settings"] = {"defaults": "accepted by Somebody"}
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert accept(run) == []
    assert (run / "accepted.yaml").read_bytes() == accepted
    with Review.open(run) as review:
        assert review.history == ()
        assert review.state.criteria.questions[0].answer is None
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
    with pytest.raises(OpenQuestions):
        accept(run)


def test_answers_of_the_command_line_are_on_record(run: Path) -> None:
    before = (run / "criteria.yaml").read_bytes()
    for wrong in ([("ends", "with"), ("nope", "with")], [("ends", "perhaps")]):
        with pytest.raises(CriteriaError):
            answer_run(run, wrong, (), "Marie", defaults=True)
    with pytest.raises(CriteriaError, match="no cut 'nope'"):
        answer_run(run, [("ends", "with")], ("mu_pt", "nope"), "Marie", defaults=False)
    assert (run / "criteria.yaml").read_bytes() == before
    assert not (run / "review").exists()
    criteria = answer_run(run, [("ends", "with")], ("mu_pt", "z"), "Marie", defaults=True)
    assert answer_run(run, (), ("mu_pt",), "Pierre", defaults=True) == criteria  # it is accepted already
    with Review.open(run) as review:
        assert [(r.by, r.action.do) for r in review.history] == [
            ("Marie", "answer"), ("Marie", "accept"), ("Marie", "accept"),
        ]  # fmt: skip
    assert load_criteria(run / "criteria.yaml") == criteria
    assert criteria.candidates[0].by == "Marie"
    with reopen_run(run), pytest.raises(RunFolderInUse):
        answer_run(run, (), ("mu_eta",), "Marie", defaults=False)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_criteria_file_is_answered_in_place(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"zmumu.{form}"
    source = tmp_path / "source.yaml"
    source.write_text(CRITERIA, encoding="utf-8")
    path.write_text(CRITERIA if form == "yaml" else dump_criteria(load_criteria(source), "json"), encoding="utf-8")
    answered = answer_file(path, [("ends", "with")], ("mu_pt",), "Marie", defaults=True)
    assert load_criteria(path) == answered
    assert answered.objects[0].cuts[0].by == "Marie"
    assert answered.questions[0].answer is not None
    assert answered.questions[0].answer.by == "Marie"
    assert form == "json" or "# on the plateau of the trigger" in path.read_text(encoding="utf-8")
    assert {p.name for p in tmp_path.iterdir()} == {path.name, "source.yaml"}


def test_what_does_not_depend_on_the_criteria_is_not_done_again(run: Path) -> None:
    accept(run, defaults=True)
    manifest = load_manifest(run)
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie")
        review.act(Undo(), "Marie")
    accepted = digest_file(run / "accepted.yaml")
    assert accept(run) == ["accept"]
    assert digest_file(run / "accepted.yaml") == accepted  # so that no code is made again
    steps = {s.name: s for s in load_manifest(run).steps}
    assert steps["adopt"] == manifest.find_step("adopt")
    assert not any(isinstance(r.action, Rewrite) for r in review.history)
