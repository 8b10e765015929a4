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

from pipeline.models.cache import ReplyCache
from pipeline.models.client import open_model
from pipeline.models.config import ModelSettings
from pipeline.models.record import Record
from schemas.model import Model
from schemas.model_call import Message, ModelRequest

ROOT = Path(__file__).resolve().parents[1]
ANSWER = json.dumps({"findings": [{"quote": f"electrons with pT > {cut} GeV", "value": cut} for cut in range(7, 47)]})
SCHEMA = json.dumps(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["findings"],
        "properties": {
            "findings": {
                "type": "array",
                "maxItems": 40,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["quote", "value"],
                    "properties": {
                        "quote": {"type": "string", "maxLength": 600},
                        "value": {"type": "number", "minimum": -1e6, "maximum": 1e6},
                    },
                },
            }
        },
    }
)


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


def measure_throughput(requests: int = 640, in_flight: int = 32, latency: float = 0.5) -> Throughput:
    """Send `requests` questions of the size of a paper's section to a server in its own process, with cache and record.

    Starting things up and the first contact are not counted.
    """
    questions = [_make_question(number) for number in range(requests)]
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
        shared_prefix=measure_shared_prefix(questions),
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


def _make_question(number: int) -> ModelRequest:
    lines = [f"Events must have a lepton of at least {number + k} GeV in this part of the text." for k in range(60)]
    instruction = "Write down every requirement of the selection with its quote. " * 60
    return ModelRequest(
        role="reader",
        messages=(Message(role="system", content=instruction), Message(role="user", content="\n".join(lines))),
        answer_schema=SCHEMA,
        label=f"part {number}",
    )


@contextmanager
def _serve(latency: float) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.stand_in", "--latency", str(latency), "--answer", ANSWER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603
        try:
            yield process.stdout.readline().strip() if process.stdout is not None else ""
        finally:
            process.terminate()
