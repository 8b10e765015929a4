"""Attempts to get out, look out or change something, made for real in every tier.

Each is also made without a sandbox, where that harms nothing: an attempt that fails there too would show nothing.
"""

import os
import shutil
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from schemas.execution import Confined
from tests.codegen.attacks import Attack, check_contained, done, results

AS_ROOT = os.geteuid() == 0


def test_no_network(attack: Attack, tmp_path: Path) -> None:
    with (
        socket.socket() as server,
        socket.socket(type=socket.SOCK_DGRAM) as heard,
        socket.socket(socket.AF_UNIX) as local,
    ):
        server.bind(("127.0.0.1", 0))
        server.listen()
        heard.bind(("127.0.0.1", 0))
        name, port = f"\0paperfilter-{uuid.uuid4().hex}", heard.getsockname()[1]
        local.bind(name)
        local.listen()
        code = f"""
            attempt("tcp", lambda: socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 2))
            attempt("far", lambda: socket.create_connection(("192.0.2.1", 80), 0.2))
            attempt("dns", lambda: socket.getaddrinfo("example.org", 80))
            attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect({name!r}))
            attempt("udp", lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", {port})))
            attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close())
            attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
            attempt("packet", lambda: socket.socket(17, socket.SOCK_RAW).close())
            attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close())
            attempt("pair", lambda: socket.socketpair(30, socket.SOCK_STREAM))
            report()
        """
        for listening in (server, heard, local):
            listening.setblocking(False)
        assert attack(code).outcome == "ok"
        assert done(tmp_path) <= {"udp"}  # bubblewrap's own loopback takes it, and nobody is there
        for listening in (server, local):
            with pytest.raises(BlockingIOError):
                listening.accept()
        with pytest.raises(BlockingIOError):
            heard.recv(1)
        attack(code, unsafe=True)
        assert done(tmp_path) >= {"tcp", "abstract", "udp", "netlink"} | ({"packet", "raw"} if AS_ROOT else set())
        server.accept()[0].close()
        local.accept()[0].close()


def test_processes_inside_can_talk(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        """
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import Manager
        def square(x):
            return x * x
        if __name__ == "__main__":
            with ProcessPoolExecutor(2) as pool:
                attempt("pool", lambda: list(pool.map(square, range(4))))
            attempt("manager", lambda: Manager().dict(a=1).copy())
            attempt("rename", lambda: (os.makedirs("/tmp/a/b"), os.rename("/tmp/a/b", "/tmp/c"), os.listdir("/tmp/c")))
            attempt("null", lambda: open("/dev/null", "w").write("x"))
            report()
        """
    )
    assert execution.outcome == "ok", execution.stderr
    assert {name: what[1] for name, what in results(tmp_path).items()} == {
        "pool": "[0, 1, 4, 9]", "manager": "{'a': 1}", "rename": "(None, None, [])", "null": "1",
    }  # fmt: skip


def test_no_secrets(attack: Attack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "hunter2-secret")
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2-secret")
    secret.chmod(0o644)
    here = Path(__file__).parents[2]
    # an environment below the project's folder is shown under its own name
    secrets = [b"hunter2", b"events/", b"expendable/"]
    secrets += [] if Path(sys.prefix).is_relative_to(here) else [bytes(here)]
    with (Path.home() / f".paperfilter-{uuid.uuid4().hex}").open("w") as at_home:
        try:
            code = f"""
                def environments():
                    seen = b""
                    for pid in filter(str.isdigit, os.listdir("/proc")):
                        for part in ("environ", "cmdline"):
                            try:
                                seen += open(f"/proc/{{pid}}/{{part}}", "rb").read()
                            except OSError:
                                pass
                    for secret in {secrets!r}:
                        if secret in seen:
                            return secret
                    raise PermissionError
                attempt("environment", lambda: os.environ["API_TOKEN"])
                attempt("environments", environments)
                for path in ({str(secret)!r}, {at_home.name!r}, "/proc/1/root{secret}", "/etc/passwd", "/etc/shadow",
                             "/etc/hostname", "/var", "/sys/class", "/boot", "/dev/kmsg", "/proc/kcore"):
                    attempt(path, lambda: os.close(os.open(path, os.O_RDONLY)))
                attempt("host name", lambda: 1 / (socket.gethostname() == {socket.gethostname()!r}))
                report()
            """
            check_contained(
                attack, tmp_path, code, {"environments", str(secret), at_home.name, "/etc/passwd", "/var", "host name"}
            )
        finally:
            Path(at_home.name).unlink()


def test_nothing_is_writable_but_the_output_and_bounded_memory(attack: Attack, tmp_path: Path, tier: Confined) -> None:
    execution = attack(
        """
        for folder in ("/", "/usr", "/usr/lib", "/etc", "/data", "/data/0", "/program", "/dev", "/proc", "/proc/sys",
                       sys.prefix, os.path.dirname(sys.prefix), sys.base_prefix, os.path.dirname(sys.base_prefix)):
            if not folder.startswith("/tmp") or folder == sys.prefix:
                attempt(folder, lambda: open(os.path.join(folder, "planted"), "w"))
        attempt("itself", lambda: open(__file__, "a"))
        attempt("itself removed", lambda: os.remove(__file__))
        attempt("itself replaced", lambda: os.rename("/tmp", os.path.dirname(__file__)))
        for setting in ("kernel/hostname", "kernel/core_pattern", "vm/overcommit_memory", "user/max_user_namespaces",
                        "net/ipv4/ip_forward"):
            attempt(setting, lambda: open("/proc/sys/" + setting, "w").write("1"))
        attempt("own processes", lambda: open("/proc/self/oom_score_adj", "w").write("1000"))
        attempt("sysrq", lambda: open("/proc/sysrq-trigger", "w").write("h"))
        def writable():
            points = [line.split()[4:6] for line in open("/proc/self/mountinfo")]
            quiet = ("/out", "/tmp", "/proc", "/dev/")
            return [p for p, o in points if "rw" in o.split(",") and not p.startswith(quiet)]
        result["mounts"] = ["done", str(writable())] if writable() else ["failed", ""]
        options = [(line.split()[4], line.split()[5].split(",")) for line in open("/proc/self/mountinfo")]
        result["set-user-id"] = ["failed", ""]
        for point, flags in options:
            if "nosuid" not in flags:
                result["set-user-id"] = ["done", point]
        for folder in (OUT, "/tmp", "/dev/shm"):
            open(folder + "/written.txt", "w").write("x")
        report()
        """
    )
    assert execution.outcome == "ok", execution.stderr
    # Landlock keeps it from its own, which would harm nobody
    assert done(tmp_path) <= ({"own processes"} if tier == "bubblewrap" else set()), results(tmp_path)
    assert (tmp_path / "out" / "written.txt").read_text() == "x"


def test_mounts_and_roots_stay_as_they_are(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        """
        for point in ("/", "/usr", DATA, __file__, "/dev/null"):
            attempt("remount " + point, lambda: call("mount", None, point.encode(), None, 32 | 4096, None))
        attempt("mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None))
        attempt("bind", lambda: call("mount", b"/tmp", b"/usr", None, 4096, None))
        attempt("umount", lambda: call("umount2", b"/usr", 2))
        attempt("umount data", lambda: call("umount2", DATA.encode(), 2))
        attempt("mount_setattr", lambda: call("syscall", 442, -100, b"/", 0, bytes(8) + b"\\1" + bytes(23), 32))
        attempt("open_tree", lambda: call("syscall", 428, -100, b"/", 1))
        attempt("fsopen", lambda: call("syscall", 430, b"tmpfs", 0))
        attempt("pivot_root", lambda: call("pivot_root", b"/tmp", b"/tmp"))
        attempt("chroot", lambda: os.chroot("/tmp"))
        os.makedirs("/tmp/deep/er")
        def climb():
            place = os.open("/tmp/deep/er", os.O_RDONLY)
            for _ in range(40):
                place = os.open("..", os.O_RDONLY, dir_fd=place)
            found = set(os.listdir(place)) - set(os.listdir("/"))
            assert found
            return found
        attempt("climb", climb)
        attempt("root of 1", lambda: 1 / len(set(os.listdir("/proc/1/root")) - set(os.listdir("/"))))
        attempt("handle", lambda: call("name_to_handle_at", -100, b"/usr", bytes(200), bytes(8), 0))
        report()
        """
    )
    assert execution.outcome == "ok", execution.stderr
    assert done(tmp_path) == set(), results(tmp_path)


def test_data_cannot_be_changed(attack: Attack, tmp_path: Path, event_file: Path) -> None:
    before = event_file.stat()
    code = """
        attempt("write", lambda: os.close(os.open(DATA, os.O_RDWR)))
        attempt("chmod", lambda: os.chmod(DATA, 0o777))
        attempt("chmod of an open file", lambda: os.fchmod(os.open(DATA, os.O_RDONLY), 0o777))
        attempt("chown", lambda: os.chown(DATA, os.getuid(), -1))
        attempt("utime", lambda: os.utime(DATA, (0, 0)))
        attempt("utime of an open file", lambda: os.utime(os.open(DATA, os.O_RDONLY)))
        attempt("utime by /proc", lambda: os.utime(f"/proc/self/fd/{os.open(DATA, os.O_RDONLY)}"))
        attempt("write by /proc", lambda: os.close(os.open(f"/proc/self/fd/{os.open(DATA, os.O_RDONLY)}", os.O_RDWR)))
        attempt("setxattr", lambda: os.setxattr(DATA, "user.x", b"y"))
        attempt("link", lambda: os.link(DATA, DATA + ".linked"))
        attempt("link in the output", lambda: os.link(DATA, OUT + "/linked.txt"))
        attempt("truncate", lambda: os.truncate(DATA, 0))
        attempt("rename", lambda: os.rename(DATA, OUT + "/gone"))
        attempt("remove", lambda: os.remove(DATA))
        report()
    """
    works = {"write", "chmod", "chown", "utime", "utime by /proc", "link", "link in the output", "truncate", "rename"}
    check_contained(attack, tmp_path, code, works)
    after = event_file.stat()
    assert (after.st_mode, after.st_uid, after.st_nlink) == (before.st_mode, before.st_uid, before.st_nlink)
    assert after.st_mtime_ns == before.st_mtime_ns
    assert event_file.read_bytes() == b"events" * 100


def test_devices_of_the_machine_are_left_alone(attack: Attack, tmp_path: Path, tier: Confined) -> None:
    before = Path("/dev/null").stat()
    attack(
        """
        for path in ("/dev/sda", "/dev/vda", "/dev/mem", "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/tty"):
            attempt(path, lambda: os.close(os.open(path, os.O_RDONLY)))
        attempt("times", lambda: os.utime("/dev/null"))
        attempt("mode", lambda: os.chmod("/dev/null", 0o600))
        attempt("remove", lambda: os.remove("/dev/null"))
        for place in ("/tmp", OUT, "/dev/shm"):
            attempt(f"node in {place}", lambda: os.mknod(place + "/disk", 0o60600, os.makedev(254, 0)))
        report()
        """
    )
    # what anybody may do by writing to it; bubblewrap cannot mount devices read-only
    assert done(tmp_path) <= ({"times"} if tier == "bubblewrap" else set()), results(tmp_path)
    after = Path("/dev/null").stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)


def test_no_privileges_and_no_way_to_get_some(attack: Attack, tmp_path: Path) -> None:
    code = """
        import fcntl, resource
        def in_child(action):
            pid = os.fork()
            if pid == 0:
                try:
                    action()
                    os._exit(0)
                finally:
                    os._exit(1)
            assert os.waitpid(pid, 0)[1] == 0
        def clone(flags):
            pid = call("syscall", 56 if os.uname().machine == "x86_64" else 220, flags | 17, 0, 0, 0, 0)
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
        def terminal(request):
            os.setsid()
            ours, theirs = os.openpty()
            fcntl.ioctl(theirs, 0x540E, 0)
            fcntl.ioctl(theirs, request, b"x")
        fds = sorted(int(n) for n in os.listdir("/proc/self/fd"))
        result["descriptors"] = ["done", str(fds)] if fds != [0, 1, 2, 3] else ["failed", ""]
        attempt("user namespace", lambda: in_child(lambda: call("unshare", 0x10000000)))
        attempt("user namespace by clone", lambda: clone(0x10000000))
        attempt("clone3", lambda: call("syscall", 435, bytes(88), 88) or os._exit(0))
        attempt("mount namespace", lambda: in_child(lambda: call("unshare", 0x20000)))
        attempt("network namespace", lambda: in_child(lambda: call("unshare", 0x40000000)))
        attempt("setns", lambda: call("setns", os.open("/proc/self/ns/net", 0), 0))
        attempt("trace", lambda: in_child(lambda: call("ptrace", 0, 0, 0, 0)))
        attempt("io_uring", lambda: call("syscall", 425, 4, bytes(120)))
        attempt("userfaultfd", lambda: call("syscall", 323 if os.uname().machine == "x86_64" else 282, 1))
        attempt("keyring", lambda: call("syscall", 250 if os.uname().machine == "x86_64" else 219, 0, -3, 1))
        attempt("bpf", lambda: call("syscall", 321 if os.uname().machine == "x86_64" else 280, 0, bytes(72), 72))
        attempt("perf", lambda: call("perf_event_open", bytes(128), 0, -1, -1, 0))
        attempt("shared segment", lambda: call("shmctl", call("shmget", 0, 4096, 0o1600), 0, None))
        attempt("message queue", lambda: call("msgctl", call("msgget", 0, 0o1600), 0, None))
        attempt("type into the terminal", lambda: in_child(lambda: terminal(0x5412)))
        attempt("limit", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10000, 10000)))
        attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
        attempt("host name", lambda: socket.sethostname(socket.gethostname()))
        attempt("clock", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()))
        attempt("setuid", lambda: os.setresuid(-1, 0, -1))
        attempt("setgid", lambda: os.setresgid(-1, 0, -1))
        attempt("groups", lambda: os.setgroups(os.getgroups() + [0]))
        def read_status(pid):
            return {key: value.strip() for key, value in (line.split(":", 1) for line in open(f"/proc/{pid}/status"))}
        def have_capabilities(pid):
            assert any(int(read_status(pid)[k], 16) for k in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
        def be_unfiltered(pid):
            assert read_status(pid)["Seccomp"] != "2" or read_status(pid)["NoNewPrivs"] != "1"
        attempt("capabilities", lambda: have_capabilities("self"))
        attempt("all calls", lambda: be_unfiltered("self"))
        def take_over_the_first():
            os.close(os.open("/proc/1/mem", os.O_RDWR))
            have_capabilities(1)  # or there is nothing in it that this process lacks
        attempt("capabilities of the first process", take_over_the_first)
        def take_over_unfiltered():
            os.close(os.open("/proc/1/mem", os.O_RDWR))
            be_unfiltered(1)
        attempt("all calls of the first process", take_over_unfiltered)
        result["session"] = ["failed" if os.getsid(0) != 0 and os.getsid(0) == os.getpgid(0) else "done", ""]
        report()
    """
    works = {"trace", "shared segment", "message queue", "all calls"}
    works |= {"capabilities", "mount namespace", "host name", "setuid", "groups"} if AS_ROOT else set()
    check_contained(attack, tmp_path, code, works)


@pytest.mark.skipif(not AS_ROOT, reason="not root, who alone can make a set-user-id program for the control")
def test_set_user_id_programs_give_nothing(attack: Attack, tmp_path: Path, event_file: Path) -> None:
    shutil.copy("/usr/bin/id", event_file)
    event_file.chmod(0o4755)
    place = tmp_path / "open"  # where another user gets to it
    shutil.copy(event_file, place)
    place.chmod(0o4755)
    with place.open("rb") as program:
        said = subprocess.run(
            [f"/proc/self/fd/{program.fileno()}", "-u"], capture_output=True, text=True, check=True, user=60_999,
            pass_fds=[program.fileno()],
        ).stdout  # fmt: skip
    assert said == "0\n"  # so it works outside
    execution = attack("import subprocess; subprocess.run([DATA, '-u']); report()")
    assert execution.stdout.strip() != "0"
    inside = attack("import subprocess; subprocess.run(['/usr/bin/id', '-u']); report()")
    assert int(inside.stdout) > 0  # the program itself runs


def test_no_signal_reaches_a_process_outside(attack: Attack, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        code = f"""
            for pid in ({os.getpid()}, {os.getppid()}, {bystander.pid}):
                attempt(str(pid), lambda: os.kill(pid, 0))
            if OUT == "/out":
                attempt("killed", lambda: os.kill({bystander.pid}, 9))
                signal.signal(15, signal.SIG_IGN)
                for pid, number in ((-1, 15), (1, 9), (1, 2), (1, 15), (0, 15)):
                    try:
                        os.kill(pid, number)
                    except OSError:
                        pass
                report()
                time.sleep(0.2)
            report()
        """
        assert attack(code).outcome == "ok"
        assert done(tmp_path) == set()
        assert len(results(tmp_path)) == 4
        assert bystander.poll() is None
        attack(code, unsafe=True)
        assert str(bystander.pid) in done(tmp_path)
        bystander.kill()


def test_the_program_is_what_was_given(attack: Attack, tmp_path: Path, tier: Confined) -> None:
    """Nor can one run leave something for the next."""
    attack("open('/tmp/left.py', 'w').write('x'); open('/dev/shm/left', 'w').write('x'); report()")
    attack("result['left'] = ['failed', str(os.path.exists('/tmp/left.py') or os.listdir('/dev/shm'))]; report()")
    assert results(tmp_path)["left"][1] == "[]"
