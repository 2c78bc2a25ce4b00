"""How long a connection waits for a host that has fallen silent: without a limit it holds its user up for a quarter of an hour."""

from collections.abc import Mapping

from sqlalchemy import URL, make_url

LIMITS: Mapping[str, int] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""libpq's names; seconds, but milliseconds for the last. Only the first means anything to a Unix socket."""


def limits(url: str | URL, **others: int) -> dict[str, int]:
    """The limits for libpq, or `others` in their place, but for those that the URL sets itself."""
    own = make_url(url).query
    return {name: value for name, value in {**LIMITS, **others}.items() if name not in own}
