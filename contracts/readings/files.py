"""Gathers the names that the files of a business give and use, code included, without running any of it."""

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from contracts.company import Company
from contracts.contract import Lane
from contracts.loading.pages import read_page
from contracts.mistakes import BusinessMistakes
from contracts.readings.names import Names

_COMPANY, _LANE = "company.yaml", "lane.yaml"
_FUNCTION = re.compile(rb"^@worker\b[^\n]*\ndef (\w+)", re.MULTILINE)
_CLASS = re.compile(rb"^class (\w+)", re.MULTILINE)
_TOOL = re.compile(rb"^class (\w+)[^\n]*\n(?:(?!^class ).*\n)*?    @(?:reads|effect)\b", re.MULTILINE)
_OPERATION = re.compile(rb"^    @(reads|effect)\b.*?^    (?:async )?def (\w+)", re.MULTILINE | re.DOTALL)


def names_around(files: Mapping[str, bytes], folder: str | None) -> Names:
    """The names of the company and of the lane in a folder; of every lane where none is named."""
    names = Names()
    names.give("field", ["request", "packet", "placement"])  # workers take and give them like fields
    systems = {name.removeprefix("tools/").removesuffix(".py"): name for name in files if name.startswith("tools/")}
    for name, content in files.items():
        if name == _COMPANY:
            systems |= _systems(_declared(names, name, content, Company))
        elif name.startswith("tools/"):
            names.give("tool", [f"{name}:{kind.decode()}" for kind in _TOOL.findall(content)])
        elif name.startswith(f"{folder}/" if folder else "lanes/"):
            _of_lane(names, name, content)
    for system, tool in systems.items():
        for kind, operation in _OPERATION.findall(files.get(tool, b"")):
            names.give("effect" if kind == b"effect" else "read", [f"{system}.{operation.decode()}"])
    return names


def _of_lane(names: Names, name: str, content: bytes) -> None:
    folder, _, file = name.rpartition("/")
    if file == _LANE:
        names.use("lane", folder.rpartition("/")[2])
        _declared(names, name, content, Lane)
    elif file == "workers.py":
        names.give("function", [f"workers:{one}" for one in _found(_FUNCTION, content)])
    elif file == "models.py":
        names.give("model", [f"models:{one}" for one in _found(_CLASS, content)])


def _declared(names: Names, name: str, content: bytes, model: type[BaseModel]) -> object:
    """What a file says, its names known; None where that can't be read."""
    try:
        data = read_page(name, content).data
    except BusinessMistakes:
        return None
    names.read(model, data)
    return data


def _systems(company: object) -> dict[str, str]:
    """The file of each system's tool."""
    systems = company.get("systems") if isinstance(company, dict) else None
    declared = systems.items() if isinstance(systems, dict) else ()
    tools = {name: one.get("tool") for name, one in declared if isinstance(one, dict)}
    return {name: tool.partition(":")[0] for name, tool in tools.items() if isinstance(tool, str)}


def _found(pattern: re.Pattern[bytes], content: bytes) -> Iterator[str]:
    return (found.decode() for found in pattern.findall(content))
