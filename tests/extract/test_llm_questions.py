"""The second question about unclaimed thresholds, and the question about a definition left to a cited work."""

import asyncio
import json

import pytest

from extract.cover import cover
from extract.grounding.ground import ground_findings
from extract.llm.resolver import read_delegated
from extract.llm.targeted import ask_about
from extract.rules.reader import read_findings
from schemas.citation import Delegation
from schemas.document import Document
from schemas.errors import ModelUnavailable
from schemas.model_call import ModelReply, ModelRequest
from tests.extract.documents import Rows, make_document, write_document
from tests.extract.scripted_port import ScriptedPort, cut_off, refuse

DELEGATION = Delegation(
    id="d1", kind="definition", keys=("7",), subject="muon", variable="isolation",
    quote=("muons must be isolated as described in Ref. [7]",), page=3, start=10, end=60, document_id="paper",
)  # fmt: skip


@pytest.fixture(scope="module")
def paper() -> Document:
    return make_document(
        [
            ("heading", "4 Event selection"),
            ("paragraph", "Electrons are required to have p_T > 25 GeV and |η| < 2.47."),
            (
                "paragraph",
                "Their efficiency is measured with p_T > 40 GeV. " + "Nothing of interest is said here. " * 40,
            ),
            ("paragraph", "Events with m_{jj} < 120 GeV are rejected."),
        ]
    )


class Judge(ScriptedPort):
    """Says of each threshold what its table says, and gives the item that belongs to it."""

    def __init__(self, paper: Document, says: dict[str, str]) -> None:
        super().__init__(read_findings(paper))
        self.says = says

    async def ask(self, request: ModelRequest) -> ModelReply:
        reply = await super().ask(request)
        listed = request.messages[-1].content.split("<paper_text>")[-1].split("</paper_text>")[0]
        lines = [line for line in listed.strip().splitlines() if line[:1].isdigit()]
        verdicts = [{"threshold": i, "says": self.says[line.split()[1]]} for i, line in enumerate(lines, 1)]
        return reply.model_copy(update={"text": json.dumps({"verdicts": verdicts, "findings": self.find(lines)})})

    def find(self, lines: list[str]) -> list[dict[str, object]]:
        from tests.extract.scripted_port import write_item

        named = {line.split()[1] for line in lines if self.says[line.split()[1]] == "selection"}
        return [write_item(f) for f in self.findings if isinstance(f.value, float) and f"{f.value:g}" in named]


def test_unclaimed_thresholds_are_asked_about_by_neighbourhood(paper: Document) -> None:
    unclaimed = cover(paper, (), ()).unclaimed
    assert [t.number for t in unclaimed] == ["25", "2.47", "40", "120"]
    port = Judge(paper, {"25": "selection", "2.47": "condition", "40": "no_selection", "120": "selection"})
    reading = asyncio.run(ask_about(port, paper, unclaimed))
    assert {(f.variable, f.value) for f in reading.findings} == {("pt", 25.0), ("mass", 120.0)}
    assert all(e.grounded for e in ground_findings(paper, reading.findings))
    assert [(d.label, d.reason) for d in reading.dropped] == [
        ("p. 1: 2.47", "the model says: only a condition of another requirement"),
        ("p. 1: 40", "the model says: no requirement"),
    ]
    assert reading.asked_again == reading.asked == len(port.requests) == 2
    first, second = (r.messages[-1].content for r in port.requests)
    assert "120 GeV" not in first
    assert "25 GeV" not in second


def test_a_threshold_in_a_table_is_asked_about_with_its_row() -> None:
    document = write_document(
        table=Rows("Table 1: Definition of regions.", ["", "SR1", "SR2"], [["m_{jj} [GeV]", "> 500", "> 900"]])
    )
    unclaimed = cover(document, (), ()).unclaimed
    port = ScriptedPort()
    asyncio.run(ask_about(port, document, unclaimed))
    assert len(unclaimed) == 2
    assert "row: m_{jj} [GeV]\n  column: SR1 | cell: > 500" in port.requests[0].messages[-1].content


def test_bad_replies_to_second_questions_lose_nothing(paper: Document) -> None:
    unclaimed = cover(paper, (), ()).unclaimed

    class Faulty(Judge):
        async def ask(self, request: ModelRequest) -> ModelReply:
            reply = await super().ask(request)
            return reply.model_copy(update={"text": "no"}) if len(self.requests) <= 2 else reply

    port = Faulty(paper, dict.fromkeys(("25", "2.47", "40", "120"), "selection"))
    reading = asyncio.run(ask_about(port, paper, unclaimed))
    assert {f.value for f in reading.findings} >= {25.0, 2.47, 120.0}
    assert reading.asked > 2
    assert reading.failed == 0


def test_a_delegated_definition_is_read_from_its_passages_only(paper: Document) -> None:
    cited = make_document(
        [
            ("heading", "5 Muons"),
            ("paragraph", "Muons are required to have p_T > 10 GeV."),
            ("heading", "5.1 Isolation"),
            ("paragraph", "The relative isolation of muons is required to be less than 0.16."),
        ]
    )
    start = cited.text.index("The relative")
    spans = [(start, start + 10)]
    port = ScriptedPort(read_findings(cited))
    reading = asyncio.run(read_delegated(port, cited, spans, DELEGATION))
    assert [(f.variable, f.value) for f in reading.findings] == [("isolation", 0.16)]
    question = port.requests[0].messages[-1].content
    assert "as described in Ref. [7]" in question
    assert "10 GeV" not in question
    assert port.requests[0].role == "resolver"
    other = asyncio.run(read_delegated(port, cited, spans, DELEGATION.model_copy(update={"id": "d2"})))
    assert {f.id for f in reading.findings}.isdisjoint(f.id for f in other.findings)


def test_questions_that_nobody_answers(paper: Document) -> None:
    down = ScriptedPort((), lambda _, __: ModelUnavailable("gone"))
    with pytest.raises(ModelUnavailable):
        asyncio.run(ask_about(down, paper, cover(paper, (), ()).unclaimed))
    talks = ScriptedPort((), lambda _, __: refuse)
    reading = asyncio.run(read_delegated(talks, paper, [(0, len(paper.text))], DELEGATION))
    assert (reading.findings, reading.failed) == ((), 1)
    assert asyncio.run(ask_about(talks, paper, ())).asked == 0
    cut = ScriptedPort(read_findings(paper), lambda _, n: cut_off if n == 0 else None)
    assert asyncio.run(read_delegated(cut, paper, [(0, len(paper.text))], DELEGATION)).findings
