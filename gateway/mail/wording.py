"""What a letter's writer says themselves: without what they quote, forward, or sign with."""

import re

from mailparser_reply import EmailReplyParser

_LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "pt", "ja"]
_CUT = re.compile(
    r"^(?:-- ?|__+|—+|–+|"
    r"-{2,} ?(?:original message|forwarded message|ursprüngliche nachricht|message d'origine).*|begin forwarded message:|"
    r"(?:sent|get outlook|envoyé|gesendet|enviado|verzonden|inviato|skickat) (?:from|for|via|with|depuis|de|von|desde|mit|"
    r"dal|från|vanaf)\b.*|отправлено с .*|"
    r"(?:(?:with )?(?:best|kind|warm)? ?(?:regards|wishes)|best|cheers|sincerely|thanks,? and regards|many thanks|"
    r"mit freundlichen grüßen|viele grüße|cordialement)[,.!]?)$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*[>|]")
_LONGEST = 20_000


def own_words(text: str) -> str:
    """The writer's own lines, blank ones at both ends left out; "" when everything is quoted."""
    reply = EmailReplyParser(languages=_LANGUAGES).parse_reply(text[:_LONGEST]) or ""
    kept: list[str] = []
    for line in reply.splitlines():
        if kept and _CUT.match(line.strip()):
            break
        if not _QUOTED.match(line):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def without_name(words: str, name: str) -> str:
    """A person's own words without their name below them."""
    lines = words.rstrip().splitlines()
    signed = {name.casefold(), *(part.casefold() for part in name.split())}
    if len(lines) > 1 and lines[-1].strip(" -–—,.").casefold() in signed:
        return "\n".join(lines[:-1]).rstrip()
    return words
