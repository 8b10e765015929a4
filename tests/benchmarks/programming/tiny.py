"""A contest that takes seconds: two cuts, some events, one model."""

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmarks.analyses.counting import Mark, RegionPlan, StepPlan, Verdict, count_events, explain
from benchmarks.analyses.events import MUON, Event
from benchmarks.analyses.formats import open_events
from benchmarks.programming.contestants import plan_entrants
from benchmarks.programming.looping import Rules
from benchmarks.programming.progress import Teller, Told
from benchmarks.programming.running import Contest, Plan, Runner
from benchmarks.programming.subjects import Files, Subject
from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import write_events
from pipeline.models.config import ModelSettings
from pipeline.terminal import Progress
from schemas.analysis import BuiltInAnalysis, StepValues
from schemas.cutflow import Cutflow, EventKey
from tests.codegen.coding_loop import CRITERIA

MODEL = "scripted"


def make_subject(folder: Path, criteria: str = CRITERIA) -> Subject:
    """The analysis with two files of the loop and one that is held out."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "tiny.yaml"
    source.write_text(criteria, encoding="utf-8")
    files = []
    for part, (name, number) in enumerate((("large", 240), ("small", 150), ("apart", 150))):
        path = folder / f"{name}.root"
        if not path.is_file():
            drawn = draw_collisions("dimuon", number, seed=5 + part)
            write_events(folder, name, "atlas_mini", [e._replace(process=e.process + 100 * part) for e in drawn])
        files.append(path)
    analysis = BuiltInAnalysis(
        slug="tiny", title="tiny", paper=None, criteria=source, profiles=("atlas_mini",), run_baseline=run_baseline,
        explain_events=explain_events,
    )  # fmt: skip
    digests = {path: f"of {path.name}" for path in files}
    of = Files(dict(list(digests.items())[:2]), {files[2]: digests[files[2]]}, "events of the tests")
    return Subject(analysis, of)


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """Two muons above 20 GeV."""
    plans = (RegionPlan("signal", None, (StepPlan("two", "two muons"),)),)
    return count_events("tiny", plans, judge, open_events(profile, files, ("muon",)))


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What it compared."""
    return explain(judge, open_events(profile, files, ("muon",)), keys)


def judge(event: Event, _lacks: Mapping[str, str]) -> Verdict:
    """What one event does."""
    number = sum(one.flavour == MUON and one.pt > 20.0 for one in event.leptons)
    return Verdict({"two": Mark(number >= 2, float(number))})


def make_model(url: str, name: str = MODEL) -> ModelSettings:
    """A model that is given up soon where nobody answers."""
    return ModelSettings(url=url, model=name, attempts=1, longest_wait=0.0, connect_timeout=2.0)


def make_plan(subject: Subject, folder: Path, models: Sequence[ModelSettings], runs: int = 1, rounds: int = 2) -> Plan:
    """The compiler and these models."""
    return Plan(
        subjects=(subject,), entrants=plan_entrants(models, ()), modes=("llm",), runs=runs,
        rules=Rules(rounds, 60.0, supervised=False), folder=folder, cache=folder / "replies.sqlite",
    )  # fmt: skip


class Listener(Teller):
    """Keeps what it hears."""

    def __init__(self) -> None:
        super().__init__(Progress(quiet=True))
        self.told: list[Told] = []
        self.said: list[str] = []

    def tell(self, told: Told) -> None:
        self.told.append(told)

    def say(self, line: str) -> None:
        self.said.append(line)


def hold(plan: Plan) -> tuple[Contest, Listener]:
    """The contest, and what was heard of it."""
    listener = Listener()
    return Runner(plan, listener).go(), listener


def main() -> None:
    """Hold the contest in a process of its own: folder, address of the model, runs."""
    folder, url, runs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    plan = make_plan(make_subject(folder / "subject"), folder / "contest", [make_model(url)], runs)
    for told in hold(plan)[1].told:
        print(told.cell.place, told.reused, flush=True)


if __name__ == "__main__":
    main()
