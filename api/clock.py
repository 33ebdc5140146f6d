"""The one place where the service asks for the time, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time in UTC."""
    return datetime.now(tz=UTC)
