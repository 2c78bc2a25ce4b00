"""Reads single header fields of letters as they really come: 8-bit, folded, badly encoded, or made to hurt."""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.headerregistry import Address, Group
from email.message import Message
from email.policy import default as modern

LONGEST = 2_000
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,200}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_TEXT_CODECS = re.compile(
    r"ascii|utf-8|utf-16(-[bl]e)?|iso8859-\d{1,2}|cp\d{3,4}|koi8-[rut]|mac-\w+|gb2312|gbk|gb18030|hz|big5|big5hkscs|"
    r"shift_jis\w*|euc_\w+|iso2022_\w+|johab|tis-620"
)


def fields(message: Message) -> list[tuple[str, str]]:
    """Every field: its name in lower case, its value unfolded, 8-bit bytes as what they most likely are."""
    return [(name.lower(), _unfolded(str(value))) for name, value in message.raw_items()]


def _unfolded(value: str) -> str:
    raw = value[: 4 * LONGEST].encode("utf-8", "surrogateescape")
    return decoded(raw, "utf-8").replace("\r", "").replace("\n", "")


def decoded(raw: bytes, charset: str | None) -> str:
    """The bytes as text; an unknown charset, or one that is no charset, is read as UTF-8, else as Windows-1252."""
    for name in (charset, "utf-8"):
        try:
            if name and _TEXT_CODECS.fullmatch(codecs.lookup(name).name):
                return raw.decode(name)
        except (LookupError, ValueError):  # UnicodeError is a ValueError; NUL in a name is one too
            continue
    return raw.decode("cp1252", "replace")


def line(value: str | None) -> str:
    """A field's text on one line with its encoded words decoded (RFC 2047)."""
    cut = (value or "")[:LONGEST]
    try:
        words = [(part, charset) for part, charset in decode_header(cut)] if "=?" in cut else [(cut, None)]
    except (HeaderParseError, ValueError):
        words = [(cut, None)]
    text = "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in words)
    return printable(text)


def printable(text: str) -> str:
    """The text without control characters and line breaks, at most 2,000 characters of it."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:LONGEST]


def message_ids(value: str | None) -> list[str]:
    """The message ids that a field holds, as they are written."""
    return _MESSAGE_ID.findall((value or "")[: 4 * LONGEST])


def one_address(value: str) -> str | None:
    """The address of a From field that holds exactly one mailbox and nothing doubtful, in lower case.

    The name beside it never counts. What could be read in two ways is nobody's; so is an address beyond ASCII, because
    letters of other scripts look alike and some fold to ASCII ones.
    """
    try:
        header = modern.header_factory("From", value[:LONGEST])
    except (RecursionError, IndexError, AttributeError, ValueError):
        return None
    groups: tuple[Group, ...] = getattr(header, "groups", ())
    mailboxes: tuple[Address, ...] = getattr(header, "addresses", ())
    plain = len(groups) == 1 and groups[0].display_name is None
    defects = {str(defect) for defect in header.defects} - _HARMLESS
    if defects or not plain or len(mailboxes) != 1 or len(value) > LONGEST:
        return None
    spec = mailboxes[0].addr_spec
    doubtful = value.count("@") - mailboxes[0].display_name.count("@") > 1
    return spec.lower() if _ADDRESS.fullmatch(spec) and not doubtful else None


_HARMLESS = {
    "period in 'phrase'",
    "comment found without atom",
    "encoded word inside quoted string",
    "missing trailing whitespace after encoded-word",
}
"""What email.headerregistry complains of in names that real programs write ("Anna K."); no address hides in it."""


def addresses(value: str) -> list[str]:
    """Every address in a field of recipients, in lower case; for finding, never for proving."""
    return [found.lower() for found in _ADDRESS.findall(value)]
