"""Moments as people in Sweden read them."""

from datetime import datetime

from api.access.windows import SWEDEN


def local_time(at: datetime) -> str:
    """Write a moment as date and time in Sweden.

    Examples
    --------
    >>> local_time(datetime.fromisoformat("2026-07-01T10:00:00+00:00"))
    '2026-07-01 12.00'
    """
    return at.astimezone(SWEDEN).strftime("%Y-%m-%d %H.%M")
