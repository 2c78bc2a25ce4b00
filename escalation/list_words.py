"""Reads an answer to several decisions at once, by their numbers on a list; whatever is in doubt decides nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from escalation.clauses import key, taken_apart
from escalation.list_phrases import ENGLISH_LISTS, Pointing
from escalation.phrases import Meaning
from escalation.plain_words import Said, read
from escalation.pointing import AROUND, VOTES, Mark, Scope, bare, marks_in, plain_line, without_lead

_MOST_SHOWN = 80
_A_GREETING_AND_A_NAME = 4
_BEFORE_WORDS = re.compile(r"^(?:[\s.,;:=>)\]}–—→]|-(?!1\b))+")


@dataclass(frozen=True, slots=True)
class Part:
    """One answer of several: for which numbers, what it says, and how it was written."""

    scope: Scope
    numbers: tuple[int, ...]
    said: Said
    written: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reply answers, by number; `together` are those that were not named one by one, and have to be alike.

    `doubts` are sentences on what could not be understood; with one of them nothing may be decided.
    """

    answers: Mapping[int, Said] = field(default_factory=dict)
    together: frozenset[int] = frozenset()
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """An answer that is still being gathered: the words before its numbers, and those behind."""

    mark: Mark
    head: str
    tail: str

    @property
    def written(self) -> str:
        return " ".join(f"{self.head}{self.mark.text}{self.tail}".split())


def asks_for_list(words: str, pointing: Pointing = ENGLISH_LISTS) -> bool:
    """Whether a person's own words ask, in one line, what waits for them; a greeting may stand above it and a name below."""
    text = taken_apart(words, pointing.language)
    asked = key(text.line)
    more = key(text.everything).replace(asked, " ", 1).split()
    return asked in _keys(pointing) and len(more) <= _A_GREETING_AND_A_NAME


@cache
def _keys(pointing: Pointing) -> frozenset[str]:
    return frozenset(key(phrase) for phrase in pointing.asks)


def plan_of(words: str, count: int, pointing: Pointing = ENGLISH_LISTS) -> Plan:
    """What somebody's own words answer to a list of `count` decisions that are numbered from 1."""
    parts = parts_of(words, count, pointing)
    answers: dict[int, Said] = {}
    doubts = [doubt for part in parts if (doubt := _doubt(part, count))]
    for part in parts:
        twice = [number for number in part.numbers if not _same(answers.setdefault(number, part.said), part.said)]
        doubts += [f"{number} stands there twice, with different answers." for number in twice]
        answers |= dict.fromkeys(twice, Said(Meaning.NOTHING, ""))
    together: set[int] = set()
    for part in (one for one in parts if one.scope in (Scope.ALL, Scope.REST)):
        wanted = _meant(part, count, answers)
        together |= wanted
        answers |= dict.fromkeys(sorted(wanted), part.said)
    doubts += _overlaps(parts)
    return Plan(dict(sorted(answers.items())), frozenset(together), tuple(dict.fromkeys(doubts)))


def _meant(part: Part, count: int, answers: Mapping[int, Said]) -> set[int]:
    everything = set(range(1, count + 1))
    return everything if part.scope is Scope.ALL else everything - set(answers)


def _overlaps(parts: Sequence[Part]) -> list[str]:
    """Who says "all" and something else, too, may mean that it does not hold for all."""
    wide = [part for part in parts if part.scope in (Scope.ALL, Scope.REST)]
    if not wide or (len(wide) == 1 and (wide[0].scope is Scope.REST or len(parts) == 1)):
        return []
    return [f"“{_short(wide[0].written)}”, and other answers beside it: say by its number what each of them is."]


def _same(one: Said, other: Said) -> bool:
    return (one.meaning, one.amount, one.who, one.until) == (other.meaning, other.amount, other.who, other.until)


def _doubt(part: Part, count: int) -> str:
    """Why a part says nothing; "" when it says something."""
    missing = [number for number in part.numbers if not 1 <= number <= count]
    written = _short(part.written)
    if not written:
        return "There are no words of yours in it."
    if part.scope is Scope.NOWHERE:
        return f"“{written}”: say by its number which one you mean."
    if missing:
        return f"“{written}”: there is no {missing[0]} on the list."
    return f"“{written}”" if part.said.meaning is Meaning.NOTHING else ""


def _short(words: str) -> str:
    return words if len(words) <= _MOST_SHOWN else f"{words[: _MOST_SHOWN - 1].rstrip()}…"


def parts_of(words: str, count: int, pointing: Pointing = ENGLISH_LISTS) -> tuple[Part, ...]:
    """The answers in the order in which they stand there; one without numbers is for the only entry there is, or for none."""
    drafts: list[_Draft] = []
    before: list[str] = []
    for line in words.strip().splitlines():
        plain = plain_line(line, pointing)
        found = _drafts(plain, count, pointing)
        if found:
            drafts += found
        elif drafts:
            drafts[-1].tail += f"\n{plain}"
        else:
            before.append(plain)
    if not drafts:
        return (_plain("\n".join(before), count),)
    stray = [line for line in before if not _leads_in(line, pointing)]
    told = [Part(Scope.NOWHERE, (), Said(Meaning.NOTHING, line), line) for line in stray]
    return (*told, *(_read(draft, pointing) for draft in drafts))


def _plain(words: str, count: int) -> Part:
    written = " ".join(words.split())
    return (
        Part(Scope.NAMED, (1,), read(words), written) if count == 1 else Part(Scope.NOWHERE, (), read(words), written)
    )


def _leads_in(line: str, pointing: Pointing) -> bool:
    """Whether a line before the first answer says nothing: a greeting, politeness, "here are my answers"."""
    said = key(bare(line, pointing))
    return not said or said in pointing.lead_ins


def _drafts(line: str, count: int, pointing: Pointing) -> list[_Draft]:
    """The answers of one line: numbers first ("1 approve, 2 reject"), words first ("approve 1, reject 2"), or both."""
    marks = marks_in(line, count, pointing)
    ends = [mark.start for mark in marks[1:]] + [len(line)] * bool(marks)
    drafts: list[_Draft] = []
    for mark, end in zip(marks, ends, strict=True):
        drafts.append(_Draft(mark, "" if drafts else line[: mark.start], line[mark.end : end]))
    words_first = bool(marks and key(bare(drafts[0].head.strip(AROUND), pointing)))
    for draft, following in pairwise(drafts):
        if words_first or read(_BEFORE_WORDS.sub("", following.tail)).meaning is Meaning.NOTHING:
            _lend(draft, following, pointing, whole=words_first)
    return drafts


def _lend(draft: _Draft, following: _Draft, pointing: Pointing, *, whole: bool) -> None:
    """The words between two numbers: up to the last break the reason of the first, from there on the answer to the second."""
    breaks = list(re.finditer(pointing.parts, draft.tail, re.IGNORECASE))
    if breaks:
        draft.tail, following.head = draft.tail[: breaks[-1].start()], draft.tail[breaks[-1].end() :]
    elif whole:
        draft.tail, following.head = "", draft.tail


def _read(draft: _Draft, pointing: Pointing) -> Part:
    """The words around the numbers, as if they were said of one: "approve 1" as "approve", "ask Mei about 2" as "ask Mei about it"."""
    tail = re.sub(r"(?:[\s,;]|\b(?:and|but|then)\b)+$", "", draft.tail, flags=re.IGNORECASE)
    head = without_lead(draft.head, pointing)
    if not key(bare(head.strip(AROUND), pointing)):
        behind = _BEFORE_WORDS.sub("", tail)
        stated = behind if "?" in behind else re.sub(pointing.links, "", behind, flags=re.IGNORECASE)
        said = _first(stated, behind)
    else:
        said = _first(f"{head}{tail}", f"{draft.head.rstrip()} it{tail}")
        if said.meaning is Meaning.ASK and read(head).meaning in VOTES:
            said = Said(Meaning.NOTHING, said.words)  # a vote and a question, perhaps of two entries
    return Part(draft.mark.scope, draft.mark.numbers, said, draft.written)


def _first(without: str, whole: str) -> Said:
    """What the words mean without the number, or with a word in its place; a question is kept whole."""
    found = (read(without), read(whole), read(without.replace(" (", ": (")))
    if found[0].meaning is Meaning.ASK and found[1].meaning is Meaning.ASK:
        return found[1]
    return next((said for said in found if said.meaning is not Meaning.NOTHING), found[0])
