"""One pass of the checker over a rule: what every operator's check has in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from contracts.facts import FactSchema, FactType, Kind
from contracts.rules.guard import Json, Pointer
from contracts.rules.mistakes import RuleMistake
from contracts.rules.narrowing import known
from contracts.rules.operators import ELSEWHERE, MEANT, OPERATORS, Operator, Takes
from contracts.rules.structure import Placed, placed_arguments
from contracts.rules.typed import UNKNOWN, Typed, literal, one_type


class Scope(NamedTuple):
    """What `var` means here: the facts, or one item of a list; `known` are paths that can't be null at this point."""

    schema: FactSchema | None
    known: frozenset[str] = frozenset()
    is_item: bool = False

    def where(self, condition: Json, *, outcome: bool) -> "Scope":
        """The scope of what is only evaluated once `condition` came out as `outcome`."""
        return Scope(self.schema, self.known | known(condition, outcome=outcome), self.is_item)


class Operation(NamedTuple):
    """One operator with its arguments, and where each of them stands."""

    operator: Operator
    each: list[Placed]
    pointer: Pointer

    @property
    def arguments(self) -> list[Json]:
        """The arguments as written."""
        return [argument for argument, _ in self.each]

    @property
    def pointers(self) -> list[Pointer]:
        """Where the arguments stand."""
        return [pointer for _, pointer in self.each]


Form = Callable[["Walk", Operation, Scope], Typed]
"""The check of one kind of operator."""


@dataclass(slots=True)
class Walk:
    """What one pass gathers. `declared` is False when the types were only inferred from facts."""

    forms: Mapping[str, Form]
    declared: bool
    mistakes: list[RuleMistake] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    substrings: set[Pointer] = field(default_factory=set)
    types: dict[Pointer, FactType] = field(default_factory=dict)

    def add(self, pointer: Pointer, message: str, found: str, expected: str, hint: str | None = None) -> Typed:
        """Note a mistake; returns the unknown type, so that one mistake is not told twice."""
        self.mistakes.append(RuleMistake(pointer, message, found, expected, hint))
        return UNKNOWN

    def expression(self, rule: Json, pointer: Pointer, scope: Scope) -> Typed:
        """Check any part of a rule and tell its type."""
        found = self.typed(rule, pointer, scope)
        if found.type is not None:
            self.types[pointer] = found.type
        return found

    def typed(self, rule: Json, pointer: Pointer, scope: Scope) -> Typed:
        if isinstance(rule, list):
            return self.written_list(rule, pointer, scope)
        if not isinstance(rule, dict):
            return literal(rule)
        if len(rule) != 1:
            return self.no_operation(rule, pointer)
        [name] = rule
        if name not in OPERATORS:
            return self.unknown_operator(name, pointer)
        return self.operation(Operation(OPERATORS[name], placed_arguments(rule, pointer), (*pointer, name)), scope)

    def no_operation(self, rule: dict[str, Json], pointer: Pointer) -> Typed:
        if not rule:
            return self.add(pointer, "an empty object is no rule", "{}", "one operator")
        names = ", ".join(rule)
        return self.add(
            pointer, f"one object holds one operator, here are {names}", names, "one operator", "Join with and"
        )

    def unknown_operator(self, name: str, pointer: Pointer) -> Typed:
        message = f"contracts don't use the operator {name}" if name in ELSEWHERE else f"unknown operator {name}"
        meant = MEANT.get(name.lower()) or next(iter(get_close_matches(name, OPERATORS, n=1, cutoff=0.6)), None)
        hint = ELSEWHERE.get(name)
        if hint is None and meant is not None:
            hint = f"Did you mean {meant}? (such as {OPERATORS[meant].example})"
        return self.add((*pointer, name), message, name, "an operator of the contract profile", hint)

    def written_list(self, rule: list[Json], pointer: Pointer, scope: Scope) -> Typed:
        items = [self.expression(item, (*pointer, index), scope) for index, item in enumerate(rule)]
        item = one_type(items)
        if item is None:
            kinds = " and ".join(dict.fromkeys(found.words() for found in items))
            return self.add(pointer, f"a list holds {kinds}", kinds, "items of one type")
        reads = any(found.reads for found in items)
        return Typed(FactType("list", item=item.type), reads=reads, values=tuple(rule))

    def operation(self, operation: Operation, scope: Scope) -> Typed:
        operator, given = operation.operator, len(operation.each)
        too_many = operator.most is not None and given > operator.most
        if given < operator.least or too_many or (operator.name == "if" and given % 2 == 0):
            expected = "3, 5, 7 … arguments" if operator.name == "if" else operator.arguments_in_words()
            message = f"{operator.name} takes {expected}, here are {given}"
            return self.add(
                operation.pointer,
                message,
                f"{given} argument{'' if given == 1 else 's'}",
                expected,
                f"Such as {operator.example}",
            )
        return self.forms[operator.name](self, operation, scope)

    def condition(self, rule: Json, pointer: Pointer, scope: Scope) -> Typed:
        """Check what must be true or false, and may be either."""
        before = len(self.mistakes)
        found = self.present(self.expression(rule, pointer, scope), pointer)
        if found.kind not in {"boolean", None}:
            hint = "Compare it with something" if found.reads else None
            self.add(pointer, f"{found.words()} is no condition", found.words(), "true or false", hint)
        elif not found.reads and len(self.mistakes) == before:
            self.add(
                pointer, "this reads no facts, so it always comes out the same", "a constant", "a condition on facts"
            )
        return Typed(_CONDITION, True, found.path, found.free, found.values)

    def present(self, found: Typed, pointer: Pointer) -> Typed:
        """Check that a value can't be null where null would be taken for something else."""
        if found.kind == "null" and not found.reads:
            return self.add(pointer, "null is no value to work with", "null", "a value that is there")
        if found.nullable:
            path = found.path or "the fact"
            hint = f'Test it first: {{"!==": [{{"var": "{path}"}}, null]}}'
            self.add(pointer, f"{found.words()} may be null", f"{found.words()}", "a value that is there", hint)
            return UNKNOWN
        return found

    def argument(self, rule: Json, pointer: Pointer, takes: Takes, scope: Scope) -> Typed:
        """Check one argument of an operator that takes a certain type."""
        found = self.present(self.expression(rule, pointer, scope), pointer)
        if found.kind is None or found.kind in _ACCEPTED[takes]:
            return found
        name = pointer[-2] if isinstance(pointer[-1], int) else pointer[-1]
        return self.add(pointer, f"{name} can't use {found.words()}", found.words(), _EXPECTED[takes])

    def all_arguments(self, operation: Operation, takes: Takes, scope: Scope) -> list[Typed]:
        """Check the arguments of an operator that takes one type throughout."""
        return [self.argument(argument, pointer, takes, scope) for argument, pointer in operation.each]


_CONDITION = FactType("boolean")
_ACCEPTED: dict[Takes, frozenset[Kind]] = {
    "numeric": frozenset({"integer", "number"}),
    "integer": frozenset({"integer"}),
    "scalar": frozenset({"text", "integer", "number", "boolean"}),
    "text": frozenset({"text"}),
    "list": frozenset({"list"}),
}
_EXPECTED: dict[Takes, str] = {
    "numeric": "a number",
    "integer": "an integer",
    "scalar": "text, a number or a boolean",
    "text": "text",
    "list": "a list",
}
