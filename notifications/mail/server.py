"""Which mail server takes letters, read from an address such as that of SMTP_URL."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit


class BadAddress(ValueError):
    """An address can't be used; the message names its variable, says why and shows no password."""


class Tls(StrEnum):
    """How the connection is protected: not at all, after STARTTLS (RFC 3207), or from the first byte (RFC 8314)."""

    NONE = "none"
    OFFERED = "offered"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Server:
    """A submission server; with `Tls.OFFERED` the connection is protected when the server offers it."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = None


_PORTS = {Tls.IMPLICIT: 465, Tls.STARTTLS: 587, Tls.OFFERED: 25, Tls.NONE: 25}
_BY_SCHEME = {"smtp": Tls.OFFERED, "smtps": Tls.IMPLICIT}


def read_server(url: str, *, variable: str = "SMTP_URL") -> Server:
    """The server of `smtp://user:pass@host:587?tls=starttls` or `smtps://…`; raises BadAddress.

    A password never crosses an unprotected line to another machine: `tls` is then `starttls` unless it says otherwise.
    """
    parts = urlsplit(url)
    if parts.scheme not in _BY_SCHEME or not parts.hostname:
        raise BadAddress(f"{variable}: write smtp://user:password@host:587?tls=starttls, or smtps://…")
    default = Tls.STARTTLS if parts.username and parts.scheme == "smtp" else _BY_SCHEME[parts.scheme]
    asked = parse_qs(parts.query).get("tls", [default.value])[0]
    if asked not in set(Tls):
        raise BadAddress(f"{variable}: tls is none, offered, starttls or implicit, not {asked}")
    tls = Tls(asked)
    try:
        port = parts.port or _PORTS[tls]
    except ValueError as unreadable:
        raise BadAddress(f"{variable}: the port is no number between 1 and 65535") from unreadable
    return Server(parts.hostname, port, tls, _plain(parts.username), _plain(parts.password))


def _plain(part: str | None) -> str | None:
    return unquote(part) if part else None
