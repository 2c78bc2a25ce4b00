"""A folder of files as company.yaml declares it: texts are read and written under one root, and nothing outside of it."""

from collections.abc import Iterator

from pydantic import Field

from contracts.authoring import Operation
from contracts.declared import Declared, DurationS
from contracts.loading.pages import Page
from contracts.misdeclared import LONGEST_LAG_S
from contracts.mistakes import Mistake, Pointer
from contracts.systems.building import Made, made_effect, made_read
from contracts.systems.operations import DeclaredEffect, DeclaredRead, effect_operation, read_operation
from contracts.vocabulary import BlastRadius, EffectClass

READ, WRITE, NEW = "file", "write", ""
"""The two operations; and the version of a file that is not there yet."""


class FilesSystem(Declared):
    """A folder that workers read texts from and write them to, each as a whole."""

    root: str = Field(min_length=1)
    """The folder; `{home}` stands for CHARGEHAND_HOME. It has to exist."""
    blast: BlastRadius = Field(default=BlastRadius.RECORD, strict=False)
    """Whom a written file touches, such as public for the folder of a web server."""
    longest: int = Field(default=1_000_000, ge=1, le=50_000_000)
    """The most bytes that a file may have."""
    keys: str | None = Field(default=None, min_length=1)
    """A file outside of the folder in which the key of each write is kept, for `chargehand reconcile`; `{home}` as above."""
    lag_s: DurationS = Field(default=1, alias="lag", le=int(LONGEST_LAG_S))
    """How late what was written may show, for a folder on another machine."""


def made_of(declared: FilesSystem) -> list[Made]:
    """`file(path)` gives a text with its version; `write(path, text, version)` puts another in the place of that version."""
    gives = {"path": "text", "text": "text", "version": "text", "size": "integer"}
    read = DeclaredRead(takes={"path": "text"}, gives=gives)
    write = DeclaredEffect(
        blast=declared.blast,
        takes={"path": "text", "text": "text", "version": "text"},
        defaults={"version": NEW},
    )
    operation: Operation = effect_operation(WRITE, write, EffectClass.READABLE, version="version", lag_s=declared.lag_s)
    return [made_read(read_operation(READ, read), read), made_effect(operation, write, lists=declared.keys is not None)]


def mistakes_of(declared: FilesSystem, page: Page, at: Pointer) -> Iterator[Mistake]:
    """A file of keys that lies among those that are written."""
    if declared.keys is None:
        return
    if declared.keys.endswith("/"):
        yield page.mistake((*at, "keys"), "this is a folder", "Name a file, such as {home}/pages.keys.")
    root = _steps(declared.root)
    if _steps(declared.keys)[: len(root)] == root:
        hint = "Let it lie beside the folder: keys name companies, tasks and steps."
        yield page.mistake((*at, "keys"), f"the keys would lie in {declared.root}, with what is written", hint)


def _steps(path: str) -> list[str]:
    """The folders that a path leads down through, and its file."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return steps
