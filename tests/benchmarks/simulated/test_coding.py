"""Simulated coders: rates, what must become of each attempt, and the same answer to the same question."""

from collections import Counter
from statistics import fmean

import httpx
import pytest

from benchmarks.coders.bugs import load_bugs
from benchmarks.coders.right import ANALYSES
from benchmarks.simulated.coding import expect_matches, list_mistakes, serve_simulated_coder, take_turn, tell_truth
from benchmarks.simulated.specification import parse_simulated_coder
from codegen.coder.reply import read_reply

RUNS = 1500


@pytest.mark.parametrize("spec", ["right=60", "right=30,break=20,seed=5", "right=0", "right=100"])
def test_attempts_are_right_at_the_set_rate(spec: str) -> None:
    coder = parse_simulated_coder(spec)
    share = coder.right * (1 - coder.broken)
    for analysis in ANALYSES:
        truths = [tell_truth(coder, analysis, run, 3) for run in range(RUNS)]
        matched = fmean(t.matched for t in truths)
        expected = expect_matches(coder, 3)
        assert abs(matched - expected) <= 4 * (expected * (1 - expected) / RUNS) ** 0.5
        first = fmean(t.matched and t.rounds == 1 for t in truths)
        assert abs(first - share) <= 4 * (share * (1 - share) / RUNS) ** 0.5
        assert all(len(t.failures) == t.rounds - t.matched for t in truths)
        assert all(t.matched or t.rounds == 3 for t in truths)


def test_mistakes_are_many_and_are_seen_in_any_events() -> None:
    coder = parse_simulated_coder("right=0")
    for analysis in ANALYSES:
        names = list_mistakes(analysis)
        bugs = load_bugs(analysis)
        assert len(names) > 12
        assert not {"timeout"} & {bugs[name].failure for name in names}
        assert not any(set(bugs[name].shown_by) & {"witness", "held out", "probe"} for name in names)
        drawn = Counter(take_turn(coder, analysis, run, 1).bugs[0] for run in range(RUNS))
        assert set(drawn) == set(names)
        assert max(drawn.values()) < 1.5 * RUNS / len(names)


def test_the_server_answers_as_the_truth_says() -> None:
    coder = parse_simulated_coder("right=40,break=30")
    system = {"role": "system", "content": "You write the event selection of a particle-physics analysis."}

    def ask(analysis: str, number: int, run: int) -> str:
        said = f"# Criteria\nanalysis:\n  slug: {analysis}\n\nWrite the functions now (attempt {number})."
        body = {"model": coder.name, "seed": run, "messages": [system, {"role": "user", "content": said}]}
        reply = httpx.post(f"{server.url}/chat/completions", json=body)
        return str(reply.json()["choices"][0]["message"]["content"]) if reply.status_code == 200 else ""

    with serve_simulated_coder(coder) as server:
        for analysis in ANALYSES:
            for run in range(1, 5):
                for number, turn in enumerate(tell_truth(coder, analysis, run, 3).turns, start=1):
                    said = ask(analysis, number, run)
                    assert said == ask(analysis, number, run)
                    assert (read_reply(said).functions is None) is (turn.shown_by == "reply")
        assert ask("a_stranger", 1, 1) == ""
