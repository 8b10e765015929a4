"""How full the model client keeps a server, and how much of a prompt a server's prefix cache has already seen."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from extract.llm.reader import read_with_model
from papers.read import read_paper
from pipeline.models.cache import ReplyCache
from pipeline.models.client import open_model
from pipeline.models.config import ModelSettings
from pipeline.models.record import Record
from pipeline.models.server import estimate_tokens
from schemas.errors import UsageError
from schemas.model import Model
from schemas.model_call import ModelReply, ModelRequest

CONTEXT = 32768  # tokens
ROOT = Path(__file__).resolve().parents[1]
ANSWER = json.dumps({"findings": []})


class Throughput(Model):
    """Requests of fixed latency through the client, beside what a client that costs nothing would need."""

    requests: int
    in_flight: int
    latency: float  # seconds
    ideal: float  # seconds
    measured: float  # seconds
    client_cpu: float  # seconds of this process
    shared_prefix: float  # of the characters of a prompt, those that it has in common with the one before

    @property
    def ratio(self) -> float:
        """Ideal over measured time."""
        return self.ideal / self.measured


def measure_throughput(
    papers: Sequence[Path], requests: int = 320, in_flight: int = 32, latency: float = 2.0
) -> Throughput:
    """Send `requests` questions about the papers to a server in its own process, with cache and record.

    The questions are those of the model reader, section by section, in as many samples as it takes. Starting things up
    and the first contact are not counted.
    """
    return measure_client(collect_questions(papers), requests, in_flight, latency)


def measure_client(once: Sequence[ModelRequest], requests: int, in_flight: int, latency: float) -> Throughput:
    """The same with questions that are there: each is asked again, as another sample, until there are `requests`."""
    questions = [once[n % len(once)].model_copy(update={"sample": n // len(once)}) for n in range(requests)]
    with _serve(latency) as url, tempfile.TemporaryDirectory() as folder:
        settings = ModelSettings(url=url, model="stand-in", in_flight=in_flight)
        measured, cpu = asyncio.run(_send(questions, settings, Path(folder)))
    return Throughput(
        requests=requests,
        in_flight=in_flight,
        latency=latency,
        ideal=-(-requests // in_flight) * latency,
        measured=measured,
        client_cpu=cpu,
        shared_prefix=measure_shared_prefix(once),
    )


def measure_shared_prefix(questions: Sequence[ModelRequest]) -> float:
    """The share of the characters of all prompts that each has in common, from its beginning, with the one before."""
    prompts = ["\n".join(f"{m.role}: {m.content}" for m in question.messages) for question in questions]
    shared = sum(_count_shared(one, other) for one, other in pairwise(prompts))
    return shared / max(sum(map(len, prompts[1:])), 1)


def _count_shared(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


async def _send(questions: Sequence[ModelRequest], settings: ModelSettings, folder: Path) -> tuple[float, float]:
    with ReplyCache(folder / "replies.sqlite") as cache:
        async with open_model(settings, cache, Record(folder / "run")) as port:
            await port.find_context_length()
            start, cpu = time.perf_counter(), time.process_time()
            replies = await asyncio.gather(*(port.ask(question) for question in questions))
            measured, used = time.perf_counter() - start, time.process_time() - cpu
    if any(reply.text != ANSWER or reply.cached for reply in replies):
        raise RuntimeError("a reply is not the server's")
    return measured, used


class _Listener:
    """A port that finds nothing in any text, and remembers what it was asked."""

    model = "stand-in"

    def __init__(self) -> None:
        self.heard: list[ModelRequest] = []

    async def ask(self, request: ModelRequest) -> ModelReply:
        self.heard.append(request)
        return ModelReply(text=ANSWER, model=self.model)

    async def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    async def find_context_length(self) -> int:
        return CONTEXT


def collect_questions(papers: Sequence[Path]) -> list[ModelRequest]:
    """What the model reader asks about the papers, section by section. Raises UsageError where it asks nothing."""
    return asyncio.run(_listen(papers))


async def _listen(papers: Sequence[Path]) -> list[ModelRequest]:
    listener = _Listener()
    for paper in papers:
        await read_with_model(listener, read_paper(paper), mode="chunk")
    if not listener.heard:
        raise UsageError(f"nothing in {', '.join(map(str, papers))} speaks of a selection; give other papers")
    return listener.heard


@contextmanager
def _serve(latency: float) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.stand_in", "--latency", str(latency), "--answer", ANSWER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603
        try:
            yield process.stdout.readline().strip() if process.stdout is not None else ""
        finally:
            process.terminate()
