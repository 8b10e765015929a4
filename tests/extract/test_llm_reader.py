"""The model reader against a scripted model: what a good model says arrives, whatever its replies look like."""

import asyncio
import json
import random

import pytest

from extract.consensus.merge import merge_readings
from extract.grounding.ground import ground_findings
from extract.llm.reader import Mode, read_with_model
from extract.rules.reader import read_findings
from schemas.document import Document
from schemas.errors import ModelContextExceeded, ModelReplyFailed, ModelUnavailable
from schemas.finding import Finding
from schemas.model_call import ModelRequest
from schemas.reading import Reading
from tests.extract.documents import Rows, make_document, write_document
from tests.extract.scripted_port import FAULTS, Fault, ScriptedPort


def means(findings: tuple[Finding, ...]) -> set[tuple[object, ...]]:
    return {(f.subject, f.variable, f.operator, f.value, f.unit, f.effect, f.page) for f in findings}


def read(port: ScriptedPort, document: Document, mode: Mode = "chunk", sample: int = 0) -> Reading:
    return asyncio.run(read_with_model(port, document, mode=mode, sample=sample))


@pytest.fixture(scope="module")
def paper() -> Document:
    blocks: list[tuple[str, str]] = [("heading", "4 Event selection")]
    pages = [1]
    for i in range(1, 13):
        blocks += [
            ("heading", f"4.{i} Selection of kind {i}"),
            (
                "paragraph",
                f"Electrons are required to have p_T > {10 + i} GeV and |η| < 2.{i}. "
                f"Muons must satisfy p_T > {30 + i} GeV. "
                + "They are reconstructed as usual and nothing else is said of them here. "
                * 12,
            ),
            (
                "paragraph",
                f"Events with at least {i + 1} jets with p_T > {50 + i} GeV are selected, "
                f"and events with m_{{jj}} < {200 + i} GeV are rejected.",
            ),
        ]
        pages += [i, i, i]
    return make_document(blocks, pages)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def known(paper: Document) -> tuple[Finding, ...]:
    found = read_findings(paper)
    assert len(found) >= 48
    return found


def test_chunks_share_their_beginning_and_findings_know_their_place(
    paper: Document, known: tuple[Finding, ...]
) -> None:
    port = ScriptedPort(known)
    reading = read(port, paper)
    assert means(reading.findings) == means(known)
    assert len({r.messages[0] for r in port.requests}) == 1
    assert len(port.requests) > 3
    assert all(f.start is not None and f.reader == "llm:scripted" for f in reading.findings)
    assert len({f.id for f in reading.findings}) == len(reading.findings)
    assert (reading.mode, reading.failed) == ("chunk", 0)


def test_bulk_asks_once_and_falls_back_to_chunks(paper: Document, known: tuple[Finding, ...]) -> None:
    port = ScriptedPort(known)
    assert means(read(port, paper, "bulk").findings) == means(known)
    assert len(port.requests) == 1
    small = ScriptedPort(known, context=8000)
    reading = read(small, paper, "bulk")
    assert (reading.mode, means(reading.findings)) == ("chunk", means(known))


@pytest.mark.parametrize("seed", range(10))
def test_faults_in_a_third_of_the_replies_lose_nothing(paper: Document, known: tuple[Finding, ...], seed: int) -> None:
    dice = random.Random(seed)
    port = ScriptedPort(known, lambda _, __: dice.choice(FAULTS) if dice.random() < 1 / 3 else None)
    reading = read(port, paper)
    assert means(reading.findings) == means(known)
    assert reading.failed == 0


def test_failed_questions_cost_only_themselves(paper: Document, known: tuple[Finding, ...]) -> None:
    port = ScriptedPort(known, lambda _, n: ModelReplyFailed("status 500") if n == 1 else None)
    reading = read(port, paper)
    assert reading.failed == 1
    assert 0 < len(reading.findings) < len(known)
    down = ScriptedPort(known, lambda _, n: ModelUnavailable("gone") if n > 2 else None)
    assert read(down, paper).findings
    with pytest.raises(ModelUnavailable, match="gone"):
        read(ScriptedPort(known, lambda _, __: ModelUnavailable("gone")), paper)


def test_a_context_without_room_is_said_clearly(paper: Document) -> None:
    with pytest.raises(ModelContextExceeded, match="too small"):
        read(ScriptedPort(context=1024), paper)


def test_tables_are_parts_of_their_own_with_row_and_column(paper: Document) -> None:
    document = write_document(
        ["Events are required to have at least two jets."],
        table=Rows(
            "Table 1: Definition of the signal regions.",
            ["", "SR1", "SR2"],
            [["m_{jj} [GeV]", "> 500", "> 900"], ["N_{jet}", "≥ 2", "≥ 3"]],
        ),
    )
    known = read_findings(document)
    port = ScriptedPort(known)
    reading = read(port, document)
    assert means(reading.findings) == means(known)
    table = next(r for r in port.requests if "cell:" in r.messages[-1].content)
    assert "row: m_{jj} [GeV]\n  column: SR1 | cell: > 500" in table.messages[-1].content
    assert {f.source for f in reading.findings if f.scope} == {"table"}


def test_a_model_that_never_ends_an_item_is_not_asked_forever(paper: Document) -> None:
    port = ScriptedPort((), lambda _, __: lambda text, dice: ('{"findings": [{"quote": ["' + " " * 50, "length"))
    reading = read(port, paper)
    assert reading.findings == ()
    assert reading.failed > 0
    chunks = len({r.label for r in port.requests[:20]})
    assert len(port.requests) < 40 * chunks


def test_a_made_up_word_costs_no_item_and_is_asked_about_once(paper: Document, known: tuple[Finding, ...]) -> None:
    """Each item is spoilt in one of the two replies to a question, none in both."""

    def spoil(odd: int) -> Fault:
        def fault(text: str, dice: random.Random) -> tuple[str, str]:
            items = json.loads(text)["findings"]
            for item in items[odd::2]:
                item["variable"] = "somewhat"
            return json.dumps({"findings": items}, ensure_ascii=False), "stop"

        return fault

    seen: set[str] = set()

    def alternate(request: ModelRequest, _: int) -> Fault:
        first = request.label not in seen
        seen.add(request.label)
        return spoil(0 if first else 1)

    port = ScriptedPort(known, alternate)
    reading = read(port, paper)
    assert means(reading.findings) == means(known)
    assert reading.failed == 0
    assert len(port.requests) == 2 * len(seen)
    assert "'somewhat' is none of the variables" in port.requests[-1].messages[-1].content
    assert len(reading.dropped) == len(known)


def test_a_model_that_is_there_and_answers_nothing_usable_is_no_reading(
    paper: Document, known: tuple[Finding, ...]
) -> None:
    late = read(ScriptedPort(known, lambda _, __: ModelReplyFailed("no answer in time")), paper)
    empty = read(ScriptedPort(known, lambda _, __: lambda *_: ("", "stop")), paper)
    for reading in (late, empty):
        assert reading.unusable
        assert reading.findings == ()
    good = read(ScriptedPort(known), paper)
    none_found = read(ScriptedPort(()), paper)
    assert not good.unusable
    assert not none_found.unusable  # "nothing there" is an answer
    proofs = {f.id: e for f, e in zip(good.findings, ground_findings(paper, good.findings), strict=True)}
    assert {v.of for v in merge_readings((good, late, empty), proofs).votes} == {1}
    assert {v.of for v in merge_readings((good, none_found), proofs).votes} == {2}
