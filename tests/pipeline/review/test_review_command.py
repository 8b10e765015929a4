"""`paperfilter review` as a person starts it: one line, a browser, Ctrl-C."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.pipeline.calling import ROOT, call, clean_environment, command
from tests.pipeline.review.runs import make_run

ADDRESS = re.compile(r"(http://127\.0\.0\.1:(\d+))/enter\?token=[\w-]{43}\n")


def start(run: Path, *options: str, **environment: str) -> tuple["subprocess.Popen[str]", str]:
    """The process, and the line that it prints first."""
    process = subprocess.Popen(
        command("review", run, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=clean_environment() | environment, cwd=run, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline()


def test_it_prints_one_line_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    process, line = start(run, "--no-browser", "--by", "Marie")
    try:
        found = ADDRESS.fullmatch(line)
        assert found is not None, line
        home = found[1]
        with httpx.Client(base_url=home, headers={"Origin": home}, timeout=60, trust_env=False) as client:
            assert client.get(line.strip(), follow_redirects=True).status_code == 200
            assert client.post("/act", data={"do": "accept", "part": "cut:mu_pt"}).status_code == 303
            # somebody else, in another terminal
            assert call("answer", run, "ends=with", "--by", "Pierre").code == 0
            until = time.monotonic() + 60
            while client.get("/state").json()["revision"] != 2:  # the file may still be being saved
                assert time.monotonic() < until
                time.sleep(0.1)
            assert client.post("/act", data={"do": "accept", "part": "cut:mu_eta"}).status_code == 303
            process.send_signal(signal.SIGINT)  # with a connection that is kept open
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "")
        assert err in ("", "writing criteria.yaml …\n")
    finally:
        process.kill()
        process.communicate()
    history = json.loads(call("history", run, "--json").out)
    assert [(r["by"], r["action"]["do"]) for r in history] == [
        ("Marie", "accept"), ("Pierre", "answer"), ("Marie", "accept"),
    ]  # fmt: skip
    assert "status: accepted" in (run / "criteria.yaml").read_text(encoding="utf-8")


def test_it_opens_the_browser_at_the_address(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.new && mv {seen}.new {seen}\n')
    browser.chmod(0o755)
    process, line = start(make_run(tmp_path), BROWSER=str(browser))
    try:
        while not seen.exists():
            assert process.poll() is None
            time.sleep(0.05)
        assert seen.read_text() == line
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def test_what_cannot_be_reviewed_is_a_line(tmp_path: Path) -> None:
    nobody = call("review", "nobody", "--no-browser", cwd=tmp_path)
    assert (nobody.code, nobody.out) == (2, "")
    assert "no such run" in nobody.error_line()
    run = make_run(tmp_path)
    data = call("review", run, "--no-browser", "--data", "missing.root", cwd=tmp_path)
    assert data.code == 4
    assert "missing.root" in data.error_line()
    (run / "criteria.yaml").write_text("objects: 3\n", encoding="utf-8")
    assert call("review", run, "--no-browser", cwd=tmp_path).code == 5


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['starlette'] = None; from pipeline.cli import _run;"
        f"sys.exit(_run(['review', {str(make_run(tmp_path))!r}, '--no-browser']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), cwd=ROOT, timeout=120
    )
    assert done.returncode == 2
    assert "pip install 'paperfilter[review]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_web_server_is_imported_only_when_it_serves() -> None:
    code = (
        "import sys; from pipeline.cli import _run; _run(['review', '--help']);"
        "print('HEAVY', [m for m in ('starlette', 'uvicorn', 'jinja2', 'pydantic', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), cwd=ROOT, timeout=120
    )
    assert "HEAVY []" in done.stdout
