"""Generated code runs here and nowhere else: confined by the first tier of `codegen.tiers` that works, or refused.

`run_sandboxed` runs a program and collects what it leaves behind. Code that crashes or passes a limit is an Execution;
a machine without a sandbox is SandboxUnavailable.
"""

import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from codegen.bubblewrap import put_behind_prlimit
from codegen.collect import collect_outputs, remove_tree
from codegen.confinement import (
    DATA,
    INPUTS,
    OUT,
    PROGRAM,
    SCRATCH,
    Job,
    Mount,
    Output,
    choose_identity,
    python_environment,
)
from codegen.host_paths import hide_paths
from codegen.inputs import check_files, mount_files, place_words
from codegen.outputs import clean_text
from codegen.process import RUN_MARK, Ended, end_orphans, run_process
from codegen.tiers import probe_sandbox, run_in_tier
from schemas.errors import SandboxUnavailable
from schemas.execution import Confined, Execution, Limits, Outcome

__all__ = ["probe_sandbox", "run_sandboxed"]

STAGING = "paperfilter-sandbox-"
MANY = 500  # files, of which bubblewrap mounts 150 a second, and no more than 1200
LEFT_BEHIND = 3600.0  # seconds after which the folder of a killed run is removed
SIGNALLED = 128  # exit codes above it are signals, as the tiers report them
SIGKILL, SIGXCPU, SIGXFSZ = 9, 24, 25


def run_sandboxed(
    program: str | Path,
    args: Sequence[str | Path],
    data_files: Sequence[Path],
    out_dir: Path,
    limits: Limits | None = None,
    *,
    unsafe_no_sandbox: bool = False,
    tier: Confined | None = None,
    stop: Callable[[], bool] | None = None,
) -> Execution:
    """Run `python analysis.py *args --out OUT DATA…` confined and collect its outputs into `out_dir`.

    `program` is source text or the path of a file. Inside, data files are read-only, keep their base names and stand
    in one folder each; a Path among `args` is a file that is shown to the program in the same way, and its place inside
    is what the program is given. Stdin is empty, the environment is `python_environment`. Files of the same name in
    `out_dir` are replaced, others stay. `tier`: that one or none, rather than the first that works (for very many data
    files: the faster). `stop` is asked many times a second whether nobody wants the results any more: the program is
    killed then (outcome "killed").

    Raises SandboxUnavailable when nothing works here (unless `unsafe_no_sandbox`: then the program runs unconfined,
    with the limits only, and `Execution.tier` is "none"), DataError for a data file that is missing or unreadable,
    RunFolderError when `out_dir` cannot be written.
    """
    limits = limits or Limits()
    chosen = None if unsafe_no_sandbox else _choose_tier(tier, len(data_files))
    source = program.read_text(encoding="utf-8") if isinstance(program, Path) else program
    with _staging() as staging, Output() as inside:
        script, out = staging / "analysis.py", staging / "out"
        script.write_text(source, encoding="utf-8")
        script.chmod(0o444)
        shown_as: dict[str, str] = {}
        data, inputs = check_files(data_files), check_files(args)
        if chosen is None:
            out.mkdir(mode=0o700)
            words = [*place_words(args, inputs), "--out", str(out), *map(str, data)]
            ended = _run_unconfined([sys.executable, str(script), *words], staging, out, limits, stop)
        else:
            identity = choose_identity()
            shown = mount_files(inputs, INPUTS, identity, staging)
            events = mount_files(data, DATA, identity, staging)
            words = [*place_words(args, [m.target for m in shown]), "--out", str(OUT), *(str(m.target) for m in events)]
            command = [sys.executable, str(PROGRAM / "analysis.py"), *words]
            mounts = [Mount(script, PROGRAM / "analysis.py"), *shown, *events]
            ended = run_in_tier(chosen, Job(command, mounts, inside, staging, identity, limits, stop))
            shown_as |= {str(m.source): str(m.target) for m in mounts}
            shown_as |= {str(file): str(m.target) for file, m in zip(data, events, strict=True)}
            shown_as |= {str(staging): "(sandbox)", str(out_dir.absolute()): str(OUT), str(Path.home()): "~"}
        source_of_outputs = out if chosen is None else inside.descriptor
        outputs, refused = collect_outputs(out if source_of_outputs is None else source_of_outputs, out_dir, limits)
    stdout, stderr = (hide_paths(clean_text(text), shown_as) for text in (ended.stdout, ended.stderr))
    outcome = ended.stopped or _judge(ended, stderr, limits)
    return Execution(
        tier=chosen or "none",
        outcome="no_output" if outcome == "ok" and not outputs else outcome,
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        stdout=stdout,
        stderr=stderr,
        outputs=outputs,
        refused=refused,
        limits=limits,
    )


def _choose_tier(tier: Confined | None, files: int) -> Confined:
    report = probe_sandbox(tier)
    if tier is None and report.tier == "bubblewrap" and files > MANY:
        other = probe_sandbox("namespaces")
        report = other if other.usable else report
    if report.tier is None:
        raise SandboxUnavailable(f"generated code does not run here: {report.detail}; {report.advice}")
    return report.tier


def _run_unconfined(
    command: Sequence[str], staging: Path, out: Path, limits: Limits, stop: Callable[[], bool] | None
) -> Ended:
    """The program as this user, with limits on each process but nothing that keeps it in. Only on explicit demand."""
    scratch = staging / "scratch"
    scratch.mkdir()
    mark = secrets.token_hex(16)
    environment = {key: value.replace(str(SCRATCH), str(scratch)) for key, value in python_environment().items()}
    environment |= {"PATH": python_environment()["PATH"], RUN_MARK: mark}
    prlimit = shutil.which("prlimit")
    limited = put_behind_prlimit(prlimit, command, limits, None) if prlimit else command
    return run_process(limited, environment=environment, limits=limits, folder=out, mark=mark, stop=stop)


def _judge(ended: Ended, stderr: str, limits: Limits) -> Outcome:
    """What an exit code, the last line of a traceback and the processor time say."""
    exit_code = ended.exit_code
    if exit_code == 0:
        return "ok"
    last = next(reversed(stderr.strip().splitlines()), "")
    number = -exit_code if exit_code is not None and exit_code < 0 else (exit_code or 0) - SIGNALLED
    # the kernel kills what ignores SIGXCPU two seconds of processor time later
    if number == SIGXCPU or (number == SIGKILL and ended.cpu_seconds >= limits.cpu_seconds):
        return "timeout"
    if number == SIGXFSZ or "File too large" in last or "No space left on device" in last:
        return "output_limit"
    if "MemoryError" in last or "Cannot allocate memory" in last:
        return "memory"
    return "killed" if number == SIGKILL else "crashed"


@contextmanager
def _staging() -> Iterator[Path]:
    """A private folder that is gone afterwards, whatever was left in it; and those of killed runs with it."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{STAGING}{os.getpid()}-"))
    try:
        yield folder
    finally:
        remove_tree(folder)


def _sweep(place: Path) -> None:
    """End what is left of killed runs, and remove their staging folders a while after."""
    end_orphans()
    for folder in place.glob(f"{STAGING}*-*"):
        pid = folder.name.removeprefix(STAGING).split("-")[0]
        with suppress(OSError):
            state = folder.lstat()
            # the age is for machines that share the folder and not the process numbers
            old = time.time() - state.st_mtime > LEFT_BEHIND
            if old and state.st_uid == os.geteuid() and pid.isdigit() and not Path("/proc", pid).exists():
                remove_tree(folder)
