"""Attacks on time, memory, disk and processes."""

import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path

import pytest

from codegen.process import end_orphans
from codegen.sandbox import run_sandboxed
from schemas.execution import Confined
from tests.codegen.attacks import MIB, Attack, comes_true, processes_with, results


def test_a_fork_bomb_stops_at_the_limit(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        """
        count = 0
        try:
            while count < 5000:
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                count += 1
        except OSError:
            result["stopped"] = count
        report()
        """,
        processes=32,
    )
    assert execution.outcome == "ok"
    assert 0 < json.loads((tmp_path / "out" / "result.json").read_text())["stopped"] < 32
    assert execution.seconds < 10


def test_memory_is_limited_for_one_and_for_all(attack: Attack) -> None:
    one = attack("bytearray(2 * 1024**3)", memory_bytes=1024 * MIB)
    assert one.outcome == "memory", one.stderr
    many = attack(
        """
        for _ in range(8):
            if os.fork() == 0:
                block = bytearray(os.urandom(4096)) * (200 * 256)
                time.sleep(60)
        time.sleep(60)
        """,
        memory_bytes=512 * MIB,
    )
    assert many.outcome == "memory"
    assert many.exit_code is None
    assert many.seconds < 10


def test_memory_that_belongs_to_no_process_is_limited(attack: Attack) -> None:
    execution = attack(
        """
        for _ in range(40):
            place = os.memfd_create("x")
            for _ in range(100):
                os.write(place, bytes(1024**2))
            time.sleep(0.05)
        """,
        memory_bytes=256 * MIB, tmpfs_bytes=8 * MIB, file_bytes=128 * MIB,
    )  # fmt: skip
    assert (execution.outcome, execution.exit_code) == ("memory", None)


def test_a_process_that_closes_itself_is_counted(attack: Attack) -> None:
    execution = attack(
        """
        for _ in range(4):
            if os.fork() == 0:
                call("prctl", 4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: nobody but root may look
                block = bytearray(os.urandom(4096)) * (200 * 256)
                time.sleep(60)
        time.sleep(60)
        """,
        memory_bytes=512 * MIB,
    )
    assert (execution.outcome, execution.exit_code) == ("memory", None)
    assert execution.seconds < 15


def test_scratch_memory_is_bounded(attack: Attack, tmp_path: Path) -> None:
    attack(
        """
        for folder in ("/tmp", "/dev/shm"):
            written = 0
            try:
                while written < 200:
                    with open(f"{folder}/{written}", "wb") as file:
                        file.write(bytes(1024**2))
                    written += 1
            except OSError:
                pass
            result[folder] = written
        report()
        """,
        tmpfs_bytes=8 * MIB,
    )
    assert all(0 < int(str(n)) <= 8 for n in results(tmp_path).values())


def test_empty_files_in_scratch_memory_are_bounded(attack: Attack, tmp_path: Path, tier: Confined) -> None:
    attack(
        """
        os.makedirs("/tmp/many")
        def fill():
            for number in range(5000):
                os.close(os.open(f"/tmp/many/{number}", os.O_CREAT | os.O_WRONLY))
        attempt("fill", fill)
        report()
        """,
        tmpfs_bytes=8 * MIB,
    )
    # bubblewrap cannot say how many; the kernel's memory for them is small all the same
    assert results(tmp_path)["fill"] == (["failed", "OSError"] if tier == "namespaces" else ["done", "None"])


def test_endless_printing_fills_neither_memory_nor_disk(attack: Attack) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    execution = attack(
        """
        sys.stderr.write("first words\\n")
        while True:
            os.write(1, b"x" * 65536)
        """,
        captured_bytes=MIB,
    )
    assert execution.outcome == "output_limit"
    assert len(execution.stdout) < MIB + 200
    assert "bytes left out" in execution.stdout
    assert execution.stderr == "first words\n"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # kB


def test_what_the_kernel_is_told(attack: Attack) -> None:
    execution = attack(
        """
        import resource
        print(open("/proc/self/oom_score_adj").read().strip(), resource.getrlimit(resource.RLIMIT_CORE))
        """
    )
    assert execution.stdout == "1000 (1, 1)\n"  # killed first when memory runs out; no dumps, and no handler of dumps


def test_the_end_of_long_output_is_kept(attack: Attack) -> None:
    execution = attack('print("start", *["noise"] * 40000, "the end")', captured_bytes=10_000)
    assert execution.stdout.startswith("start noise")
    assert execution.stdout.endswith("noise the end\n")
    assert execution.outcome == "no_output"


@pytest.mark.parametrize(
    "code",
    [
        'open("/out/big.txt", "wb").write(bytes(64 * 1024**2))',
        'for i in range(1000): open(f"/out/{i}.txt", "wb").write(bytes(4 * 1024**2))',
        'for i in range(10**7): open(f"/out/{i}.txt", "wb")',
        'for i in range(1000): os.posix_fallocate(os.open(f"/out/{i}.txt", 66), 0, 8 * 1024**2)',
        """
        os.chmod("/out", 0o300)
        for i in range(1000):
            open(f"/out/{i}.txt", "wb").write(bytes(4 * 1024**2))
        """,
        """
        os.chdir("/out")
        for _ in range(90):
            os.mkdir("d" * 50); os.chdir("d" * 50)
        for i in range(1000):
            open(f"{i}.txt", "wb").write(bytes(4 * 1024**2))
        """,
    ],
    ids=["one file", "many files", "many entries", "allocation", "closed folder", "deep folder"],
)
def test_the_disk_is_not_filled(attack: Attack, tmp_path: Path, code: str) -> None:
    execution = attack(code, file_bytes=8 * MIB, output_bytes=32 * MIB, output_files=20)
    assert execution.outcome == "output_limit"
    assert sum(f.stat().st_size for f in (tmp_path / "out").iterdir()) <= 32 * MIB


@pytest.mark.parametrize(
    "hide",
    [
        "file = os.open('/out/hidden', os.O_CREAT | os.O_RDWR); os.unlink('/out/hidden'); write(file)",
        "file = os.open('/out', os.O_TMPFILE | os.O_RDWR, 0o600); write(file)",
        """
        file = os.open('/out/hidden', os.O_CREAT | os.O_RDWR); os.unlink('/out/hidden')
        os.truncate(file, 7 * 1024**2)
        memory = mmap.mmap(file, 7 * 1024**2)
        os.close(file)
        write(None, memory); keep.append(memory)
        """,
        """
        file = os.open('/out/hidden', os.O_CREAT | os.O_RDWR); os.unlink('/out/hidden')
        write(file); socket.send_fds(post, [b'x'], [file]); os.close(file)
        """,
    ],
    ids=["removed", "without a name", "mapped", "on its way"],
)
def test_files_that_no_listing_shows_are_counted(attack: Attack, tmp_path: Path, hide: str) -> None:
    code = f"""
import mmap
keep, written = [], 0
post, box = socket.socketpair()
def write(file, memory=None):
    global written
    for start in range(0, 7 * 1024**2, 65536):
        if memory is None:
            written += os.write(file, bytes([1]) * 65536)
        else:
            memory[start : start + 65536] = bytes([1]) * 65536
            written += 65536
def hide():
{textwrap.indent(textwrap.dedent(hide).strip(), "    ")}
for turn in range(12):
    hide()
print("written", written, flush=True)
time.sleep(0.5)
"""
    inside = attack(code, file_bytes=8 * MIB, output_bytes=32 * MIB, output_files=20)
    assert inside.outcome in ("output_limit", "crashed"), inside.stderr  # crashed: no room for a mapped page (SIGBUS)
    assert "written" not in inside.stdout
    outside = code.replace("'/out", f"'{tmp_path}")
    assert f"written {12 * 7 * MIB}" in attack(outside, unsafe=True, file_bytes=8 * MIB, output_bytes=32 * MIB).stdout


def test_an_output_folder_that_is_used_up_is_the_limit(attack: Attack, tmp_path: Path) -> None:
    code = """
    file = open(OUT + "/big.txt", "wb", buffering=0)
    def fill():
        for _ in range(16):
            file.write(bytes(1024**2))
    attempt("fill", fill)
    print(os.fstat(file.fileno()).st_size, result, flush=True)
    time.sleep(1)
    """
    execution = attack(code, output_bytes=4 * MIB)
    assert execution.outcome == "output_limit"
    assert int(execution.stdout.split()[0]) <= 4 * MIB
    enough = attack(code, output_bytes=20 * MIB)
    assert enough.outcome == "ok"
    assert [(o.name, o.size) for o in enough.outputs] == [("big.txt", 16 * MIB)]


def test_memory_in_sockets_is_limited(attack: Attack, tmp_path: Path) -> None:
    code = """
    def enlarge(option):
        socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, option, 1 << 24)
    attempt("send", lambda: enlarge(socket.SO_SNDBUF))
    attempt("receive", lambda: enlarge(socket.SO_RCVBUF))
    report()
    keep = []
    for _ in range(PAIRS):
        keep.append(pair := socket.socketpair())
        for end in pair:
            end.setblocking(False)
            try:
                while True:
                    end.send(bytes(65536))
            except BlockingIOError:
                pass
    time.sleep(0.5)
    """
    few = attack(code.replace("PAIRS", "20"), memory_bytes=256 * MIB)
    assert few.outcome == "ok"
    assert [what[0] for what in results(tmp_path).values()] == ["failed", "failed"]
    many = attack(code.replace("PAIRS", "500"), memory_bytes=256 * MIB)
    assert (many.outcome, many.exit_code) == ("memory", None)
    assert attack(code.replace("PAIRS", "500"), memory_bytes=256 * MIB, unsafe=True).outcome == "ok"
    assert [what[0] for what in results(tmp_path).values()] == ["done", "done"]


def test_a_daemon_dies_with_the_program(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        """
        if os.fork() == 0:
            os.setsid()
            for number in range(1, 32):
                if number not in (9, 19):
                    signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                for i in range(3):
                    os.close(i)
                time.sleep(60)
            time.sleep(60)
        time.sleep(0.2)
        report()
        """
    )
    assert execution.outcome == "ok"  # and no process is left, which `attack` has checked
    assert execution.seconds < 5


@pytest.mark.parametrize("delay", [0.0, 0.005, 0.01, 0.02, 0.04, 0.3])
def test_nothing_survives_when_this_program_is_killed(tmp_path: Path, delay: float, tier: Confined) -> None:
    interpreter = tmp_path / f"token-{uuid.uuid4().hex}"  # stands in every command line of the sandbox
    interpreter.symlink_to(Path(sys.executable).resolve())
    code = f"""
    import sys
    from pathlib import Path
    from codegen.sandbox import probe_sandbox, run_sandboxed
    sys.executable = {str(interpreter)!r}
    probe_sandbox({tier!r})
    print("now", flush=True)
    run_sandboxed("import time; time.sleep(60)", [], [], Path({str(tmp_path / "out")!r}), tier={tier!r})
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"now\n"
            time.sleep(delay)
            others = [line for line in processes_with(interpreter.name) if "run_sandboxed" not in line]
        finally:
            process.kill()
    time.sleep(0.1)
    end_orphans()  # as the next run does: bubblewrap killed at its start may leave one of its own, before any program
    assert comes_true(lambda: processes_with(interpreter.name) == []), processes_with(interpreter.name)
    assert others or delay < 0.3


def test_time_is_limited(attack: Attack) -> None:
    asleep = attack('print("begun"); os.fork(); signal.signal(15, 1); time.sleep(60)', wall_seconds=0.7)
    assert (asleep.outcome, asleep.exit_code, asleep.stdout) == ("timeout", None, "begun\n")
    assert asleep.seconds < 5
    busy = attack("while True: pass", cpu_seconds=1, wall_seconds=100)
    assert (busy.outcome, busy.exit_code) == ("timeout", 128 + signal.SIGXCPU)  # by the kernel, not by our clock
    deaf = attack("signal.signal(24, signal.SIG_IGN)\nwhile True: pass", cpu_seconds=1, wall_seconds=100)
    assert (deaf.outcome, deaf.exit_code) == ("timeout", 128 + signal.SIGKILL)
    killed = attack("os.kill(os.getpid(), 9)")
    assert killed.outcome == "killed"


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_program_that_nobody_waits_for_is_ended(tmp_path: Path, staging: Path, tier: Confined, unsafe: bool) -> None:
    token, begun = f"token-{uuid.uuid4().hex}", []

    def stop() -> bool:
        begun.append(len(processes_with(token)))
        return len(begun) > 60 or begun[-1] > 1

    program = "import os, signal, time; signal.signal(15, signal.SIG_IGN); os.fork(); time.sleep(60)"
    chosen = None if unsafe else tier
    execution = run_sandboxed(program, [token], [], tmp_path / "out", tier=chosen, unsafe_no_sandbox=unsafe, stop=stop)
    assert (execution.outcome, execution.exit_code) == ("killed", None)
    assert begun[-1] > 1  # it ran
    assert execution.seconds < 30
    assert processes_with(token) == []


def test_a_tree_too_deep_for_a_path_is_cleaned_up(attack: Attack, staging: Path) -> None:
    execution = attack(
        """
        os.chdir("/out")
        for _ in range(3000):
            os.mkdir("d" * 50)
            os.chdir("d" * 50)
        os.chmod(".", 0)
        """,
        output_files=1000,
    )
    assert execution.outcome in ("no_output", "output_limit")  # whether it is seen while it runs or after
    assert [r.reason for r in execution.refused] == ["a folder"]
