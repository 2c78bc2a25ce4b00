"""Checks what gives values: arithmetic, text, and lists with their items."""

import json
from dataclasses import replace

from contracts.facts import FactSchema, FactType
from contracts.rules import units
from contracts.rules.check_conditions import clash
from contracts.rules.structure import plain_path
from contracts.rules.typed import Typed, one_type
from contracts.rules.walk import Operation, Scope, Walk

MOST_OF_ONE_ITEM = 500
"""Characters of what `map` makes of one item: the engine's budget does not see what is written out again and again."""


def arithmetic(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    name = operation.operator.name
    sides = walk.all_arguments(operation, operation.operator.takes[0], scope)
    if name in {"/", "%"} and (sides[1].reads or not operation.arguments[1]):
        return walk.add(
            operation.pointers[1], f"{name} by {sides[1].words()}", sides[1].words(), "a written number, not 0"
        )
    measure = units.computed(name, [side.measure() for side in sides])
    if isinstance(measure, units.Clash):
        first, second = units.in_words(measure.first), units.in_words(measure.second)
        return walk.add(operation.pointer, f"{name} joins {first} and {second}", f"{first}, {second}", "units that fit")
    whole = name != "/" and all(side.kind == "integer" for side in sides)
    reads = any(side.reads for side in sides)
    return Typed(FactType("integer" if whole else "number", unit=measure.unit), reads=reads, free=measure.free)


def texts(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    takes = operation.operator.takes
    found = [
        walk.argument(argument, pointer, takes[min(index, len(takes) - 1)], scope)
        for index, (argument, pointer) in enumerate(operation.each)
    ]
    personal = any(side.type is not None and side.type.personal for side in found)
    return Typed(FactType("text", personal=personal), reads=any(side.reads for side in found))


def merged(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    lists = walk.all_arguments(operation, "list", scope)
    item = one_type([found.items() for found in lists])
    if item is None:
        return clash(walk, operation, [found.items() for found in lists], verb="joins lists of")
    return Typed(FactType("list", item=item.type), reads=any(found.reads for found in lists))


def items_of(walk: Walk, operation: Operation, scope: Scope) -> tuple[Typed, Scope]:
    found = walk.argument(operation.arguments[0], operation.pointers[0], "list", scope)
    item = found.items().type
    return found, Scope(FactSchema(item) if item is not None else None, is_item=True)


def quantified(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    found, inside = items_of(walk, operation, scope)
    walk.condition(operation.arguments[1], operation.pointers[1], inside)
    return found if operation.operator.name == "filter" else Typed(FactType("boolean"), reads=found.reads)


def mapped(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    found, inside = items_of(walk, operation, scope)
    each, pointer = operation.arguments[1], operation.pointers[1]
    item = walk.expression(each, pointer, inside)
    if item.kind == "list" and plain_path(each) is None:
        return walk.add(pointer, "map makes a list for each item", "a list for each item", "one value for each item")
    if len(json.dumps(each)) > MOST_OF_ONE_ITEM:
        size = f"{len(json.dumps(each)):,} characters"
        return walk.add(pointer, f"map repeats {size} for each item", size, f"at most {MOST_OF_ONE_ITEM}")
    return Typed(FactType("list", item=item.type), reads=found.reads)


def reduced(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    found, inside = items_of(walk, operation, scope)
    start = walk.argument(operation.arguments[2], operation.pointers[2], "scalar", scope)
    if inside.schema is not None and start.type is not None:
        fields = {"current": inside.schema.root, "accumulator": replace(start.type, unit=units.ANY)}
        inside = Scope(FactSchema(FactType("object", fields=fields)), is_item=True)
    else:
        inside = Scope(None, is_item=True)
    result = walk.expression(operation.arguments[1], operation.pointers[1], inside)
    if one_type([start, result]) is None:
        return clash(walk, operation, [start, result], verb="goes on from")
    return result._replace(reads=found.reads)
