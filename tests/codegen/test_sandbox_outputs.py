"""What goes into the sandbox and what comes out of it."""

import json
import os
import shutil
import stat
import textwrap
import time
from pathlib import Path

import pytest

from codegen.explain import explain_events
from codegen.host_paths import hide_paths
from codegen.outputs import read_cutflow
from codegen.sandbox import run_sandboxed
from schemas.errors import AnalysisFailed, DataError
from schemas.execution import Confined, Limits
from tests.codegen.attacks import MIB, Attack, confined, results
from tests.codegen.test_outputs import TEXT as GOOD
from tests.shared import require


def test_a_program_gets_its_data_and_gives_its_outputs(attack: Attack, tmp_path: Path, event_file: Path) -> None:
    execution = attack(
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("token"); parser.add_argument("--out"); parser.add_argument("files", nargs="+")
        given = parser.parse_args()
        print(given.files, sys.stdin.read() == "", os.getcwd())
        open(given.out + "/sizes.csv", "w").write(str(len(open(given.files[0], "rb").read())))
        """
    )
    assert execution.outcome == "ok", execution.stderr
    assert execution.stdout == "['/data/0/events.root'] True /tmp\n"
    assert (tmp_path / "out" / "sizes.csv").read_text() == str(event_file.stat().st_size)
    assert [o.name for o in execution.outputs] == ["sizes.csv"]


@pytest.mark.parametrize("unsafe", [pytest.param(False, marks=confined), True])
def test_an_analysis_is_asked_about_single_events(event_file: Path, staging: Path, unsafe: bool) -> None:
    program = textwrap.dedent(
        """
        import json, sys
        assert sys.argv[1] == "--explain" and sys.argv[3] == "--out" and sys.argv[5].endswith("/events.root")
        events = [
            {"key": key, "last_step": {"signal": "mass"}, "values": {"mass": [1.5, 2], "lepton_n": None}}
            for key in json.load(open(sys.argv[2])) if key[1] > 1
        ]
        content = {"format": "paperfilter-values/1", "columns": ["runNumber", "eventNumber"], "events": events}
        json.dump(content, open(sys.argv[4] + "/values.json", "w"))
        """
    )
    found = explain_events(program, {(7, 1), (7, 2)}, [event_file], unsafe_no_sandbox=unsafe)
    assert found == {(7, 2): {"mass": (1.5, 2.0), "lepton_n": None}}
    assert explain_events(program, set(), [event_file]) == {}
    with pytest.raises(AnalysisFailed, match="the analysis does not explain events: KeyError: 'no such branch'"):
        explain_events("raise KeyError('no such branch')", {(7, 1)}, [event_file], unsafe_no_sandbox=unsafe)
    wider = program.replace('["runNumber", ', '["channelNumber", "runNumber", ')
    with pytest.raises(AnalysisFailed, match=r"values\.json has event keys without 3 numbers"):
        explain_events(wider, {(7, 2)}, [event_file], unsafe_no_sandbox=unsafe)


def test_traps_among_the_outputs_are_refused(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        r"""
        os.chdir("/out")
        open("good.json", "w").write("{}")
        os.symlink("/etc/passwd", "passwd.txt")
        os.symlink("/proc/self/environ", "environ.json")
        os.mkfifo("pipe.json")
        socket.socket(socket.AF_UNIX).bind("socket.txt")
        open("twice.txt", "w").close(); os.link("twice.txt", "again.txt")
        os.mkdir("folder.json")
        open("state.pkl", "w").close(); open("arrays.npz", "w").close()
        open(".hidden.txt", "w").close(); open("-rf.txt", "w").close(); open("a\x1b[31m b.txt", "w").close()
        with open("sparse.txt", "wb") as file:
            file.truncate(6 * 1024**2)
        """,
        file_bytes=8 * MIB,
        output_bytes=4 * MIB,
    )
    assert [o.name for o in execution.outputs] == ["good.json"]
    assert sorted(f.name for f in (tmp_path / "out").iterdir()) == ["good.json"]
    reasons = {r.name: r.reason for r in execution.refused}
    assert reasons["passwd.txt"] == reasons["environ.json"] == "a symbolic link"
    assert reasons["pipe.json"] == "a pipe"
    assert reasons["socket.txt"] == "a socket"
    assert reasons["twice.txt"] == reasons["again.txt"] == "a hard link"
    assert reasons["folder.json"] == "a folder"
    assert reasons["state.pkl"] == reasons["arrays.npz"] == "suffix is none of .json .csv .txt"
    assert reasons[".hidden.txt"] == reasons["-rf.txt"] == reasons["a b.txt"] == "not a plain name"
    assert reasons["sparse.txt"].startswith("too large")
    assert len(reasons) == 13


def test_names_and_devices_among_the_outputs_lead_nowhere(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        r"""
        open("/out/good.csv", "w").write("1")
        os.chdir("/out")
        for name in ("..json", "a\nb.json", "a\x1b[2J.json", "\xe4.json", "a b.json", "x" * 240 + ".json", "~.json",
                     "$(id).json", "..\\up.json", "c.JSON", "d.json.py", "con:x.json", b"\xff\xfe.json"):
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
        attempt("up", lambda: open("/out/../up.json", "w"))
        os.symlink("/proc/self/fd/1", "/out/fd.json")
        os.symlink("/out", "/out/loop")
        os.symlink("../../../../../../etc", "/out/folder.csv")
        open("/out/" + "result.json", "w").write(json.dumps(result))
        """
    )
    assert [o.name for o in execution.outputs] == ["good.csv", "result.json"]
    assert len(execution.refused) == 16
    assert all(r.name.isprintable() and "/" not in r.name and len(r.name) <= 250 for r in execution.refused)
    assert results(tmp_path)["up"][0] == "failed"


def test_poisoned_files_are_refused(attack: Attack, tmp_path: Path) -> None:
    execution = attack(
        f"""
        good = {json.dumps(GOOD)}
        def say(what):
            return good.replace('"weighted": 3', f'"weighted": {{what}}')
        poison = dict(
            nan=say("NaN"), infinite=say("1e999"), huge=say("9" * 100_000), text=say('"3"'), cut=good[:-1], empty="",
            deep="[" * 200_000 + "]" * 200_000, deeper='{{"a":' * 100_000, big=good + " " * 10_000_000,
            twice=good.replace("{{", '{{"n_events": 2, ', 1), zero=good + chr(0), less=good.replace(": 3,", ": 2,", 1),
            surrogate=good.replace("demo", "\\\\ud800"), escape=good.replace("demo", "\\\\u001b[2J"),
        )
        for name, text in (poison | {{"good": good}}).items():
            open(f"/out/{{name}}.json", "w").write(text)
        open("/out/bytes.json", "wb").write(b"\\xff\\xfe" + good.encode("utf-16-le"))
        """,
        file_bytes=16 * MIB,
    )
    assert execution.outcome == "ok", execution.stderr
    names = {o.name for o in execution.outputs}
    assert len(names) == 16
    assert read_cutflow(tmp_path / "out" / "good.json", MIB).n_events == 3
    for name in names - {"good.json"}:
        with pytest.raises(AnalysisFailed) as refusal:
            read_cutflow(tmp_path / "out" / name, MIB)
        assert str(refusal.value).isprintable()
        assert len(str(refusal.value)) < 500


def test_closed_files_and_folders_are_handled(attack: Attack) -> None:
    execution = attack(
        """
        open("/out/good.json", "w").write("{}")
        open("/out/closed.json", "w").write("{}")
        os.chmod("/out/closed.json", 0)
        os.mkdir("/out/inner"); open("/out/inner/file.txt", "w").close(); os.chmod("/out/inner", 0)
        os.chmod("/out", 0)
        os._exit(0)
        """
    )
    assert "good.json" in [o.name for o in execution.outputs]


def test_captured_text_does_not_command_the_terminal(attack: Attack) -> None:
    execution = attack(
        r"""
        sys.stdout.buffer.write(b"\x1b[2J\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b]8;;x:y\x1b\\link\xc2\x9b1m \x08\x00"
                                b"\xe2\x80\xae m4\xe2\x84\x93 > 115\r\n\xff\n")
        sys.exit("\x1b]52;c;aGk=\x07failed")
        """
    )
    assert execution.stdout == "redlink  m4ℓ > 115\n\ufffd\n"
    assert execution.stderr == "failed\n"
    assert (execution.outcome, execution.exit_code) == ("crashed", 1)


def test_captured_text_does_not_name_places_of_this_machine(attack: Attack, event_file: Path, tmp_path: Path) -> None:
    code = """
    lines = [line for line in open("/proc/self/mountinfo") if " /data/" in line or " /program/" in line]
    print("".join(lines), DATA)
    raise ValueError("".join(lines))
    """
    inside = attack(code)
    for text in (inside.stdout, inside.stderr):
        assert "/data/0/events.root /data/0/events.root" in text  # source and place
        assert "(sandbox)/analysis.py /program/analysis.py" in text or "/program/analysis.py /program" in text
        for folder in (tmp_path, event_file.parent):
            assert str(folder) not in text
            assert "/".join(folder.parts[2:]) not in text  # nor below the mount point of its file system
    assert inside.stderr.splitlines()[0].startswith("Traceback")
    assert str(event_file.parents[1]) in attack("print(DATA)", unsafe=True).stdout


def test_only_whole_paths_are_replaced() -> None:
    names = {"/somewhere/data one/a.root": "/data/0/a.root", "/somewhere/data one": "(folder)", "/": "no"}
    text = (
        "/somewhere/data one/a.root, '/somewhere/data\\040one/a.root' /somewhere/data one/b /other/somewhere/data one"
    )
    assert hide_paths(text, names) == ("/data/0/a.root, '/data/0/a.root' (folder)/b /other/somewhere/data one")
    assert hide_paths("/somewhere/data ones / //", names) == "/somewhere/data ones / //"


def test_a_crash_is_data(attack: Attack) -> None:
    execution = attack("raise KeyError('lep_pt')")
    assert (execution.outcome, execution.exit_code) == ("crashed", 1)
    assert execution.stderr.endswith("KeyError: 'lep_pt'\n")
    assert attack("os.kill(os.getpid(), 11)").outcome == "crashed"


def test_data_that_only_its_owner_may_read_arrives(attack: Attack, tmp_path: Path, event_file: Path) -> None:
    event_file.chmod(0o600)
    execution = attack('attempt("read", lambda: len(open(sys.argv[-1], "rb").read())); report()')
    assert execution.outcome == "ok"
    assert results(tmp_path) == {"read": ["done", "600"]}
    assert stat.S_IMODE(event_file.stat().st_mode) == 0o600


def test_thousands_of_files_are_shown(tmp_path: Path, tier: Confined) -> None:
    files = [tmp_path / f"{i}.root" for i in range(1300 if tier == "namespaces" else 30)]
    for file in files:
        file.write_bytes(b"x")
    program = "import sys; open('/out/n.txt', 'w').write(str(sum(len(open(f).read()) for f in sys.argv[3:])))"
    execution = run_sandboxed(program, [], files, tmp_path / "out", tier=tier if tier == "bubblewrap" else None)
    assert execution.tier == tier
    assert (tmp_path / "out" / "n.txt").read_text() == str(len(files))


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.root does not exist"):
        run_sandboxed("", [], [tmp_path / "nothing.root"], tmp_path / "out", unsafe_no_sandbox=True)


def test_a_coffea_analysis_runs_inside(tmp_path: Path, tier: Confined) -> None:
    files = sorted(require("data/atlas2020_4lep").glob("data_*.root"))
    program = textwrap.dedent(
        """
        import argparse, json
        import awkward as ak, numba, numpy as np
        from coffea import processor
        from coffea.nanoevents import BaseSchema
        from hist import Hist

        @numba.njit(cache=True)
        def total(values):
            result = 0.0
            for value in values:
                result += value
            return result

        class Analysis(processor.ProcessorABC):
            def process(self, events):
                four = events[ak.num(events.lep_pt) == 4]
                pt = Hist.new.Reg(20, 0, 200, name="pt").Weight()
                pt.fill(ak.flatten(four.lep_pt) / 1000)
                return {"all": len(events), "pt": pt, "sum": total(ak.to_numpy(ak.flatten(four.lep_pt)))}
            def postprocess(self, accumulator):
                return accumulator

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("--out"); parser.add_argument("files", nargs="+")
            given = parser.parse_args()
            run = processor.Runner(executor=processor.IterativeExecutor(compression=None), schema=BaseSchema)
            out = run({"data": {"files": {f: "mini" for f in given.files}}}, Analysis(), treename="mini")
            import matplotlib
            with open(given.out + "/counts.json", "w") as file:
                counts = {"all": out["all"], "pt": out["pt"].values().tolist()}
                json.dump(counts | {"cache": matplotlib.get_cachedir()}, file)
        """
    )
    began = time.monotonic()
    execution = run_sandboxed(program, [], files, tmp_path / "out", Limits(wall_seconds=60), tier=tier)
    assert execution.outcome == "ok", execution.stderr
    assert time.monotonic() - began - execution.seconds < 1.0
    counts = json.loads((tmp_path / "out" / "counts.json").read_text())
    assert counts["all"] == 832
    assert sum(counts["pt"]) > 3000
    assert counts["cache"] == "/tmp/matplotlib"


def test_folders_of_killed_runs_are_swept(staging: Path, tmp_path: Path) -> None:
    dead, young, alive = (staging / f"paperfilter-sandbox-{n}-x" for n in ("4194305", "4194306", str(os.getpid())))
    for folder in (dead, young, alive):
        (folder / "out").mkdir(parents=True)
        if folder is not young:
            os.utime(folder, (0, 0))
    run_sandboxed("", [], [], tmp_path / "out", unsafe_no_sandbox=True)
    assert sorted(staging.iterdir()) == sorted([young, alive])
    for folder in (young, alive):
        shutil.rmtree(folder)
