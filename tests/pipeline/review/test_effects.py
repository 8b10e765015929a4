"""An edit shows the lines of code that it changes, and what the code takes for granted meanwhile."""

import pytest

from pipeline.compiling import compile_criteria, find_profile
from pipeline.review.effects import CodeChange, show_code
from pipeline.review.preview_criteria import prepare_criteria
from pipeline.review.preview_programs import Programs
from schemas.alternatives import map_cuts
from schemas.backend import Backend
from schemas.criteria import Alternative, Cut, NamedVariable, Question, SelectionCriteria
from schemas.evidence import Evidence
from tests.pipeline.review.selections import add_cut, change_cut, load_demo, reject, set_threshold

SEEN = Evidence(
    document_id="note", page=3, quote=("the mass is",), alignment="exact", number="ok", unit="ok",
    operator="ok", polarity="ok",
)  # fmt: skip
LOST = SEEN.model_copy(update={"alignment": "not_found"})


@pytest.fixture(scope="module")
def programs() -> Programs:
    return Programs(find_profile("atlas_mini"))


def _list_signed(change: CodeChange, sign: str) -> list[str]:
    return [line.text for line in change.lines if line.sign == sign]


def test_an_edit_shows_the_cut_before_and_after_in_its_section(programs: Programs) -> None:
    demo = load_demo()
    change = show_code(demo, set_threshold(demo, "leading_pair_mass", range=(60, 104), unit="GeV"), programs)
    assert _list_signed(change, "@") == ["region preselection"]
    assert _list_signed(change, "-") == [
        "# leading_pair_mass: 55 < m12 < 104 GeV",
        'preselection.cut("leading_pair_mass", (55 < m12) & (m12 < 104), m12)',
    ]
    assert _list_signed(change, "+") == [
        "# leading_pair_mass: 60 < m12 < 104 GeV",
        'preselection.cut("leading_pair_mass", (60 < m12) & (m12 < 104), m12)',
    ]
    assert 0 < len(_list_signed(change, " ")) <= 4
    assert (change.problem, change.same) == (None, False)


def test_both_back_ends_show_no_more_than_their_selection(programs: Programs) -> None:
    demo = load_demo()
    edited = reject(set_threshold(demo, "muon_pt", value=9, unit="GeV"), "lepton_lepton_deltaR")
    backends: tuple[Backend, ...] = ("numpy", "numba")
    for backend in backends:
        change = show_code(demo, edited, programs, backend)
        came, went = _list_signed(change, "+"), _list_signed(change, "-")
        assert _list_signed(change, "@") == ["cuts on single objects", "region preselection"]
        assert any("> 9" in line for line in came)
        assert any("> 6" in line for line in went)
        assert any("lepton_lepton_deltaR" in line for line in went)
        assert not any("SHA-256" in line or "Step(" in line for line in (*came, *went))


def test_what_selects_nothing_changes_no_line(programs: Programs) -> None:
    demo = load_demo()

    def decorate(cut: Cut) -> Cut:
        more = {"status": "accepted", "evidence": (SEEN,), "note": "<b>note</b>", "by": "me", "origin": "rules"}
        return cut.model_copy(update=more)

    change = show_code(demo, map_cuts(demo, decorate), programs)
    assert change.same
    assert change.lines == ()
    answered = demo.model_copy(update={"questions": (Question(id="q", text="?", why="open"),)})
    assert show_code(demo, answered, programs).same


def test_a_rejected_cut_may_say_anything(programs: Programs) -> None:
    demo = load_demo()
    gone = reject(demo, "third_lepton_pt")
    assert show_code(gone, set_threshold(gone, "leading_pair_mass", range=(60, 104), unit="GeV"), programs).lines
    other = change_cut(gone, "third_lepton_pt", lambda c: c.model_copy(update={"variable": "met.pt"}))
    assert show_code(gone, other, programs).same
    back = show_code(gone, demo, programs)
    assert [t for t in _list_signed(back, "+") if t.startswith("#")] == [
        "# third_lepton_pt: higgs.leptons[2].pt > 11 GeV"
    ]
    assert _list_signed(back, "-") == []


def test_an_edit_of_what_nothing_uses_says_so(programs: Programs) -> None:
    demo = load_demo()  # its jets are defined and no cut is on them
    change = show_code(demo, set_threshold(demo, "jet_pt", value=40, unit="GeV"), programs)
    assert change.same
    assert "used by no cut and no output, so no code is made of it: jets" in change.told
    assert not any("jets" in line for line in show_code(demo, demo, programs).told)


def test_criteria_that_cannot_be_compiled_say_why(programs: Programs) -> None:
    demo = load_demo()
    broken = change_cut(demo, "muon_pt", lambda c: c.model_copy(update={"variable": "momentum"}))
    change = show_code(demo, broken, programs)
    assert change.lines == ()
    assert change.problem is not None
    assert "muon_pt" in change.problem
    assert "momentum" in change.problem
    assert not change.same
    repaired = show_code(broken, demo, programs)
    assert repaired.problem is None
    assert _list_signed(repaired, "-") == []
    assert any("muon_pt: pt > 6 GeV" in line for line in _list_signed(repaired, "+"))


def _ask(criteria: SelectionCriteria, default: str | None) -> SelectionCriteria:
    window = next(c for r in criteria.regions for c in r.cuts if c.id == "leading_pair_mass")
    assert window.threshold is not None
    closed = window.model_copy(update={"threshold": window.threshold.model_copy(update={"closed": "both"})})
    alternatives = (Alternative(key="open", text="no"), Alternative(key="closed", text="yes", changes=(closed,)))
    question = Question(
        id="q_ends", text="do the ends belong?", why="prose", alternatives=alternatives, default=default
    )
    return criteria.model_copy(update={"questions": (question,)})


def test_open_questions_take_their_default_and_that_is_told(programs: Programs) -> None:
    demo = load_demo()
    change = show_code(demo, _ask(demo, "closed"), programs)
    assert 'preselection.cut("leading_pair_mass", (55 <= m12) & (m12 <= 104), m12)' in _list_signed(change, "+")
    assert "1 open question takes its documented default" in change.told
    without = show_code(demo, _ask(demo, None), programs)
    assert without.lines == ()
    assert "no answer yet to q_ends: everything stands as it reads now" in without.told


def test_what_no_quote_supports_is_included_and_named(programs: Programs) -> None:
    loose = change_cut(
        load_demo(), "jet_pt", lambda c: c.model_copy(update={"evidence": (LOST,), "status": "proposed"})
    )
    change = show_code(load_demo(), loose, programs)
    assert change.same
    assert "included although no quote says so: jet_pt" in change.told


def test_what_the_format_cannot_evaluate_is_named(programs: Programs) -> None:
    vertex = Cut.model_validate({
        "id": "vertex_n", "variable": "count(vertices)", "operator": ">=", "threshold": {"value": 1},
    })  # fmt: skip
    demo = load_demo()
    vertices = demo.objects[0].model_copy(update={"name": "vertices", "base": "vertex", "cuts": ()})
    more = demo.model_copy(update={"objects": (*demo.objects, vertices)})
    change = show_code(demo, add_cut(more, "preselection", vertex, 0), programs)
    assert change.problem is None
    assert any("vertex_n (" in line and line.startswith("the data format cannot evaluate") for line in change.told)


def test_what_only_words_state_is_left_out_with_all_that_uses_it(programs: Programs) -> None:
    demo = load_demo()
    worded = Cut(id="sphere", words="the event is spherical")
    using = Cut.model_validate({
        "id": "round", "variable": "2 * shape", "operator": ">", "threshold": {"value": 0.3},
    })  # fmt: skip
    variables = (
        NamedVariable(name="shape", words="the sphericity"),
        NamedVariable(name="twice", expression="2 * shape"),
    )
    more = demo.model_copy(
        update={"variables": (*demo.variables, *variables), "outputs": (*demo.outputs, "twice", "shape")}
    )
    more = add_cut(add_cut(more, "preselection", worded, 0), "preselection", using, 1)
    change = show_code(demo, more, programs)
    assert change.same
    assert any(line.endswith("write: shape, twice, sphere, round") for line in change.told)


def test_the_preview_selects_what_the_run_will(programs: Programs) -> None:
    """Without what is open, the previewed program is the compiled one but for digest, quotes and notes."""
    demo = load_demo()
    made = compile_criteria(demo, programs.profile).source
    previewed = programs.compile(demo).source
    said = [line for line in made.split("\n") if "# note:" not in line]
    apart = [pair for pair in zip(said, previewed.split("\n"), strict=True) if pair[0] != pair[1]]
    assert len(apart) == 1
    assert "SHA-256" in apart[0][0]
    assert prepare_criteria(demo).criteria.questions == ()
