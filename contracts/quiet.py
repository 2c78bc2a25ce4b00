"""When somebody may be reminded: never in the quiet hours of their own wall clock, whatever the clocks do that night. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_waking(now: datetime, timezone: str, *, since: str, until: str) -> datetime | None:
    """When the quiet hours end that `now` is in, where that person is; None when they may be reminded now."""
    local = now.astimezone(ZoneInfo(timezone))
    begins, ends = time.fromisoformat(since), time.fromisoformat(until)
    over_night = begins > ends
    of_day = local.time().replace(tzinfo=None)
    is_quiet = of_day >= begins or of_day < ends if over_night else begins <= of_day < ends
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if over_night and of_day >= begins else 0)
    return datetime.combine(day, ends, local.tzinfo)
