"""Decides whose letter it is: only a sender who is authenticated and aligned counts, a name or a look-alike never.

A mail server of ours that checked already is believed when it handed the letter over itself; every other letter is
checked here: DKIM (RFC 6376), SPF (RFC 7208), and their alignment with From (RFC 7489).
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import dkim
import spf
from authres import AuthenticationResultsHeader, AuthResError

from gateway.mail.alignment import aligned, alignment_of
from gateway.mail.letter import Letter
from gateway.mail.names import Names

MOST_SIGNATURES = 5
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose Authentication-Results count (`authserv_id`), and from which networks letters that carry them come."""

    authserv_id: str | None
    relays: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a letter was handed over: `relay` is the address of who did (None when unknown), `mail_from` "" for none.

    `by_smtp` is false for a letter that came by webhook: who posted it is not who sent it.
    """

    mail_from: str
    relay: str | None
    helo: str = ""
    by_smtp: bool = True


@dataclass(frozen=True, slots=True)
class Proven:
    """The letter is from this address (lower case); `by` says what proved it."""

    address: str
    by: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """Nobody knows who sent it; `why` is for the operator."""

    why: str


def read_trust(authserv_id: str | None, relays: str | None) -> Trust:
    """MAIL_AUTHSERV_ID and MAIL_TRUSTED_RELAYS (networks, by commas or spaces); raises ValueError with a sentence."""
    try:
        networks = tuple(ipaddress.ip_network(one) for one in (relays or "").replace(",", " ").split())
    except ValueError as error:
        raise ValueError(f"MAIL_TRUSTED_RELAYS: write networks such as 10.0.0.0/8 ({error}).") from error
    return Trust(authserv_id.lower() if authserv_id else None, networks)


def prove(letter: Letter, raw: bytes, envelope: Envelope, trust: Trust, names: Names) -> Proven | Unproven:
    """Who sent a letter; raises names.NamesAway when that can't be told now."""
    if letter.sender_fields != 1:
        return Unproven(f"it has {letter.sender_fields} From fields")
    if len(letter.senders) != 1:
        return Unproven("its From field is not one plain address")
    address = letter.senders[0]
    if trust.authserv_id and _is_trusted(envelope.relay, trust):
        written = next((one for one in letter.authentication if _server(one) == trust.authserv_id), None)
        if written is not None:
            return _believed(written, address, trust.authserv_id)
        envelope = replace(envelope, by_smtp=False)  # who handed it over is ours: its address says nothing of a sender
    return _checked(raw, address, envelope, names)


def _is_trusted(relay: str | None, trust: Trust) -> bool:
    try:
        address = ipaddress.ip_address(relay or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in trust.relays)


def _server(value: str) -> str:
    """Whose field it says to be; read before the rest, so that one we can't read is not passed over for a lower one."""
    return value.partition(";")[0].strip().partition(" ")[0].lower()


def _believed(written: str, address: str, authserv_id: str) -> Proven | Unproven:
    """What our own mail server found: the topmost field of its name was written last (RFC 8601, section 5)."""
    domain, results = _domain(address), _results(written)
    failed = any(one.method == "dmarc" and one.result in {"fail", "permerror", "temperror"} for one in results)
    proofs = [by for one in results if (by := _speaks_for(one, domain))]
    if failed or not proofs:
        return Unproven(f"{authserv_id} found no proof for {domain}")
    return Proven(address, f"{proofs[0]}, found by {authserv_id}")


def _results(value: str) -> list[Any]:
    try:
        header = AuthenticationResultsHeader.parse_value(" ".join(value.split()))
    except (AuthResError, RecursionError):
        return []
    return [one for one in header.results if hasattr(one, "method")]


def _speaks_for(result: Any, domain: str) -> str | None:
    """What one passed result proves of the domain in From; None for nothing."""
    if result.result != "pass":
        return None
    said = {f"{one.type}.{one.name}".lower(): str(one.value or "").lower() for one in result.properties}
    if result.method == "dmarc":
        return "DMARC" if said.get("header.from") == domain else None
    if result.method == "dkim":
        signer = said.get("header.d") or _domain(said.get("header.i", ""))
        return "DKIM" if aligned(domain, signer, strict=False) else None
    if result.method == "spf":
        sender = said.get("smtp.mailfrom", "")
        return "SPF" if aligned(domain, _domain(sender) or sender, strict=False) else None
    return None


def _checked(raw: bytes, address: str, envelope: Envelope, names: Names) -> Proven | Unproven:
    domain = _domain(address)
    wanted = alignment_of(domain, names)
    if any(aligned(domain, signer, strict=wanted.strict_dkim) for signer in _signers(raw, names)):
        return Proven(address, "DKIM")
    sender = _domain(envelope.mail_from)
    if aligned(domain, sender, strict=wanted.strict_spf) and _may_send(envelope, names):
        return Proven(address, "SPF")
    return Unproven(f"neither DKIM nor SPF proves {domain}")


def _signers(raw: bytes, names: Names) -> Iterator[str]:
    """The domains whose signatures over the whole letter hold."""
    try:
        reader = dkim.DKIM(raw, minkey=1024, timeout=4)
    except dkim.DKIMException:
        return
    signatures = sum(name.lower() == b"dkim-signature" for name, _ in reader.headers)
    for number in range(min(signatures, MOST_SIGNATURES)):
        if _holds(reader, number, names):
            yield reader.domain.decode("ascii", "replace")


def _holds(reader: dkim.DKIM, number: int, names: Names) -> bool:
    try:
        good = reader.verify(number, dnsfunc=lambda name, timeout=4: _key(names, name))
    except (dkim.DKIMException, ValueError, IndexError, KeyError, TypeError):
        return False
    # With l= somebody could add their own words at the end; without From nothing about the sender is signed.
    return bool(good) and b"l" not in reader.signature_fields and b"from" in reader.include_headers


def _key(names: Names, name: bytes) -> bytes | None:
    found = names.look_up(name.decode("ascii", "replace").rstrip("."), "TXT")
    return found[0] if found else None


class _SpfQuery(spf.query):  # type: ignore[misc]
    """pyspf with our name servers behind it."""

    names: Names

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:  # noqa: FBT001, FBT002
        """Every record of a kind, TXT as tuples of strings, as pyspf has them."""
        found = self.names.look_up(str(name).rstrip("."), qtype)
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many names without an answer")
        return [(one,) for one in found] if qtype == "TXT" else list(found)


def _may_send(envelope: Envelope, names: Names) -> bool:
    if not envelope.by_smtp or not envelope.relay:
        return False
    try:
        query = _SpfQuery(envelope.relay, envelope.mail_from, envelope.helo or "unknown")
        query.names = names
        return bool(query.check()[0] == "pass")
    except (spf.PermError, spf.TempError, ValueError):
        return False


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower() if "@" in address else ""
