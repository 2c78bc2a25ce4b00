"""Finds the tools of a company's systems, their operations and the shape of each effect's arguments."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.errors import PydanticUserError

from contracts.authoring import Operation, lists_of, operations_of
from contracts.canonical import digest
from contracts.company import Company
from contracts.facts import schema_of
from contracts.loaded import EffectSpec
from contracts.loading.answers import answers_of
from contracts.loading.declared_tools import declared_tool, kinds_of
from contracts.loading.modules import Code, load_module, module_name, short_hash
from contracts.loading.pages import Page
from contracts.loading.tool import Tool
from contracts.loading.tool_settings import NAMED, setting_mistakes
from contracts.mistakes import BusinessMistakes, Findings, Mistake, Pointer, listed, suggestion

_KEY = "key"
_ARGS = ConfigDict(frozen=True, extra="forbid", strict=True, protected_namespaces=())


def load_tools(company: Company, page: Page, files: Mapping[str, bytes], findings: Findings) -> dict[str, Tool] | None:
    """The tool of each system by the system's name; None, with the mistakes in `findings`, if one can't be loaded."""
    loader = _ToolLoader(company, page, files)
    found = {system: findings.attempt(loader.tool, system) for system in company.systems}
    tools = {system: tool for system, tool in found.items() if tool is not None}
    written = {system: tool for system, tool in tools.items() if company.systems[system].tool is not None}
    for system, tool in written.items():
        findings.hold(setting_mistakes, page, system, tool.kind, company.systems[system].settings)
    return tools if len(tools) == len(found) else None


@dataclass(frozen=True, slots=True)
class _ToolLoader:
    company: Company
    page: Page
    files: Mapping[str, bytes]

    def tool(self, system: str) -> Tool:
        declared = self.company.systems[system]
        if declared.tool is None or kinds_of(declared) != ["tool"]:
            return declared_tool(system, declared, self.page)
        file, _, name = declared.tool.partition(":")
        at: Pointer = ("systems", system, "tool")
        code = self._code(file, at)
        kind = code.get(name)
        if not isinstance(kind, type):
            raise BusinessMistakes([self.page.mistake(at, f"{file} has no class {name}", _classes(code, name))])
        if not _can_be_made(kind):
            raise BusinessMistakes([self.page.mistake(at, f"{name} only describes data", "Name the class of a tool.")])
        findings = Findings()
        operations = operations_of(kind)
        effects = {
            f"{system}.{operation.name}": findings.attempt(_effect, system, operation, kind=kind, code=code)
            for operation in operations.values()
            if operation.is_effect
        }
        findings.hold(_list_mistakes, kind, operations, code)
        findings.settle()
        found = {name: spec for name, spec in effects.items() if spec is not None}
        code_hash = digest("\n".join(code.source.lines))
        return Tool(system, kind, operations, found, answers_of(kind, operations.values()), code_hash)

    def _code(self, file: str, at: Pointer) -> Code:
        content = self.files.get(file)
        if content is None:
            known = [name for name in self.files if name.startswith("tools/")]
            raise BusinessMistakes([self.page.mistake(at, f"no file {file}", suggestion(file, known))])
        stem = file.removeprefix("tools/").removesuffix(".py")
        name = module_name("chargehand_tool", self.company.company, stem, short_hash(content))
        return load_module(name, file, content)


def _list_mistakes(kind: type, operations: Mapping[str, Operation], code: Code) -> Iterator[Mistake]:
    """Lists of keys of what is no effect, or that want to be given something."""
    effects = [operation.name for operation in operations.values() if operation.is_effect]
    for listed_effect, name in lists_of(kind).items():
        path = f"{kind.__name__}.{name}"
        if listed_effect not in effects:
            yield code.mistake(
                path, f"{listed_effect} is no effect of {kind.__name__}", suggestion(listed_effect, effects)
            )
        if any(one.default is one.empty for one in _parameters(getattr(kind, name)).values()):
            yield code.mistake(path, "a list of keys is asked without arguments", "Give each of them a default.")


def _can_be_made(kind: type) -> bool:
    """Whether a class says what it is made with; the types of records and what is built in don't."""
    try:
        inspect.signature(kind)
    except ValueError:
        return False
    return True


def _classes(code: Code, name: str) -> str | None:
    return suggestion(name, code.of_kind(object))


def _effect(system: str, operation: Operation, *, kind: type, code: Code) -> EffectSpec:
    path = f"{kind.__name__}.{operation.name}"
    method = getattr(kind, operation.name)
    parameters = _parameters(method)
    found = list(_effect_mistakes(operation, kind, code))
    if found:
        raise BusinessMistakes(found)
    try:
        hints = get_type_hints(method, include_extras=True)
        fields: Any = {
            name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
            for name, parameter in parameters.items()
            if name not in (_KEY, operation.parts)
        }
        model: type[BaseModel] = create_model(f"{kind.__name__}{operation.name.title()}", __config__=_ARGS, **fields)
        schema_of({"args": model})
    except (NameError, TypeError, PydanticUserError) as error:
        raise BusinessMistakes([code.mistake(path, f"its arguments can't be read: {error}")]) from error
    return EffectSpec(f"{system}.{operation.name}", operation, model)


def _effect_mistakes(operation: Operation, kind: type, code: Code) -> Iterator[Mistake]:
    path = f"{kind.__name__}.{operation.name}"
    parameters = _parameters(getattr(kind, operation.name))
    if _KEY not in parameters:
        yield code.mistake(path, "an effect takes a key", "Add the keyword `key: str`.")
        return
    for name, parameter in parameters.items():
        if parameter.kind not in NAMED:
            yield code.mistake(path, f"{name} has no fixed name", "Name every argument of an effect.", part=name)
        elif parameter.annotation is parameter.empty:
            yield code.mistake(path, f"{name} has no type", "Annotate every argument of an effect.", part=name)
    given = [name for name in parameters if name not in (_KEY, operation.parts)]
    yield from _uncounted(operation, path, code, given)
    yield from _uncorrected(operation, kind, code, given)
    yield from _unparted(operation, path, code, parameters)
    look = getattr(kind, operation.look, None) if operation.look else None
    if operation.look and not callable(look):
        known = [name for name in vars(kind) if not name.startswith("_") and name != operation.name]
        yield code.mistake(
            path, f"{kind.__name__} has no {operation.look} to look with", suggestion(operation.look, known)
        )
    elif look is not None and not _takes(look, [*given, _KEY]):
        hint = f"It is given {listed([name for name in parameters if name != operation.parts])}."
        yield code.mistake(f"{kind.__name__}.{operation.look}", f"a look takes what {operation.name} takes", hint)


def _uncounted(operation: Operation, path: str, code: Code, known: list[str]) -> Iterator[Mistake]:
    """Arguments that caps should count by, or that a change rests on, and that are not there."""
    for counted in (operation.amount, operation.records, operation.recipients):
        if isinstance(counted, str) and counted not in known:
            yield code.mistake(path, f"it has no argument {counted} to count by", suggestion(counted, known))
    version = operation.version
    if version is not None and version not in known:
        message = f"it has no argument {version} that could be the version which was read"
        yield code.mistake(path, message, suggestion(version, known))


def _unparted(
    operation: Operation, path: str, code: Code, parameters: Mapping[str, inspect.Parameter]
) -> Iterator[Mistake]:
    """An argument that should tell the missing parts and is not there, or can't be left out the first time."""
    if operation.parts is None:
        return
    told = parameters.get(operation.parts)
    if told is None:
        message = f"it has no argument {operation.parts} that could tell which parts are missing"
        yield code.mistake(path, message, suggestion(operation.parts, [name for name in parameters if name != _KEY]))
    elif told.default is not None:
        hint = f"Write `{operation.parts}: Sequence[str] | None = None`."
        yield code.mistake(path, f"{operation.parts} is not None the first time", hint, part=operation.parts)


def _uncorrected(operation: Operation, kind: type, code: Code, known: list[str]) -> Iterator[Mistake]:
    """A method that should tell corrections and is not there, or that does not take what the effect takes."""
    if operation.corrections is None:
        return
    told = getattr(kind, operation.corrections, None)
    if not callable(told):
        message = f"{kind.__name__} has no {operation.corrections} that tells what people have corrected"
        methods = [name for name in vars(kind) if not name.startswith("_") and name != operation.name]
        yield code.mistake(f"{kind.__name__}.{operation.name}", message, suggestion(operation.corrections, methods))
    elif not _takes(told, known):
        message = f"what tells corrections takes what {operation.name} takes"
        yield code.mistake(f"{kind.__name__}.{operation.corrections}", message, f"It is given {listed(known)}.")


def _takes(method: Callable[..., Any], names: list[str]) -> bool:
    try:
        inspect.signature(method).bind(None, **dict.fromkeys(names))
    except TypeError:
        return False
    return True


def _parameters(method: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    named = list(inspect.signature(method).parameters.values())[1:]
    return {parameter.name: parameter for parameter in named}
