"""The measurement of the model client itself: what it sends, and what it counts as shared."""

import pytest

from benchmarks.demo.typeset import typeset_note
from benchmarks.serving import measure_shared_prefix, measure_throughput
from schemas.model_call import Message, ModelRequest


def ask(*contents: str) -> ModelRequest:
    """A question of these messages."""
    return ModelRequest(role="reader", messages=tuple(Message(role="user", content=c) for c in contents))


def test_a_shared_prefix_ends_at_the_first_difference():
    # "user: aaaa\nuser: " is shared: 17 of the 18 characters of the second and of the third.
    assert measure_shared_prefix([ask("aaaa", "b"), ask("aaaa", "c"), ask("aaaa", "d")]) == pytest.approx(17 / 18)
    assert measure_shared_prefix([ask("a"), ask("a")]) == 1.0
    assert measure_shared_prefix([ask("a", "common"), ask("b", "common")]) == pytest.approx(6 / 20)
    assert measure_shared_prefix([ask("a")]) == 0.0


def test_the_readers_questions_go_through_and_share_their_beginning(tmp_path):
    note = typeset_note(tmp_path)
    found = measure_throughput([note], requests=12, in_flight=4, latency=0.05)
    assert found.requests == 12
    assert found.ideal == pytest.approx(0.15)
    assert found.measured >= found.ideal, "never more in flight than said"
    assert found.shared_prefix > 0.5, "what a server has cached of one question serves the next"
