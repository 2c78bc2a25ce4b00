"""Takes a raw letter apart; runs in a child process only, because real mail breaks parsers and hostile mail means to."""

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message
from typing import Any

from gateway.mail.headers import addresses, decoded, fields, line, message_ids, one_address, printable
from gateway.mail.markup import text_of

MOST_FIELDS = 1_000
MOST_HEADER_BYTES = 512_000
MOST_CONTAINERS = 100
DEEPEST = 30
MOST_PARTS = 500
MOST_TAGS = 10_000
LONGEST_TEXT = 200_000
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^[^\s:]+:", re.MULTILINE)
_CONTAINER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.MULTILINE | re.IGNORECASE)
_MARKS = ("auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-autoresponse", "x-loop")
_BULK = {"bulk", "list", "junk", "auto_reply"}
_ODD = (LookupError, ValueError, AttributeError, TypeError)  # what email.message raises on real letters


class TooMuch(ValueError):
    """The letter exceeds a limit; the message says which."""


def dissect(raw: bytes) -> dict[str, Any]:
    """The letter as gateway.mail.letter.Letter has it, as JSON; raises TooMuch, and whatever email.parser raises."""
    _look_before(raw)
    message = message_from_bytes(raw)
    found = fields(message)
    plain, html = _texts(message)
    senders = [value for name, value in found if name == "from"]
    return {
        "senders": [address for value in senders if (address := one_address(value))],
        "sender_fields": len(senders),
        "recipients": [one for name, value in found if name in {"to", "cc"} for one in addresses(value)][:200],
        "subject": line(_first(found, "subject")),
        "message_id": next(iter(message_ids(_first(found, "message-id"))), None),
        "in_reply_to": next(iter(message_ids(_first(found, "in-reply-to"))), None),
        "references": message_ids(_first(found, "references"))[:100],
        "date": line(_first(found, "date")) or None,
        "machine_marks": list(_machine_marks(found)),
        "received": sum(name == "received" for name, _ in found),
        "media_type": printable(message.get_content_type()),
        "is_report": message.get_content_type() == "multipart/report",
        "reports": list(_reports(message)),
        "attachments": [_attachment(part) for part in _parts(message) if _is_attachment(part)],
        "authentication": [value[:8_000] for name, value in found if name == "authentication-results"][:20],
        **_chosen(plain, html),
    }


def _look_before(raw: bytes) -> None:
    """What would take the parser long, or too deep, is seen without it."""
    end = _END_OF_HEADERS.search(raw)
    head = raw[: end.start()] if end else raw
    if len(head) > MOST_HEADER_BYTES:
        raise TooMuch(f"its header has more than {MOST_HEADER_BYTES:,} bytes")
    if sum(1 for _ in _FIELD.finditer(head)) > MOST_FIELDS:
        raise TooMuch(f"it has more than {MOST_FIELDS:,} header fields")
    if sum(1 for _ in _CONTAINER.finditer(raw)) > MOST_CONTAINERS:
        raise TooMuch(f"it nests more than {MOST_CONTAINERS} parts")


def _first(found: Sequence[tuple[str, str]], wanted: str) -> str | None:
    return next((value for name, value in found if name == wanted), None)


def _machine_marks(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """RFC 3834, section 2; list fields are RFC 2369's and RFC 2919's."""
    for name, value in found:
        said = printable(value).lower().partition(";")[0].strip()
        listed = name.startswith("list-") or name in {"x-autoreply", "x-autorespond", "x-autoresponse"}
        automatic = name == "auto-submitted" and said not in {"no", ""}
        bulk = name == "precedence" and said in _BULK
        unsent = name == "return-path" and said == "<>"
        if listed:
            yield name[:100]
        elif automatic or bulk or unsent:
            yield f"{name}: {said[:100]}"


def _parts(part: Message, depth: int = 0) -> Iterator[Message]:
    """The leaves, with letters inside the letter as leaves too: their words are not the sender's."""
    if depth > DEEPEST:
        raise TooMuch(f"its parts nest deeper than {DEEPEST}")
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for inner in _inside(part):
            yield from _parts(inner, depth + 1)
    else:
        yield part


def _texts(message: Message) -> tuple[str | None, str | None]:
    words: dict[str, str] = {}
    for part in _parts(message):
        kind = "text/plain" if _is_broken(part) else part.get_content_type()
        if kind in {"text/plain", "text/html"} and kind not in words and not _is_attachment(part):
            words[kind] = _text(part)
    plain, html = words.get("text/plain"), words.get("text/html")
    if html is not None and html.count("<") > MOST_TAGS:
        if plain is None:
            raise TooMuch(f"its HTML has more than {MOST_TAGS:,} tags")
        html = None
    return plain, text_of(html) if html is not None else None


def _is_broken(part: Message) -> bool:
    """It says that it has parts, and none was found: what it holds is read as plain text."""
    return part.get_content_maintype() == "multipart" and not part.is_multipart()


def _is_attachment(part: Message) -> bool:
    if _is_broken(part):
        return False
    if part.get_content_maintype() != "text":
        return True
    try:
        return part.get_content_disposition() == "attachment"
    except _ODD:
        return False


def _text(part: Message) -> str:
    try:
        payload = part.get_payload(decode=True)
    except _ODD:
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    try:
        charset = part.get_content_charset()
    except _ODD:
        charset = None
    raw = payload[: 4 * LONGEST_TEXT] if isinstance(payload, bytes) else b""
    return decoded(raw, charset).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _chosen(plain: str | None, html: str | None) -> dict[str, Any]:
    written = plain if plain and plain.strip() else html
    source = "nothing" if not written else "plain" if written is plain else "html"
    both = html if source == "plain" else None
    return {"text": _kept(written or ""), "text_from": source, "html_text": _kept(both) if both is not None else None}


def _kept(text: str) -> str:
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def _attachment(part: Message) -> dict[str, Any]:
    try:
        name = part.get_filename() or ""
    except _ODD:
        name = ""
    payload = part.get_payload()
    size = len(payload) if isinstance(payload, str) else 0
    last = re.split(r"[/\\]", line(name))[-1].strip(". ")
    return {"name": last[:200], "media_type": printable(part.get_content_type()), "size": size}


def _reports(message: Message) -> Iterator[dict[str, Any]]:
    """RFC 3464, section 2.3: one block of fields for each recipient, after one for the whole letter."""
    about = _original_id(message)
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            yield from (_report(block, about) for block in _inside(part) if "final-recipient" in block)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload[:MOST_PARTS] if isinstance(one, Message)] if isinstance(payload, list) else []


def _report(block: Message, about: str | None) -> dict[str, Any]:
    found = fields(block)
    recipient = addresses((_first(found, "final-recipient") or "").partition(";")[2])
    return {
        "action": line(_first(found, "action")).lower(),
        "status": line(_first(found, "status")),
        "recipient": next(iter(recipient), ""),
        "original_message_id": about,
    }


def _original_id(message: Message) -> str | None:
    """The id of the letter that came back, from the copy of its header; text/rfc822-headers is RFC 6522's."""
    for part in _parts(message):
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            inside = _inside(part)
            written = inside[0].as_string() if inside else _text(part)
            found = re.search(r"^message-id:\s*(<[^<>\s]{1,250}>)", written, re.IGNORECASE | re.MULTILINE)
            if found:
                return found[1]
    return None
