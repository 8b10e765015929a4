"""The same results from every executor of coffea, whatever the workers and the chunks; and from a plain Runner."""

import contextlib
import importlib.util
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from codegen.sandbox import probe_sandbox, run_sandboxed
from pipeline.executors import Executor
from schemas.criteria_yaml import load_criteria
from tests.codegen.mini_files import Compiled, read_json, write_mini
from tests.codegen.test_compile import make_random_events
from tests.schemas.examples import H4L

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="the package distributed is not installed"
)
RESULTS = ("cutflow.json", "histograms.json", "candidates.csv", "values.json")
SOURCE = compile_analysis(load_criteria(H4L), load_profile("atlas_mini")).source

CLUSTER = """
    from distributed import LocalCluster
    if __name__ == "__main__":
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
            print(cluster.scheduler_address, flush=True)
            input()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An analysis, three files of events, one without any, and keys of events to explain."""
    folder = tmp_path_factory.mktemp("executors")
    (folder / "analysis.py").write_text(SOURCE, encoding="utf-8")
    events = [{**event, "eventNumber": k + 1} for k, event in enumerate(make_random_events(400, 7))]
    for name, part in (("a", events[:150]), ("b", []), ("c", events[150:151]), ("d", events[151:])):
        write_mini(folder / f"{name}.root", part)
    (folder / "keys.json").write_text("[[0, 3, 0], [0, 160, 0], [0, 161, 0]]", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, bytes]:
    return run(folder, "--executor", "iterative")


def start(
    folder: Path, *options: str, program: str = "analysis.py", **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, program, "*.root", "--out", "out", "--explain", "keys.json", *options]
    environ = {**os.environ, **environment}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=folder, env=environ
    )  # fmt: skip


def run(folder: Path, *options: str) -> dict[str, bytes]:
    """The bytes of the results."""
    for name in RESULTS:
        (folder / "out" / name).unlink(missing_ok=True)
    done = start(folder, *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Processing" not in done.stdout
    return {name: (folder / "out" / name).read_bytes() for name in RESULTS}


def test_something_is_selected(folder: Path, expected: dict[str, bytes]) -> None:
    cutflow = read_json(folder / "out" / "cutflow.json")
    assert cutflow["n_events"] == 400
    assert 0 < cutflow["regions"][0]["steps"][-1]["count"] < 400
    assert len(expected["candidates.csv"].splitlines()) > 2
    assert [e["key"][1] for e in read_json(folder / "out" / "values.json")["events"]] == [3, 160, 161]


@pytest.mark.parametrize("options", [
    ("--chunk-size", "13"),
    ("--chunk-size", "150"),
    ("--executor", "futures", "--workers", "2", "--chunk-size", "9"),
    ("--executor", "futures", "--workers", "3"),
])  # fmt: skip
def test_results_are_the_same_bytes(folder: Path, expected: dict[str, bytes], options: tuple[str, ...]) -> None:
    assert run(folder, *options) == expected


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Dask cluster of two processes that knows nothing of the analysis."""
    script = tmp_path_factory.mktemp("cluster") / "cluster.py"
    script.write_text(textwrap.dedent(CLUSTER), encoding="utf-8")
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("\n", timeout=60)


@needs_dask
def test_a_dask_cluster_gives_the_same_bytes(folder: Path, expected: dict[str, bytes], scheduler: str) -> None:
    assert run(folder, "--executor", "dask", "--scheduler", scheduler, "--chunk-size", "11") == expected


@needs_dask
def test_dask_makes_a_cluster_of_its_own(folder: Path, expected: dict[str, bytes]) -> None:
    assert run(folder, "--executor", "dask", "--workers", "2", "--chunk-size", "50") == expected


@pytest.mark.parametrize(("options", "code", "says"), [
    (("--scheduler", "tcp://127.0.0.1:1"), 2, "--scheduler goes with --executor dask"),
    (("--workers", "0"), 2, "--chunk-size and --workers are at least 1"),
    (("--executor", "threads"), 2, "invalid choice: 'threads'"),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused(folder: Path, options: tuple[str, ...], code: int, says: str) -> None:
    done = start(folder, *options)
    assert done.returncode == code
    assert says in done.stderr.splitlines()[-1]


@needs_dask
def test_a_scheduler_that_is_not_there_is_one_line(folder: Path) -> None:
    done = start(folder, "--executor", "dask", "--scheduler", "tcp://127.0.0.1:none")
    assert done.returncode == 2
    assert done.stderr.startswith("analysis.py: no Dask scheduler answers at tcp://127.0.0.1:none: ")
    assert done.stderr.count("\n") == 1


def test_dask_that_is_not_installed_is_one_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError", encoding="utf-8")
    done = start(folder, "--executor", "dask", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (
        2, "analysis.py: --executor dask needs the package distributed (pip install distributed)\n",
    )  # fmt: skip


@pytest.mark.parametrize("executor", ["iterative", "futures"])
def test_an_error_in_a_chunk_names_its_events_and_cause(folder: Path, executor: str) -> None:
    head = "    def select(self, events):\n"
    assert SOURCE.count(head) == 1
    failing = '        if events.metadata["entrystart"] == 40:\n            1 / 0\n'
    (folder / "broken.py").write_text(SOURCE.replace(head, head + failing), encoding="utf-8")
    done = start(folder, "--chunk-size", "40", "--executor", executor, "--workers", "2", program="broken.py")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[-1] == "broken.py: a.root, events 40 to 80: ZeroDivisionError: division by zero"
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-5].endswith("in select")
    assert "coffea" not in done.stderr


def test_a_worker_that_dies_is_one_line(folder: Path) -> None:
    head = "    def select(self, events):\n"
    (folder / "dying.py").write_text(SOURCE.replace(head, f"{head}        os._exit(9)\n"), encoding="utf-8")
    done = start(folder, "--executor", "futures", "--workers", "2", program="dying.py")
    assert done.returncode == 1
    assert done.stderr.startswith("dying.py: a worker was lost (out of memory?): BrokenProcessPool: ")
    assert done.stderr.count("\n") == 1


def test_nothing_of_dask_is_imported_unasked(folder: Path) -> None:
    code = (
        "import runpy, sys; sys.argv[0] = 'analysis.py'\n"
        "try: runpy.run_path('analysis.py', run_name='__main__')\n"
        "except SystemExit as done: assert not done.code\n"
        "print([m for m in ('dask', 'distributed', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, "a.root", "--out", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    assert done.stdout.splitlines()[-1] == "[]"


def run_in_runner(module: Any, files: list[Path], chunk: int) -> dict[tuple[str, int], dict[str, Any]]:
    """What a physicist does: the processor in coffea's own Runner."""
    from coffea import processor
    from coffea.nanoevents import BaseSchema

    runner = processor.Runner(
        executor=processor.IterativeExecutor(status=False, retries=0), schema=BaseSchema, chunksize=chunk
    )
    fileset = {
        str(k): {"files": {str(path): "mini"}, "metadata": {"file": k}} for k, path in enumerate(files)
    }  # fmt: skip
    with contextlib.redirect_stdout(None):
        found: dict[tuple[str, int], dict[str, Any]] = runner(fileset, module.Analysis())
    return found


def test_the_processor_runs_in_a_runner(folder: Path, tmp_path: Path) -> None:
    files = [folder / "a.root", folder / "d.root"]
    compiled = Compiled(H4L, tmp_path)
    cutflow = compiled.run(files, tmp_path, chunk=70)
    found = run_in_runner(compiled.module, files, 70)
    chunks = [found[key] for key in sorted(found)]
    assert len(chunks) > 2
    keys = [tuple(key) for chunk in chunks for key in chunk["keys"].tolist()]
    assert keys == list(cutflow.regions[0].events.keys)
    for region in cutflow.regions:
        last = [step for chunk in chunks for step in chunk["last"][region.name].tolist()]
        assert [step for step in last if step >= 0] == list(region.events.last_step)


def test_events_without_numbers_are_numbered_by_file_and_row(folder: Path, tmp_path: Path) -> None:
    profile = load_profile("atlas_mini").model_copy(update={"key": ()})
    program = compile_analysis(load_criteria(H4L), profile)
    assert "eventNumber" not in program.branches
    (tmp_path / "analysis.py").write_text(program.source, encoding="utf-8")
    files = [folder / f"{name}.root" for name in "abcd"]
    cutflows = []
    for chunk in ("17", "1000"):
        command = [sys.executable, str(tmp_path / "analysis.py"), *map(str, files), "--out", str(tmp_path)]
        subprocess.run([*command, "--chunk-size", chunk], check=True, capture_output=True)
        cutflows.append(read_json(tmp_path / "cutflow.json"))
    assert cutflows[0] == cutflows[1]
    events = cutflows[0]["regions"][0]["events"]
    assert events["columns"] == ["file", "entry"]
    assert events["keys"] == [[f, k] for f, n in ((0, 150), (2, 1), (3, 249)) for k in range(n)]


@pytest.mark.skipif(not probe_sandbox().usable, reason="no sandbox works on this machine")
def test_workers_run_inside_the_sandbox(folder: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    executor = Executor("futures", 2)
    execution = run_sandboxed(
        SOURCE, [*executor.list_arguments(), "--explain", folder / "keys.json", "--chunk-size", "40"],
        [folder / f"{name}.root" for name in "abcd"], tmp_path, executor.set_limits(2),
    )  # fmt: skip
    assert (execution.outcome, execution.stderr) == ("ok", "")
    assert {name: (tmp_path / name).read_bytes() for name in RESULTS} == expected
