"""Checks what is true or false: junctions, choices, comparisons and membership."""

import json
from collections.abc import Sequence
from difflib import get_close_matches

from contracts.facts import FactType
from contracts.rules import units
from contracts.rules.guard import Pointer
from contracts.rules.typed import Typed, one_type
from contracts.rules.walk import Operation, Scope, Walk


def junction(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    for argument, pointer in operation.each:
        walk.condition(argument, pointer, scope)
        scope = scope.where(argument, outcome=operation.operator.name == "and")
    return Typed(FactType("boolean"), reads=True)


def negation(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    return walk.condition(operation.arguments[0], operation.pointers[0], scope)


def choice(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    branches: list[Typed] = []
    arguments = operation.each
    for (condition, at), (branch, branch_at) in zip(arguments[:-1:2], arguments[1::2], strict=True):
        walk.condition(condition, at, scope)
        branches.append(walk.expression(branch, branch_at, scope.where(condition, outcome=True)))
        scope = scope.where(condition, outcome=False)
    branches.append(walk.expression(*arguments[-1], scope))
    found = one_type(branches)
    if found is None or isinstance(units.together([branch.measure() for branch in branches]), units.Clash):
        kinds = " or ".join(dict.fromkeys(branch.words() for branch in branches))
        return walk.add(operation.pointer, f"if gives {kinds}", kinds, "branches of one type")
    return found._replace(reads=True)


def equality(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    sides = [walk.expression(argument, pointer, scope) for argument, pointer in operation.each]
    if None in operation.arguments:
        return null_test(walk, operation, sides)
    sides = [walk.present(side, at) for side, at in zip(sides, operation.pointers, strict=True)]
    for side, at in zip(sides, operation.pointers, strict=True):
        if side.kind in {"list", "object", "mixed"}:
            return walk.add(at, f"{side.words()} can't be compared", side.words(), "text, a number or a boolean")
    if one_type(sides) is None:
        return clash(walk, operation, sides)
    possible(walk, operation, sides)
    return compared(walk, operation, sides)


def null_test(walk: Walk, operation: Operation, sides: Sequence[Typed]) -> Typed:
    side = sides[0] if operation.arguments[1] is None else sides[1]
    if walk.declared and side.kind is not None and not side.nullable:
        message = f"{side.words()} is never null, so this always comes out the same"
        return walk.add(operation.pointer, message, side.words(), "a fact that may be null")
    name = operation.operator.name
    if name in {"==", "!="}:
        # json-logic-engine takes 0 and false for null there, as our own engine would.
        message = f"{name} with null is true of 0 and false in other evaluators"
        return walk.add(operation.pointer, message, name, f"{name}=", f"Write {name}=")
    return Typed(FactType("boolean"), reads=any(side.reads for side in sides))


def ordering(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    return compared(walk, operation, walk.all_arguments(operation, "numeric", scope))


def compared(walk: Walk, operation: Operation, sides: Sequence[Typed]) -> Typed:
    if isinstance(units.together([side.measure() for side in sides]), units.Clash):
        return clash(walk, operation, sides)
    reads = any(side.reads for side in sides)
    if reads and operation.arguments[0] == operation.arguments[1]:
        message = f"{operation.operator.name} compares {sides[0].words()} with itself"
        return walk.add(operation.pointer, message, "the same on both sides", "two different values")
    return Typed(FactType("boolean"), reads=reads)


def clash(walk: Walk, operation: Operation, sides: Sequence[Typed], *, verb: str = "compares") -> Typed:
    """Tell that sides of different types or units meet."""
    kinds = " with ".join(side.words() for side in sides)
    message = f"{operation.operator.name} {verb} {kinds}"
    return walk.add(operation.pointer, message, kinds, "values of one type and unit")


def possible(walk: Walk, operation: Operation, sides: Sequence[Typed]) -> None:
    """Check that a fact with declared values is compared with one of them."""
    for (side, at), other in zip(zip(sides, operation.pointers, strict=True), reversed(sides), strict=True):
        if walk.declared and other.choices and not side.reads:
            one_of(walk, side, at, other)


def one_of(walk: Walk, side: Typed, pointer: Pointer, fact: Typed) -> None:
    for value in side.values:
        if value not in fact.choices:
            near = get_close_matches(str(value), [str(choice) for choice in fact.choices], n=1, cutoff=0.5)
            choices = ", ".join(str(choice) for choice in fact.choices)
            hint = f"Did you mean {near[0]}?" if near else f"It is one of {choices}"
            walk.add(
                pointer, f"{fact.path or 'the fact'} is never {json.dumps(value)}", json.dumps(value), choices, hint
            )


def membership(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    [needle, stack] = [
        walk.present(walk.expression(argument, pointer, scope), pointer) for argument, pointer in operation.each
    ]
    if stack.kind == "text":
        return within_text(walk, operation, needle, stack)
    if stack.kind not in {"list", None}:
        return walk.add(operation.pointers[1], f"in looks into {stack.words()}", stack.words(), "a list or text")
    if stack.is_empty:
        return walk.add(operation.pointers[1], "nothing is in an empty list", "[]", "a list with items")
    items = stack.items()
    if one_type([needle, items]) is None or needle.kind in {"list", "object", "null"}:
        return clash(walk, operation, [needle, items])
    if walk.declared and needle.choices:
        one_of(walk, stack, operation.pointers[1], needle)
    return Typed(FactType("boolean"), reads=needle.reads or stack.reads)


def within_text(walk: Walk, operation: Operation, needle: Typed, stack: Typed) -> Typed:
    # Every text contains "", so a needle that could come out empty would let anything pass.
    if not isinstance(operation.arguments[0], str) or not operation.arguments[0]:
        found = needle.words() if operation.arguments[0] != "" else "empty text"
        return walk.add(operation.pointers[0], f"in looks for {found} within text", found, "written text, not empty")
    walk.substrings.add(operation.pointer)
    return Typed(FactType("boolean"), reads=stack.reads)
