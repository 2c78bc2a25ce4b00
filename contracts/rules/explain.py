"""Says why a verdict came out as it did, by looking only at the parts that made it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contracts.facts import FactType
from contracts.rules import phrases
from contracts.rules.checker import Examination
from contracts.rules.conform import ABSENT, value_at
from contracts.rules.engine import CompiledRule, FactsHandle, compiled, evaluated, strict_engine
from contracts.rules.engine_form import engine_form, unmarked
from contracts.rules.guard import Json, Pointer
from contracts.rules.naming import full_name_of_part, name_of_part
from contracts.rules.narrowing import known
from contracts.rules.phrases import Side
from contracts.rules.shown import value_shown
from contracts.rules.structure import Placed, name_of_operator, operator_of, placed_arguments, plain_path
from contracts.rules.verdict import Explanation, Leaf


@dataclass(frozen=True, slots=True)
class Parts:
    """A rule whose parts can be evaluated apart; each is compiled when it is first asked for."""

    examined: Examination
    compiled: dict[Pointer, CompiledRule] = field(default_factory=dict)

    def value(self, part: Json, at: Pointer, facts: FactsHandle) -> Json:
        """What the part at `at` comes out as; raises NotEvaluable."""
        if not isinstance(part, (dict, list)):
            return part
        if at not in self.compiled:
            self.compiled[at] = compiled(strict_engine(), engine_form(part, self.examined.substrings, at=at))
        return unmarked(evaluated(self.compiled[at], facts.parsed))


def explanation(parts: Parts, facts: FactsHandle) -> Explanation:
    """Why the rule came out as it did on these facts; raises NotEvaluable where it can't be told."""
    told = _Telling(parts, facts)
    rule = parts.examined.rule
    value = parts.value(rule, (), facts)
    if isinstance(value, bool):
        told.condition(rule, (), holds=value)
    else:
        told.sentences.append(told.side(rule, ()).named)
        told.facts_in(rule, ())
    sentences = told.sentences or told.guards
    return Explanation("; ".join(dict.fromkeys(sentences)) or "always so", tuple(dict.fromkeys(told.leaves)))


@dataclass(slots=True)
class _Telling:
    """One explanation in the making; `guards` are tests for null that held, which matter only when nothing else does."""

    parts: Parts
    facts: FactsHandle
    sentences: list[str] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)

    def condition(self, rule: Json, at: Pointer, *, holds: bool) -> None:
        operation = operator_of(rule)
        if operation is None:
            return
        name, _ = operation
        if name in {"and", "or"}:
            self.junction(rule, at, holds=holds)
        elif name in {"!", "!!"}:
            [(inner, inner_at)] = placed_arguments(rule, at)
            self.condition(inner, inner_at, holds=holds if name == "!!" else not holds)
        elif name == "if":
            self.choice(rule, at)
        else:
            is_guard = bool(known(rule, outcome=holds)) and None in [part for part, _ in placed_arguments(rule, at)]
            (self.guards if is_guard else self.sentences).append(self.comparison(rule, at, holds=holds))
            self.facts_in(rule, at)

    def junction(self, rule: Json, at: Pointer, *, holds: bool) -> None:
        """All of an `and` that holds or an `or` that does not; else only the one part that settled it."""
        parts = placed_arguments(rule, at)
        if holds != (name_of_operator(rule) == "and"):
            parts = [next(part for part in parts if self.value(*part) is holds)]
        for inner, inner_at in parts:
            self.condition(inner, inner_at, holds=holds)

    def choice(self, rule: Json, at: Pointer) -> None:
        arguments = placed_arguments(rule, at)
        for condition, branch in zip(arguments[:-1:2], arguments[1::2], strict=True):
            taken = self.value(*condition) is True
            self.condition(*condition, holds=taken)
            if taken:
                return self.branch(*branch)
        return self.branch(*arguments[-1])

    def branch(self, rule: Json, at: Pointer) -> None:
        value = self.value(rule, at)
        if isinstance(value, bool):
            self.condition(rule, at, holds=value)

    def comparison(self, rule: Json, at: Pointer, *, holds: bool) -> str:
        name, arguments = name_of_operator(rule), placed_arguments(rule, at)
        if name in phrases.ORDERINGS:
            return phrases.ordered(name, self.sides(arguments), holds=holds)
        if name in phrases.EQUALITIES:
            return phrases.equal(self.sides(arguments), same=holds == phrases.EQUALITIES[name])
        if name == "in":
            needle, stack = self.sides(arguments)
            return phrases.contained(needle, stack, holds=holds)
        if name in {"all", "some", "none"}:
            return self.quantity(name, arguments, holds=holds)
        found = self.side(rule, at)
        return f"{found.name} is {found.shown}"

    def quantity(self, name: str, arguments: list[Placed], *, holds: bool) -> str:
        (items, items_at), (condition, _) = arguments
        value = self.value(items, items_at)
        listed = name_of_part(items)
        if not value or not isinstance(value, list):
            return f"{listed} is empty"
        return phrases.quantified(name, f"{len(value)} {listed}", name_of_part(condition), holds=holds)

    def sides(self, arguments: list[Placed]) -> list[Side]:
        """The sides of a comparison; a written number takes the unit of what it is compared with."""
        unit = next((kind.unit for kind in map(self.kind, arguments) if kind is not None and kind.unit), None)
        sides = [self.side(*argument, unit=unit) for argument in arguments]
        names = [side.name for side in sides if side.name is not None]
        if len(set(names)) < len(names):
            return [
                replace(side, name=full_name_of_part(part) or side.name)
                for side, (part, _) in zip(sides, arguments, strict=True)
            ]
        return sides

    def side(self, part: Json, at: Pointer, *, unit: str | None = None) -> Side:
        kind = self.kind((part, at))
        value = self.value(part, at)
        if kind is not None and kind.unit is None and not isinstance(part, dict):
            kind = replace(kind, unit=unit)
        if kind is not None and any(leaf.personal for leaf in self.read_by(part, at)):
            kind = replace(kind, personal=True)
        name = name_of_part(part) if isinstance(part, dict) else None
        computed = name is not None and name_of_operator(part) != "var"
        return Side(name, value_shown(value, kind), kind, value, is_computed=computed)

    def kind(self, argument: Placed) -> FactType | None:
        return self.parts.examined.types.get(argument[1])

    def value(self, part: Json, at: Pointer) -> Json:
        path = plain_path(part)
        if path is None:
            return self.parts.value(part, at, self.facts)
        # Read here, where a fact below a null is null; alone, the engine would call it absent.
        found = value_at(self.facts.document, path)
        return None if found is ABSENT else found

    def facts_in(self, rule: Json, at: Pointer) -> None:
        self.leaves.extend(self.read_by(rule, at))

    def read_by(self, rule: Json, at: Pointer) -> Iterator[Leaf]:
        """The facts that a part reads; what is read of an item is part of its list."""
        if isinstance(rule, list):
            for index, inner in enumerate(rule):
                yield from self.read_by(inner, (*at, index))
        elif isinstance(rule, dict) and name_of_operator(rule) == "var":
            yield from self.leaf(rule, at)
        elif isinstance(rule, dict):
            over_items = name_of_operator(rule) in {"all", "some", "none", "filter", "map", "reduce"}
            for inner, inner_at in placed_arguments(rule, at)[: 1 if over_items else None]:
                yield from self.read_by(inner, inner_at)

    def leaf(self, rule: Json, at: Pointer) -> Iterator[Leaf]:
        [(path, _), *_] = placed_arguments(rule, at)
        kind, value = self.kind((rule, at)), value_at(self.facts.document, str(path))
        if value is not ABSENT:
            shown = value_shown(value, kind)
            yield Leaf(str(path), shown, personal=kind is not None and kind.personal)
