"""What a worker may read and write of the memory pad and of its subject's timeline, from its desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from contracts.authoring import Deterministic, Governance
from contracts.keepable import unkeepable
from contracts.rights import RIGHTS
from contracts.vocabulary import BeliefKind, Heard
from engine.bench import Bench
from engine.brief import brief
from engine.failures import plain
from engine.scopes import LANE, SUBJECT, scopes_of
from storage.database import Unit
from storage.memory import COMPANY, LONGEST_TOPIC, Belief, NotBelievable, current, remember
from storage.subjects import hear
from storage.tables.work import tasks
from storage.tasks import Task
from storage.transitions import Moved


@dataclass(frozen=True, slots=True)
class Pad:
    """The pad as one attempt of a step has it.

    What is written stands at once, so that a crash or a failed try does not buy the same finding twice; only who holds
    the task writes. Every failure of a worker's is raised as one of authoring's.
    """

    bench: Bench
    task: Task
    step: str

    def remember(self, topic: str, value: Any, *, about: str, kind: str, days: float | None, confidence: float) -> None:
        """Write a belief; raises Deterministic, Governance and storage.transitions.Moved."""
        if about == COMPANY:
            raise Governance("What holds for the whole company is for people to say.", cause=RIGHTS)
        belief = self._believable(topic, value, about=about, kind=kind, days=days, confidence=confidence)
        self._write(lambda unit: remember(unit, belief))

    def known(self, *, about: str | None, topic: str | None = None) -> list[Belief]:
        """What is believed now of the subject, the lane and the company, or of one of them; raises Deterministic."""
        scopes = [self._scope(one) for one in ((SUBJECT, LANE, COMPANY) if about is None else (about,))]
        with self.bench.connection.transaction() as unit:
            return current(unit, scopes, topic=None if topic is None else plain(topic, longest=LONGEST_TOPIC))

    def brief(self) -> str:
        """All that is known of the task, in one document."""
        with self.bench.connection.transaction() as unit:
            return brief(unit, self.task.number).text()

    def heard(self, what: str, *, because: str, subject: str | None) -> None:
        """Put on a subject's timeline what was heard of it; raises Deterministic, Governance and Moved."""
        if what == Heard.OPTED_IN:
            raise Governance("That somebody wants to be contacted again is for a person to say.", cause=RIGHTS)
        if what not in set(Heard):
            raise Deterministic(f"A subject's timeline has no word {plain(what)}.", cause="memory")
        about = plain(subject) if subject else self.task.subject
        said = {"sentence": plain(because), "source": f"{self.task.name}, {self.step}", "task": self.task.number}
        self._write(lambda unit: hear(unit, about, Heard(what), **said))  # type: ignore[arg-type]

    def _write(self, act: Callable[[Unit], object]) -> None:
        with self.bench.connection.transaction() as unit:
            mine = (tasks.c.company == unit.company) & (tasks.c.number == self.task.number)
            held = select(tasks.c.number).where(mine, tasks.c.fence == self.task.fence).with_for_update(key_share=True)
            if unit.connection.execute(held).first() is None:
                raise Moved(self.task.name)
            act(unit)

    def _believable(self, topic: str, value: Any, **given: Any) -> Belief:
        try:
            unkept = unkeepable(value)
            if unkept is not None:
                raise NotBelievable(f"{topic}: {unkept}")
            return self._belief(plain(topic, longest=LONGEST_TOPIC), value, **given)
        except (ValueError, TypeError) as error:
            raise Deterministic(f"This can't be remembered: {plain(error)}.", cause="memory") from error

    def _belief(
        self, topic: str, value: Any, *, about: str, kind: str, days: float | None, confidence: float
    ) -> Belief:
        expires_at = None if days is None else self.bench.now() + timedelta(days=days)
        source = f"{self.task.name}, {self.step}"
        return Belief(
            self._scope(about), topic, BeliefKind(kind), value, source, float(confidence), expires_at, self.task.number
        )

    def _scope(self, about: str) -> str:
        found = scopes_of(self.task).get(about)
        if found is None:
            raise Deterministic(
                f"Nothing is remembered about {plain(about)}: say subject, lane or company.", cause="memory"
            )
        return found


def as_read(belief: Belief) -> dict[str, Any]:
    """A belief as workers see it."""
    moments = {"at": belief.at, "expires_at": belief.expires_at}
    told = {name: getattr(belief, name) for name in ("topic", "value", "source", "confidence")}
    about = belief.scope.partition(":")[0]
    return {**told, "about": about, "kind": str(belief.kind), **{n: m and m.isoformat() for n, m in moments.items()}}
