"""Reads how a requester asks, in plain words, that their request be changed or ended; whatever is in doubt asks nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from escalation.change_phrases import AMOUNT, ENGLISH_CHANGES, VALUE, Rethinking
from escalation.clauses import ENDS, first_clause, key, plainly

_CLAUSES = re.compile(r"[,:;–—]\s+|\s-\s")
_SENTENCES = re.compile(r"[.!]+(?:\s+|$)")
_AROUND_A_LINE = " \t*_>•·+-–"
_MOST_SHOWN = 80
_LONGEST = 400
"""Letters in a sentence; in a longer one no shape is looked for."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How people call the fields of a task type: names by each call, in small letters; `free` are those that take any text."""

    names: Mapping[str, str]
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Correction:
    """One value that should be otherwise, as it was written; without `name` the writer did not say of what.

    `was` is what they say that it is now.
    """

    name: str | None
    value: str
    was: str | None
    written: str


@dataclass(slots=True)
class Rethought:
    """What a letter asks of a request; `doubts` are the sentences that could not be understood, and then nothing is done.

    `about` are the fields that are said to be wrong.
    """

    ends: bool = False
    reason: str | None = None
    corrections: list[Correction] = field(default_factory=list)
    about: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)

    @property
    def is_clear(self) -> bool:
        """Whether it asks for one thing, and nothing else is said."""
        return not self.doubts and (self.ends != bool(self.corrections))


def read(words: str, naming: Naming, task: int, language: Rethinking = ENGLISH_CHANGES) -> Rethought:
    """What somebody's own words (nothing quoted, no signature) ask of the request that became task `task`."""
    found = Rethought()
    running: int | None = None
    for line in words.splitlines():
        plain = plainly(line, language.language)
        labelled = _labelled(line.strip(_AROUND_A_LINE), naming, language)
        if labelled is not None:
            running = len(found.corrections) if labelled.name in naming.free else None
            found.corrections.append(labelled)
        elif running is not None and line.strip() and not _asks(plain, naming, task, language):
            found.corrections[running] = _longer(found.corrections[running], line)
        else:
            for sentence in filter(key, _SENTENCES.split(plain)):
                _take(sentence.strip(), found, naming, task, language)
    _name_the_nameless(found)
    found.doubts += _contradictions(found)
    return found


def _name_the_nameless(found: Rethought) -> None:
    """After "wrong order. It should be 1003" the value is that of the order."""
    if len(found.about) == 1:
        (name,) = found.about
        found.corrections = [replace(one, name=one.name or name) for one in found.corrections]


def _labelled(line: str, naming: Naming, language: Rethinking) -> Correction | None:
    match = _shape(language.lines, naming).fullmatch(line)
    return Correction(_name(match, naming), match["value"].strip(_AROUND_A_LINE), None, line) if match else None


def _longer(one: Correction, line: str) -> Correction:
    return Correction(one.name, f"{one.value}\n{line.strip()}".strip(), None, one.written)


def _asks(plain: str, naming: Naming, task: int, language: Rethinking) -> bool:
    """Whether a line below a free text is a wish of its own and not its next line."""
    alone = Rethought()
    _take(plain, alone, naming, task, language)
    return alone.ends or bool(alone.corrections)


def _take(sentence: str, found: Rethought, naming: Naming, task: int, language: Rethinking) -> None:
    """What one sentence asks, says beside it, or leaves in doubt."""
    lead = re.match(language.leads, sentence, re.IGNORECASE)
    bare = sentence[lead.end() if lead else 0 :].strip(ENDS)
    if lead and re.search(language.polite_question, lead[0], re.IGNORECASE):
        bare = bare.removesuffix("?")
    ends, reason = _end(bare, task, language)
    if ends:
        found.ends, found.reason = True, reason or found.reason
        return
    excuse, *more = _CLAUSES.split(bare, maxsplit=1)
    if _says_nothing(bare, found, naming, language):
        return
    if more and _says_nothing(excuse, found, naming, language):
        _take(more[0], found, naming, task, language)
        return
    corrections, reason = _corrections(bare, naming, language)
    found.corrections += corrections
    found.reason = reason or found.reason
    if not corrections:
        found.doubts.append(f"“{_short(sentence)}”")


def _end(sentence: str, task: int, language: Rethinking) -> tuple[bool, str | None]:
    numbered = re.fullmatch(language.ends_task, sentence, re.IGNORECASE)
    if numbered is not None:
        return int(numbered["task"]) == task, None
    head, rest = first_clause(sentence, language.language)
    if "?" in sentence or key(head) not in _keys(language) or re.search(language.spoilt, rest, re.IGNORECASE):
        return False, None
    return True, rest or None


@cache
def _keys(language: Rethinking) -> frozenset[str]:
    return frozenset(key(phrase) for phrase in language.ends)


def _says_nothing(sentence: str, found: Rethought, naming: Naming, language: Rethinking) -> bool:
    """Whether it only excuses; which field it calls wrong is kept."""
    matches = [match for one in language.wrong if (match := _shape(one, naming).fullmatch(sentence.strip(ENDS)))]
    found.about |= {naming.names[called_as(match["field"])] for match in matches}
    said = key(sentence)
    return not said or bool(matches) or said in {key(phrase) for phrase in language.excuses}


def _corrections(sentence: str, naming: Naming, language: Rethinking) -> tuple[list[Correction], str | None]:
    """The changes of a sentence, all or none of them, and the reason behind them."""
    whole = _pieces(sentence, naming, language) if len(sentence) <= _LONGEST else []
    if whole or len(sentence) > _LONGEST:
        return whole, None
    parted = re.split(language.reason, sentence, maxsplit=1, flags=re.IGNORECASE)
    return (_pieces(parted[0], naming, language), parted[1]) if len(parted) > 1 else ([], None)


def _pieces(sentence: str, naming: Naming, language: Rethinking) -> list[Correction]:
    parts = _shape(language.again, naming, counts=False).split(sentence)
    found = [_correction(part.strip(), naming, language) for part in parts]
    return [one for one in found if one] if all(found) else []


def _correction(part: str, naming: Naming, language: Rethinking) -> Correction | None:
    matches = (_shape(one, naming).fullmatch(part) for one in (*language.named, *language.bare))
    for match in filter(None, matches):
        name, groups = _name(match, naming), match.groupdict()
        hedged = name not in naming.free and re.search(language.hedges, groups["value"], re.IGNORECASE)
        if not hedged:
            return Correction(name, groups["value"].strip(" ,;"), groups.get("was"), part)
    return None


def _name(match: re.Match[str], naming: Naming) -> str | None:
    called = match.groupdict().get("field")
    return naming.names[called_as(called)] if called is not None else None


def called_as(words: str) -> str:
    """A field's name or label as the naming has it."""
    return re.sub(r"[\s_-]+", " ", words).strip().casefold()


@cache
def _compiled(shape: str, called: tuple[str, ...], *, counts: bool) -> re.Pattern[str]:
    words = "|".join(re.escape(one).replace(r"\ ", r"[\s_-]+") for one in called) or r"(?!)"
    named = f"(?P<field>{words})" if counts else f"(?:{words})"
    return re.compile(shape.replace("FIELD", named).replace("AMOUNT", AMOUNT).replace("VALUE", VALUE), re.IGNORECASE)


def _shape(shape: str, naming: Naming, *, counts: bool = True) -> re.Pattern[str]:
    """A shape with the fields' names in it, the longest first."""
    called = tuple(sorted(naming.names, key=lambda one: (-len(one), one)))
    return _compiled(shape, called, counts=counts)


def _contradictions(found: Rethought) -> Iterator[str]:
    if found.ends and found.corrections:
        yield "To end it and to change it are two things: write one of them."
    for name in dict.fromkeys(one.name for one in found.corrections):
        values = {one.value for one in found.corrections if one.name == name}
        if len(values) > 1:
            yield f"There are two values for {'what you did not name' if name is None else name}."


def _short(words: str) -> str:
    return words if len(words) <= _MOST_SHOWN else f"{words[: _MOST_SHOWN - 1].rstrip()}…"
