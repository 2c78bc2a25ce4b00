"""Finds what points to the entries of a numbered list within a line: numbers, ranges, ordinals, "all", "the rest"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from escalation.clauses import key
from escalation.list_phrases import Pointing
from escalation.phrases import Meaning
from escalation.plain_words import read

AROUND = " \t.,;:=>)]}-–—→("
"""What may stand between a number and the words of its answer."""
VOTES = (Meaning.APPROVE, Meaning.REJECT)
_LONGEST_LINE = 600
_MASK = "\N{WHITE SQUARE}"
_BULLETS = re.compile(r"^[\s\-–—•·>*]+(?=\S)")
_EMPHASIS = re.compile(r"[*_~`]+")


class Scope(StrEnum):
    """What an answer is for: the entries that it names, all, or those that no other answer names."""

    NAMED = "named"
    ALL = "all"
    REST = "rest"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a line points to the list, with the words that do so; `numbers` are those that it names."""

    start: int
    end: int
    scope: Scope
    numbers: tuple[int, ...]
    text: str


def marks_in(line: str, count: int, pointing: Pointing) -> list[Mark]:
    """What points to the list in a line, in its order; `count` entries are on the list. A very long line points nowhere."""
    if len(line) > _LONGEST_LINE:
        return []
    masked = re.sub(pointing.no_entry, lambda found: _MASK * len(found[0]), line, flags=re.IGNORECASE)
    found = [*_numbered(masked, count, pointing), *_collective(masked, count, pointing)]
    marks: list[Mark] = []
    for mark in sorted(found, key=lambda one: (one.start, -one.end)):
        if not marks or mark.start >= marks[-1].end:
            marks.append(mark)
    return marks


def _numbered(line: str, count: int, pointing: Pointing) -> Iterator[Mark]:
    """Groups of numbers; beyond the list's end they count only where an answer is said, so that it is told."""
    for group in _group(pointing).finditer(line):
        numbers = _numbers(group[0], pointing)
        if any(1 <= number <= count for number in numbers) or _answers_here(line[: group.start()], pointing):
            yield Mark(group.start(), group.end(), Scope.NAMED, numbers, group[0])


def _answers_here(before: str, pointing: Pointing) -> bool:
    """Whether an answer begins behind these words, or a vote is what they end with."""
    breaks = list(re.finditer(pointing.parts, before, re.IGNORECASE))
    last = before[breaks[-1].end() if breaks else 0 :]
    if not key(bare(last.strip(AROUND), pointing)):
        return True
    said = read(without_lead(last, pointing))
    return said.meaning in VOTES and not said.words


@cache
def _group(pointing: Pointing) -> re.Pattern[str]:
    words = "|".join(pointing.ordinals)
    digits = r"#?[(\[]?(?<!\d)\d{1,2}(?![\w/%€£$]|[.:]\d|,\d\d)[)\]]?"
    named, ordinal = rf"(?:\b(?:{pointing.named})\s*)?", rf"\bthe (?:{words})(?: one)?\b(?! thoughts?)"
    more = rf"(?:{pointing.through}|{pointing.joins})(?:{named}{digits}|{ordinal})"
    return re.compile(rf"(?:{named}(?<![\w./$€£-]){digits}|{ordinal})(?:{more})*", re.IGNORECASE)


def _numbers(group: str, pointing: Pointing) -> tuple[int, ...]:
    found: list[int] = []
    words = "|".join(pointing.ordinals)
    pieces = re.finditer(rf"(?P<number>\d+|\b(?:{words})\b)|(?P<through>{pointing.through})", group, re.IGNORECASE)
    through = False
    for piece in pieces:
        if piece["number"] is None:
            through = True
            continue
        said = piece["number"].lower()
        number = pointing.ordinals[said] if said in pointing.ordinals else int(said)
        found += range(found[-1] + 1, number + 1) if through and found else [number]
        through = False
    return tuple(dict.fromkeys(found))


def _collective(line: str, count: int, pointing: Pointing) -> Iterator[Mark]:
    """Finds "all" where an answer begins or a vote has just been said; elsewhere it belongs to a reason."""
    both = Scope.ALL if count == 2 else Scope.NOWHERE
    for scope, phrase in ((Scope.REST, pointing.rest), (both, pointing.both), (Scope.ALL, pointing.everything)):
        for found in re.finditer(rf"(?<!\w)(?:{phrase})(?!\w)", line, re.IGNORECASE):
            if _answers_here(line[: found.start()], pointing):
                yield Mark(found.start(), found.end(), scope, (), found[0])


def plain_line(line: str, pointing: Pointing) -> str:
    """A line without bullets and emphasis, and with the names of signs."""
    plain = _EMPHASIS.sub("", _BULLETS.sub("", line))
    for sign, word in pointing.language.signs.items():
        plain = plain.replace(sign, f" {word} ")
    return plain.strip()


def bare(line: str, pointing: Pointing) -> str:
    """A line without greeting and politeness."""
    language = pointing.language
    without = re.sub(f"^{language.greeting}", "", f"{line}, " if line else "", flags=re.IGNORECASE)
    return re.sub(language.polite, " ", without, flags=re.IGNORECASE)


def without_lead(words: str, pointing: Pointing) -> str:
    """The words before a number without what leads to it: "yes to"."""
    return re.sub(pointing.leads, "", words.rstrip(), flags=re.IGNORECASE).rstrip()
