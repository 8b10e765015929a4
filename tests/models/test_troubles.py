"""What error replies of different servers mean. The bodies have the shapes that these servers send."""

from datetime import UTC, datetime

import pytest

from pipeline.models.troubles import judge

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"object": "error", "message": "This model\'s maximum context length is 1024 tokens."}', "context"),
        (400, '{"error": {"code": "context_length_exceeded", "message": "too many"}}', "context"),
        (413, "<html>Request Entity Too Large</html>", "context"),
        (400, '{"error": {"message": "response_format is not supported"}}', "refused"),
        (422, '{"detail": [{"msg": "Extra inputs are not permitted"}]}', "refused"),
        (501, "", "refused"),
        (401, '{"error": "Unauthorized"}', "key"),
        (429, '{"error": {"code": "insufficient_quota", "message": "no money"}}', "key"),
        (404, '{"error": {"message": "The model `x` does not exist."}}', "model"),
        (429, "slow down", "again"),
        (503, "", "again"),
        (529, '{"error": {"message": "Overloaded"}}', "again"),
    ],
)
def test_what_a_status_means(status, body, kind):
    trouble = judge(status, body, {})
    assert trouble.kind == kind
    assert "\n" not in trouble.message
    assert trouble.message.startswith(f"status {status}: ")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("", None),
    ],
)
def test_how_long_a_server_wants_quiet(value, seconds):
    assert judge(429, "", {"retry-after": value}, NOON).wait == seconds
    assert judge(429, "", {}, NOON).wait is None


def test_a_message_is_one_short_line():
    message = judge(500, '{"error": {"message": "first\\nsecond ' + "x" * 5000 + '"}}', {}).message
    assert message.startswith("status 500: first second x")
    assert len(message) < 350
