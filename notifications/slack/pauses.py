"""How long to leave Slack alone, from what it says and from how often we tried."""

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

SHORTEST_S = 1.0
UNSAID_S = 30.0
LONGEST_S = 3600.0

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 600.0


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds until the next call may be made, from `Retry-After`: between 1 second and an hour.

    https://docs.slack.dev/apis/web-api/rate-limits says seconds; RFC 9110 10.2.3 also allows a date. What is missing
    or unreadable counts as 30 s.
    """
    said = headers.get("Retry-After", "").strip()
    seconds = _seconds(said)
    if seconds is None:
        seconds = _until(said, headers.get("Date", ""))
    return UNSAID_S if seconds is None else min(max(seconds, SHORTEST_S), LONGEST_S)


def growing(tries: int) -> float:
    """Seconds to wait after the n-th try that came to nothing: 2, 4, 8, … at most ten minutes."""
    return float(min(FIRST_PAUSE_S * 2 ** min(max(tries, 1) - 1, 20), LONGEST_PAUSE_S))


def _seconds(said: str) -> float | None:
    try:
        seconds = float(said)
    except ValueError:
        return None
    return math.ceil(min(seconds, LONGEST_S)) if math.isfinite(seconds) else None


def _until(said: str, answered: str) -> float | None:
    """A date is measured against the answer's own date: whose clock is right does not matter then."""
    moment, now = _date(said), _date(answered)
    return (moment - now).total_seconds() if moment and now else None


def _date(said: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(said)
    except ValueError:
        return None
    return found if found.tzinfo else None
