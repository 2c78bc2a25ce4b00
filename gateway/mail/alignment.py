"""Says whether the domain that was authenticated is the one that the reader sees in From (RFC 7489, section 3.1)."""

from dataclasses import dataclass
from functools import lru_cache

from authheaders.dmarc_lookup import DMARCException, get_org_domain, receiver_record

from gateway.mail.names import Names


@dataclass(frozen=True, slots=True)
class Alignment:
    """How near the two must be; strict is the same domain, relaxed the same organisation's."""

    strict_dkim: bool = False
    strict_spf: bool = False


RELAXED = Alignment()


def alignment_of(domain: str, names: Names) -> Alignment:
    """What a domain's DMARC record asks for; raises names.NamesAway."""
    try:
        record, _ = receiver_record(domain, dnsfunc=lambda name: _dmarc(names, name))
    except DMARCException:
        return RELAXED
    return Alignment(strict_dkim=record.get("adkim") == "s", strict_spf=record.get("aspf") == "s")


def _dmarc(names: Names, name: str) -> str | None:
    """The one DMARC record; two are none (RFC 7489, section 6.6.3)."""
    found = [text for text in names.look_up(name, "TXT") if text.startswith(b"v=DMARC1")]
    return found[0].decode("ascii", "replace") if len(found) == 1 else None


def aligned(shown: str, authenticated: str, *, strict: bool) -> bool:
    """Whether `authenticated` speaks for `shown`, both domain names."""
    one, other = shown.lower().rstrip("."), authenticated.lower().rstrip(".")
    return bool(other) and (one == other or (not strict and organisation(one) == organisation(other)))


@lru_cache(maxsize=1024)
def organisation(domain: str) -> str:
    """The domain that somebody registered: a.b.example.co.uk → example.co.uk.

    Under a top-level domain that the public suffix list does not have (.example, .internal) the list's reader answers
    with the bare top: everybody under it would speak for everybody. There the last two labels count.
    """
    found = str(get_org_domain(domain))
    return found if "." in found else ".".join(domain.split(".")[-2:])
