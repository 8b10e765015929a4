"""INSPIRE: which work it is, what a bibliography cites, and never a guess."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from papers.getting import Web, get_paper, get_work, identify_work, open_web, read_inspire_bibliography
from papers.identifiers import Identifier, parse_identifier
from papers.journals import Journal, find_journals
from papers.library import Library
from schemas.citation import CitedWork
from schemas.errors import NetworkError
from tests.papers.stand_in import Paper, Record, StandIn, Trouble, cite, make_pdf, serve

TTH = Record(
    recid=1676206,
    title="Observation of something rare in $pp$ collisions",
    arxiv="1806.00425",
    dois=["10.1016/J.PhysLetB.2018.07.035"],
    reports=["CERN-EP-2018-138"],
    journal={"journal_title": "Phys.Lett.B", "journal_volume": "784", "page_start": "173", "year": 2018},
)
PDF_TRICK = {"url": "http://169.254.0.1/latest/paper.pdf", "fulltext": True}


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serve() as running:
        running.records = [
            TTH,
            Record(
                recid=2,
                arxiv="1606.02266",
                dois=["10.1007/JHEP08(2016)045"],
                title="Combined measurements of production and decay rates",
                journal={"journal_title": "JHEP", "journal_volume": "08", "page_start": "045", "year": 2016},
            ),
            Record(
                recid=3,
                arxiv="1705.00001",
                journal={"journal_title": "JHEP", "journal_volume": "08", "page_start": "045", "year": 2017},
            ),
            Record(recid=4, title="Reconstruction of electrons", reports=["ATLAS-CONF-2018-023"]),
            Record(recid=5, title="Another note", reports=["ATLAS-CONF-2018-023-ADD"]),
            Record(recid=6, reports=["CMS-PAS-TOP-16-021"], documents=[PDF_TRICK]),
            Record(
                recid=7,
                title="A note with a file",
                reports=["CMS-PAS-JME-16-003"],
                documents=[PDF_TRICK, {"url": "/files/abc", "fulltext": True}],
            ),
            *(Record(recid=100 + i, journal={"journal_title": "X.Lett.", "journal_volume": "1", "page_start": "2"})
              for i in range(2)),
        ]  # fmt: skip
        running.files["abc"] = make_pdf("a note")
        running.add(Paper("1806.00425", {2: make_pdf("the paper")}, doi="10.1016/j.physletb.2018.07.035"))
        yield running


@pytest.fixture
def web(server: StandIn, tmp_path: Path) -> Iterator[Web]:
    with open_web(
        arxiv_base=server.base, inspire_base=server.base, state=tmp_path, sleep=lambda seconds: None
    ) as opened:
        assert opened is not None
        yield opened


def name(text: str) -> Identifier:
    found = parse_identifier(text)
    assert found is not None
    return found


def printed(text: str = "An entry.", key: str = "1", **known: str) -> CitedWork:
    return CitedWork(key=key, text=text, page=9, start=0, end=len(text), **known)  # type: ignore[arg-type]


def test_a_work_by_each_of_its_names(web: Web) -> None:
    for text in (
        "1806.00425v1",
        "10.1016/j.physletb.2018.07.035",
        "CERN-EP-2018-138",
        "inspirehep.net/literature/1676206",
    ):
        work = web.inspire.find(name(text))
        assert work is not None, text
        assert (work.recid, work.arxiv) == (1676206, "1806.00425")
        assert work.dois == ("10.1016/j.physletb.2018.07.035",)  # lower case
        assert work.journals == (Journal(title="Phys.Lett.B", volume="784", page="173", year=2018),)
    assert web.inspire.find(name("2104.00001")) is None
    note = web.inspire.find(name("ATLAS-CONF-2018-023"))  # the search finds neighbours, too
    assert note is not None
    assert note.recid == 4


def test_a_search_asks_for_no_megabytes_of_authors(server: StandIn, web: Web) -> None:
    web.inspire.find(name("1806.00425"))
    (asked,) = server.asked
    assert "fields=" in asked
    assert "%2Cauthors" not in asked


def test_a_work_that_is_known_by_its_number_is_completed(web: Web) -> None:
    work = identify_work(printed(doi="10.1016/j.physletb.2018.07.035", identified="link"), web)
    assert (work.arxiv, work.report, work.identified) == ("1806.00425", "CERN-EP-2018-138", "inspire")
    assert work.title == "Observation of something rare in $pp$ collisions"
    unchanged = printed(arxiv="2104.00001", identified="text")
    assert identify_work(unchanged, web) == unchanged
    assert identify_work(unchanged, None) == unchanged


@pytest.mark.parametrize(
    ("text", "arxiv"),
    {
        "ATLAS Collaboration, Observation, Phys. Lett. B 784 (2018) 173.": "1806.00425",
        "Physics of it, Phys. Lett. B784, 173 (2018).": "1806.00425",
        "A. Author et al., JHEP 08 (2016) 045.": "1606.02266",
        "A. Author et al., JHEP 08 (2017) 045.": "1705.00001",
        "A. Author et al., JHEP 08 (2018) 045.": None,  # no such year
        "A. Author et al., Phys. Lett. B 785 (2018) 173.": None,
        "Two: Phys. Lett. B 784 (2018) 173 and JHEP 08 (2016) 045.": None,  # which of them?
        "A. Author, X. Lett. 1 (2018) 2.": None,  # two records claim this place
        "A. Author, private communication.": None,
    }.items(),
)
def test_a_work_that_is_known_by_its_place_in_a_journal(web: Web, text: str, arxiv: str | None) -> None:
    work = identify_work(printed(text), web)
    assert work.arxiv == arxiv
    assert work.identified == ("inspire" if arxiv else None)


def test_print_is_never_overruled(web: Web) -> None:
    contradiction = printed(arxiv="1806.00425", doi="10.1103/physrevd.1.1", identified="text")
    assert identify_work(contradiction, web) == contradiction


def test_the_bibliography_of_a_paper(server: StandIn, web: Web) -> None:
    server.records.append(
        Record(
            recid=50,
            arxiv="2007.07830",
            references=[
                cite(
                    "1",
                    1676206,
                    publication_info={"journal_title": "Phys.Lett.B", "journal_volume": "784", "page_start": "173"},
                ),
                cite("2", 2, arxiv_eprint="1606.02266", dois=["10.1007/JHEP08(2016)045"]),
                cite("3", 4, report_numbers=["ATLAS-CONF-2018-023"]),
                cite("4", 3, arxiv_eprint="1705.00001"),  # INSPIRE counts another version's entries
                cite("5", 1676206, arxiv_eprint="1806.00425"),
                cite("5", 2, arxiv_eprint="1606.02266"),
                cite("6", None, misc=["private communication"]),
                cite("9", 1676206, arxiv_eprint="1806.00425"),
                cite("7", None, dois=["10.1103/PhysRevD.1.1"]),
                {"reference": {"label": ["strange"]}},
                {"reference": None},
                "strange",  # type: ignore[list-item]
            ],
        )
    )
    works = [
        printed("Phys. Lett. B 784 (2018) 173", "1"),
        printed("JHEP 08 (2016) 045, arXiv: 1606.02266", "2", arxiv="1606.02266", identified="text"),
        printed("Reconstruction of electrons, ATLAS-CONF-2018-023", "3", report="ATLAS-CONF-2018-023"),
        printed("Something else altogether, Nucl. Phys. B 1 (1999) 1", "4"),
        printed("Phys. Lett. B 784 (2018) 173; JHEP 08 (2016) 045", "5"),
        printed("Private communication", "6"),
        printed("Combined measurements of production and decay rates", "7"),
        printed("A work without a number in INSPIRE", "8"),
        printed("Phys. Lett. B 784 (2018) 173, arXiv: 1606.02266", "9", arxiv="1606.02266", identified="text"),
    ]
    found = read_inspire_bibliography(name("2007.07830v2"), works, web)
    assert [w.key for w in found] == [w.key for w in works]
    assert [w.arxiv for w in found] == ["1806.00425", "1606.02266", *(None,) * 6, "1606.02266"]
    assert found[1].doi == "10.1007/jhep08(2016)045"
    assert [w.identified for w in found] == ["inspire", "inspire", *(None,) * 6, "text"]
    assert found[2].title == "Reconstruction of electrons"
    assert found[3:] == tuple(works[3:])
    assert len(server.asked) == 2  # the paper, and its linked works together
    assert read_inspire_bibliography(name("2104.00001"), works, web) == tuple(works)


def test_answers_that_make_no_sense(server: StandIn, web: Web) -> None:
    for page in (
        b"{",
        b"{}",
        b'{"hits": []}',
        b'{"hits": {"hits": [1, {"metadata": {}}], "total": 2}}',
        b'{"hits": null}',
    ):
        server.troubles = [Trouble(page=page)]
        if page == b"{":
            with pytest.raises(NetworkError, match="damaged"):
                web.inspire.find(name("1806.00425"))
        else:
            assert web.inspire.find(name("1806.00425")) is None


def test_a_paper_by_doi_or_report_number(server: StandIn, web: Web, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    paper = get_paper(name("https://doi.org/10.1016/j.physletb.2018.07.035"), library, web)
    assert paper.name == "1806.00425v2.pdf"
    asked = len(server.asked)
    assert get_paper(name("CERN-EP-2018-138"), library, web) == paper  # the library learnt its other names
    assert get_paper(name("10.1016/J.PHYSLETB.2018.07.035"), library, None) == paper
    assert len(server.asked) == asked
    note = get_paper(name("CMS PAS JME-16-003"), library, web)
    assert note.name == "CMS-PAS-JME-16-003.pdf"
    assert note.read_bytes() == server.files["abc"]


def test_a_name_that_the_library_knows_the_paper_not_by(web: Web, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    own = tmp_path / "1806.00425v2.pdf"
    own.write_bytes(make_pdf("the person's copy"))
    library.add(own, [name("1806.00425v2")])
    assert get_paper(name("CERN-EP-2018-138"), library, web).read_bytes() == own.read_bytes()
    assert get_paper(name("CERN-EP-2018-138"), library, None).read_bytes() == own.read_bytes()


def test_a_cited_work_is_got_by_any_of_its_names(server: StandIn, web: Web, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    nameless = printed("Observation, Phys. Lett. B 784 (2018) 173.", key="12")
    with pytest.raises(NetworkError, match=r"\[12\] is printed without .* no network"):
        get_work(nameless, library, None)
    with pytest.raises(NetworkError, match=r"\[13\] is printed without .* does not know it for sure"):
        get_work(printed("Private communication.", key="13"), library, web)
    path = get_work(nameless, library, web)
    assert path.name == "1806.00425v2.pdf"
    known = printed(arxiv="2104.00001", doi="10.1016/j.physletb.2018.07.035")  # only its DOI is known here
    assert get_work(known, library, None) == path


def test_what_nobody_has(web: Web, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    with pytest.raises(NetworkError, match="INSPIRE does not know ATLAS-CONF-2019-021"):
        get_paper(name("ATLAS-CONF-2019-021"), library, web)
    with pytest.raises(NetworkError, match="CMS-PAS-TOP-16-021 is in no arXiv and INSPIRE has no PDF"):
        get_paper(name("CMS-PAS-TOP-16-021"), library, web)  # an address elsewhere is not asked


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "Eur. Phys. J. C 80 (2020) 957": ["Eur.Phys.J.C 80 957"],
        "Phys. Rev. D 92, 012004 (2015)": ["Phys.Rev.D 92 012004"],
        "Phys. Rev. Lett. 114 (2015) 191803": ["Phys.Rev.Lett. 114 191803"],
        "JINST 15 (2020) P10004": ["JINST 15 P10004"],
        "Nucl. Instrum. Meth. A 506 (2003) 250": ["Nucl.Instrum.Meth.A 506 250"],
        "Phys. Rev. D 98 (3 2018) 030001": ["Phys.Rev.D 98 030001"],
        "JHEP 0605 (2006) 26": ["JHEP 05 026"],
        "JHEP08(2016)045": ["JHEP 08 045"],
        "Phys. Lett. B 716 (2012) 1, [Erratum: Phys. Lett. B 800 (2020) 3]": ["Phys.Lett.B 716 1", "Phys.Lett.B 800 3"],
        "in 2015 (2016) 12": [],
        "A 12 (2016) 3": [],
    }.items(),
)
def test_places_in_journals(text: str, found: list[str]) -> None:
    assert [f"{j.title} {j.volume} {j.page}" for j in find_journals(f"[7] A. Author, {text}.")] == found


def test_abbreviations_and_leading_zeros() -> None:
    jhep = Journal(title="JHEP", volume="8", page="45", year=2016)
    assert jhep.is_same(Journal(title="JHEP", volume="08", page="045"))
    assert Journal(title="Nucl.Inst.Meth.A", volume="1", page="2").is_same(
        Journal(title="Nucl.Instrum.Meth.A", volume="1", page="2", year=2000)
    )
    for other in (("JINST", "8", "45"), ("JHEP", "9", "45"), ("JHEP", "8", "46")):
        assert not jhep.is_same(Journal(title=other[0], volume=other[1], page=other[2]))


def test_a_hostile_entry_takes_no_time() -> None:
    for text in ("A" * 5000, "Phys. " * 2000, "A. " * 3000, "Phys. Lett. B 1" * 500, "9" * 9000):
        assert find_journals(text) is not None
