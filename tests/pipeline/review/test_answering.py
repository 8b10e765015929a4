"""Answers to questions, other answers, and questions that are opened again."""

import pytest

from pipeline.review.acting import Background
from pipeline.review.answering import find_asked
from schemas.criteria import (
    Threshold,
)
from schemas.errors import CriteriaError
from schemas.review import (
    Accept,
    Action,
    Add,
    Reject,
    Reopen,
    Reply,
    ReviewState,
    TakeDefaults,
)
from tests.pipeline.review.acted import ASKED, ME, MORE, NOW, change, cut_of, do, read


@pytest.fixture(scope="module")
def asked() -> ReviewState:
    return read(MORE + ASKED)


def test_an_answer_changes_what_its_alternative_says(asked: ReviewState) -> None:
    acted = do(asked, Reply(question="ends", alternative="closed"))
    cut = cut_of(acted.state, "m12")
    assert cut.threshold is not None
    assert (cut.threshold.closed, cut.status, cut.by) == ("both", "accepted", None)
    assert [c.part for c in acted.changes] == ["cut:m12", "question:ends"]
    assert (acted.changes[1].before, acted.changes[1].after) == ("open", f"yes, says {ME}")
    said = do(asked, Reply(question="words", text=" as defined elsewhere ")).state.criteria.questions[2].answer
    assert said is not None
    assert (said.text, said.by, said.at, said.alternative) == ("as defined elsewhere", ME, NOW, None)
    for wrong, expected in (
        (Reply(question="ends"), "question 'ends': expected one of its alternatives, or words of your own"),
        (Reply(question="ends", alternative="open", text="both"), "expected one of its alternatives, or words"),
        (Reply(question="ends", alternative="x"), "question 'ends' has no alternative 'x'; it has open, closed, nei"),
        (Reply(question="nothing", alternative="x"), "there is no question 'nothing'"),
    ):
        with pytest.raises(CriteriaError, match=expected):
            do(asked, wrong)


def test_defaults_are_taken_where_there_are_any(asked: ReviewState) -> None:
    acted = do(asked, TakeDefaults())
    assert [q.id for q in acted.state.criteria.questions if q.answer is None] == ["words", "built"]
    assert cut_of(acted.state, "jpsi").status == "rejected"
    with pytest.raises(CriteriaError, match="no open question has a documented default"):
        do(acted.state, TakeDefaults())


def test_a_default_takes_nothing_away_that_a_person_accepted(asked: ReviewState) -> None:
    accepted = do(asked, Accept(parts=("cut:jpsi",))).state
    state = do(accepted, TakeDefaults()).state
    assert cut_of(state, "jpsi") == cut_of(accepted, "jpsi")
    assert {q.id for q in state.criteria.questions if q.answer is None} == {"words", "built", "which"}
    assert do(state, Reply(question="which", alternative="none")).state.criteria != state.criteria


@pytest.mark.parametrize(
    ("question", "key"),
    [("ends", "open"), ("ends", "closed"), ("ends", "neither"), ("which", "none"), ("built", "pt"), ("built", "mass")],
)
def test_a_question_that_is_opened_again_leaves_everything_as_it_was(
    asked: ReviewState, question: str, key: str
) -> None:
    background = Background(asked=lambda *_: asked.criteria)
    answered = do(asked, Reply(question=question, alternative=key)).state
    assert do(answered, Reopen(part=f"question:{question}"), background=background).state == asked


def test_what_was_decided_since_the_answer_stays_when_the_question_is_opened_again(asked: ReviewState) -> None:
    background = Background(asked=lambda *_: asked.criteria)
    answered = do(asked, Reply(question="which", alternative="none")).state
    decided = do(answered, Accept(parts=("cut:dR",)), change(answered, "m12", "40 to 106")).state
    opened = do(decided, Reopen(part="question:which"), background=background).state
    assert (cut_of(opened, "dR").status, cut_of(opened, "dR").by) == ("accepted", ME)
    assert cut_of(opened, "m12").threshold == Threshold(range=(40, 106), unit="GeV")
    assert cut_of(opened, "jpsi") == cut_of(asked, "jpsi")
    built = do(asked, Reply(question="built", alternative="pt")).state
    other = do(built, change(built, "j_pt", "35"), Add(owner="object:jets", added=cut_of(asked, "e_eta").model_copy(
        update={"id": "j_central"}))).state  # fmt: skip
    jets = do(other, Reopen(part="question:built"), background=background).state.criteria.objects[3]
    assert [c.id for c in jets.cuts] == ["j_pt", "j_eta", "j_central"]
    assert jets.cuts[0].threshold == Threshold(value=35, unit="GeV")
    assert [r.with_ for r in jets.remove_overlap] == ["muons", "electrons"]


def test_another_standing_answer_keeps_its_word_until_it_is_taken_back(asked: ReviewState) -> None:
    states = [asked.criteria]
    background = Background(asked=lambda *questions: find_asked(reversed(states), questions))

    def answer(*actions: Action) -> ReviewState:
        state = ReviewState(criteria=states[-1])
        for action in actions:
            state = do(state, action, background=background).state
            states.append(state.criteria)
        return state

    state = answer(Reply(question="ends", alternative="neither"), Reply(question="which", alternative="none"))
    assert cut_of(state, "m12").status == "rejected"
    state = answer(Reopen(part="question:ends"))
    assert cut_of(state, "m12").status == "rejected"
    state = answer(Reopen(part="question:which"))
    assert state == asked
    state = answer(
        Reply(question="ends", alternative="closed"),
        Reply(question="which", alternative="none"),
        Reply(question="ends", alternative="open"),
        Reopen(part="question:which"),
        Reopen(part="question:ends"),
    )
    assert state == asked


def test_another_answer_changes_what_it_would_have_changed_at_first(asked: ReviewState) -> None:
    background = Background(asked=lambda *_: asked.criteria)
    first = do(asked, Reply(question="which", alternative="first")).state
    second = do(first, Reply(question="which", alternative="second"), background=background).state
    assert second == do(asked, Reply(question="which", alternative="second")).state
    with pytest.raises(CriteriaError, match=f"question 'which' is answered so already, by {ME}"):
        do(second, Reply(question="which", alternative="second"), by="Another", background=background)


def test_without_a_record_only_what_was_left_out_can_come_back(asked: ReviewState) -> None:
    left_out = do(asked, Reply(question="which", alternative="first")).state
    assert do(left_out, Reopen(part="question:which")).state == asked
    mine = do(asked, Reject(part="cut:jpsi"), Reply(question="which", alternative="first")).state
    assert cut_of(do(mine, Reopen(part="question:which")).state, "jpsi").status == "rejected"
    with pytest.raises(CriteriaError, match="question 'ends': what its answer changed is not on record"):
        do(do(asked, Reply(question="ends", alternative="closed")).state, Reopen(part="question:ends"))
    with pytest.raises(CriteriaError, match="question 'ends' is open: nobody answered it"):
        do(asked, Reopen(part="question:ends"))
