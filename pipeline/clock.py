"""The time as records have it."""

from datetime import UTC, datetime


def note_time() -> str:
    """Now, in UTC to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
