"""Fetches a calendar's feed, and has it read."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException

from gateway.confined import Unread, read_in_child

PATIENCE_S = 10.0
MOST_BYTES = 20_000_000


class FeedAway(Exception):
    """The feed can't be read now; `str()` is a sentence that does not show its address, which is a secret."""


@dataclass(frozen=True, slots=True)
class Away:
    """An absence of a calendar; `reference` is the same each time it is read."""

    since: datetime
    until: datetime
    reference: str


def absences_in(url: str, *, now: datetime, timezone: str) -> list[Away]:
    """The absences of a feed that run at `now`; raises FeedAway."""
    try:
        found = json.loads(read_in_child("gateway.calendars.events", _fetched(url), f"{now.timestamp()}", timezone))
    except Unread as error:
        raise FeedAway(f"The calendar can't be read: {error}.") from error
    return [
        Away(datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"]), one["reference"])
        for one in found
    ]


def _fetched(url: str) -> bytes:
    headers = {"Accept": "text/calendar", "User-Agent": "Chargehand"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http or https, by the setting's pattern
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - as above
            raw: bytes = answer.read(MOST_BYTES + 1)
            lacking = answer.length or 0  # of what the server promised; a part read as the whole would call people back
    except urllib.error.HTTPError as error:
        raise FeedAway(f"The calendar's server answers {error.code}.") from error
    except (OSError, ValueError, HTTPException) as error:  # the last: what is cut off, or is no HTTP at all
        raise FeedAway(f"The calendar can't be reached ({type(error).__name__}).") from error
    if len(raw) > MOST_BYTES:
        raise FeedAway(f"The calendar is larger than {MOST_BYTES // 1_000_000} MB.")
    if lacking:
        raise FeedAway("The calendar was cut off on its way.")
    return raw
