"""Attacks that generated code might try, run for real. Where bubblewrap is installed they must be contained."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from codegen.sandbox import probe_sandbox, run_sandboxed
from schemas.errors import SandboxUnavailable
from tests.codegen.attacks import Attack, confined, done, results
from tests.shared import SHARED


@confined
def test_the_probe_says_what_works() -> None:
    report = probe_sandbox()
    assert report.usable, report.detail
    assert report.tier == "bubblewrap"


def test_where_no_tier_works_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert not probe_sandbox("bubblewrap").usable
    with pytest.raises(
        SandboxUnavailable, match=r"bwrap is not installed; install bubblewrap .*--unsafe-no-sandbox"
    ) as e:
        run_sandboxed("", [], [], tmp_path / "out", tier="bubblewrap")
    assert e.value.exit_code == 7
    assert not (tmp_path / "out").exists()


@confined
def test_a_bubblewrap_that_does_not_work_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "bwrap"
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n")
    fake.chmod(0o755)
    report = probe_sandbox("bubblewrap")
    assert (report.tier, "user namespaces" in (report.advice or "")) == (None, True)
    assert report.detail == "bubblewrap does not work here: bwrap: setting up uid map: Permission denied"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done; shift\nexec "$@"\n')  # confines nothing
    assert not probe_sandbox("bubblewrap").usable


def test_without_a_sandbox_only_on_demand_and_on_record(attack: Attack, tmp_path: Path, event_file: Path) -> None:
    execution = attack(
        """
        open(sys.argv[3] + "/note.txt", "w").write(sys.argv[4])
        if os.fork() == 0:
            os.setsid()
            time.sleep(60)
        """,
        unsafe=True,
    )
    assert (execution.tier, execution.outcome) == ("none", "ok")
    assert (tmp_path / "out" / "note.txt").read_text() == str(event_file)


@confined
def test_no_network(attack: Attack, tmp_path: Path) -> None:
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as local:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        name = f"\0paperfilter-{uuid.uuid4().hex}"
        local.bind(name)
        local.listen()
        local.setblocking(False)
        attack(
            f"""
            attempt("tcp", lambda: socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 2))
            attempt("far", lambda: socket.create_connection(("192.0.2.1", 80), 2))
            attempt("dns", lambda: socket.getaddrinfo("example.org", 80))
            attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect({name!r}))
            attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
            attempt("netlink", lambda: socket.socket(16, socket.SOCK_RAW))
            attempt("packet", lambda: socket.socket(17, socket.SOCK_RAW))
            attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
            report()
            """
        )
        for listening in (server, local):
            with pytest.raises(BlockingIOError):
                listening.accept()
    assert done(tmp_path) == []
    assert len(results(tmp_path)) == 8


@confined
def test_no_secrets(attack: Attack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "hunter2-secret")
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2-secret")
    secret.chmod(0o644)
    home = Path.home()
    execution = attack(
        f"""
        def environments():
            seen = b""
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    seen += open(f"/proc/{{pid}}/environ", "rb").read() + open(f"/proc/{{pid}}/cmdline", "rb").read()
                except OSError:
                    pass
            if b"hunter2" in seen or b"events/" in seen:
                return seen
            raise PermissionError
        attempt("environment", lambda: os.environ["API_TOKEN"])
        attempt("environments", environments)
        for path in ({str(secret)!r}, "/proc/1/root{secret}", "/etc/passwd", "/etc/shadow", "/etc/hostname", "/var"):
            attempt(path, lambda: os.stat(path))
        def files_at_home():
            prefixes = (sys.prefix, sys.base_prefix)
            found = [f for folder, _, names in os.walk({str(home)!r}) for f in (os.path.join(folder, n) for n in names)]
            strange = [f for f in found if not f.startswith(prefixes)]
            if not strange:
                raise FileNotFoundError
            return strange[:10]
        attempt("home", files_at_home)
        report()
        """
    )
    assert done(tmp_path) == []
    assert "hunter2" not in execution.stdout + execution.stderr


@confined
def test_nothing_is_writable_but_the_output_and_bounded_memory(attack: Attack, tmp_path: Path) -> None:
    attack(
        """
        for folder in ("/", "/usr", "/usr/lib", "/etc", "/data", "/data/0", "/program", "/dev", "/proc", "/proc/sys",
                       sys.prefix, os.path.dirname(sys.prefix), sys.base_prefix, os.path.dirname(sys.base_prefix)):
            if not folder.startswith("/tmp") or folder == sys.prefix:
                attempt(folder, lambda: open(os.path.join(folder, "planted"), "w"))
        attempt("self", lambda: open(__file__, "a"))
        for point in ("/", "/usr", "/data/0/events.root", "/program/analysis.py"):
            attempt("remount " + point, lambda: call("mount", None, point.encode(), None, 32 | 4096, None))
        attempt("mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None))
        attempt("umount", lambda: call("umount2", b"/usr", 2))
        def writable():
            quiet = ("/out", "/tmp", "/proc", "/dev")
            points = [line.split()[4:6] for line in open("/proc/self/mountinfo")]
            return [p for p, o in points if "rw" in o.split(",") and not p.startswith(quiet)]
        result["mounts"] = ["failed", ""] if not writable() else ["done", str(writable())]
        report()
        """
    )
    assert done(tmp_path) == []


@confined
def test_data_cannot_be_changed(attack: Attack, tmp_path: Path, event_file: Path) -> None:
    before = event_file.stat()
    attack(
        """
        path = sys.argv[-1]
        attempt("write", lambda: open(path, "r+b"))
        attempt("truncate", lambda: os.truncate(path, 0))
        attempt("remove", lambda: os.remove(path))
        attempt("rename", lambda: os.rename(path, "/out/gone"))
        attempt("link", lambda: os.link(path, "/out/linked.txt"))
        attempt("chmod", lambda: os.chmod(path, 0o777))
        attempt("chown", lambda: os.chown(path, os.getuid(), -1))
        attempt("utime", lambda: os.utime(path, (0, 0)))
        attempt("setxattr", lambda: os.setxattr(path, "user.x", b"y"))
        report()
        """
    )
    assert done(tmp_path) == []
    after = event_file.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_nlink) == (before.st_mode, before.st_mtime_ns, before.st_nlink)
    assert event_file.read_bytes() == b"events" * 100


@confined
def test_no_privileges_and_no_way_to_get_some(attack: Attack, tmp_path: Path) -> None:
    attack(
        """
        attempt("setuid", lambda: os.setuid(0))
        attempt("setgid", lambda: os.setgid(0))
        attempt("groups", lambda: os.setgroups([0]))
        attempt("user namespace", lambda: call("unshare", 0x10000000))
        attempt("mount namespace", lambda: call("unshare", 0x20000))
        attempt("setns", lambda: call("setns", os.open("/proc/self/ns/mnt", 0), 0))
        attempt("ptrace", lambda: call("ptrace", 16, 1, 0, 0))
        attempt("chroot", lambda: os.chroot("/tmp"))
        attempt("device", lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)))
        attempt("limit", lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_NPROC, (-1, -1)))
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        caps = [k for k in ("CapEff", "CapPrm", "CapInh", "CapAmb") if int(status[k], 16)]
        result["capabilities"] = ["done", str(caps)] if caps else ["failed", ""]
        result["no_new_privs"] = ["failed" if status["NoNewPrivs"].strip() == "1" else "done", ""]
        report()
        """
    )
    assert done(tmp_path) == []


@confined
def test_no_signal_reaches_a_process_outside(attack: Attack, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        attack(
            f"""
            for pid in ({os.getpid()}, {os.getppid()}, {bystander.pid}):
                attempt(str(pid), lambda: os.kill(pid, 9))
            os.kill(1, 9) if os.getuid() == os.stat("/proc/1").st_uid else None
            report()
            """
        )
        assert bystander.poll() is None
        bystander.kill()
    assert done(tmp_path) == []


@confined
@pytest.mark.skipif(os.geteuid() != 0, reason="the tests already run as a normal user")
def test_all_of_it_holds_for_a_normal_user() -> None:
    uid = next(n for n in range(60_123, 60_999) if not _is_known(n))
    base = Path(tempfile.mkdtemp())
    os.chown(base, uid, uid)
    root = Path(__file__).parents[2]
    tests = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--basetemp={base}/t",
        f"--rootdir={root}",
    ]
    tests += [*map(str, sorted(Path(__file__).parent.glob("test_sandbox*.py"))), "-k", "not normal_user"]
    change = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--inh-caps=-all"]
    # where the interpreter lies in a closed home folder, that home is replaced by one that shows the interpreter only
    open_home = """
        set -e
        prefix=$1 home=$2 hold=$3; shift 3
        mount --make-rprivate /
        if [ "${prefix#"$home"/}" != "$prefix" ]; then
            mkdir "$hold"
            mount --bind "$prefix" "$hold"
            mount -t tmpfs -o mode=0755 none "$home"
            mkdir -p "$prefix"
            mount --bind "$hold" "$prefix"
        fi
        exec "$@"
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    environment |= {"HOME": str(base), "PYTHONDONTWRITEBYTECODE": "1"}
    paths = [sys.base_prefix, str(Path.home()), str(base / "hold")]
    command = ["unshare", "--mount", "sh", "-c", open_home, "sh", *paths, *change, *tests]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=root, timeout=120, check=False
        )
    finally:
        shutil.rmtree(base)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout or not SHARED.exists()


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
