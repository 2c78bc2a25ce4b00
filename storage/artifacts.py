"""Artifacts kept under the sha256 of their content, in the record or in a store, and the tasks whose evidence they are."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from storage.database import Database, Unit
from storage.recordsets import as_bytes
from storage.stores import Store
from storage.tables.work import artifacts, task_artifacts

GRACE = timedelta(days=1)
"""How long content may lie in the store before a commit names it; what nothing names after that is taken away."""


MOST_IN_RECORD = 4096
"""Content of at most so many bytes is in the record itself: as a file it takes a block of as many, and two waits for the disk."""


class ArtifactNotFound(LookupError):
    """There is no such artifact for this company, or its content is gone; the message says which."""


class NotKept(Exception):
    """The store did not take content; `str()` is what it says, for example "No space left on device"."""


class ArtifactChanged(ValueError):
    """The content that lies in the store is not what was saved."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something saved: `content` in bytes, `digest` its sha256 in hex.

    Of all that a step has saved one is canonical: the output that stands for it.
    """

    name: str
    media_type: str
    content: bytes
    step: str
    canonical: bool = False

    @property
    def digest(self) -> str:
        """sha256 of the content, 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def goes_to_store(self) -> bool:
        """Whether its content is too long for the record."""
        return len(self.content) > MOST_IN_RECORD


@dataclass(frozen=True, slots=True)
class Saved:
    """An artifact of a task as the record names it."""

    step: str
    name: str
    digest: str


def put(store: Store, company: str, kept: Iterable[Artifact], *, at: datetime) -> None:
    """Write the contents that go there through to the store; done before the transaction that names them. Raises NotKept."""
    for digest, content in {artifact.digest: artifact.content for artifact in kept if artifact.goes_to_store}.items():
        try:
            store.put(company, digest, content, at=at)
        except OSError as error:
            raise NotKept(error.strerror or type(error).__name__) from error


def rows_of_kept(
    company: str, task: int, kept: Sequence[Artifact], *, at: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Contents as their table names and, those that don't go to the store, holds them, and a task's links to them, as
    record sets; the same content twice is one artifact.
    """
    contents: dict[str, dict[str, Any]] = {}
    links: dict[tuple[str, str], dict[str, Any]] = {}
    for one in kept:
        digest = one.digest
        size = {"media_type": one.media_type, "size": len(one.content)}
        content = None if one.goes_to_store else as_bytes(one.content)
        contents[digest] = {"company": company, "digest": digest, **size, "content": content, "saved_at": at}
        named = {"name": one.name, "digest": digest, "step": one.step, "canonical": one.canonical}
        links[one.name, digest] = {"company": company, "task": task, **named, "at": at}
    return list(contents.values()), list(links.values())


def of_task(unit: Unit, task: int, *, after: datetime | None = None) -> list[tuple[str, str]]:
    """(name, digest) of a task's artifacts, oldest first; with `after` those alone that were saved later."""
    return [(row.name, row.digest) for row in _links(unit, task, after)]


def canonical_of(unit: Unit, task: int, *, after: datetime | None = None) -> list[Saved]:
    """The one artifact that stands for each step of a task: the newest, where a step was done again."""
    newest = {row.step: Saved(row.step, row.name, row.digest) for row in _links(unit, task, after) if row.canonical}
    return list(newest.values())


def _links(unit: Unit, task: int, after: datetime | None) -> Sequence[Row[tuple[object, ...]]]:
    query = select(task_artifacts).where(task_artifacts.c.company == unit.company, task_artifacts.c.task == task)
    query = query if after is None else query.where(task_artifacts.c.at > after)
    return unit.connection.execute(query.order_by(task_artifacts.c.at, task_artifacts.c.name)).all()


def content_of(unit: Unit, store: Store, digest: str) -> bytes:
    """The content of an artifact of this company, held against its sha256.

    Raises ArtifactNotFound and ArtifactChanged.
    """
    query = select(artifacts).where(artifacts.c.company == unit.company, artifacts.c.digest == digest)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise ArtifactNotFound(f"There is no artifact {digest[:12]}….")
    if row.erased_at is not None:
        raise ArtifactNotFound(f"Artifact {digest[:12]}… was erased on {row.erased_at:%Y-%m-%d}.")
    content = bytes(row.content) if row.content is not None else _stored(unit.company, store, digest)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ArtifactChanged(f"Artifact {digest[:12]}… is not what was saved: its content has changed.")
    return content


def _stored(company: str, store: Store, digest: str) -> bytes:
    try:
        return store.get(company, digest)
    except FileNotFoundError as error:
        raise ArtifactNotFound(f"Artifact {digest[:12]}… is named, but its content is gone from the store.") from error


def erase_contents(unit: Unit, digests: Sequence[str]) -> list[str]:
    """Say of contents that they are erased; returns those that were there, to be removed from the store."""
    mine = (artifacts.c.company == unit.company) & artifacts.c.digest.in_(digests) & artifacts.c.erased_at.is_(None)
    erased = update(artifacts).where(mine).values(content=None, erased_at=unit.now).returning(artifacts.c.digest)
    return list(unit.connection.execute(erased).scalars())


def wrong_with(unit: Unit, store: Store) -> list[str]:
    """A sentence for each artifact whose content is gone or has changed."""
    query = select(artifacts.c.digest).where(artifacts.c.company == unit.company, artifacts.c.erased_at.is_(None))
    found = []
    for digest in unit.connection.execute(query.order_by(artifacts.c.saved_at)).scalars():
        try:
            content_of(unit, store, digest)
        except (ArtifactNotFound, ArtifactChanged) as error:
            found.append(str(error))
    return found


def collect(database: Database, store: Store, company: str) -> int:
    """Take away what a crash has left in the store and no commit ever named, after a day; returns how many."""
    with database.transaction(company) as unit:
        moment = unit.now - GRACE
    gone = 0
    for digest in store.kept_before(company, moment):
        with database.transaction(company) as unit:
            named = _is_named(unit, digest)
        if not named and store.remove_if_kept_before(company, digest, moment):
            gone += 1
    return gone


def _is_named(unit: Unit, digest: str) -> bool:
    query = select(artifacts.c.digest).where(artifacts.c.company == unit.company, artifacts.c.digest == digest)
    return unit.connection.execute(query.where(artifacts.c.erased_at.is_(None))).first() is not None
