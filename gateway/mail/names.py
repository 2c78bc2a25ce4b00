"""Asks the domain name system, in one shape that every check of a sender understands and tests can play."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import dns.exception
import dns.resolver

LATEST_S = 4.0


class NamesAway(RuntimeError):
    """The name servers gave no answer now; the letter is looked at again later."""


class Names(Protocol):
    """Records by name and type: TXT as bytes (strings joined), A, AAAA and PTR as text, MX as (preference, name)."""

    def look_up(self, name: str, kind: str) -> list[Any]:
        """The records, [] when there are none; raises NamesAway."""


class DnsNames:
    """The name servers that this machine is set up for."""

    def look_up(self, name: str, kind: str) -> list[Any]:
        """See Names."""
        try:
            answer = dns.resolver.resolve(name, kind, lifetime=LATEST_S)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.exception.SyntaxError, UnicodeError, ValueError):
            return []
        except dns.exception.DNSException as error:
            raise NamesAway(f"no name server answered for {kind} records") from error
        return [_SHAPES[kind](record) for record in answer]


_SHAPES: Mapping[str, Callable[[Any], Any]] = {
    "TXT": lambda record: b"".join(record.strings),
    "A": lambda record: record.address,
    "AAAA": lambda record: record.address,
    "MX": lambda record: (record.preference, record.exchange.to_text(omit_final_dot=True)),
    "PTR": lambda record: record.target.to_text(omit_final_dot=True),
}
