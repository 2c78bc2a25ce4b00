"""Takes a raw letter: kept as it came, in one transaction, before anything reads it; only then is it acknowledged."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.deployment import Deployment
from gateway.mail.addressing import Purpose, purpose_of
from gateway.mail.config import MailConfig
from gateway.mail.proof import Envelope
from storage import deliveries
from storage.database import Unit
from storage.deliveries import Delivery
from storage.failpoints import passing
from storage.letters import keep_letter

SOURCE = "mail"
KIND = "letter"
MOST_BYTES = 25 * 1024 * 1024
"""The documented limit of one letter with all that hangs on it."""

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_SAME = re.compile(rb"^(?:from|date|subject):[^\r\n]*", re.IGNORECASE | re.MULTILINE)


class NotOurs(ValueError):
    """None of the recipients is an address of ours."""


@dataclass(frozen=True, slots=True)
class Identity:
    """By what copies of a letter are known: the delivery's key and the Message-ID as it is written."""

    key: str
    message_id: str | None


def identity(raw: bytes) -> Identity:
    """The same Message-ID with the same body is the same letter; without one, the same sender, date, subject and body.

    Read with two linear searches: what a parser would do to it comes later, in a child.
    """
    end = _END_OF_HEADER.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    said = hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip()).digest()
    found = _MESSAGE_ID.search(head)
    name = found[1] if found else b"\n".join(sorted(_SAME.findall(head)))
    key = f"mail:{hashlib.sha256(name + bytes(1) + said).hexdigest()}"
    return Identity(key, found[1].decode("ascii", "replace") if found else None)


def keep(
    deployment: Deployment, config: MailConfig, raw: bytes, *, envelope: Envelope, recipients: Sequence[str]
) -> list[Delivery]:
    """Keep a letter for each company that it is addressed to; the new deliveries, [] when all were kept before.

    Raises NotOurs, and sqlalchemy's errors when nothing could be kept.
    """
    purposes = [purpose_of(config, deployment.businesses, one) for one in recipients]
    ours = [one for one in purposes if one is not None]
    if not ours:
        raise NotOurs("no address of ours")
    companies = dict.fromkeys(one.company for one in ours)
    kept: list[Delivery] = []
    passing("gateway.before_receipt")
    for company in companies:
        with deployment.database.transaction(company) as unit:
            kept += _keep(unit, raw, envelope, [one for one in ours if one.company == company])
    passing("gateway.after_receipt")
    return kept


def _keep(unit: Unit, raw: bytes, envelope: Envelope, purposes: Sequence[Purpose]) -> list[Delivery]:
    known = identity(raw)
    sender = envelope.mail_from.replace("\x00", "")[:300]
    digest = keep_letter(unit, raw, from_address=sender, message_id=known.message_id)
    body = {
        "letter": digest,
        "mail_from": sender,
        "rcpt_to": [one.address for one in purposes],
        "relay": envelope.relay,
        "helo": envelope.helo[:300],
        "by_smtp": envelope.by_smtp,
    }
    first = Delivery(unit.company, known.key, SOURCE, KIND, body)
    if deliveries.keep(unit, first):
        return [first]
    before = deliveries.find(unit, known.key)
    if before is None or before.body["letter"] == digest:
        return []
    # Same Message-ID and body under another header: mostly the other way of the same letter. It is kept beside the
    # first, because a forger who sends theirs first must not make us lose the true one.
    copy = Delivery(unit.company, f"{known.key}:{digest[:16]}", SOURCE, KIND, body)
    return [copy] if deliveries.keep(unit, copy) else []
