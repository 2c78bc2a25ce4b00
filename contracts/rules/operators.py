"""The operators that contracts may use, as data: how many arguments, of which types, and what they give.

It is the part of JSONLogic (jsonlogic.com/operations.html) that json-logic-js, json-logic-engine and our engine compute
alike on typed facts. What is left out stands in ELSEWHERE, with what to write instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Takes = Literal["boolean", "numeric", "integer", "scalar", "text", "list", "anything", "each", "path"]
"""What an argument must be: `each` is an expression over one item, `path` the name of a fact."""

Gives = Literal["boolean", "numeric", "text", "list", "item", "argument", "fact"]
"""What comes out: `argument` is the type of the branches or of the start, `fact` what the path is declared as."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: takes `least` to `most` arguments (None: any number); the last of `takes` repeats."""

    name: str
    least: int
    most: int | None
    takes: tuple[Takes, ...]
    gives: Gives
    example: str

    def arguments_in_words(self) -> str:
        """How many arguments it takes, as messages say it."""
        if self.most is None:
            return f"{self.least} or more arguments"
        numbers = " or ".join(str(number) for number in range(self.least, self.most + 1))
        return f"{numbers} argument{'' if numbers == '1' else 's'}"


OPERATORS: Mapping[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("var", 1, 2, ("path", "scalar"), "fact", '{"var": "request.amount"}'),
        Operator("==", 2, 2, ("scalar",), "boolean", '{"==": [{"var": "state.order.status"}, "paid"]}'),
        Operator("===", 2, 2, ("scalar",), "boolean", '{"===": [{"var": "state.order.status"}, "paid"]}'),
        Operator("!=", 2, 2, ("scalar",), "boolean", '{"!=": [{"var": "state.order.status"}, "paid"]}'),
        Operator("!==", 2, 2, ("scalar",), "boolean", '{"!==": [{"var": "state.order.status"}, "paid"]}'),
        Operator(">", 2, 2, ("numeric",), "boolean", '{">": [{"var": "request.amount"}, 50000]}'),
        Operator(">=", 2, 2, ("numeric",), "boolean", '{">=": [{"var": "request.amount"}, 50000]}'),
        Operator("<", 2, 3, ("numeric",), "boolean", '{"<": [0, {"var": "request.amount"}, 50000]}'),
        Operator("<=", 2, 3, ("numeric",), "boolean", '{"<=": [1, {"var": "request.amount"}, 50000]}'),
        Operator("and", 1, None, ("boolean",), "boolean", '{"and": [{"var": "a"}, {"var": "b"}]}'),
        Operator("or", 1, None, ("boolean",), "boolean", '{"or": [{"var": "a"}, {"var": "b"}]}'),
        Operator("!", 1, 1, ("boolean",), "boolean", '{"!": [{"var": "state.order.refunded"}]}'),
        Operator("!!", 1, 1, ("boolean",), "boolean", '{"!!": [{"var": "state.order.refunded"}]}'),
        Operator("if", 3, None, ("anything",), "argument", '{"if": [{"var": "vip"}, 90000, 50000]}'),
        Operator(
            "in", 2, 2, ("scalar", "anything"), "boolean", '{"in": [{"var": "request.reason"}, ["lost", "late"]]}'
        ),
        Operator("+", 2, None, ("numeric",), "numeric", '{"+": [{"var": "a"}, {"var": "b"}]}'),
        Operator("-", 1, 2, ("numeric",), "numeric", '{"-": [{"var": "now"}, {"var": "state.order.paid_at"}]}'),
        Operator("*", 2, None, ("numeric",), "numeric", '{"*": [{"var": "price"}, {"var": "count"}]}'),
        Operator("/", 2, 2, ("numeric",), "numeric", '{"/": [{"var": "request.amount"}, 2]}'),
        Operator("%", 2, 2, ("integer",), "numeric", '{"%": [{"var": "count"}, 12]}'),
        Operator("max", 1, None, ("numeric",), "numeric", '{"max": [{"var": "a"}, {"var": "b"}]}'),
        Operator("min", 1, None, ("numeric",), "numeric", '{"min": [{"var": "a"}, {"var": "b"}]}'),
        Operator("cat", 1, None, ("text",), "text", '{"cat": [{"var": "first"}, " ", {"var": "last"}]}'),
        Operator("substr", 2, 3, ("text", "integer"), "text", '{"substr": [{"var": "slug"}, 0, 3]}'),
        Operator("merge", 1, None, ("list",), "list", '{"merge": [{"var": "links"}, {"var": "sources"}]}'),
        Operator("map", 2, 2, ("list", "each"), "list", '{"map": [{"var": "links"}, {"var": "host"}]}'),
        Operator("filter", 2, 2, ("list", "each"), "list", '{"filter": [{"var": "links"}, {"var": "alive"}]}'),
        Operator("all", 2, 2, ("list", "each"), "boolean", '{"all": [{"var": "links"}, {"var": "alive"}]}'),
        Operator("some", 2, 2, ("list", "each"), "boolean", '{"some": [{"var": "links"}, {"var": "alive"}]}'),
        Operator("none", 2, 2, ("list", "each"), "boolean", '{"none": [{"var": "links"}, {"var": "alive"}]}'),
        Operator(
            "reduce",
            3,
            3,
            ("list", "each", "scalar"),
            "argument",
            '{"reduce": [{"var": "lines"}, {"+": [{"var": "accumulator"}, {"var": "current.price"}]}, 0]}',
        ),
    )
}

ELSEWHERE: Mapping[str, str] = {
    "missing": "Declare the field as required in the model; a fact that is absent can't be told",
    "missing_some": "Declare the fields in the model, and compare the nullable ones with null",
    "?:": "Write if",
    "val": "Write var",
    "log": "Take it out; every verdict records what it read",
    "length": "Declare the length as a derived fact",
    "exists": "Compare the fact with null",
    "try": "Take it out; a rule that can't be told goes to a person",
    "throw": "Take it out; a rule gives true or false",
    "method": "Declare what it computes as a derived fact",
}

MEANT: Mapping[str, str] = {
    "=": "==",
    "eq": "==",
    "equals": "==",
    "is": "==",
    "ne": "!=",
    "<>": "!=",
    "gt": ">",
    "gte": ">=",
    "=>": ">=",
    "lt": "<",
    "lte": "<=",
    "=<": "<=",
    "&&": "and",
    "||": "or",
    "not": "!",
    "any": "some",
    "every": "all",
    "each": "all",
    "contains": "in",
    "includes": "in",
    "fact": "var",
    "path": "var",
    "concat": "cat",
    "substring": "substr",
    "sum": "+",
    "plus": "+",
    "minus": "-",
    "mod": "%",
    "then": "if",
}
"""What people write who know the operator by another name."""
