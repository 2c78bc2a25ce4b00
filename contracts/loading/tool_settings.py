"""Compares the settings that company.yaml gives a system with what its tool's constructor takes."""

import inspect
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
from pydantic_core import ErrorDetails

from contracts.loading.findings import kind_of, told_of
from contracts.loading.pages import Page, Word
from contracts.mistakes import Mistake, Pointer, suggestion

NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
"""The kinds of parameters that can be given by name."""
_HOME = "{home}"
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")
_MODULE = re.compile(r"\b[\w.]+\.(?=\w)")
_UNIONS = (Union, UnionType)
_MADE = frozenset({"is_instance_of", "is_subclass_of", "callable_type", "dataclass_exact_type"})
_LISTS = frozenset({"tuple_type", "set_type", "frozen_set_type"})


def setting_mistakes(page: Page, system: str, kind: type, settings: Mapping[str, Any]) -> Iterator[Mistake]:
    """Settings that the tool does not take, needs and is not given, or takes of another type; and what nothing fills in."""
    at: Pointer = ("systems", system, "settings")
    parameters = inspect.signature(kind).parameters.values()
    known = [parameter.name for parameter in parameters if parameter.kind in NAMED]
    unknown = [setting for setting in settings if setting not in known]
    for setting in unknown:
        yield page.mistake((*at, setting), f"unknown setting {setting}", suggestion(setting, known), key=True)
    for parameter in parameters:
        needed = parameter.kind in NAMED and parameter.default is parameter.empty
        if needed and parameter.name not in settings and not unknown:
            yield page.mistake(at, f"the setting {parameter.name} of {kind.__name__} is missing", key=True)
    types = _types(kind)
    for setting, value in settings.items():
        if setting in known and setting in types:
            yield from _unfit(page, (*at, setting), value, types[setting])
        yield from _unfilled(page, (*at, setting), value)


def _types(kind: type) -> Mapping[str, Any]:
    """The types of the constructor's parameters; none where they name what is only there for type checkers."""
    constructed: Any = kind
    try:
        return get_type_hints(constructed.__init__, include_extras=True)
    except (NameError, TypeError):
        return {}


def _unfit(page: Page, at: Pointer, value: object, wanted: Any) -> Iterator[Mistake]:
    """Settings reach the constructor as the file's own data, so they are held against its types as they are."""
    findings = [] if wanted is str and type(value) is str else _findings(wanted, value)
    if any(finding["type"] in _MADE for finding in findings):
        yield page.mistake(at, _other(wanted, value), "Files give text, numbers, true, false, lists and mappings.")
        return
    if len(findings) > 1 and get_origin(wanted) in _UNIONS:
        yield page.mistake(at, _other(wanted, value))
        return
    for finding in findings:
        message, hint = told_of(finding)
        yield page.mistake((*at, *finding["loc"]), message, hint)


def _other(wanted: Any, value: object) -> str:
    return f"expected {_MODULE.sub('', inspect.formatannotation(wanted))}, found {kind_of(value)}"


def _findings(wanted: Any, value: object) -> list[ErrorDetails]:
    """What pydantic finds; a list may stand for a tuple or a set, for files have nothing else."""
    try:
        _adapter(wanted).validate_python(value, strict=True)
    except PydanticUserError:  # a type that can't be told from its annotation
        return []
    except ValidationError as error:
        return [one for one in error.errors(include_url=False) if one["type"] not in _LISTS]
    return []


def _adapter(wanted: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(wanted)
    except PydanticSchemaGenerationError:
        return TypeAdapter(wanted, config=ConfigDict(arbitrary_types_allowed=True))


def _unfilled(page: Page, at: Pointer, value: object) -> Iterator[Mistake]:
    """Placeholders that nobody fills in: only the home folder is known, and only in a setting that is text itself."""
    if not isinstance(value, str):
        if _HOME in str(value):
            message = f"{_HOME} is filled in only where a setting is text itself"
            yield page.mistake(at, message, "Give it a setting of its own.")
        return
    for number, found in enumerate(_PLACEHOLDER.findall(value)):
        if found != _HOME:
            hint = f"Only {_HOME} is filled in, with the folder of CHARGEHAND_HOME."
            place = Word(found, _PLACEHOLDER, number)
            yield page.mistake(at, f"{found} stands for nothing", hint, word=place)
