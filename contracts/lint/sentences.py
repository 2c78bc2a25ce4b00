"""Warns of sentences that people read and that a # may have cut, for YAML begins a comment there."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from contracts.company import Company
from contracts.contract import Lane
from contracts.declared import Line
from contracts.loaded import Business
from contracts.loading.fields import field_at
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, Span

_COMMENT = " #"
_LENGTHS = get_args(Line)[1].metadata
"""By what a field shows that it is one sentence, where that is all that it is."""


def cut_sentences(business: Business) -> Iterator[Mistake]:
    """Sentences without quotes, of which one blank and a # take the rest away; comments stand further off."""
    yield from _cut(business.page, Company)
    for loaded in business.lanes.values():
        yield from _cut(loaded.page, Lane)


def _cut(page: Page, model: type[BaseModel]) -> Iterator[Mistake]:
    near = {number for number, line in enumerate(page.source.lines, 1) if _begins_near(line)}
    if not near:
        return
    for at, span in page.values.items():
        if span.line in near and _is_followed(page.source.lines[span.line - 1], span) and _is_sentence(model, at):
            rest = Span(span.line, span.column + span.length + 1)
            hint = "Put the sentence in quotes, or two blanks before the comment."
            yield page.source.mistake(rest, "the sentence ends before the #", hint, path=page.words(at))


def _begins_near(line: str) -> bool:
    """Whether a comment stands one blank behind something."""
    before, found, _ = line.partition(_COMMENT)
    return bool(found) and before.strip() != "" and not before.endswith(" ")


def _is_followed(line: str, span: Span) -> bool:
    """Whether a comment follows a value at once; what is in quotes has its quote between."""
    return line[span.column - 1 + span.length :].startswith(_COMMENT)


def _is_sentence(model: type[BaseModel], at: Pointer) -> bool:
    info = field_at(model, at[:-1] if at and isinstance(at[-1], int) else at) if at else None
    return info is not None and (Line in get_args(info.annotation) or info.metadata == _LENGTHS)
