"""Checks what an approval edge says of the effect's arguments: which may be changed, and which are limited."""

from collections.abc import Iterator

from contracts.contract import ApprovalEdge, Lane
from contracts.facts import FactSchema
from contracts.loading.facts import LaneSchemas
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion

_ARGS = "effect.args"


def deciding_mistakes(lane: Lane, page: Page, schemas: LaneSchemas) -> Iterator[Mistake]:
    """Arguments that the effect does not have, and limits of what is no whole number."""
    for index, edge in enumerate(lane.approve):
        schema = schemas.before.get(edge.before)
        if schema is not None:
            yield from _changeable(edge, page, ("approve", index, "changeable"), schema)
            yield from _limits(edge, page, ("approve", index, "limits"), schema)


def _changeable(edge: ApprovalEdge, page: Page, at: Pointer, schema: FactSchema) -> Iterator[Mistake]:
    for number, name in enumerate(edge.changeable):
        if schema.at(f"{_ARGS}.{name}") is None:
            yield page.mistake((*at, number), f"the effect has no argument {name}", suggestion(name, _known(schema)))


def _limits(edge: ApprovalEdge, page: Page, at: Pointer, schema: FactSchema) -> Iterator[Mistake]:
    for number, limit in enumerate(edge.limits):
        place: Pointer = (*at, number, "of")
        kind = schema.at(f"{_ARGS}.{limit.of}")
        if kind is None:
            yield page.mistake(place, f"the effect has no argument {limit.of}", suggestion(limit.of, _known(schema)))
        elif kind.kind != "integer":
            yield page.mistake(place, f"{limit.of} is {kind.words()}", "A limit bounds a whole number.")


def _known(schema: FactSchema) -> list[str]:
    args = schema.at(_ARGS)
    return list(args.fields) if args is not None else []
