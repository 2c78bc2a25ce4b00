"""Writes an instant as its reader's clock and calendar show it."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def local(moment: datetime, timezone: str) -> str:
    """An instant as its reader writes it: 14:30 on 22 Nov. The day always stands there: a message outlives it."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return moment.astimezone(zone).strftime("%H:%M on %-d %b")
