"""Knows which places of a lane file are to be read otherwise while one looks for what mistakes in them may hide."""

from collections.abc import Iterable, Iterator
from typing import Any

from contracts.contract import Lane
from contracts.loading.fields import place_at
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer

_ORDER = "name"
"""Where it is told that the steps are no graph: what would mend it is the order that they say themselves."""
_OF_CODE = ("each", "coordinates")
"""Whether these fit is known of code as well, which is not read otherwise."""


def doubted_places(page: Page, found: Iterable[Mistake]) -> list[Pointer]:
    """The places of what was found that something else may be put into."""
    places = dict.fromkeys(
        place for one in found if one.file == page.source.file for place in _places(page.data, one.at)
    )
    return sorted((at for at in places if at and _can_be_read_otherwise(at)), key=str)


def _can_be_read_otherwise(at: Pointer) -> bool:
    """Whether something is declared for a place; whatever else stood within a rule or a fact would make mistakes of its own."""
    place = place_at(Lane, at)
    return place is not None and place.kind is not Any


def _places(data: Any, at: Pointer) -> Iterator[Pointer]:
    if at[:1] == ("steps",) and at[-1] == _ORDER:
        names = [step.get(_ORDER) for step in data["steps"]]
        is_double = names.count(names[int(at[1])]) > 1
        afters = [("steps", index, "after") for index, step in enumerate(data["steps"]) if "after" in step]
        yield from [at] if is_double else afters
    elif at and at[-1] not in _OF_CODE:
        yield at
