"""Turns what pydantic says of a field into a sentence that helps the person who filled it in."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from contracts.money import show
from gateway.slack.fields import FormField

_Context = Mapping[str, Any]


def sentence_of(detail: ErrorDetails, field: FormField) -> str:
    """What to do about one error, beside the field."""
    saying = _SENTENCES.get(detail["type"])
    return saying(detail.get("ctx", {}), field) if saying else f"Please check this: {detail['msg']}."


def _missing(context: _Context, field: FormField) -> str:
    return "Please fill this in."


def _too_short(context: _Context, field: FormField) -> str:
    return f"At least {_counted(context['min_length'])}."


def _too_long(context: _Context, field: FormField) -> str:
    return f"At most {_counted(context['max_length'])}."


def _counted(characters: int) -> str:
    return "1 character" if characters == 1 else f"{characters} characters"


def _pattern(context: _Context, field: FormField) -> str:
    # The hint stands below the field already.
    return (
        f"Write it like {field.placeholder}." if field.placeholder else field.hint or "This is not written as expected."
    )


def _limit(words: str, key: str) -> Callable[[_Context, FormField], str]:
    def saying(context: _Context, field: FormField) -> str:
        limit = context[key]
        shown = show(limit, field.currency) if field.currency and isinstance(limit, int) else str(limit)
        return f"{words} {shown}."

    return saying


def _own_words(context: _Context, field: FormField) -> str:
    return str(context["error"])


_SENTENCES: Mapping[str, Callable[[_Context, FormField], str]] = {
    "missing": _missing,
    "string_too_short": _too_short,
    "string_too_long": _too_long,
    "string_pattern_mismatch": _pattern,
    "greater_than": _limit("It has to be more than", "gt"),
    "greater_than_equal": _limit("It has to be at least", "ge"),
    "less_than": _limit("It has to be less than", "lt"),
    "less_than_equal": _limit("It has to be at most", "le"),
    "value_error": _own_words,
}
