"""A number that stands on its page is found, however it is printed; one that does not is listed."""

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cli import bench
from benchmarks.gold import GoldCriterion, GoldList
from benchmarks.gold.checking import check_list, find_pdf
from tests.extract.documents import Block, make_document
from tests.shared import require

PT: dict[str, object] = {"variable": "pt", "operator": ">", "value": 15.0, "unit": "GeV"}
COUNT: dict[str, object] = {"subject": "jet", "variable": "n", "operator": ">=", "value": 2.0}
MASS: dict[str, object] = {"subject": "dilepton", "variable": "mass", "operator": "between", "unit": "GeV"}
RAMP = {"points": ((140.0, 12.0), (190.0, 50.0))}


def make_list(**given: object) -> GoldList:
    plain: dict[str, object] = {
        "id": "c", "stage": "object", "subject": "muon", "pages": (1,), "numeric": True, "executable": True,
    }  # fmt: skip
    criterion = GoldCriterion.model_validate(plain | given)
    return GoldList(paper="P", pdf="P.pdf", pages=(1,), criteria=(criterion,))


def check(text: str, given: dict[str, object]) -> list[str]:
    blocks: list[Block] = [("paragraph", "Muons are found."), ("paragraph", text)]
    document = make_document(blocks, page_of=[2, 1])
    return [m.kind for m in check_list(make_list(**given), document).misses]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("muons with p_T > 15 GeV", PT),
        ("muons with p_T > 15 000 MeV, or so", PT),
        ("muons with p_T > 15,000 MeV/c", PT),
        ("thresholds of 20, 15 and 10 GeV", PT),
        ("a threshold of 25 (15) GeV for electrons (muons)", PT),
        ("a range from 15 to 20 GeV", PT),
        ("between 15–20 GeV", PT),
        ("15 < m_{ℓℓ} < 20 GeV", PT),
        ("15 GeV < p_T", PT),
        ("the mass is 50 < m_{12} < 106 GeV", MASS | {"value": (50.0, 106.0)}),
        ("the interval [50, 106] GeV/c^2", MASS | {"value": (50.0, 106.0)}),
        ("a mass within ± 12 GeV", MASS | {"value": (-12.0, 12.0)}),
        ("|d_0| below 0.05 cm", {"variable": "d0", "operator": "<", "value": 0.5, "unit": "mm"}),
        ("less than 16% of p_T", {"variable": "isolation", "operator": "<", "value": 0.16}),
        ("ΔE between -0.15 and 0.10 GeV", MASS | {"value": (-0.15, 0.1)}),
        ("an angle of at least 2π/3", {"variable": "deltaphi", "operator": ">=", "value": 2.0943951, "unit": "rad"}),
        ("χ^2 below 2.5 × 10^{-3}", {"variable": "chi2", "operator": "<", "value": 0.0025}),
        ("12 GeV at 140 GeV, rising to 50 GeV at 190 GeV", {**PT, "value": RAMP}),
        ("events with at least two jets", COUNT),
        ("events with N_{jets} ≥ 2 pass", COUNT),
        ("events without jets pass", COUNT | {"operator": "==", "value": 0.0}),
        ("events with b-tagged jets fail", COUNT | {"operator": ">", "value": 0.0, "effect": "reject_event"}),
        ("muons (|η| < 2.4) with p_T > 15 GeV", PT | {"condition": "|eta| < 2.4"}),
        ("the 77% working point", {"variable": "btag", "operator": "pass", "value": "77% WP", "numeric": False}),
    ],
)  # fmt: skip
def test_found_however_it_is_printed(text: str, given: dict[str, object]) -> None:
    assert check(text, given) == []


@pytest.mark.parametrize(
    ("text", "given", "missed"),
    [
        ("muons with p_T > 16 GeV", PT, ["number"]),
        ("muons with p_T > 15.5 GeV and |η_{15}| of 1.15", PT, ["number"]),
        ("muons with p_T > 15 TeV", PT, ["unit"]),
        ("the first 15 muons", PT, ["unit"]),
        ("a path of 15 cm", PT | {"unit": None, "variable": "chi2"}, ["unit"]),
        ("the mass is 50 < m_{12} < 116 GeV", MASS | {"value": (50.0, 106.0)}, ["number"]),
        ("12 GeV at 140 GeV, rising to 50 GeV at 180 GeV", {**PT, "value": RAMP}, ["number"]),
        ("ΔE between 0.15 and 0.10 GeV", MASS | {"value": (-0.15, 0.1)}, ["number"]),
        ("events with many jets; whatever else was found in the detector long before them: two muons", COUNT,
         ["number"]),
        ("jets are described elsewhere [2], all of them", COUNT, ["unit"]),
        ("muons with p_T > 15 GeV", PT | {"pages": (1, 2)}, ["page"]),
        ("muons with p_T > 15 GeV", PT | {"pages": (1, 7)}, ["page"]),
        ("muons (|η| < 2.5) with p_T > 15 GeV", PT | {"condition": "|eta| < 2.4"}, ["number"]),
        ("muons with p_T > 15 GeV", PT | {"subject": "myon"}, ["name"]),
        ("muons with p_T > 15 GeV", PT | {"open": ("ends",)}, ["name"]),
        ("masses of 50 to 106 GeV", MASS | {"value": (106.0, 50.0)}, ["name"]),
        ("muons that leave a track in all chambers have p_T > 15 GeV",
         PT | {"condition": "that leave a track in all chambers"}, ["words"]),
    ],
)  # fmt: skip
def test_listed_where_it_does_not_stand_there(text: str, given: dict[str, object], missed: list[str]) -> None:
    assert check(text, given) == missed


def test_works_are_cited_on_the_page() -> None:
    document = make_document([("paragraph", "Muons are tight [3, 15–17] with p_T > 15 GeV [see text]")])
    given = {**PT, "cites": ("[16]", "[3]", "[18]", "[4]")}
    misses = check_list(make_list(**given), document).misses
    assert [(m.kind, m.text.split()[0]) for m in misses] == [("cites", "[18]"), ("cites", "[4]")]


def test_the_units_of_a_table_stand_in_its_head() -> None:
    blocks: list[Block] = [("cell", "m_{ℓℓ} [GeV]"), ("cell", "15"), ("paragraph", "There are 20 of them.")]
    document = make_document(blocks)
    assert check_list(make_list(**PT), document).misses == ()
    assert [m.kind for m in check_list(make_list(**PT | {"value": 20.0}), document).misses] == ["unit"]


def test_a_sentence_over_two_pages_stands_on_both() -> None:
    document = make_document([("paragraph", "Muons have p_T > 15 GeV and are isolated.")])
    words = tuple(w._replace(page=1 + (i > 5)) for i, w in enumerate(document.words))
    document = document.model_copy(update={"words": words, "n_pages": 2})
    assert check_list(make_list(**PT | {"pages": (1, 2)}), document).misses == ()


def test_another_pdf_is_noticed() -> None:
    gold = make_list(**PT).model_copy(update={"sha256": "1" * 64})
    document = make_document([("paragraph", "p_T > 15 GeV")])
    assert [m.kind for m in check_list(gold, document).misses] == ["file"]


def test_a_pdf_is_known_by_name_and_content(tmp_path: Path) -> None:
    gold = make_list(**PT).model_copy(update={"arxiv": "2301.00001", "sha256": sha256(b"one").hexdigest()})
    (tmp_path / "other.pdf").write_bytes(b"two")
    assert find_pdf(gold, tmp_path) is None
    (tmp_path / "any.pdf").write_bytes(b"one")
    assert find_pdf(gold, tmp_path) == tmp_path / "any.pdf"
    (tmp_path / "2301.00001.pdf").write_bytes(b"three")  # another version: the check itself says so
    assert find_pdf(gold, tmp_path) == tmp_path / "2301.00001.pdf"
    assert find_pdf(gold.model_copy(update={"pdf": "../any.pdf", "arxiv": None, "sha256": None}), tmp_path) is None


def test_every_number_of_the_lists_stands_on_its_page() -> None:
    result = CliRunner().invoke(bench, ["gold", "check", "--pdf", str(require("papers/pdf"))])
    assert result.exit_code == 0, result.output
    assert "2004.03447" in result.output


def test_a_note_is_typeset_for_the_check() -> None:
    pytest.importorskip("typst", reason="needs the demo extra")
    result = CliRunner().invoke(bench, ["gold", "check", "03-b-to-kmumu", "--places"])
    assert result.exit_code == 0, result.output
    assert "1800" not in result.output
    assert "5100" in result.output
