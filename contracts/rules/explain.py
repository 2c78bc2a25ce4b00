"""Says why a verdict came out as it did, by looking only at the parts that made it."""

from dataclasses import dataclass, field
from functools import cached_property

from contracts.rules import phrases
from contracts.rules.anatomy import Part, Read, part_of
from contracts.rules.checker import Examination
from contracts.rules.conform import ABSENT
from contracts.rules.engine import CompiledRule, FactsHandle, compiled, evaluated, strict_engine
from contracts.rules.engine_form import engine_form
from contracts.rules.guard import Json, Pointer
from contracts.rules.naming import name_of_part
from contracts.rules.phrases import Side
from contracts.rules.shown import value_shown
from contracts.rules.verdict import Explanation, Leaf
from contracts.rules.wordings import Face


@dataclass(frozen=True)  # no slots: the anatomy is worked out when somebody first asks why
class Parts:
    """A rule whose parts can be evaluated apart; each is compiled when it is first asked for."""

    examined: Examination
    compiled: dict[Pointer, CompiledRule] = field(default_factory=dict)

    @cached_property
    def anatomy(self) -> Part:
        """What is known of the rule's parts without facts."""
        return part_of(self.examined.rule, (), self.examined.types)

    @cached_property
    def compiled_whole(self) -> CompiledRule:
        """The whole rule, for the engine."""
        examined = self.examined
        return compiled(strict_engine(), engine_form(examined.rule, examined.substrings))

    def whole(self, facts: FactsHandle) -> Json:
        """What the whole rule comes out as; raises NotEvaluable."""
        return evaluated(self.compiled_whole, facts.parsed)

    def value(self, part: Json, at: Pointer, facts: FactsHandle) -> Json:
        """What the part at `at` comes out as; raises NotEvaluable."""
        if not isinstance(part, (dict, list)):
            return part
        if at not in self.compiled:
            self.compiled[at] = compiled(strict_engine(), engine_form(part, self.examined.substrings, at=at))
        return evaluated(self.compiled[at], facts.parsed)


def explanation(parts: Parts, facts: FactsHandle, value: Json) -> Explanation:
    """Why the rule came out as `value` on these facts; raises NotEvaluable where it can't be told."""
    told = _Telling(parts, facts)
    whole = parts.anatomy
    if isinstance(value, bool):
        told.condition(whole, holds=value)
    else:
        told.outcome(whole, value)
    sentences = told.sentences or told.guards
    return Explanation("; ".join(sentences) or "always so", tuple(told.leaves.values()))


@dataclass(slots=True)
class _Telling:
    """One explanation in the making; `guards` are tests for null that held, which matter only when nothing else does.

    Sentences are the keys of dicts: each is said once, in order.
    """

    parts: Parts
    facts: FactsHandle
    sentences: dict[str, None] = field(default_factory=dict)
    guards: dict[str, None] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)

    def condition(self, part: Part, *, holds: bool) -> None:
        name = part.operator
        if part.alone:
            told = self.guards if holds in part.guards else self.sentences
            told[part.words[holds].format(*[self.read(read) for read in part.reads])] = None
        elif name in {"and", "or"}:
            self.junction(part, holds=holds)
        elif name in {"!", "!!"}:
            self.condition(part.arguments[0], holds=holds if name == "!!" else not holds)
        elif name == "if":
            self.choice(part)
        elif name:
            told = self.guards if holds in part.guards else self.sentences
            told[self.quantity(part, holds=holds) if name in phrases.QUANTITIES else self.said(part, holds=holds)] = (
                None
            )

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

    def said(self, part: Part, *, holds: bool) -> str:
        """The sentence of a part that shows what it computes."""
        self.read_all(part)
        sides = zip(part.sides, part.faces, strict=True)
        return part.words[holds].format(*(self.shown(side, face) for side, face in sides if face.written is None))

    def quantity(self, part: Part, *, holds: bool) -> str:
        items, condition = part.arguments
        self.read_all(part)
        value = self.value(items)
        listed = name_of_part(items.rule)
        if not value or not isinstance(value, list):
            return f"{listed} is empty"
        return phrases.quantified(part.operator, f"{len(value)} {listed}", name_of_part(condition.rule), holds=holds)

    def outcome(self, whole: Part, value: Json) -> None:
        """What a rule comes out as that is no condition."""
        name, kind, is_computed, written = whole.faces[0]
        side = Side(name, value_shown(value, kind) if written is None else written, kind, value, is_computed)
        self.sentences[side.named] = None
        self.read_all(whole)

    def shown(self, side: Part, face: Face) -> str:
        """A value that is read or computed."""
        return value_shown(self.value(side), face.kind) if side.path is None else self.read(side.reads[0])

    def value(self, part: Part) -> Json:
        if part.path is None:
            return self.parts.value(part.rule, part.at, self.facts)
        # Read here, where a fact below a null is null; alone, the engine would call it absent.
        found = self.facts.at(part.path)
        return None if found is ABSENT else found

    def read_all(self, part: Part) -> None:
        for read in part.reads:
            self.read(read)

    def read(self, read: Read) -> str:
        """A fact as it is shown; one that is there is a leaf."""
        path, names, kind = read
        if path in self.leaves:
            return self.leaves[path].shown
        value = self.facts.outline(names)
        if value is ABSENT:
            return value_shown(None, kind)
        shown = value_shown(value, kind)
        self.leaves[path] = Leaf(path, shown, kind is not None and kind.personal)
        return shown
