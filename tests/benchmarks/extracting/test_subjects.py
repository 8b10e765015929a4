"""Which gold list belongs to a PDF."""

from pathlib import Path

import pytest

from benchmarks.extracting.subjects import find_papers, load_lists
from benchmarks.gold import GoldCriterion, GoldList
from pipeline.files import digest_file
from pipeline.obtaining import Shelves
from schemas.errors import PaperfilterError
from tests.benchmarks.extracting.tiny import write_papers

CRITERION = GoldCriterion(
    id="a", stage="object", subject="muon", variable="pt", operator=">", value=25.0, unit="GeV", pages=(1,),
    numeric=True, executable=True,
)  # fmt: skip


def make_list(paper: str, pdf: str, **more: object) -> GoldList:
    return GoldList.model_validate({"paper": paper, "pdf": pdf, "pages": (1,), "criteria": (CRITERION,), **more})


@pytest.mark.parametrize(
    ("name", "gold"),
    [
        ("2004.03447v3.pdf", make_list("2004.03447", "2004.03447v3.pdf")),
        ("2004.03447v1.pdf", make_list("2004.03447", "2004.03447v3.pdf")),
        ("arXiv_2004.03447.pdf", make_list("four leptons", "other.pdf", arxiv="2004.03447")),
        ("CMS-PAS-EXO-19-016.pdf", make_list("lq", "lq.pdf", report="CMS-PAS-EXO-19-016")),
        ("Four Leptons.PDF", make_list("four leptons", "other.pdf")),
    ],
)
def test_a_pdf_is_known_by_its_name(tmp_path: Path, name: str, gold: GoldList) -> None:
    (tmp_path / name).write_bytes(b"%PDF")
    told: list[str] = []
    (paper,) = find_papers([str(tmp_path)], [make_list("z", "z.pdf"), gold], tmp_path, Shelves(), told.append)
    assert (paper.gold, told) == (gold, [])


def test_a_pdf_is_known_by_what_is_in_it_first(tmp_path: Path) -> None:
    pdf = tmp_path / "beta.pdf"
    pdf.write_bytes(b"%PDF alpha")
    alpha = make_list("alpha", "alpha.pdf", sha256=digest_file(pdf))
    told: list[str] = []
    (paper,) = find_papers([str(pdf)], [make_list("beta", "beta.pdf"), alpha], tmp_path, Shelves(), told.append)
    assert paper.gold == alpha
    pdf.write_bytes(b"%PDF another version")
    find_papers([str(pdf)], [alpha.model_copy(update={"pdf": "beta.pdf"})], tmp_path, Shelves(), told.append)
    assert told == ["alpha: beta.pdf is not the PDF that the gold list was made of; pages may differ"]


def test_a_list_is_named_and_its_paper_is_had(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="needs the demo extra")
    write_papers(tmp_path, ["2004.03447v3"])
    gold = make_list("2004.03447", "2004.03447v3.pdf", slug="h4l", arxiv="2004.03447", version=3)
    shelves = Shelves(library=tmp_path / "library", papers=(tmp_path,), offline=True)
    for name in ("h4l", "2004.03447", "arXiv:2004.03447v3"):
        (paper,) = find_papers([name], [gold], tmp_path, shelves, pytest.fail)
        assert paper.pdf.name == "2004.03447v3.pdf"
    with pytest.raises(PaperfilterError):
        find_papers(["h4l"], [gold], tmp_path, Shelves(library=tmp_path / "empty", offline=True), pytest.fail)


def test_lists_that_are_given_come_before_our_own(tmp_path: Path) -> None:
    own = make_list("05-leptoquark", "05-leptoquark.pdf", title="mine")
    (tmp_path / "gold.yaml").write_text(
        "paper: 05-leptoquark\npdf: 05-leptoquark.pdf\ntitle: mine\npages: [1]\ncriteria:\n"
        "- {id: a, stage: object, subject: muon, variable: pt, operator: '>', value: 25, unit: GeV, pages: [1]}\n"
    )
    (mine,) = [g for g in load_lists([tmp_path]) if g.paper == "05-leptoquark"]
    assert (mine.title, len(mine.criteria)) == (own.title, 1)
