"""What is wrong in a business's files, told so that whoever wrote them can mend it at once."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import ParamSpec, TypeVar

Pointer = tuple[str | int, ...]
"""The way from the top of a file's data to a place in it: keys, and indexes from 0."""

Asked = ParamSpec("Asked")
Given = TypeVar("Given")
_LISTED = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file: line and column count from 1, `length` is in characters and stays on that line."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend.

    `path` names the place in words ("approve › large refund › when"), `message` what is wrong, `hint` what to do;
    `excerpt` is the line as it stands, where `length` characters from `column` on are meant.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str | None = None
    excerpt: str = ""
    length: int = 1
    at: Pointer = field(default=(), compare=False, repr=False)
    """The place within the file's data, where it has one."""

    @property
    def identity(self) -> tuple[str, int, int, str]:
        """What makes two mistakes the same one; a hint may differ."""
        return self.file, self.line, self.column, self.message

    @property
    def sentence(self) -> str:
        """What is wrong and what to do about it."""
        return " ".join(_ended(part) for part in (self.message, self.hint) if part)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return "\n  ".join([f"{place}  {self.path}".rstrip(), self.sentence])


class SecondaryMistake(Mistake):
    """One that is only found because something else could not be read: its cause is told, and it is not."""


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!", ")", "]", "}")) else f"{sentence}."


class BusinessMistakes(Exception):
    """The files of a business can't be used; `mistakes` holds everything that was found, in the order of the files."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda found: (found.file, found.line, found.column)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name and lines, from which mistakes quote."""

    file: str
    lines: tuple[str, ...]

    def mistake(
        self,
        span: Span,
        message: str,
        hint: str | None = None,
        *,
        path: str = "",
        at: Pointer = (),
        is_secondary: bool = False,
    ) -> Mistake:
        """A mistake at that place of this file."""
        excerpt = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
        kind = SecondaryMistake if is_secondary else Mistake
        return kind(self.file, span.line, span.column, path, message, hint, excerpt, span.length, at)


def source_of(file: str, text: str) -> Source:
    """The source that `text` is; only line feeds part lines, as editors count them."""
    return Source(file, tuple(line.rstrip("\r") for line in text.split("\n")))


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The nearest right name as a question; what there is to choose from where none is near; None where nothing is."""
    names = tuple(dict.fromkeys(known))
    near = _nearest(word, names)
    if near is not None:
        return f"Did you mean {near}?"
    return f"Known: {listed(names)}." if names else None


@lru_cache(maxsize=256)
def _nearest(word: str, names: tuple[str, ...]) -> str | None:
    # Kept: one wrong name may stand at thousands of people, beside thousands of right ones.
    return next(iter(get_close_matches(word, names, n=1, cutoff=0.6)), None)


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as a sentence has them: a, b and c; a long list is cut."""
    if len(words) > _LISTED:
        return f"{', '.join(words[:_LISTED])} {last} {len(words) - _LISTED} more"
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


@dataclass(slots=True)
class Findings:
    """Collects mistakes over a whole business, by the check that found them, so that people mend all of them at once."""

    checks: dict[str, list[Mistake]] = field(default_factory=dict)
    """What each check that was made has found, by its name."""

    @property
    def mistakes(self) -> list[Mistake]:
        """Everything that was found."""
        return [mistake for found in self.checks.values() for mistake in found]

    def hold(self, check: Callable[Asked, Iterable[Mistake]], *args: Asked.args, **named: Asked.kwargs) -> bool:
        """Keep what a check yields; whether that is nothing."""
        found = list(check(*args, **named))
        self._keep(check, found)
        return not found

    def attempt(self, make: Callable[Asked, Given], *args: Asked.args, **named: Asked.kwargs) -> Given | None:
        """What `make` gives; None, with its mistakes kept, when it raises BusinessMistakes."""
        try:
            made = make(*args, **named)
        except BusinessMistakes as error:
            self._keep(make, error.mistakes)
            return None
        self._keep(make, ())
        return made

    def add(self, mistakes: Iterable[Mistake]) -> None:
        """Keep what was found of the shape of a file, which is so in any case."""
        self.checks.setdefault("", []).extend(mistakes)

    def take_over(self, found: "Findings", name: str = "") -> None:
        """Keep what was found of a part, such as a lane, under its name."""
        for check, mistakes in found.checks.items():
            self.checks.setdefault(f"{name} {check}".strip(), []).extend(mistakes)

    def without(self, known: Collection[Mistake]) -> "Findings":
        """What is not known yet, wherever it is told with another hint."""
        told = {one.identity for one in known}
        return Findings(
            {name: [one for one in found if one.identity not in told] for name, found in self.checks.items()}
        )

    def settle(self) -> None:
        """Raise BusinessMistakes if there was any."""
        if self.mistakes:
            raise BusinessMistakes(self.mistakes)

    def _keep(self, check: Callable[..., object], found: Iterable[Mistake]) -> None:
        self.checks.setdefault(check.__qualname__, []).extend(found)
