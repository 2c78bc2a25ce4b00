"""Work of an earlier week, written straight into the record with the times that a test wants."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from contracts.vocabulary import Answer, DecisionKind, DecisionState, EffectClass, EffectState, TaskState
from storage.tables.deciding import decisions, votes
from storage.tables.incidents import incidents
from storage.tables.work import attempts, blockers, effects, tasks
from tests.builders import House


@dataclass(slots=True)
class Past:
    """Writes tasks of the lane "refunds" (unless said) with what belongs to them; numbers begin at 1."""

    house: House
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def task(
        self, ended: datetime | None, *, took_s: float = 60.0, accepted: datetime | None = None, **columns: Any
    ) -> int:
        """A task that was done at a moment (None: that is not over), `took_s` after it was accepted."""
        number = next(self.numbers)
        fixed: dict[str, Any] = {
            "lane": "refunds",
            "lane_hash": "h",
            "worker": "w",
            "step": "pay",
            "runtime": "default",
            "state": TaskState.DONE if ended else TaskState.WAITING,
            "version": 1,
            "subject": f"order {number}",
            "requester": "anna",
            "request": {},
            "form_key": f"past-{number}",
            "ended_at": ended,
            "accepted_at": accepted or (ended - timedelta(seconds=took_s) if ended else None),
        }
        self._put(tasks, {"number": number, **fixed, **columns})
        return number

    def attempt(self, task: int, at: datetime, *, seconds: float = 0.0, calls: int = 0) -> None:
        """One try that ran for so many seconds and called tools so often."""
        self._put(
            attempts,
            {
                "task": task,
                "step": "pay",
                "fence": next(self.numbers),
                "ordinal": 1,
                "runner": "r",
                "worker_version": "1",
                "started_at": at,
                "ended_at": at + timedelta(seconds=seconds),
                "outcome": "ok",
                "sentence": "",
                "tool_calls": calls,
            },
        )

    def effect(self, task: int, at: datetime, state: EffectState = EffectState.VERIFIED, **columns: Any) -> None:
        """An effect that was performed once and, if verified, seen at the first look."""
        seen = at if state is EffectState.VERIFIED else None
        self._put(
            effects,
            {
                "key": f"past/{next(self.numbers)}",
                "task": task,
                "step": "pay",
                "revision": 1,
                "tool": "shop.refund",
                "effect_class": EffectClass.READABLE,
                "args": {},
                "because": "",
                "digest": "",
                "authority": "",
                "state": state,
                "performs": 1,
                "intended_at": at,
                "verified_at": seen,
                **columns,
            },
        )

    def decision(
        self, task: int, opened: datetime, state: DecisionState = DecisionState.APPROVED, **columns: Any
    ) -> int:
        """A decision that finance approvers were asked for."""
        number = next(self.numbers)
        self._put(
            decisions,
            {
                "number": number,
                "task": task,
                "subject": f"order {task}",
                "kind": DecisionKind.APPROVAL,
                "state": state,
                "edge": "large refund",
                "requester": "anna",
                "card": {"question": f"Refund for order {task}?"},
                "proposal": {},
                "proposal_digest": "",
                "shown_digest": "",
                "quorum": 1,
                "silence": {"steps": []},
                "entitled": ["mei", "priya"],
                "entitled_words": "finance approvers",
                "opened_at": opened,
                **columns,
            },
        )
        return number

    def vote(self, decision: int, person: str, at: datetime, answer: Answer = Answer.APPROVE) -> None:
        """A person's answer."""
        self._put(votes, {"decision": decision, "person": person, "answer": answer, "via": "test", "at": at})

    def blocker(self, opened: datetime, **columns: Any) -> str:
        """Something that stops the lane."""
        name = f"blocker-{next(self.numbers)}"
        self._put(
            blockers,
            {
                "id": name,
                "cause": name,
                "lane": "refunds",
                "owner": "ruth",
                "sentence": "The shop is closed.",
                "action": "Open it.",
                "opened_at": opened,
                **columns,
            },
        )
        return name

    def incident(self, task: int, reported: datetime, *, closed: datetime | None = None, **columns: Any) -> int:
        """Anna's word that a result is wrong; closed, it took five minutes to put right."""
        number = next(self.numbers)
        ending = {"cause": "data", "correction_s": 300, "closed_at": closed, "closed_by": "mei"} if closed else {}
        fixed: dict[str, Any] = {
            "number": number,
            "task": task,
            "lane": "refunds",
            "worker": "refund-payer",
            "reported_by": "anna",
            "via": "test",
            "delivery": f"past-{number}",
            "sentence": "This is wrong.",
            "reported_at": reported,
        }
        self._put(incidents, {**fixed, **ending, **columns})
        return number

    def _put(self, table: Any, values: dict[str, Any]) -> None:
        with self.house.deployment.database.transaction(self.house.company) as unit:
            unit.connection.execute(insert(table).values(company=unit.company, **values))
