"""Has words for every pattern of a field: what belongs there, an example, and what somebody most likely meant."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches


def _nothing(_: str) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a pattern means: `words` with an example, and what may have been `meant` by text that does not fit it."""

    words: str
    meant: Callable[[str], Iterator[str]] = _nothing


def told_of_shape(given: str, pattern: str) -> tuple[str, str | None]:
    """What text should have been that a pattern refused, in words, and what to write instead where that can be told."""
    shape = SHAPES[pattern]
    fitting = [
        f'"{one}"' if ":" in one and one[:1].isdigit() else one for one in shape.meant(given) if re.search(pattern, one)
    ]
    return shape.words, f"Write {', or '.join(fitting)}." if fitting else None


def meant_by(given: str) -> list[str]:
    """The names that a text may have been meant for which is none."""
    return [name for name in (_plain(given, "-"), _plain(given, "_")) if name]


def _plain(text: str, hyphen: str) -> str:
    """Small letters and digits of a text, with a hyphen or an underscore for everything between."""
    bare = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", hyphen, bare).strip(hyphen)


def _slug(text: str) -> Iterator[str]:
    yield _plain(text.rpartition(":")[2], "-")


def _field(text: str) -> Iterator[str]:
    yield _plain(text.rpartition(".")[2], "_")


def _of_module(module: str, letter: Callable[[str], str]) -> Callable[[str], Iterator[str]]:
    def meant(text: str) -> Iterator[str]:
        before, _, name = text.rpartition(":")
        if not before or get_close_matches(before.lower(), [module, f"{module}.py"]):
            yield f"{module}:{letter(name[:1])}{name[1:]}"

    return meant


_model = _of_module("models", str.upper)
_function = _of_module("workers", str.lower)


def _output(text: str) -> Iterator[str]:
    yield from ("review",) if text.lower() == "review" else (*_model(text), "review")


def _somebody(text: str) -> Iterator[str]:
    kind, colon, name = text.rpartition(":")
    if not colon:
        yield from (f"person:{_plain(name, '-')}", f"group:{_plain(name, '-')}")
    else:
        near = get_close_matches(kind.lower(), ["group", "person", "manager-of"], n=1)
        yield from (f"{kind}:{_plain(name, '-')}" for kind in near)


def _tool(text: str) -> Iterator[str]:
    file, _, name = text.partition(":")
    if "/" not in file:
        yield f"tools/{file.removesuffix('.py')}.py:{name[:1].upper()}{name[1:]}"


def _share(text: str) -> Iterator[str]:
    yield from (text.lower(), f"{text.removesuffix('%').strip()}%")


def _time(text: str) -> Iterator[str]:
    yield from (text.zfill(5), f"{text.zfill(2)}:00")


def _domain(text: str) -> Iterator[str]:
    yield text.lower().rpartition("@")[2].removeprefix("https://").removeprefix("http://").strip("/.")


def _capitals(text: str) -> Iterator[str]:
    yield text.upper()


SHAPES: Mapping[str, Shape] = {
    r"^[a-z][a-z0-9-]{0,47}$": Shape("a name of small letters, digits and hyphens, such as finance-approvers", _slug),
    r"^[a-z][a-z0-9_]*$": Shape("a field's name of small letters, digits and underscores, such as payment", _field),
    r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$": Shape("a fact's path, such as state.order.number"),
    r"^[a-z][a-z0-9-]*\.[a-z_][a-z0-9_]*$": Shape("a system, a dot and a name of it, such as shop.order"),
    r"^models:[A-Z][A-Za-z0-9]*$": Shape("a model of models.py, such as models:Refund", _model),
    r"^(models:[A-Z][A-Za-z0-9]*|review)$": Shape("a model of models.py, such as models:Refund, or review", _output),
    r"^workers:[a-z_][a-z0-9_]*$": Shape("a function of workers.py, such as workers:pay", _function),
    r"^tools/[a-z0-9_]+\.py:[A-Z][A-Za-z0-9]*$": Shape("a class of a tool, such as tools/shop.py:Shop", _tool),
    r"^(group|person|manager-of):[a-z][a-z0-9-]*$": Shape("group:NAME, person:NAME or manager-of:requester", _somebody),
    r"^(all|any|[1-9][0-9]?%)$": Shape("all, any or a share below 100%, such as 80%", _share),
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": Shape('a time of day in quotes, such as "08:00"', _time),
    r"^[A-Z]{3}$": Shape("a currency of three capitals, such as USD", _capitals),
    r"^T[A-Z0-9]{2,}$": Shape("a Slack team's id, such as T0MORNING", _capitals),
    r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$": Shape("a mail address, such as anna@morning.example"),
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$": Shape(
        "a domain, such as ask.morning.example", _domain
    ),
}
"""Every pattern that a field of a file may have."""
