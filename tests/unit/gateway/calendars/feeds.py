"""Calendars as Outlook, Google and people's own programs write them."""


def event(*lines: str, uid: str = "one") -> str:
    """One VEVENT with these properties."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT"])


def calendar(*events: str, before: tuple[str, ...] = ()) -> bytes:
    """A whole feed."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a calendar//EN", *before, *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def out(since: str, until: str, *more: str, uid: str = "one") -> str:
    """An event that Outlook marks as out of office, whatever it is called."""
    marked = ("SUMMARY:Berlin", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    return event(f"DTSTART{since}", f"DTEND{until}", *marked, *more, uid=uid)


def called(summary: str, *more: str) -> str:
    """A whole day, the 30th of November 2026, called so."""
    days = ("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261201")
    return event(*days, f"SUMMARY:{summary}", *more)
