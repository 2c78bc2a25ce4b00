"""Loads Python from bytes, under names that carry company, lane and hash, so that versions never mix."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.abc import ExecutionLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import CodeType, ModuleType

from contracts.loading.hidden import DELETE, hidden_in, hidden_mistakes, hides
from contracts.loading.raised import not_python, raised
from contracts.mistakes import BusinessMistakes, Mistake, Source, Span, source_of

_ESCAPE = re.compile(r"\\[uUxN0-7]")


@dataclass(frozen=True, slots=True)
class Code:
    """A module that was loaded, with its source and its bytes, which are parsed when somebody asks for a place."""

    source: Source
    module: ModuleType
    content: bytes

    def get(self, name: str) -> object:
        """What the module calls `name`, or None."""
        return vars(self.module).get(name)

    def of_kind(self, parent: type) -> list[str]:
        """The names of the module's own classes below `parent`."""
        own = self.module.__name__
        kinds = ((name, value) for name, value in vars(self.module).items() if isinstance(value, type))
        return [name for name, value in kinds if issubclass(value, parent) and value.__module__ == own]

    def span(self, name: str, part: str | None = None) -> Span:
        """Where the function, method ("Shop.refund") or class is defined, or a parameter or field of it."""
        node = _find(_tree(self.content), name)
        if node is None:
            return Span(1, 1)
        for known, place in _parts(node):
            if known == part:
                return Span(place.lineno, place.col_offset + 1, len(known))
        column = self.source.lines[node.lineno - 1].find(node.name, node.col_offset) + 1
        return Span(node.lineno, column, len(node.name))

    def hidden(self) -> Iterator[Mistake]:
        """A mistake for each character of its texts that nobody sees, as it stands or by an escape."""
        text = "\n".join(self.source.lines)
        if hides(text):
            yield from hidden_mistakes(self.source)
        elif _ESCAPE.search(text):
            for node in ast.walk(_tree(self.content)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and hides(node.value):
                    span = Span(node.lineno, node.col_offset + 1)
                    whats = dict.fromkeys(what for _, what in hidden_in(node.value))
                    yield from (self.source.mistake(span, f"{what}, by an escape", DELETE) for what in whats)

    def mistake(self, name: str, message: str, hint: str | None = None, *, part: str | None = None) -> Mistake:
        """A mistake at a definition of this module, or at a parameter or field of it."""
        path = " › ".join([*name.split("."), *filter(None, [part])])
        return self.source.mistake(self.span(name, part), message, hint, path=path)


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@lru_cache(maxsize=64)
def _tree(content: bytes) -> ast.Module:
    return ast.parse(content)


def _find(tree: ast.Module, name: str) -> _Definition | None:
    body: list[ast.stmt] = tree.body
    found: _Definition | None = None
    for part in name.split("."):
        definitions = [node for node in body if isinstance(node, _Definition) and node.name == part]
        found = definitions[-1] if definitions else None
        body = found.body if found else []
    return found


def _parts(node: _Definition) -> Iterator[tuple[str, ast.expr | ast.arg]]:
    if isinstance(node, ast.ClassDef):
        targets = (line.target for line in node.body if isinstance(line, ast.AnnAssign))
        yield from ((target.id, target) for target in targets if isinstance(target, ast.Name))
        return
    arguments = node.args
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    yield from ((argument.arg, argument) for argument in named if argument is not None)


def load_package(name: str) -> None:
    """Make the empty package that modules of a lane belong to, so that `from .models import …` works."""
    if name not in sys.modules:
        sys.modules[name] = module_from_spec(ModuleSpec(name, None, is_package=True))


def load_module(name: str, file: str, content: bytes) -> Code:
    """Run `content` as the module `name`; the same content is run once per process.

    Raises BusinessMistakes with the line of a syntax error or of whatever the module raised.
    """
    module = sys.modules.get(name)
    source = source_of(file, content.decode("utf-8", errors="replace"))
    if module is None:
        loader = _BytesLoader(file, content)
        spec = ModuleSpec(name, loader, origin=file)
        spec.has_location = True
        module = module_from_spec(spec)
        _run(module, loader, source)
    return Code(source, module, content)


def _run(module: ModuleType, loader: ExecutionLoader, source: Source) -> None:
    sys.modules[module.__name__] = module
    try:
        loader.exec_module(module)
    except SyntaxError as error:
        del sys.modules[module.__name__]
        raise BusinessMistakes([not_python(source, error)]) from error
    except (Exception, SystemExit) as error:  # a door: other people's code raises whatever it likes while it loads
        del sys.modules[module.__name__]
        raise BusinessMistakes([raised(source, error)]) from error


def module_name(*parts: str) -> str:
    """A module's name of words that may hold hyphens."""
    return "_".join(part.replace("-", "_") for part in parts)


def short_hash(*contents: bytes) -> str:
    """Twelve hexadecimal digits that tell contents apart."""
    return sha256(b"".join(sha256(content).digest() for content in contents)).hexdigest()[:12]


class _BytesLoader(ExecutionLoader):
    """What the import system asks for code; tracebacks quote the source from here."""

    def __init__(self, file: str, content: bytes) -> None:
        self._file = file
        self._content = content

    def get_filename(self, fullname: str) -> str:
        return self._file

    def get_source(self, fullname: str) -> str:
        return self._content.decode("utf-8", errors="replace")

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self._content, self._file)
