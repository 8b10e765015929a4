"""Programs that fail in every way, run for real, and the class that the rules give each of them."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from codegen.coder.classes import RULES, classify, find_rule
from codegen.coder.crash import read_crash
from codegen.coder.guard import check_functions
from codegen.coder.program import make_program
from codegen.profiles import load_profile
from codegen.sandbox import run_sandboxed
from schemas.coding import Attempt, Branch, CallRecord, FailureClass, Offence, OffenceKind
from schemas.comparison import Comparison
from schemas.criteria_yaml import load_criteria
from schemas.execution import Execution, Limits
from tests.codegen.attacks import confined
from tests.codegen.mini_files import make_object, write_mini

Run = Callable[..., Attempt]

CUTFLOW = 'open("/out/cutflow.json", "w").write("{}")'
CRITERIA = """
schema_version: "1.0"
analysis: {slug: tiny}
objects: [{name: muons, base: muon}]
regions:
- name: SR
  cuts: [{id: two_muons, variable: count(muons), operator: ">=", threshold: {value: 2}}]
"""
FUNCTIONS = """def select(events, selection):
    pt = events["lep_pt"]
    selection.add("two_muons", ak.sum(events["lep_type"] == 13, axis=1) >= 2)
"""
DIFFERENT = Comparison(analysis="a", baseline="b", matched=False, steps=(), summary="step 1 differs")
SAME = DIFFERENT.model_copy(update={"matched": True})


@pytest.fixture
def run(tmp_path: Path, event_file: Path, staging: Path) -> Run:
    """Run a program in the sandbox, and the attempt that it is part of."""

    def start(code: str, **limits: float) -> Attempt:
        chosen = Limits.model_validate({"wall_seconds": 60, "cpu_seconds": 10} | limits)
        execution = run_sandboxed(textwrap.dedent(code), [], [event_file], tmp_path / "out", chosen)
        return attempt(execution=execution)

    return start


def attempt(**parts: object) -> Attempt:
    return Attempt.model_validate({"number": 1, "code_sha256": "0" * 64, "problem": "it failed"} | parts)


def offence(kind: OffenceKind, detail: str = "what it does") -> Offence:
    return Offence(kind=kind, detail=detail)


CRASHES: tuple[tuple[str, str, FailureClass], ...] = (
    ("a function that is not there", "import numpy\nnumpy.make_pairs([1])", "function-calling error"),
    ("a name that is not there", "cross_clean([1])", "function-calling error"),
    ("a module that is not there", "import rootpy", "function-calling error"),
    ("shapes that do not fit", "import numpy\nnumpy.zeros(3) + numpy.zeros(4)", "function-calling error"),
    ("attribute of awkward's", "import awkward as ak\nak.zip({'pt': ak.Array([1])}).pT", "function-calling error"),
    ("index of awkward's", "import awkward as ak\nak.Array([[1], []])[:, 0]", "function-calling error"),
    ("an error of its own", "raise ValueError('cannot broadcast nothing')", "other"),
    ("a key of its own table", "{'lep_pt': 1}['lep_pT']", "other"),
    ("division by zero", "1 / 0", "other"),
    ("endless recursion", "def f(n): return f(n + 1)\nf(0)", "other"),
    ("a crash of the interpreter", "import ctypes\nctypes.string_at(0)", "other"),
    ("no Python", "def select(events:\n    pass", "syntax"),
    ("code that is made up and no Python", "eval('1 +')", "syntax"),
    ("a file of its own", "open('m4l.npy')", "intermediate file not found"),
    ("numpy's file", "import numpy\nnumpy.loadtxt('leptons.txt')", "intermediate file not found"),
    ("prints its results", "print('events passing: 42')", "intermediate file not found"),
    ("results of another name", "open('/out/results.txt', 'w').write('42')", "intermediate file not found"),
    ("a file of the machine", "open('/root/.ssh/id_rsa')", "sandbox violation"),
    ("a place that is closed", "open('/usr/planted', 'w')", "sandbox violation"),
    ("the network", "import socket\nsocket.create_connection(('127.0.0.1', 9), 2)", "sandbox violation"),
    ("a name of the network", "import urllib.request as u\nu.urlopen('http://example.org')", "sandbox violation"),
    ("a link", "import os\nos.symlink('/etc/passwd', '/out/cutflow.json')", "sandbox violation"),
    ("a pipe", f"import os\nos.mkfifo('/out/fifo.json')\n{CUTFLOW}", "sandbox violation"),
    ("memory", "x = bytearray(100 * 1024**3)", "sandbox violation"),
    ("an error while another is handled", "try: 1 / 0\nexcept Exception: prnt('x')", "function-calling error"),
    ("an error for another one", "try: prnt('x')\nexcept Exception as e: 1 / 0", "other"),
)  # fmt: skip


@confined
@pytest.mark.parametrize(("code", "failure"), [c[1:] for c in CRASHES], ids=[c[0] for c in CRASHES])
def test_the_class_of_a_program_that_fails(code: str, failure: FailureClass, run: Run) -> None:
    assert classify(run(code)) == failure


@confined
def test_limits(run: Run) -> None:
    assert classify(run("while True: pass", wall_seconds=1)) == "timeout"
    assert classify(run("while True: pass", cpu_seconds=1)) == "timeout"
    assert classify(run("while True: print('x' * 100)", captured_bytes=1000)) == "sandbox violation"
    assert classify(run("open('/out/a.json', 'w').write('x' * 10**7)", file_bytes=10**6)) == "sandbox violation"
    # the frame's folder for new results is left behind by a program that is killed
    assert classify(run("import os\nos.mkdir('/out/.new-x')\nwhile True: pass", wall_seconds=1)) == "timeout"
    assert classify(run("import os, ctypes\nos.mkdir('/out/.new-x')\nctypes.string_at(0)")) == "other"
    processes = "import subprocess\nfor i in range(99): subprocess.Popen(['/usr/bin/sleep', '9'])"
    start = "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    threads = f"import threading, time\nfor i in range(99): {start}"
    assert [classify(run(code, processes=8)) for code in (processes, threads)] == ["sandbox violation"] * 2


# What stands for the line that reads the transverse momenta; the class by reading it, and by running it all the same
IN_THE_FRAME: tuple[tuple[str, FailureClass, FailureClass | None], ...] = (
    ('pt = events["lep_pT"]', "incorrect branch name", "incorrect branch name"),
    ('pt = events["lep_pt"].pT', "other", "function-calling error"),
    ('pt = {"muons": 1}["lep_pt"]', "other", "other"),
    ('selection.add("three_muons", ak.any(events["lep_type"] > 0, axis=1))', "function-calling error",
     "function-calling error"),
    ("break", "syntax", "syntax"),
    ('print(events["lep_pt"])', "intermediate file not found", None),
    ('pt = ak.from_parquet("leptons.parquet")', "intermediate file not found", None),
    ('pt = open("leptons.json").read()', "intermediate file not found", None),
    ('import os; pt = os.listdir("/")', "sandbox violation", None),
    ("import pandas as pd", "function-calling error", None),
    ("pt = events.__class__", "sandbox violation", None),
    ('pt = eval("1")', "sandbox violation", None),
    ('pt = hash("x")', "function-calling error", None),
    ("pt = np.random.normal(30, 5, len(events))", "dummy data", None),
    ('pt = events["lep_pt"', "syntax", None),
)  # fmt: skip


@confined
@pytest.mark.parametrize(("line", "by_guard", "by_run"), IN_THE_FRAME, ids=[c[0] for c in IN_THE_FRAME])
def test_the_class_of_functions_in_the_frame(
    line: str, by_guard: FailureClass, by_run: FailureClass | None, tmp_path: Path, staging: Path
) -> None:
    muons = [make_object(20), make_object(15)]
    functions = FUNCTIONS.replace('pt = events["lep_pt"]', line)
    program = make_program(functions, load_criteria(CRITERIA), load_profile("atlas_mini"), "llm:m")
    branches = [Branch(name=name, shape="list") for name in ("lep_pt", "lep_type")]
    offences = check_functions(functions, steps=program.steps, branches=branches)
    assert classify(attempt(offences=offences)) == by_guard
    if by_run is not None:
        file = write_mini(tmp_path / "events.root", [{"lep": muons}, {"lep": muons[:1]}, {}])
        limits = Limits(wall_seconds=120, cpu_seconds=60)
        execution = run_sandboxed(program.source, [], [file], tmp_path / "out", limits)
        assert classify(attempt(execution=execution)) == by_run


@confined
def test_what_a_program_prints_counts_only_where_it_fails(run: Run) -> None:
    warned = run(f"import sys\nsys.stderr.write('Traceback (most recent call last):\\nKeyError: 1\\n')\n{CUTFLOW}")
    assert classify(warned.model_copy(update={"comparison": DIFFERENT})) == "semantic error"
    assert classify(warned.model_copy(update={"comparison": SAME, "held_out": False})) == "semantic error"
    assert (
        classify(warned.model_copy(update={"comparison": SAME, "held_out": True, "witness": False})) == "semantic error"
    )
    assert classify(warned.model_copy(update={"comparison": SAME})) == "other"
    # a traceback that was made up before the real one
    fooled = run("import sys\nsys.stderr.write('Traceback (most recent call last):\\nSyntaxError: no\\n')\nfoo()")
    assert classify(fooled) == "function-calling error"
    flood = run("import sys\nsys.stderr.write('Traceback (most recent call last):\\n' * 100_000)\n1 / 0")
    assert classify(flood) == "other"


OFFENCES: tuple[tuple[OffenceKind, str, FailureClass], ...] = (
    ("fabricated input", "", "dummy data"),
    ("replaced input", "", "dummy data"),
    ("listed events", "", "dummy data"),
    ("constant cut", "", "dummy data"),
    ("zero weights", "", "all weights zero"),
    ("wrong branch", "", "incorrect branch name"),
    ("subsampling", "", "semantic error"),
    ("swallowed exception", "", "other"),
    ("not a selection", "", "function-calling error"),
    ("syntax", "", "syntax"),
)


@pytest.mark.parametrize(("kind", "detail", "failure"), OFFENCES, ids=[o[0] for o in OFFENCES])
def test_the_class_of_an_offence(kind: OffenceKind, detail: str, failure: FailureClass) -> None:
    assert classify(attempt(offences=[offence(kind, detail)])) == failure


def test_the_gravest_of_many_decides() -> None:
    def judge(*kinds: OffenceKind, **parts: object) -> FailureClass:
        return classify(attempt(offences=[offence(kind) for kind in kinds], **parts))

    assert judge("wrong branch", "swallowed exception", "replaced input") == "dummy data"
    assert judge("subsampling", "constant cut") == "dummy data"
    assert judge("constant cut", comparison=DIFFERENT) == "dummy data"
    assert judge("swallowed exception", comparison=DIFFERENT) == "semantic error"
    assert judge("swallowed exception", comparison=SAME) == "other"
    assert classify(attempt(code_sha256=None)) == "syntax"
    answered = CallRecord(role="coder", model="m", prompt_tokens=900, completion_tokens=20, seconds=1.5)
    silent = answered.model_copy(update={"prompt_tokens": 0, "completion_tokens": 0, "seconds": 0.0})
    calls = (answered.model_copy(update={"role": "supervisor"}), silent)
    assert find_rule(attempt(code_sha256=None, calls=calls)).because == "no model answered"
    assert classify(attempt(code_sha256=None, calls=(*calls, answered))) == "syntax"


def test_every_rule_says_why_and_the_last_one_always_holds() -> None:
    assert all(rule.because for rule in RULES)
    assert {rule.failure for rule in RULES} == set(get_args(FailureClass))
    assert find_rule(attempt()).failure == "other"


def test_nothing_printed_breaks_the_reading_of_a_crash() -> None:
    texts = [
        "",
        "\n",
        "Traceback (most recent call last):",
        "Traceback (most recent call last):\n  File",
        ":",
        "x" * 10**6,
    ]
    for text in texts:
        execution = Execution(
            tier="none", outcome="crashed", exit_code=1, seconds=0, stdout="", stderr=text, limits=Limits()
        )
        crash = read_crash(execution)
        assert crash is None or crash.name == ""
        assert classify(attempt(execution=execution)) == "other"
