"""Says why a verdict came out as it did, by looking only at the parts that made it."""

from dataclasses import dataclass, field
from functools import cached_property

from contracts.facts import FactType
from contracts.rules import phrases
from contracts.rules.anatomy import Face, Part, part_of
from contracts.rules.checker import Examination
from contracts.rules.conform import ABSENT, value_along
from contracts.rules.engine import CompiledRule, FactsHandle, compiled, evaluated, strict_engine
from contracts.rules.engine_form import engine_form, unmarked
from contracts.rules.guard import Json, Pointer
from contracts.rules.naming import name_of_part
from contracts.rules.phrases import Side
from contracts.rules.shown import value_shown
from contracts.rules.verdict import Explanation, Leaf


@dataclass(frozen=True)  # no slots: the anatomy is worked out when somebody first asks why
class Parts:
    """A rule whose parts can be evaluated apart; each is compiled when it is first asked for."""

    examined: Examination
    compiled: dict[Pointer, CompiledRule] = field(default_factory=dict)

    @cached_property
    def anatomy(self) -> Part:
        """What is known of the rule's parts without facts."""
        return part_of(self.examined.rule, (), self.examined.types)

    def value(self, part: Json, at: Pointer, facts: FactsHandle) -> Json:
        """What the part at `at` comes out as; raises NotEvaluable."""
        if not isinstance(part, (dict, list)):
            return part
        if at not in self.compiled:
            self.compiled[at] = compiled(strict_engine(), engine_form(part, self.examined.substrings, at=at))
        return unmarked(evaluated(self.compiled[at], facts.parsed))


def explanation(parts: Parts, facts: FactsHandle, value: Json) -> Explanation:
    """Why the rule came out as `value` on these facts; raises NotEvaluable where it can't be told."""
    told = _Telling(parts, facts)
    whole = parts.anatomy
    if isinstance(value, bool):
        told.condition(whole, holds=value)
    else:
        told.sentences.append(told.side(whole, whole.face).named)
        told.facts_in(whole)
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
    shown: dict[tuple[str, ...], tuple[FactType | None, str]] = field(default_factory=dict)

    def condition(self, part: Part, *, holds: bool) -> None:
        if part.operator in {"and", "or"}:
            self.junction(part, holds=holds)
        elif part.operator in {"!", "!!"}:
            self.condition(part.arguments[0], holds=holds if part.operator == "!!" else not holds)
        elif part.operator == "if":
            self.choice(part)
        elif part.operator:
            told = self.guards if holds in part.guards else self.sentences
            told.append(self.comparison(part, holds=holds))
            self.facts_in(part)

    def junction(self, part: Part, *, holds: bool) -> None:
        """All of an `and` that holds or an `or` that does not; else only the one part that settled it."""
        settling = part.arguments
        if holds != (part.operator == "and"):
            settling = (next(inner for inner in settling if self.value(inner) is holds),)
        for inner in settling:
            self.condition(inner, holds=holds)

    def choice(self, part: Part) -> None:
        for condition, branch in zip(part.arguments[:-1:2], part.arguments[1::2], strict=True):
            taken = self.value(condition) is True
            self.condition(condition, holds=taken)
            if taken:
                return self.branch(branch)
        return self.branch(part.arguments[-1])

    def branch(self, part: Part) -> None:
        value = self.value(part)
        if isinstance(value, bool):
            self.condition(part, holds=value)

    def comparison(self, part: Part, *, holds: bool) -> str:
        name = part.operator
        if name in phrases.ORDERINGS:
            return phrases.ordered(name, self.sides(part), holds=holds)
        if name in phrases.EQUALITIES:
            return phrases.equal(self.sides(part), same=holds == phrases.EQUALITIES[name])
        if name == "in":
            needle, stack = self.sides(part)
            return phrases.contained(needle, stack, holds=holds)
        if name in {"all", "some", "none"}:
            return self.quantity(part, holds=holds)
        found = self.side(part, part.face)
        return f"{found.name} is {found.shown}"

    def quantity(self, part: Part, *, holds: bool) -> str:
        items, condition = part.arguments
        value = self.value(items)
        listed = name_of_part(items.rule)
        if not value or not isinstance(value, list):
            return f"{listed} is empty"
        return phrases.quantified(part.operator, f"{len(value)} {listed}", name_of_part(condition.rule), holds=holds)

    def sides(self, part: Part) -> list[Side]:
        return [self.side(argument, face) for argument, face in zip(part.arguments, part.faces, strict=True)]

    def side(self, part: Part, face: Face) -> Side:
        if face.written is not None:
            return Side(None, face.written, face.kind, part.rule)
        value = self.value(part)
        shown = value_shown(value, face.kind)
        if part.path is not None:
            self.shown[part.path] = face.kind, shown
        return Side(face.name, shown, face.kind, value, face.is_computed)

    def value(self, part: Part) -> Json:
        if part.path is None:
            return self.parts.value(part.rule, part.at, self.facts)
        # Read here, where a fact below a null is null; alone, the engine would call it absent.
        found = value_along(self.facts.document, part.path)
        return None if found is ABSENT else found

    def facts_in(self, part: Part) -> None:
        for read in part.reads:
            kind, shown = self.shown.get(read.names, (None, ""))
            if kind is None or kind is not read.kind:
                value = value_along(self.facts.document, read.names)
                if value is ABSENT:
                    continue
                shown = value_shown(value, read.kind)
            self.leaves.append(Leaf(read.path, shown, read.kind is not None and read.kind.personal))
