"""Tells of text that is no YAML, with the way out that most often helps."""

import re

from yaml import MarkedYAMLError, YAMLError

from contracts.mistakes import Mistake, Source, Span

_HINTS: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "Put text that holds a colon in quotes."),
    ("that cannot start any token", "Indent with spaces, and put text that starts with a sign in quotes."),
    ("could not find expected ':'", "A colon and a space belong after a key."),
    ("expected ',' or", "A bracket or a comma is missing before this place."),
    ("expected <block end>", "The indentation does not fit the lines above, or a quote there is not closed."),
    ("end of stream", "A quote or a bracket is not closed."),
    ("found a tab", "Indent with spaces."),
    ("invalid Unicode", "Write the character itself."),
    ("unknown escape", "Use single quotes for text with backslashes."),
)
IN_QUOTES = "A sentence that begins with { belongs in quotes."
_FACT_FIRST = re.compile(r"(?:^|[:-]\s+|[,\[]\s*)(\{[a-z_][a-z0-9_.]*\})\s*$")


def not_yaml(source: Source, error: YAMLError) -> Mistake:
    """A mistake at the place where the parser gave up, or at the sentence that misled it."""
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    problem = str(getattr(error, "problem", None) or str(error).splitlines()[0])
    span = Span(min(mark.line + 1, len(source.lines)), mark.column + 1) if mark else Span(1, 1)
    fact = _FACT_FIRST.search(source.lines[span.line - 1][: span.column - 1])
    if fact is not None:
        there = Span(span.line, fact.start(1) + 1, len(fact[1]))
        return source.mistake(
            there, f"{fact[1]} is read as a whole mapping, and no sentence goes on after one", IN_QUOTES
        )
    hint = next((hint for words, hint in _HINTS if words in f"{problem} {error}"), None)
    return source.mistake(span, f"not YAML: {problem}", hint)
