"""Reads what somebody says to a decision in plain words, by a table of phrases; whatever is in doubt decides nothing."""

import re
from dataclasses import dataclass
from functools import cache

from escalation.clauses import BREAK, ENDS, LONGEST, Text, first_clause, key, taken_apart
from escalation.phrases import ENGLISH, Language, Meaning

LONGEST_REASON = LONGEST


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says: `words` are their reason, their question, or all that they said.

    `amount` is the number that they would agree to, as they wrote it ("300", "1,200.50"), with `currency` if they named
    one; `who` is whom they point to; `until` is when they want to be reminded.
    """

    meaning: Meaning
    words: str
    amount: str | None = None
    currency: str | None = None
    who: str | None = None
    until: str | None = None


def read(words: str, language: Language = ENGLISH) -> Said:
    """What a person's own words (nothing quoted, no signature) say to a decision; their first line counts."""
    text = taken_apart(words, language)
    for way in (_question, _limit, _vote, _wish, _shape):
        found = way(text)
        if found is not None:
            return found
    return _doubt(text)


def _meaning(clause: str, language: Language) -> Meaning | None:
    """What a clause means that is one phrase, or several of one meaning in a row, such as "yes, go ahead"."""
    words = tuple(key(clause).split())
    return next((meaning for meaning in language.phrases if _consists_of(words, _phrases(language, meaning))), None)


def _consists_of(words: tuple[str, ...], phrases: frozenset[tuple[str, ...]]) -> bool:
    cuts = range(len(words), 0, -1)
    return any(words[:cut] in phrases and (cut == len(words) or _consists_of(words[cut:], phrases)) for cut in cuts)


@cache
def _phrases(language: Language, meaning: Meaning) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(key(phrase).split()) for phrase in language.phrases[meaning])


def _doubt(text: Text) -> Said:
    return Said(Meaning.NOTHING, text.whole)


def _question(text: Text) -> Said | None:
    if "?" not in text.line or key(text.line) in text.language.rhetorical:
        return None
    return Said(Meaning.ASK, text.whole)


def _limit(text: Text) -> Said | None:
    """Yes, but only so much: one number, and beside it nothing but a yes and the words that make it a limit."""
    language = text.language
    sentence = _without_references(
        re.split(rf"\s(?:{language.because})\s", text.line, flags=re.IGNORECASE)[0], language
    )
    numbers = list(re.finditer(language.amount, sentence, re.IGNORECASE))
    if len(numbers) != 1:
        return None
    (number,) = numbers
    beside = f"{sentence[: number.start()]} {sentence[number.end() :]}"
    bounds = re.compile(rf"\b(?:{language.bounds})\b", re.IGNORECASE)
    currency = number["sign"] or number["currency"]
    if not (currency or bounds.search(beside)) or not _is_only_yes(bounds.sub(" ", beside), language):
        return None
    return Said(Meaning.CHANGE, text.whole, amount=number["number"], currency=currency)


def _is_only_yes(words: str, language: Language) -> bool:
    left = re.sub(r"[^\w+' -]", " ", words)
    return not key(left) or _meaning(left, language) is Meaning.APPROVE


def _without_references(words: str, language: Language) -> str:
    return re.sub(language.references, " ", words, flags=re.IGNORECASE)


def _vote(text: Text) -> Said | None:
    """A yes or a no, unless what follows spoils it or something else takes it back."""
    language = text.language
    whole_line = key(text.line) in language.rhetorical
    meaning = Meaning.APPROVE if whole_line else _meaning(text.head, language)
    if meaning is None or meaning not in language.not_after:
        return None
    rest = "" if whole_line else text.rest
    spoilt = re.search(language.not_after[meaning], _without_references(rest, language), re.IGNORECASE)
    taken_back = re.search(language.taken_back[meaning], text.everything.replace(text.head, "", 1), re.IGNORECASE)
    return _doubt(text) if spoilt or taken_back else Said(meaning, rest[:LONGEST_REASON].lstrip(ENDS).rstrip())


def _wish(text: Text) -> Said | None:
    """Neither yes nor no, by a phrase of the table; a yes or a no behind it is a doubt."""
    meaning = _meaning(text.head, text.language)
    if meaning is None:
        return None
    second = first_clause(text.rest, text.language)[0]
    if _meaning(second, text.language) in text.language.not_after:
        return _doubt(text)
    shaped = _shape(text)
    return shaped if shaped is not None and shaped.meaning is meaning else Said(meaning, text.whole)


def _shape(text: Text) -> Said | None:
    """A wish of which the table knows the shape: whom to ask, when to come back, what to do over."""
    sentence = " ".join(BREAK.sub(" ", text.line).split()).strip(ENDS)
    for meaning, shapes in text.language.shapes.items():
        for shape in shapes:
            found = re.fullmatch(shape, sentence, re.IGNORECASE)
            who, until = _named(found, "who", "whose"), _named(found, "until")
            if found is not None and (who or "").casefold() not in text.language.nobody:
                return Said(meaning, text.whole, who=who, until=until)
    return None


def _named(found: re.Match[str] | None, *groups: str) -> str | None:
    there = found.groupdict() if found is not None else {}
    return next((there[name] for name in groups if there.get(name)), None)
