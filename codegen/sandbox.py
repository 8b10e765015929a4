"""Generated code runs here and nowhere else: confined by bubblewrap, or refused.

`probe_sandbox` finds out by running something; `run_sandboxed` runs a program and collects what it leaves behind.
Code that crashes or passes a limit is an Execution; a machine without a sandbox is SandboxUnavailable.
"""

import json
import os
import secrets
import select
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from codegen.bubblewrap import (
    DATA,
    INPUTS,
    OUT,
    PROGRAM,
    SCRATCH,
    Identity,
    Mount,
    build_options,
    choose_identity,
    limit_command,
    limited_command,
    python_environment,
)
from codegen.collect import collect_outputs, remove_tree
from codegen.inputs import check_files, mount_files, place_words
from codegen.outputs import clean_text
from codegen.process import GATE, RUN_MARK, Ended, run_process
from codegen.seccomp import assemble_filter
from schemas.errors import SandboxUnavailable
from schemas.execution import Execution, Limits, Outcome, SandboxReport, Tier

STAGING = "paperfilter-sandbox-"
LEFT_BEHIND = 3600.0  # seconds after which the folder of a killed run is removed
SIGNALLED = 128  # exit codes above it are signals, as bwrap reports them
SIGKILL, SIGXCPU, SIGXFSZ = 9, 24, 25

INSTALL = "install bubblewrap and util-linux (for example: apt install bubblewrap util-linux)"
UNSAFE = "or run with --unsafe-no-sandbox if you trust the code as your own"
NAMESPACES = (
    "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces>0, on Ubuntu "
    "kernel.apparmor_restrict_unprivileged_userns=0; in a container: --privileged)"
)


class Tools(NamedTuple):
    """Paths of the programs that the sandbox is made of."""

    bwrap: str
    setpriv: str
    prlimit: str


def probe_sandbox() -> SandboxReport:
    """Whether bubblewrap works here, by running this interpreter in it and reading what it is allowed to do."""
    if sys.platform != "linux":
        return SandboxReport(tier=None, detail=f"the sandbox needs Linux, this is {sys.platform}", advice=UNSAFE)
    tools = _find_tools()
    if isinstance(tools, str):
        return SandboxReport(tier=None, detail=f"{tools} is not installed", advice=f"{INSTALL}, {UNSAFE}")
    identity = choose_identity()
    limits = Limits(wall_seconds=20, cpu_seconds=20, processes=8)
    code = "print(open('/proc/self/status').read())"
    try:
        options = build_options(identity, (), None, limits)
        ended, _ = _run_in_bubblewrap(tools, identity, options, [sys.executable, "-I", "-S", "-c", code], limits, None)
    except SandboxUnavailable as error:
        return SandboxReport(tier=None, detail=str(error), advice=UNSAFE)
    except OSError as error:
        return SandboxReport(tier=None, detail=f"{tools.bwrap} cannot be run: {error.strerror}", advice=INSTALL)
    status = dict(
        line.split(":\t", 1) for line in ended.stdout.decode("utf-8", "replace").splitlines() if ":\t" in line
    )
    if ended.exit_code != 0 or "CapEff" not in status:
        lines = clean_text(ended.stderr).strip().splitlines()
        return SandboxReport(
            tier=None,
            detail=f"bubblewrap does not work here: {lines[-1] if lines else 'no message'}",
            advice=f"{_advice(lines)}, {UNSAFE}",
        )
    if int(status["CapEff"], 16) or status.get("NoNewPrivs") != "1" or status["Uid"].split()[0] == "0":
        detail = "bubblewrap runs here but leaves privileges to the program"
        return SandboxReport(tier=None, detail=detail, advice=f"run as a normal user, {UNSAFE}")
    filtered = "with a system call filter" if status.get("Seccomp") == "2" else "without a system call filter"
    how = "as a fresh user" if identity.role == "fresh user" else "in a user namespace of its own"
    return SandboxReport(tier="bubblewrap", detail=f"bubblewrap, {how}, {filtered}")


def run_sandboxed(
    program: str | Path,
    args: Sequence[str | Path],
    data_files: Sequence[Path],
    out_dir: Path,
    limits: Limits | None = None,
    *,
    unsafe_no_sandbox: bool = False,
) -> Execution:
    """Run `python analysis.py *args --out OUT DATA…` confined and collect its outputs into `out_dir`.

    `program` is source text or the path of a file. Inside, data files are read-only, keep their base names and stand
    in one folder each; a Path among `args` is a file that is shown to the program in the same way, and its place inside
    is what the program is given. Stdin is empty, the environment is `python_environment`. Files of the same name in
    `out_dir` are replaced, others stay.

    Raises SandboxUnavailable when nothing works here (unless `unsafe_no_sandbox`: then the program runs unconfined,
    with the limits only, and `Execution.tier` is "none"), DataError for a data file that is missing or unreadable,
    RunFolderError when `out_dir` cannot be written.
    """
    limits = limits or Limits()
    report = probe_sandbox() if not unsafe_no_sandbox else None
    if report is not None and not report.usable:
        raise SandboxUnavailable(f"generated code does not run here: {report.detail}; {report.advice}")
    source = program.read_text(encoding="utf-8") if isinstance(program, Path) else program
    tier: Tier = "none" if report is None or report.tier is None else report.tier
    with _staging() as staging:
        script, out = staging / "analysis.py", staging / "out"
        script.write_text(source, encoding="utf-8")
        script.chmod(0o444)
        out.mkdir(mode=0o700)
        data, inputs = check_files(data_files), check_files(args)
        if tier == "none":
            words = [*place_words(args, inputs), "--out", str(out), *map(str, data)]
            ended = _run_unconfined([sys.executable, str(script), *words], staging, out, limits)
        else:
            identity = choose_identity()
            os.chown(out, identity.number, -1)
            shown = mount_files(inputs, INPUTS, identity, staging)
            events = mount_files(data, DATA, identity, staging)
            words = [*place_words(args, [m.target for m in shown]), "--out", str(OUT), *(str(m.target) for m in events)]
            command = [sys.executable, str(PROGRAM / "analysis.py"), *words]
            options = build_options(identity, [Mount(script, PROGRAM / "analysis.py"), *shown, *events], out, limits)
            ended, started = _run_in_bubblewrap(_tools(), identity, options, command, limits, out)
            if not started:
                raise SandboxUnavailable(f"bubblewrap failed: {clean_text(ended.stderr).strip()}; {INSTALL}")
        outputs, refused = collect_outputs(out, out_dir, limits)
    stderr = clean_text(ended.stderr)
    outcome = ended.stopped or _judge(ended.exit_code, stderr)
    return Execution(
        tier=tier,
        outcome="no_output" if outcome == "ok" and not outputs else outcome,
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        stdout=clean_text(ended.stdout),
        stderr=stderr,
        outputs=outputs,
        refused=refused,
        limits=limits,
    )


def _find_tools() -> Tools | str:
    """The programs, or the name of the one that is missing."""
    found = {name: shutil.which(name) for name in Tools._fields}
    for name, path in found.items():
        if path is None:
            return name
    return Tools(**{name: path for name, path in found.items() if path is not None})


def _tools() -> Tools:
    tools = _find_tools()
    if isinstance(tools, str):
        raise SandboxUnavailable(f"{tools} is not installed; {INSTALL}, {UNSAFE}")
    return tools


def _advice(lines: Sequence[str]) -> str:
    text = " ".join(lines).lower()
    if "unknown option" in text or "--size" in text:
        return "install bubblewrap 0.7 or newer"
    if "namespace" in text or "permitted" in text or "permission" in text or "uid map" in text:
        return NAMESPACES
    return INSTALL


def _run_in_bubblewrap(
    tools: Tools, identity: Identity, options: Sequence[str], command: Sequence[str], limits: Limits, out: Path | None
) -> tuple[Ended, bool]:
    """How the command ended, and whether bubblewrap got as far as starting it."""
    limited = limited_command(identity, command, limits, setpriv=tools.setpriv, prlimit=tools.prlimit)
    with ExitStack() as stack:
        # options go through a descriptor: /proc/1/cmdline inside would show paths of this machine
        rest = stack.enter_context(_memory_file(b"".join(os.fsencode(o) + b"\0" for o in options)))
        status, status_end = stack.enter_context(_pipe())
        line, descriptors = [tools.bwrap, "--args", str(rest), "--json-status-fd", str(status_end)], [rest, status_end]
        call_filter = assemble_filter()
        if call_filter is not None:
            descriptors.append(stack.enter_context(_memory_file(call_filter)))
            line += ["--seccomp", str(descriptors[-1])]
        ended = run_process(
            [*line, "--", *GATE, *limited],
            environment=python_environment(), limits=limits, folder=out, pass_fds=descriptors, gated=True,
        )  # fmt: skip
        records = _records(status)
        if "child-pid" in records:
            _wait_for_namespace(records["child-pid"])
    return ended, "exit-code" in records or ended.stopped is not None


def _records(status: int) -> dict[str, int]:
    """Numbers that bwrap reported: child-pid when the namespaces stood, exit-code when a command ended in them."""
    os.set_blocking(status, False)
    numbers: dict[str, int] = {}
    with suppress(BlockingIOError, ValueError):
        for line in os.read(status, 65536).splitlines():
            numbers |= {key: value for key, value in json.loads(line).items() if isinstance(value, int)}
    return numbers


def _wait_for_namespace(pid: int) -> None:
    """Return when the first process of the PID namespace is dead: the kernel lets it die after all the others."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], 10.0)
        finally:
            os.close(descriptor)


def _run_unconfined(command: Sequence[str], staging: Path, out: Path, limits: Limits) -> Ended:
    """The program as this user, with limits on each process but nothing that keeps it in. Only on explicit demand."""
    scratch = staging / "scratch"
    scratch.mkdir()
    mark = secrets.token_hex(16)
    environment = {key: value.replace(str(SCRATCH), str(scratch)) for key, value in python_environment().items()}
    environment |= {"PATH": python_environment()["PATH"], RUN_MARK: mark}
    prlimit = shutil.which("prlimit")
    limited = limit_command(command, limits, processes=None, prlimit=prlimit) if prlimit else command
    return run_process(limited, environment=environment, limits=limits, folder=out, mark=mark)


def _judge(exit_code: int | None, stderr: str) -> Outcome:
    """What an exit code and the last line of a traceback say."""
    if exit_code == 0:
        return "ok"
    last = next(reversed(stderr.strip().splitlines()), "")
    number = -exit_code if exit_code is not None and exit_code < 0 else (exit_code or 0) - SIGNALLED
    if number == SIGXCPU:
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
    """Remove staging folders of this user whose process is gone, a while after."""
    for folder in place.glob(f"{STAGING}*-*"):
        pid = folder.name.removeprefix(STAGING).split("-")[0]
        with suppress(OSError):
            state = folder.lstat()
            # the age is for machines that share the folder and not the process numbers
            old = time.time() - state.st_mtime > LEFT_BEHIND
            if old and state.st_uid == os.geteuid() and pid.isdigit() and not Path("/proc", pid).exists():
                remove_tree(folder)


@contextmanager
def _memory_file(content: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("options")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)
