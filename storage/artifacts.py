"""Artifacts kept under the sha256 of their content, and the tasks whose evidence they are."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from storage.database import Unit
from storage.tables.work import artifacts, task_artifacts


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something saved: `content` in bytes, `digest` its sha256 in hex."""

    name: str
    media_type: str
    content: bytes
    step: str

    @property
    def digest(self) -> str:
        """sha256 of the content, 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()


def save(unit: Unit, task: int, kept: Artifact) -> None:
    """Keep an artifact as a task's evidence; the same content twice is one artifact."""
    content = {"company": unit.company, "digest": kept.digest, "media_type": kept.media_type}
    unit.connection.execute(
        insert(artifacts).values(**content, content=kept.content, saved_at=unit.now).on_conflict_do_nothing()
    )
    link = {"company": unit.company, "task": task, "name": kept.name, "digest": kept.digest, "step": kept.step}
    unit.connection.execute(insert(task_artifacts).values(**link, at=unit.now).on_conflict_do_nothing())


def of_task(unit: Unit, task: int) -> list[tuple[str, str]]:
    """(name, digest) of a task's artifacts, oldest first."""
    query = select(task_artifacts.c.name, task_artifacts.c.digest).where(
        task_artifacts.c.company == unit.company, task_artifacts.c.task == task
    )
    return [(row.name, row.digest) for row in unit.connection.execute(query.order_by(task_artifacts.c.at))]


def content_of(unit: Unit, digest: str) -> bytes | None:
    """The content of an artifact of this company."""
    query = select(artifacts.c.content).where(artifacts.c.company == unit.company, artifacts.c.digest == digest)
    found = unit.connection.execute(query).scalar_one_or_none()
    return bytes(found) if found is not None else None
