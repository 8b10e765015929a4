"""Identifiers as people write them, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from papers.identifiers import Identifier, identify_cited, parse_file_name, parse_identifier
from schemas.citation import CitedWork

WRITTEN = {
    # arXiv, both schemes
    "2004.03447": "arXiv:2004.03447",
    "2004.03447v3": "arXiv:2004.03447v3",
    "arXiv:2004.03447V3": "arXiv:2004.03447v3",
    "arXiv: 1207.7214 [hep-ex]": "arXiv:1207.7214",
    "[arXiv:1207.7214 [hep-ex]].": "arXiv:1207.7214",
    "ARXIV:0704.0001.": "arXiv:0704.0001",
    "(2004.03447v2),": "arXiv:2004.03447v2",
    "arXiv:hep-ex/0601001": "arXiv:hep-ex/0601001",
    "hep-ex/0601001v2": "arXiv:hep-ex/0601001v2",
    "hep\u2010ex/0601001": "arXiv:hep-ex/0601001",  # a typographic hyphen
    "math.GT/0309136": "arXiv:math/0309136",
    "hep-th/9901001": "arXiv:hep-th/9901001",
    # addresses at arXiv
    "https://arxiv.org/abs/2004.03447": "arXiv:2004.03447",
    "http://www.arXiv.org/abs/1207.7235": "arXiv:1207.7235",
    "arxiv.org/abs/hep-ex/0601001v1": "arXiv:hep-ex/0601001v1",
    "https://arxiv.org/pdf/2004.03447v3.pdf": "arXiv:2004.03447v3",
    "https://arxiv.org/pdf/2004.03447v3?download=1#page=4": "arXiv:2004.03447v3",
    "<https://export.arxiv.org/pdf/hep-ex/0601001v2.pdf>.": "arXiv:hep-ex/0601001v2",
    "https://arxiv.org/html/2308.07216v2).": "arXiv:2308.07216v2",
    "https://doi.org/10.48550/arXiv.2004.03447": "arXiv:2004.03447",
    # DOIs
    "10.1007/JHEP08(2016)045": "doi:10.1007/jhep08(2016)045",
    "doi:10.1007/JHEP08(2016)045.": "doi:10.1007/jhep08(2016)045",
    "(10.1007/JHEP08(2016)045)": "doi:10.1007/jhep08(2016)045",
    "DOI: 10.1140/epjc/s10052-020-8227-9": "doi:10.1140/epjc/s10052-020-8227-9",
    "https://doi.org/10.1016/0370-1573(89)90061-6,": "doi:10.1016/0370-1573(89)90061-6",
    "http://dx.doi.org/10.1016/j.physletb.2018.07.035;": "doi:10.1016/j.physletb.2018.07.035",
    "http://dx.doi.org/doi:10.1007/JHEP07(2011)018": "doi:10.1007/jhep07(2011)018",
    "http://dx.doi.org/https://doi.org/10.1016/j.cpc.2012.01.022": "doi:10.1016/j.cpc.2012.01.022",
    "https://doi.org/10.1007/JHEP08%282016%29045": "doi:10.1007/jhep08(2016)045",
    "https://link.springer.com/content/pdf/10.1140/epjc/s10052-020-8227-9.pdf": "doi:10.1140/epjc/s10052-020-8227-9",
    "https://journals.aps.org/prd/abstract/10.1103/PhysRevD.92.012004": "doi:10.1103/physrevd.92.012004",
    "https://iopscience.iop.org/article/10.1088/1748-0221/15/10/P10004/meta": "doi:10.1088/1748-0221/15/10/p10004",
    # report numbers
    "ATLAS-CONF-2018-023": "ATLAS-CONF-2018-023",
    "ATLAS\u2013CONF\u20132018\u2013023,": "ATLAS-CONF-2018-023",
    "CMS-PAS-EXO-19-016": "CMS-PAS-EXO-19-016",
    "CMS PAS EXO-19-016": "CMS-PAS-EXO-19-016",
    "ATL-PHYS-PUB-2014-021": "ATL-PHYS-PUB-2014-021",
    "ATL-SOFT-PUB-2020-001": "ATL-SOFT-PUB-2020-001",
    "CERN-EP-2020-034": "CERN-EP-2020-034",
    "CERN-PH-EP/2013-037": "CERN-PH-EP-2013-037",
    "CERN-2017-002-M": "CERN-2017-002-M",
    "CERN-LHCC-2010-013": "CERN-LHCC-2010-013",
    "ATLAS-TDR-19-ADD-1": "ATLAS-TDR-19-ADD-1",
    "CMS-HIG-13-001": "CMS-HIG-13-001",
    "LHCb-PAPER-2014-024": "LHCB-PAPER-2014-024",
    "FERMILAB-PUB-12-068-E": "FERMILAB-PUB-12-068-E",
    "KEK-Preprint-2020-5": "KEK-PREPRINT-2020-5",
    # INSPIRE
    "https://inspirehep.net/literature/1790439": "INSPIRE:1790439",
    "https://inspirehep.net/api/arxiv/2004.03447": "arXiv:2004.03447",
}

NOT_WRITTEN = [
    *("", "   ", "v3", "4", "12.5", "paper.pdf", "./2004.03447v3.pdf", "the ATLAS detector", "h4l", "note"),
    *("2013.03447", "2000.03447", "2004.0344", "2004.034477", "1412.12345", "1501.1234", "0703.0001", "0700.1234"),
    *("2004.03447v0", "2004.03447v", "2004.03447x", "2004.00000", "2004.03447 and 1207.7214"),
    *("hep-ex/0613001", "hep-ex/0600001", "hep-ex/060100", "hep-ex/0704001", "hep-xx/0601001", "hep-ex/0601000"),
    *("10.1007", "10.1007/", "10.10/abc", "11.1007/JHEP08", "10.1007/a b", "https://arxiv.org/list/hep-ex/new"),
    *("https://arxiv.org/abs/", "https://doi.org/", "https://example.org/2004.03447", "ftp://", "http://[/", "CMS"),
    *("EXO-19-016", "ATLAS-CONF", "CERN", "CMS-PAS", "SM-2020-001", "https://inspirehep.net/authors/1010907"),
]


@pytest.mark.parametrize(("text", "name"), WRITTEN.items())
def test_what_people_write(text: str, name: str) -> None:
    found = parse_identifier(text)
    assert found is not None
    assert found.name == name
    assert found.kind == "inspire" or parse_identifier(found.name) == found  # the canonical name means the same


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_what_is_no_identifier(text: str) -> None:
    assert parse_identifier(text) is None


def test_old_and_new_scheme_with_every_month() -> None:
    for month in range(14):
        for text in (f"20{month:02}.03447", f"hep-ex/06{month:02}001", f"09{month:02}.0344v1"):
            assert (parse_identifier(text) is not None) == (1 <= month <= 12), text


@given(st.text(max_size=40) | st.text("0123456789.v/-()[]:hepxarivdoi ", max_size=40))
def test_any_text_gives_a_canonical_identifier_or_nothing(text: str) -> None:
    found = parse_identifier(text)
    if found is not None:
        assert Identifier.model_validate(found.model_dump()) == found
        assert found.file_name
        assert not set(found.file_name) & set("/\\ \0:~$*?'\"")
        assert ".." not in found.file_name


def test_an_identifier_is_always_canonical() -> None:
    for kind, value, version in (
        ("arxiv", "2004.03447v3", None),
        ("arxiv", "2013.03447", None),
        ("arxiv", "2004.03447", 0),
        ("doi", "10.1007/JHEP08", None),
        ("doi", "10.1007/jhep08", 2),
        ("report", "2004.03447", None),
        ("inspire", "x", None),
    ):
        with pytest.raises(ValidationError):
            Identifier(kind=kind, value=value, version=version)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "expected"),
    {
        "2004.03447v3.pdf": "arXiv:2004.03447v3",
        "2004.03447v3 (1).pdf": "arXiv:2004.03447v3",
        "arXiv_2004.03447.PDF": "arXiv:2004.03447",
        "hep-ex_0601001v2.pdf": "arXiv:hep-ex/0601001v2",
        "hep-ex0601001v2.pdf": "arXiv:hep-ex/0601001v2",
        "CMS-PAS-EXO-19-016.pdf": "CMS-PAS-EXO-19-016",
        "ATLAS_CONF_2018_023.pdf": "ATLAS-CONF-2018-023",
        "inspire-1790439.pdf": "INSPIRE:1790439",
        "my draft.pdf": None,
        "0601001v2.pdf": None,  # of which archive?
        "note.pdf": None,
    }.items(),
)
def test_names_of_files(name: str, expected: str | None) -> None:
    found = parse_file_name(name)
    assert (found.name if found else None) == expected
    if found is not None and found.kind != "doi":
        assert parse_file_name(f"{found.file_name}.pdf") == found


def test_the_best_identifier_of_a_cited_work() -> None:
    work = CitedWork(
        key="1", text="t", page=1, start=0, end=1, doi="10.1007/jhep08(2016)045", report="CERN-EP-2020-034"
    )
    assert identify_cited(work) == Identifier(kind="doi", value="10.1007/jhep08(2016)045")
    assert identify_cited(work.model_copy(update={"arxiv": "1606.02266"})) == parse_identifier("1606.02266")
    assert identify_cited(work.model_copy(update={"doi": None})) == parse_identifier("CERN-EP-2020-034")
    assert identify_cited(work.model_copy(update={"doi": None, "report": "private note"})) is None
