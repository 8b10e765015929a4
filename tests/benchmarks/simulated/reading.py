"""Simulated readers at work: papers are read over HTTP by the real client, and scored as a contest is."""

import asyncio
from collections.abc import Mapping

from benchmarks.contest.cells import Cell
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.effort import Effort
from benchmarks.contest.results import Manifest, Results
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.extracting.scoring import score_contest
from benchmarks.simulated.serving import Knowledge, Reply, Subject, serve_knowledge
from benchmarks.simulated.specification import parse_simulated
from extract.grounding.ground import ground_findings
from extract.llm.reader import Mode, read_with_model
from pipeline.models.client import open_server
from pipeline.models.config import ModelSettings
from schemas.reading import Reading

NOTES = ("05-leptoquark", "06-belle-dsttaunu")
Readings = Mapping[tuple[str, int], Reading]


def read(
    spec: str, papers: Mapping[str, Subject], runs: int, mode: Mode = "bulk", replies: list[Reply] | None = None
) -> tuple[Knowledge, Readings]:
    """Every paper as often as there are runs, each run with its own seed, by the real client."""
    knowledge = Knowledge(parse_simulated(spec), papers)

    async def ask(url: str) -> Readings:
        found = {}
        async with open_server(ModelSettings(url=url, model=knowledge.reader.name, longest_wait=0.1)) as port:
            for run in range(1, runs + 1):
                for name, paper in papers.items():
                    found[name, run] = await read_with_model(port, paper.document, mode=mode, sample=run)
        return found

    with serve_knowledge(knowledge, replies) as server:
        return knowledge, asyncio.run(ask(server.url))


def score(knowledge: Knowledge, papers: Mapping[str, Subject], readings: Readings) -> Results:
    """The rows of all readings, as a contest writes them."""
    name = knowledge.reader.name
    contestant = Contestant(name=name, kind="simulated", model=name, simulated=True)
    done = []
    for (paper, run), reading in readings.items():
        evidence = ground_findings(papers[paper].document, reading.findings)
        failed = "no usable reply" if reading.unusable else None
        outcome = ExtractOutcome(
            failed=failed, readings=(reading,), findings=reading.findings, evidence=evidence, effort=Effort()
        )
        done.append(
            (Cell(task="extract", contestant=name, subject=paper, mode=reading.mode, run=run), contestant, outcome)
        )
    measures, items = score_contest([p.gold for p in papers.values()], done)
    manifest = Manifest(
        made="", paperfilter="", code={}, versions={}, machine={}, contestants=(contestant,),
        subjects={paper: {} for paper in papers},
        modes=("bulk", "chunk"), runs=max(run for _, run in readings), seeds={}, sampling={}, prompts={},
    )  # fmt: skip
    return Results(tuple(measures), tuple(items), manifest)
