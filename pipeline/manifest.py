"""The record of a run: what it started from, with which versions and settings, and what each step read and wrote."""

import importlib.metadata
import platform
from typing import Literal

from pipeline.coding_options import CodingOptions
from pipeline.reading_options import ReadingOptions
from schemas.backend import Backend
from schemas.model import Model

MANIFEST_FORMAT: Literal["paperfilter-run/1"] = "paperfilter-run/1"

RECORDED_PACKAGES = (
    "paperfilter", "awkward", "coffea", "hist", "langchain-openai", "langgraph", "mplhep", "numpy", "pydantic",
    "pymupdf", "rapidfuzz", "uproot",
)  # fmt: skip


class Request(Model):
    """What was asked for. Two commands with equal requests are the same command and share an unfinished run."""

    command: Literal["extract", "run"]
    kind: Literal["paper", "criteria", "analysis"]
    source: str  # path as given, or the name of a built-in analysis
    source_sha256: str
    reader: str
    coder: str  # compiler, none, or what the options of coding say in short
    profile: str | None = None
    backend: Backend = "numpy"
    data: tuple[str, ...] = ()  # absolute paths
    against: str | None = None
    reading: ReadingOptions = ReadingOptions()  # how a paper is read
    coding: CodingOptions = CodingOptions()  # who writes the code


class StepRecord(Model):
    """One step that was done. Labels of inputs and outputs are file names of the run folder, or say what they are."""

    name: str
    inputs: dict[str, str]  # label -> SHA-256
    settings: dict[str, str]
    outputs: dict[str, str]  # file name -> SHA-256
    seconds: float
    at: str  # ISO 8601


class Manifest(Model):
    """manifest.json of a run folder."""

    format: Literal["paperfilter-run/1"] = MANIFEST_FORMAT
    request: Request
    created: str  # ISO 8601
    finished: str | None = None  # None: interrupted, failed or still running
    versions: dict[str, str]
    batch: str | None = None  # for which paper of which batch it was made
    steps: tuple[StepRecord, ...] = ()

    def find_step(self, name: str) -> StepRecord | None:
        """The record of a step that was done."""
        return next((step for step in self.steps if step.name == name), None)

    def without_step(self, name: str) -> "Manifest":
        """The same without the record of one step."""
        return self.model_copy(update={"steps": tuple(s for s in self.steps if s.name != name)})

    def with_step(self, record: StepRecord) -> "Manifest":
        """The same with one more record, at the place of an older one of that name if there is one."""
        names = [step.name for step in self.steps]
        steps = list(self.steps)
        if record.name in names:
            steps[names.index(record.name)] = record
        else:
            steps.append(record)
        return self.model_copy(update={"steps": tuple(steps)})


def read_versions() -> dict[str, str]:
    """Versions of Python, the system and the packages that results depend on."""
    versions = {"python": platform.python_version(), "system": f"{platform.system()} {platform.release()}"}
    for name in RECORDED_PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions
