"""Texts with places for arguments, `{name}`: filled for a call, and checked against what an operation takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion

PLACE = re.compile(r"\{([^{}]*)\}")


def places(template: Any) -> list[str]:
    """The arguments that a template has places for, in order."""
    if isinstance(template, str):
        return PLACE.findall(template)
    parts = (
        template.values() if isinstance(template, Mapping) else template if isinstance(template, list | tuple) else ()
    )
    return [name for part in parts for name in places(part)]


def filled(template: Any, args: Mapping[str, Any]) -> Any:
    """A template with its places filled: a text that is one place becomes the argument itself, with its type."""
    if isinstance(template, str):
        whole = PLACE.fullmatch(template)
        return args[whole[1]] if whole else PLACE.sub(lambda place: as_text(args[place[1]]), template)
    if isinstance(template, Mapping):
        return {name: filled(part, args) for name, part in template.items()}
    if isinstance(template, list | tuple):
        return [filled(part, args) for part in template]
    return template


def as_text(value: Any) -> str:
    """An argument as it stands in a path, a query or a header: nothing for null, and JSON's words for truth."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)


def unfilled(page: Page, at: Pointer, sent: Mapping[str, Any], known: list[str]) -> Iterator[Mistake]:
    """Places that no argument fills."""
    for part, template in sent.items():
        for name in dict.fromkeys(places(template)):
            if name not in known:
                yield page.mistake((*at, part), f"{{{name}}} is not taken", suggestion(name, known))


def unsent(page: Page, at: Pointer, sent: Mapping[str, Any], takes: list[str]) -> Iterator[Mistake]:
    """Arguments that have no place anywhere."""
    found = places(sent)
    for name in takes:
        if name not in found:
            yield page.mistake((*at, "takes", name), f"{{{name}}} is not sent", None, key=True)
