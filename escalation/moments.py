"""The moment that somebody means who wants to be reminded later: "in 2 hours", "tomorrow", "later"; else none. Pure."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_NUMBERS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "a few": 3.0, "half an": 0.5}
_LENGTH = re.compile(
    r"(?:in )?(?P<number>\d{1,3}|half an|a few|an?|one|two|three) ?(?:more )?"
    r"(?P<unit>m|h|d|w)(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?"
)
_SPOKEN: dict[str, time | timedelta] = {
    "later": timedelta(hours=1),
    "later today": timedelta(hours=3),
    "this afternoon": time(14),
    "after lunch": time(14),
    "this evening": time(18),
    "tonight": time(18),
    "tomorrow": time(9),
    "tomorrow morning": time(9),
    "tomorrow afternoon": time(14),
    "next week": time(9),
}
_DAYS_ON = {"tomorrow": 1, "tomorrow morning": 1, "tomorrow afternoon": 1, "next week": 7}


def moment_of(words: str, now: datetime, timezone: str) -> datetime | None:
    """The moment after `now` that these words mean where that person is; no words mean an hour from now."""
    said = " ".join(words.casefold().strip(" .!").split()) or "later"
    length = _LENGTH.fullmatch(said)
    if length is not None:
        number = _NUMBERS.get(length["number"]) or float(length["number"])
        return now + timedelta(seconds=number * _UNITS[length["unit"]])
    meant = _SPOKEN.get(said)
    if meant is None or isinstance(meant, timedelta):
        return now + meant if meant is not None else None
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date() + timedelta(days=_DAYS_ON.get(said, 0))
    return datetime.combine(day, meant, zone)
