"""Sends declared letters under a Message-ID that holds the key, and finds them again in the mailbox of their copies."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chargehand.systems.copies import Found, Mailbox, Unreadable, headers_with
from chargehand.systems.outcomes import failure
from contracts.authoring import Deterministic, Governance, Seen, Transient
from contracts.canonical import digest
from contracts.known_failures import MAIL
from contracts.systems.mail import ANYWHERE, MailEffect, MailSystem, domain_of, sender_of
from contracts.systems.templates import PLACE, as_text, filled
from contracts.vocabulary import FailureCase
from notifications.mail.compose import Note, compose_note
from notifications.mail.sending import Barred, Deferred, Line, Refused, Taken, Unsure, Verdict
from notifications.mail.server import Server

MARK = "X-Chargehand-Effect"
"""The header that says what a letter was made of: the name of its operation, and the digest of its arguments."""
_OF_TIME = 0.9
"""The share of its time-out that a call may take: it is to end before its runner would be ended with it."""
_LONGEST_SUBJECT = 900


class MailCarrier:
    """A mail server, and the mailbox of copies if one is declared; nothing is called before it is asked for.

    What the server refuses for good raises Deterministic, what it takes from nobody like us Governance; what may pass,
    a line that broke after the letter was handed over included, raises Transient or TimeoutError.
    """

    def __init__(self, system: str, declared: MailSystem, server: Server, copies: Mailbox | None) -> None:
        self._system = system
        self._declared = declared
        self._server = server
        self._copies = copies

    def perform(self, name: str, args: Mapping[str, Any], key: str, since: int) -> dict[str, Any]:
        """Hand one letter to the server, dated as it was intended."""
        effect = self._declared.effects[name]
        note = self._note(name, args, key, since)
        verdict = asyncio.run(self._handed_over(note, timeout_s=effect.timeout_s * _OF_TIME))
        if not isinstance(verdict, Taken):
            raise self._trouble(name, verdict)
        return {"message_id": note.message_id}

    def look(self, name: str, args: Mapping[str, Any], key: str, since: int) -> Seen | None:
        """The copy that carries the key; one that was made of something else shows none of these arguments."""
        wanted = self._message_id(key)
        copies = self._read(name, "Message-ID", wanted)
        ours = [one for one in copies if one.headers["Message-ID"] == wanted]
        if not ours:
            return None
        mark = _mark(name, args)
        proof = next((one for one in ours if one.headers[MARK] == mark), None)
        return Seen(wanted, {}, ours[0].at) if proof is None else Seen(wanted, dict(args), proof.at)

    def keys(self, name: str) -> list[str]:
        """The keys of all such letters in the mailbox of copies."""
        copies = self._read(name, MARK, f"{name} ")
        ids = [one.headers["Message-ID"] for one in copies if one.headers[MARK].startswith(f"{name} ")]
        end = self._message_id("").removeprefix("<")
        return [one.removeprefix("<").removesuffix(end) for one in ids if one.endswith(end)]

    def _read(self, name: str, header: str, value: str) -> list[Found]:
        timeout_s = self._declared.effects[name].timeout_s * _OF_TIME
        if self._copies is None:
            raise LookupError(f"{self._system} keeps no copies")
        try:
            return headers_with(self._copies, header, value, fields=("Message-ID", MARK), timeout_s=timeout_s)
        except Unreadable as error:
            told = f"The mailbox of copies could not be read: {error}."
            raise Transient(told, cause=self._system, case=FailureCase.PROVIDER_DOWN) from error

    async def _handed_over(self, note: Note, *, timeout_s: float) -> Verdict:
        line, copies = Line(self._server), self._declared.copies
        try:
            async with asyncio.timeout(timeout_s):
                copy_to = copies.to if copies is not None else None
                return await line.send(compose_note(note), sender=note.sender, to=note.to, copy_to=copy_to)
        finally:
            line.hang_up()

    def _note(self, name: str, args: Mapping[str, Any], key: str, since: int) -> Note:
        """The letter; raises Deterministic or Governance for one that mail, or the declaration, does not let out."""
        effect = self._declared.effects[name]
        sender_name, sender = sender_of(self._declared.sender)
        text = as_text(filled(effect.body, args))
        if len(text) > self._declared.longest:
            raise _unfit(name, f"has a text of {len(text):,} characters, and {self._declared.longest:,} are let")
        return Note(
            message_id=self._message_id(key),
            sender=sender,
            sender_name=sender_name,
            to=_reader(name, effect, args),
            subject=_subject(name, effect, args),
            text=text,
            at=datetime.fromtimestamp(since, UTC),
            reply_to=effect.reply_to,
            marks={MARK: _mark(name, args)},
        )

    def _message_id(self, key: str) -> str:
        """RFC 5322 3.6.4; all that a key is made of may stand there as it is."""
        return f"<{key}@{domain_of(sender_of(self._declared.sender)[1])}>"

    def _trouble(self, name: str, verdict: Verdict) -> Exception:
        """What a verdict means: a server that says no, at the dot too, delivers nothing (RFC 5321 4.2.5); only silence is a doubt."""
        match verdict:
            case Refused(why, no_such_address):
                case_ = FailureCase.UNDELIVERABLE if no_such_address else FailureCase.REJECTED
                return failure(case_, system=self._system, operation=name, said=why[:3], nothing_done=True)
            case Deferred(why) if why[:3].isdecimal():
                case_ = _passing(why[:3])
                return failure(case_, system=self._system, operation=name, said=why[:3], nothing_done=True)
            case Barred(why):
                said = why[:3] if why[:3].isdecimal() else "TLS"
                told = f"The mail server takes no letters from us ({said})."
                return Governance(told, cause=name, case=FailureCase.RIGHTS, nothing_done=True)
            case Unsure():
                told = "The connection broke after the letter was handed over."
                return Transient(told, cause=self._system, case=FailureCase.NETWORK)
        told = "The mail server was not reached, or the connection broke before the letter was handed over."
        return Transient(told, cause=self._system, case=FailureCase.NETWORK, nothing_done=True)


def _passing(code: str) -> FailureCase:
    """RFC 5321 4.5.3.1.10: 552 for a reader counts as 452; no other 5xx passes."""
    return MAIL.case_of("452" if code == "552" else code) or FailureCase.PROVIDER_DOWN


def _reader(name: str, effect: MailEffect, args: Mapping[str, Any]) -> str:
    """The address of the one reader; raises Governance beyond the declared domains."""
    to = as_text(filled(effect.to, args))
    domain = domain_of(to)
    if domain is None:
        raise _unfit(name, "is for something that is no address")
    if PLACE.fullmatch(effect.to) and ANYWHERE not in effect.domains and domain not in effect.domains:
        told = f"{name} may go to {', '.join(effect.domains)} only, and not to {domain}."
        raise Governance(told, cause=name, case=FailureCase.RIGHTS, nothing_done=True)
    return to


def _subject(name: str, effect: MailEffect, args: Mapping[str, Any]) -> str:
    """Its subject; a line break would begin another header (RFC 5322 2.2)."""
    subject = as_text(filled(effect.subject, args))
    if not subject.isprintable():
        raise _unfit(name, "has a line break or a control character in its subject")
    if not subject.strip() or len(subject) > _LONGEST_SUBJECT:
        raise _unfit(name, f"has a subject of {len(subject)} characters")
    return subject


def _mark(name: str, args: Mapping[str, Any]) -> str:
    return f"{name} {digest(dict(args))}"


def _unfit(name: str, told: str) -> Deterministic:
    told = f"{name} {told}: no letter was sent."
    return Deterministic(told, cause=name, case=FailureCase.REJECTED, nothing_done=True)
