"""Which tier is taken, what a tier must show before it is trusted, and that nothing runs where none works."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from codegen import tiers
from codegen.sandbox import probe_sandbox, run_sandboxed
from schemas.errors import SandboxUnavailable
from schemas.execution import Confined
from tests.codegen.attacks import MISSING, confined
from tests.shared import SHARED

needs_bubblewrap = pytest.mark.skipif("bubblewrap" in MISSING, reason=MISSING.get("bubblewrap", ""))
needs_namespaces = pytest.mark.skipif("namespaces" in MISSING, reason=MISSING.get("namespaces", ""))
ROOT = Path(__file__).parents[2]


def test_the_probe_says_what_works(tier: Confined) -> None:
    report = probe_sandbox(tier)
    assert report.tier == tier, report.detail
    assert ("as a fresh user" in report.detail) == (os.geteuid() == 0)
    assert report.detail.startswith(f"{tier}, ")


@needs_bubblewrap
def test_bubblewrap_comes_first() -> None:
    assert probe_sandbox().tier == "bubblewrap"


@needs_namespaces
def test_without_bubblewrap_the_second_tier_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))  # neither bwrap nor setpriv nor prlimit
    report = probe_sandbox()
    assert (report.tier, "bwrap is not installed" in report.detail) == ("namespaces", True)
    program = "import sys; open(sys.argv[2] + '/note.txt', 'w').write('written')"
    execution = run_sandboxed(program, [], [], tmp_path / "out")
    assert (execution.tier, execution.outcome) == ("namespaces", "ok"), execution.stderr
    assert (tmp_path / "out" / "note.txt").read_text() == "written"


@pytest.mark.parametrize("tier", ["bubblewrap", None])
def test_where_no_tier_works_nothing_runs(
    tier: Confined | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(tiers, "TIERS", {"bubblewrap": tiers.TIERS["bubblewrap"]})
    assert not probe_sandbox(tier).usable
    refused = r"bwrap is not installed; install bubblewrap .*--unsafe-no-sandbox"
    with pytest.raises(SandboxUnavailable, match=refused) as e:
        run_sandboxed("", [], [], tmp_path / "out", tier=tier)
    assert e.value.exit_code == 7
    assert not (tmp_path / "out").exists()


# as root without the capability, and as a user who may make no namespaces: in a container, by sysctl or AppArmor
DENY = """
    import ctypes, os, sys
    libc = ctypes.CDLL(None)
    user, group = os.geteuid(), os.getegid()
    if sys.argv[1] == "user":
        assert libc.unshare(0x10000000) == 0
        for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
            open(f"/proc/self/{name}", "w").write(text)
        open("/proc/sys/user/max_user_namespaces", "w").write("0")
    for capability in range(64) if sys.argv[1] == "user" else (21,):
        libc.prctl(24, capability, 0, 0, 0)
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[2]])
"""
REFUSED = """
    import os
    from pathlib import Path
    from codegen.sandbox import probe_sandbox, run_sandboxed
    from schemas.errors import SandboxUnavailable
    report = probe_sandbox()
    try:
        run_sandboxed("", [], [], Path("nowhere"))
    except SandboxUnavailable as error:
        print(os.geteuid(), report.tier, error)
"""


@needs_namespaces
@pytest.mark.parametrize(
    "who", ["user", pytest.param("root", marks=pytest.mark.skipif(os.geteuid() != 0, reason="not root"))]
)
def test_where_namespaces_are_denied_nothing_runs(who: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DENY), who, textwrap.dedent(REFUSED)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    uid, found, line = run.stdout.split(" ", 2)
    assert (uid, found) == ("0" if who == "root" else "1000", "None")
    if who == "user":
        assert "namespaces do not work here: making a user namespace: No space left on device" in line
        assert "user.max_user_namespaces" in line
        assert "--privileged" in line
    else:  # gets a user namespace, in which the kernel does not limit root's processes
        assert "namespaces runs here but leaves to the program: number of processes" in line
        assert "run as a normal user" in line
    assert "--unsafe-no-sandbox" in line


# a container that hides a part of its /proc lets nobody mount another one
HIDE = """
    import ctypes, os, sys
    from pathlib import Path
    from codegen.sandbox import probe_sandbox, run_sandboxed
    libc = ctypes.CDLL(None)
    user, group = os.geteuid(), os.getegid()
    assert libc.unshare(0x10020000) == 0
    for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
        open(f"/proc/self/{name}", "w").write(text)
    assert libc.mount(b"/dev/null", b"/proc/cpuinfo", None, 4096, None) == 0
    report = probe_sandbox("namespaces")
    program = "import os; print(os.listdir('/proc'), os.cpu_count() > 0, len(os.listdir('/')))"
    execution = run_sandboxed(program, [], [], Path(sys.argv[1]))
    print(report.tier, report.weaker, execution.tier, execution.exit_code, execution.stdout)
"""


@needs_namespaces
@pytest.mark.skipif(os.geteuid() == 0, reason="not a normal user")
def test_a_machine_that_hides_a_part_of_proc_will_do(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(HIDE), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert run.stdout.startswith("namespaces ('no /proc for the program',) namespaces 0 [] True "), run.stderr


@needs_bubblewrap
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


@needs_bubblewrap
@pytest.mark.parametrize(
    ("left_out", "free"),
    [
        ("--lock-file", "nothing"),  # is not among the options
        ("--unshare-net", "network"),
        ("--unshare-pid", "processes outside"),
        ("--ro-bind", "writing data, mode of data, times of data"),
        ("--seccomp", "filter, user namespaces"),
    ],
)
def test_a_bubblewrap_that_leaves_a_hole_is_not_trusted(
    left_out: str, free: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "bwrap"
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    fake.write_text(
        f"#!{sys.executable}\n"
        + textwrap.dedent(f"""
        import os, sys
        words, left_out = sys.argv[1:], {left_out!r}
        given = int(words[words.index("--args") + 1])
        options = open(given, "rb").read().decode().split("\\0")[:-1]
        at = [i for i, option in enumerate(options) if option == left_out]
        if left_out == "--ro-bind":
            for i in at:
                options[i] = "--bind" if options[i + 1].startswith({str(tmp_path)!r}) else "--ro-bind"
        elif left_out == "--seccomp":
            words[words.index(left_out) : words.index(left_out) + 2] = []
        else:
            options = [option for option in options if option != left_out]
        words[words.index("--args") : words.index("--args") + 2] = options
        os.execv({shutil.which("bwrap")!r}, ["bwrap", *words])
    """)
    )
    fake.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = probe_sandbox("bubblewrap")
    assert report.tier == ("bubblewrap" if free == "nothing" else None)
    assert report.usable or report.detail == f"bubblewrap runs here but leaves to the program: {free}"


@confined
def test_trying_is_done_once_and_again_when_something_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = probe_sandbox()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))  # a trial would need it
    assert probe_sandbox() == found
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not probe_sandbox("bubblewrap").usable


def test_without_a_sandbox_only_on_demand_and_on_record(tmp_path: Path, event_file: Path, staging: Path) -> None:
    code = """
    import os, sys, time
    open(sys.argv[2] + "/note.txt", "w").write(sys.argv[3])
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
    """
    execution = run_sandboxed(textwrap.dedent(code), [], [event_file], tmp_path / "out", unsafe_no_sandbox=True)
    assert (execution.tier, execution.outcome) == ("none", "ok")
    assert (tmp_path / "out" / "note.txt").read_text() == str(event_file)
    assert execution.seconds < 30  # what it left behind was found and ended


@pytest.mark.skipif(os.geteuid() != 0, reason="the tests already run as a normal user")
def test_all_of_it_holds_for_a_normal_user() -> None:
    uid = next(n for n in range(60_123, 60_999) if not _is_known(n))
    base = Path(tempfile.mkdtemp())
    os.chown(base, uid, uid)
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    tests += [f"--basetemp={base}/t", f"--rootdir={ROOT}"]
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
            command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=900, check=False
        )
    finally:
        shutil.rmtree(base)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
    unexpected = [line for line in run.stdout.splitlines() if line.startswith("SKIPPED") and "not root" not in line]
    assert not unexpected or MISSING or not SHARED.exists(), unexpected


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
