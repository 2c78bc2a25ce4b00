"""What a scalar of YAML without quotes means, and which look like more than one thing."""

import re
from collections.abc import Mapping
from functools import lru_cache

_LARGEST = 2**53 - 1
_TOO_LARGE = f'Numbers go up to {_LARGEST}. Write "{{}}" in quotes only if it is text, such as an id.'
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")
_WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

_TRAPS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"(?i)yes|no|on|off|y|n"),
        "may mean text or true and false",
        'Write true or false, or "{}" in quotes.',
    ),
    (re.compile(r"(?i)true|false|null"), "has capital letters", 'Write it small, or "{}" in quotes.'),
    (
        re.compile(r"[-+]?0(o[0-7_]+|[0-9_]+)"),
        "may be an octal number",
        'Write "{}" in quotes if it is text.',
    ),
    (
        re.compile(r"[-+]?0x[0-9a-fA-F_]+"),
        "may be a hexadecimal number",
        'Write it in digits from 0 to 9, or "{}" in quotes if it is text.',
    ),
    (
        re.compile(r"[-+]?0b[01_]+"),
        "may be a binary number",
        'Write it in digits from 0 to 9, or "{}" in quotes if it is text.',
    ),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+"), "may be a time of day or a number", 'Write "{}" in quotes.'),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "may be a date", 'Write "{}" in quotes.'),
    (re.compile(r"[-+]?[0-9]+_[0-9_]*"), "has underscores", "Write the number in digits only."),
    (
        re.compile(r"[-+]?\.?(inf|nan)", re.IGNORECASE),
        "is no number that can be compared",
        'Write "{}" in quotes if it is text.',
    ),
    (re.compile(r"\+[0-9.]+"), "has a plus sign", 'Write the number without it, or "{}" in quotes.'),
)
# One look at a scalar instead of eight: most are no trap. Flags stand within, since the patterns become one.
_ANY_TRAP = re.compile("|".join(f"(?i:{pattern.pattern.removeprefix('(?i)')})" for pattern, _, _ in _TRAPS))


def is_number(text: str) -> bool:
    """Whether text without quotes would be a number."""
    return _NUMBER.fullmatch(text) is not None


class Trap(ValueError):
    """A scalar that may be read as something else than its writer meant; `what` says why, `hint` the way out."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@lru_cache(maxsize=8_192)
def value_of(text: str) -> bool | int | float | str | None:
    """The value of a scalar without quotes; raises Trap. Kept, for the lanes of a business say the same words."""
    if text in _WORDS:
        return _WORDS[text]
    if _ANY_TRAP.fullmatch(text):
        raise next(Trap(what, hint) for pattern, what, hint in _TRAPS if pattern.fullmatch(text))
    if not _NUMBER.fullmatch(text):
        return text
    number = int(text) if _INTEGER.fullmatch(text) and len(text) < 18 else float(text)
    if abs(number) > _LARGEST:
        raise Trap("is too large to be kept exactly", _TOO_LARGE)
    return number
