"""Reads our own source files once, so that checks of the architecture look at the code and import none of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("contracts", "storage", "escalation", "engine", "notifications", "gateway", "chargehand")
OURS = (*FLOORS, "sandbox")
APART = ("bin", "examples")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the checkout, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> set[str]:
        """Every module that is imported by its absolute name, anywhere in the file."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return found

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call with the last word of what is called: `client.views_open(…)` is "views_open"."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield last_word(node.func), node


def last_word(node: ast.expr) -> str:
    """The name that an expression ends with, or ""."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files below these folders of the checkout, in order of their paths."""
    files = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(_read(path) for path in files)


@cache
def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


@cache
def names_of_tests() -> set[str]:
    """The names of all tests that there are."""
    return {function.name for source in sources("tests") for function in source.functions() if _is_test(function)}


def _is_test(function: Function) -> bool:
    return function.name.startswith("test_")
