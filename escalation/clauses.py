"""Takes what somebody wrote apart into lines and clauses, without greeting, politeness and emphasis."""

import re
from dataclasses import dataclass

from escalation.phrases import Language

LONGEST = 500
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "\u00a0": " "})
_EMPHASIS = re.compile(r"(?<!\w)[*_~`\"“”]+|[*_~`\"“”]+(?!\w)")
BREAK = re.compile(r"(?<!\d),|,(?!\d)|[;:!\n–—]|(?<!\d)\.|\.(?!\d)|\s-\s")
_NO_LETTER = re.compile(r"[^\w+\- ]")
ENDS = " \t\n'.!,;:–—"


@dataclass(frozen=True, slots=True)
class Text:
    """One text taken apart: the first line that says something, its first clause, what follows that clause in the same
    paragraph, and everything; `whole` is the paragraph as it was written.
    """

    language: Language
    line: str
    head: str
    rest: str
    everything: str
    whole: str


def taken_apart(words: str, language: Language) -> Text:
    """A text in a language; `whole` is at most LONGEST characters."""
    lines = [line.strip() for line in words.strip().splitlines()]
    said = [_bare(line, language) for line in lines]
    first = next((index for index, line in enumerate(said) if line), 0)
    last = next((index for index in range(first, len(lines)) if not lines[index]), len(lines))
    line = _simple(said[first], language) if said else ""
    head, after = first_clause(line, language)
    rest = "\n".join([after, *(_simple(one, language) for one in lines[first + 1 : last])])
    everything = "\n".join(_simple(one, language) for one in lines)
    return Text(language, line, head, rest.strip(), everything, "\n".join(lines[first:last])[:LONGEST])


def plainly(line: str, language: Language) -> str:
    """A line without greeting, emphasis and politeness; "" when it holds nothing else."""
    plain = _simple(_bare(line, language), language)
    return plain if key(re.sub(language.polite, " ", plain, flags=re.IGNORECASE)) else ""


def _bare(line: str, language: Language) -> str:
    """A line without its greeting."""
    return re.sub(f"^{language.greeting}", "", f"{line} ", flags=re.IGNORECASE).strip() if line else ""


def _simple(line: str, language: Language) -> str:
    """A line without emphasis and politeness, unless it has nothing else, and with the names of signs."""
    plain = _EMPHASIS.sub("", line.translate(_APOSTROPHES))
    for sign, word in language.signs.items():
        plain = plain.replace(sign, f" {word} ")
    without = " ".join(re.sub(language.polite, " ", plain, flags=re.IGNORECASE).split())
    return without if key(without) else " ".join(plain.split())


def first_clause(line: str, language: Language) -> tuple[str, str]:
    """The first clause that says something, and what follows it, without the word that gives a reason."""
    found = re.search(rf"\s+(?:{language.because})\b:?\s*", line, re.IGNORECASE)
    because = found.start() if found else len(line)
    ends = [match for match in BREAK.finditer(line) if match.start() < because and key(line[: match.start()])]
    if ends:
        after = line[ends[0].end() :].lstrip(ENDS)
        return line[: ends[0].start()].strip(ENDS), without_because(after, language)
    return line[:because].strip(ENDS), line[found.end() :].lstrip(ENDS) if found else ""


def without_because(words: str, language: Language) -> str:
    return re.sub(rf"^(?:{language.because})\b:?\s*", "", words, flags=re.IGNORECASE)


def key(clause: str) -> str:
    """A clause as the table is searched for it."""
    return " ".join(_NO_LETTER.sub("", clause.casefold()).split())
