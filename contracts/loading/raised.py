"""Tells of Python that does not load: with its line, the definition that it belongs to, and the nearest right name."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts.authoring import effect, lists, reads, respects
from contracts.misdeclared import Misdeclared
from contracts.mistakes import Mistake, Source, Span, listed, suggestion
from contracts.parts import in_parts
from contracts.vocabulary import EffectClass

_OUR_NAMES = re.compile(r"chargehand_(lane|tool)_\w+_[0-9a-f]{12}")
_DECORATORS: Mapping[str, Callable[..., Any]] = {
    one.__name__: one for one in (effect, reads, respects, in_parts, lists)
}
_CALL = re.compile(rf"({'|'.join(_DECORATORS)})\(\) (.*)")
_QUOTED = re.compile(r"'(\w+)'")
_HINTS = {
    "kind": f"Write {listed([str(one) for one in EffectClass], last='or')}, in quotes, before all else.",
    "look": 'Write look="METHOD", the method that finds it again by its key; or look=None for a class of neither.',
}
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def not_python(source: Source, error: SyntaxError) -> Mistake:
    """A mistake at a syntax error, of this file or of one that it loads."""
    if error.filename not in (source.file, None):
        return raised(source, error)
    line = min(error.lineno or 1, len(source.lines))
    length = (error.end_offset or 0) - (error.offset or 0) if error.end_lineno == error.lineno else 1
    return source.mistake(Span(line, max(1, error.offset or 1), max(1, length)), f"not Python: {error.msg}")


def raised(source: Source, error: BaseException) -> Mistake:
    """A mistake at the line of this file in which something was raised while it was loaded."""
    line = _line(source, error)
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    span = Span(line, len(text) - len(text.lstrip()) + 1, len(text.strip()) or 1)
    if isinstance(error, Misdeclared):
        path = error.operation.replace(".", " › ")
        return source.mistake(_narrowed(source, span, error.word), error.message, error.hint, path=path)
    call = _CALL.fullmatch(str(error)) if isinstance(error, TypeError) else None
    if call is not None:
        message, hint = _called(call[1], call[2])
        return source.mistake(span, message, hint, path=" › ".join(_decorated(source, line)))
    told = _OUR_NAMES.sub("", " ".join(str(error).split()))
    if isinstance(error, ImportError):
        return source.mistake(span, f"can't be imported: {told}")
    return source.mistake(span, f"fails when loaded: {type(error).__name__}: {told}")


def _line(source: Source, error: BaseException) -> int:
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == source.file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _narrowed(source: Source, span: Span, word: str) -> Span:
    """Where a word stands from a line on; a decorator may go over several."""
    for number in range(span.line, min(span.line + 12, len(source.lines) + 1)):
        found = source.lines[number - 1].find(f'"{word}"') if word else -1
        if found >= 0:
            return Span(number, found + 2, len(word))
    return span


def _called(decorator: str, problem: str) -> tuple[str, str | None]:
    """What Python says of a call that does not fit, in words of our own."""
    named = _QUOTED.findall(problem)
    if problem.startswith("missing"):
        return f"@{decorator} lacks {listed(named)}", _HINTS.get(named[0]) if named else None
    if "unexpected keyword" in problem:
        known = inspect.signature(_DECORATORS[decorator]).parameters
        return f"@{decorator} takes no {named[0]}", suggestion(named[0], known)
    named = [
        one.name
        for one in inspect.signature(_DECORATORS[decorator]).parameters.values()
        if one.kind is one.KEYWORD_ONLY
    ]
    return f"@{decorator} is given something without a name", f"Write @{decorator}(…), with {listed(named)} by name."


def _decorated(source: Source, line: int) -> list[str]:
    """The names of the definition whose decorator stands in a line, from the class down."""
    tree = ast.parse("\n".join(source.lines))
    return next((names for node, names in _definitions(tree.body, []) if _decorates(node, line)), [])


def _definitions(body: list[ast.stmt], above: list[str]) -> Iterator[tuple[_Definition, list[str]]]:
    for node in body:
        if isinstance(node, _Definition):
            yield node, [*above, node.name]
            yield from _definitions(node.body, [*above, node.name])


def _decorates(node: _Definition, line: int) -> bool:
    return any(one.lineno <= line <= (one.end_lineno or one.lineno) for one in node.decorator_list)
