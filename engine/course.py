"""One task during one shift: what is known of it, what has happened since the last commit, and how that is committed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import DataError

from contracts.canonical import digest
from contracts.contract import Step
from contracts.deriving import DERIVED, derive
from contracts.grounds import PROBE
from contracts.lifecycle import Event, Mover
from contracts.loaded import LoadedLane
from contracts.loading.facts import KNOWN
from contracts.standing import LANE, stage_in_force
from contracts.vocabulary import TACTICS, MoveKind, Rung
from contracts.wording import fill, places
from engine.bench import Bench
from engine.desk import Kept
from engine.fan_out import FanOut
from engine.hearing import WishHeard, heard_of
from engine.purse import Purse, Used
from engine.records import Attempt, Judged, attempt_row, facts_row, history_facts, result_row, verdict_row
from engine.telling import standing_letters
from engine.writes import NOTHING, Extra, OfWorld, Opening, Planning, both, opened
from escalation.revising import REASONS
from escalation.wishes import changes_of
from storage import artifacts, items, tried
from storage.artifacts import Artifact
from storage.database import Unit
from storage.failpoints import passing
from storage.items import Item
from storage.outbox import Letter
from storage.subjects import facts_of
from storage.tasks import Task
from storage.transitions import Beside, Change, Happening, Moved, move
from storage.tried import Tried

_THE_SAME_AGAIN = frozenset({MoveKind.RETRY, MoveKind.PUT_OFF})
LISTS, SUSPECT = "lists", "suspect"
_OF_THE_WORLD = frozenset({Event.VERIFIED, Event.LOOKED, Event.DISPROVED, Event.DOUBTED})
"""What the world has shown is written down whatever anybody wants meanwhile."""


@dataclass(slots=True)
class Course:
    """A task under way: `task` is as the database has it, the lists hold what is not committed yet.

    `judged_on` holds, by step, the facts that its rules were last held against; `papers` are artifacts beside its results,
    `probed` is what was given to the probes of this shift, and what they found, `failed` the tries that have failed. With `stand_in` the task's own lane can't be loaded: `lane` only says who is told and
    when it is looked at again. `way` is as in storage.tasks.Task; with `stays` the step under way is not left for another
    branch; `turned` says that it was, and nobody has noticed yet. `used` is what this run has used, `purse` what it has taken
    of budgets, if any are in force; `passed` are the gates that it has got past. `peer` is who has taken the step over, and
    `history` its tries that had failed before; `probing` are systems that it tries although they are known to be down,
    `answered` those that did before the run began.
    """

    bench: Bench
    lane: LoadedLane
    task: Task
    state: dict[str, Any] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    results: list[tuple[str, Mapping[str, Any], Kept]] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    judged_on: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    papers: list[Artifact] = field(default_factory=list)
    probed: dict[str, tuple[dict[str, Any], Mapping[str, Any]]] = field(default_factory=dict)
    step_name: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    way: dict[str, Any] = field(default_factory=dict)
    stand_in: bool = False
    rung: Rung = Rung.SELF
    stays: bool = False
    turned: bool = False
    used: Used = field(default_factory=Used)
    purse: Purse | None = None
    passed: set[str] = field(default_factory=set)
    peer: str | None = None
    history: tuple[Tried, ...] = ()
    failed: list[Tried] = field(default_factory=list)
    probing: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    fan_out: FanOut | None = None

    @property
    def stage(self) -> int:
        """The stage in force: of the task's own version, of today's file and of the record, the least."""
        name = self.lane.lane.lane
        today = self.bench.business.lanes.get(name, self.lane)
        return stage_in_force(min(self.lane.lane.stage, today.lane.stage), self.bench.stands.get(f"{LANE}:{name}"))

    @property
    def step(self) -> Step:
        """The step that is under way."""
        return self.lane.lane.step(self.step_name)

    @property
    def worker(self) -> str:
        """Who works on the step: its worker, or the peer who has taken it over."""
        return self.peer if self.rung is Rung.PEER and self.peer is not None else self.step.worker

    @property
    def runtime(self) -> str:
        """The kind of machine that the step under way needs."""
        return self.lane.lane.workers[self.worker].runtime

    @property
    def known(self) -> dict[str, Any]:
        """The lane's state as others read it: a review is live as long as what it was made of is what it was."""
        reviews = [step for step in self.lane.lane.steps if step.reviews is not None and self.state.get(step.writes)]
        return {**self.state, **{step.writes: self._with_life(step) for step in reviews}} if reviews else self.state

    def _with_life(self, step: Step) -> dict[str, Any]:
        author = self.lane.lane.step(step.reviews.step) if step.reviews is not None else step
        review: dict[str, Any] = self.state[step.writes]
        is_live = author.writes in self.state and digest(self.state[author.writes]) == review["of"]
        return {**review, "live": is_live}

    @property
    def tactic(self) -> str:
        """The tactic that the step is tried by now, "" for the plain way."""
        last = self.history[-1] if self.history else None
        if last is None:
            return ""
        return last.chosen if last.move in TACTICS else last.tactic if last.move in _THE_SAME_AGAIN else ""

    @property
    def item(self) -> Item | None:
        """The item that is at work, in a step that is done for each of a list."""
        return self.fan_out.at_work if self.fan_out is not None else None

    @property
    def ordinal(self) -> int:
        """The place in keys of effects: that of the item, or 1."""
        return self.item.ordinal if self.item is not None else 1

    def turn_to(
        self, name: str, *, tries: int = 0, rung: Rung = Rung.SELF, peer: str | None = None, again: bool = False
    ) -> None:
        """Go on with another step, which was tried so often before, on the rung (and by the peer) that it had come to.

        With `again` it was begun before, and what was tried then is remembered.
        """
        self.fan_out = None
        self.step_name, self.rung, self.peer = name, rung, peer
        if tries != self.task.tries:
            self.task = replace(self.task, tries=tries)
        self.history = self._past(name) if again else ()
        progress = self.step.progress
        facts = self.facts(self.task.accepted_at) if places(progress) else {}
        self.told = {**self.told, "progress": fill(progress, facts, self.lane.schema)}

    def _past(self, step: str) -> tuple[Tried, ...]:
        """The tries of a step that have failed, those of this shift included."""
        with self.bench.connection.transaction() as unit:
            earlier = tried.of_step(unit, self.task.number, step, after=changes_of(self.way).version)
        return (*earlier, *(one for one in self.failed if one.step == step))

    def facts(self, now: datetime, effect: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The one document that rules read."""
        who = self.bench.requester(self.task.requester)
        task = {
            "id": self.task.name,
            "lane": self.task.lane,
            "tries": self.task.tries,
            "requester": self.task.requester,
            "revisions": len(self.told.get(REASONS, ())),
        }
        document: dict[str, Any] = {
            "request": self.task.request,
            "state": self.known,
            "task": task,
            "person": {"id": who.id, "name": who.name, "role": who.role} if who else {},
            "lane": {"title": self.lane.lane.title, "stage": self.stage},
            "history": history_facts(self.history),
            "now": int(now.timestamp()),
        }
        if self.lane.reads_subject:
            document["subject"] = self._subject()
        if self.lane.dates_fields:
            document[KNOWN] = {name: kept if kept is None else self.dated(name) for name, kept in self.state.items()}
        if effect is not None:
            document["effect"] = effect
        if self.item is not None:
            document["item"] = self.item.item
        if self.probed:
            document[PROBE] = self.probes()
        self.derive_into(document)
        return document

    def probes(self) -> dict[str, Any]:
        """What was looked up in this shift, as rules read it."""
        return {name: found for name, (_, found) in self.probed.items()}

    def dated(self, field: str) -> dict[str, Any]:
        """When a field of the state was read, where from, and whether it is sound; without a record it is as old as the task."""
        unrecorded = {"at": int(self.task.accepted_at.timestamp()), "source": ""}
        trust = "suspect" if field in self.way.get(SUSPECT, {}) else "ok"
        return {**self.way.get(KNOWN, {}).get(field, unrecorded), "trust": trust}

    def derive_into(self, facts: dict[str, Any]) -> None:
        """Compute what the lane derives of the facts that are there."""
        if self.lane.lane.derive:
            facts[DERIVED] = derive(self.lane.lane.derive, facts, now=facts["now"])

    def keep(self, step: str, output: Mapping[str, Any], kept: Kept) -> Kept:
        """Hold what a step gave and left until the next commit; what it left there before stays. Gives all of it."""
        for index, (name, before, left) in enumerate(self.results):
            if name == step:
                together = left.with_more(kept)
                self.results[index] = (step, output or before, together)
                return together
        self.results.append((step, output, kept))
        return kept

    def _subject(self) -> dict[str, Any]:
        """The subject's timeline as it is now: a "no" may have been heard since the last look."""
        contacts = self.bench.business.contacts
        with self.bench.connection.transaction() as unit:
            return facts_of(unit, self.task.subject, task=self.task.number, contacts=contacts)

    def commit(
        self,
        happenings: Sequence[Happening],
        columns: Mapping[str, Any],
        *,
        point: str,
        extra: Extra | None = None,
        letters: Sequence[Letter] = (),
        of_world: OfWorld = NOTHING,
        first: Opening | None = None,
    ) -> datetime:
        """Write all that has happened in one transaction, guarded by version and fencing number; returns its time.

        With `first` or `extra` the transaction has more than one statement. Raises what `first` does, and
        storage.transitions.Moved when this runner no longer holds the task, and WishHeard when somebody wants it
        cancelled or changed since the last commit; what the world has shown is written in spite of that, but for the
        task's end.
        """
        planned = partial(self.planned, happenings=happenings, columns=columns, of_world=of_world, letters=letters)
        write = partial(self._write, planned, first, extra, point=point)
        try:
            return write()
        except Moved:
            if not self._hears_of_a_wish():
                raise
        events = {one.event for one in happenings}
        if Event.COMPLETED in events or not events & _OF_THE_WORLD:
            raise WishHeard(self.task)
        return write()

    def _hears_of_a_wish(self) -> bool:
        """Whether all that has moved the task meanwhile are people's wishes; then those are known here."""
        with self.bench.connection.transaction() as unit:
            heard = heard_of(unit, self.task, self.way)
        if heard is not None:
            self.task, self.way = heard
        return heard is not None

    def _write(self, planned: Planning, first: Opening | None, extra: Extra | None, *, point: str) -> datetime:
        extra = both(self._items(), extra)
        self.put_contents()
        if extra is None and not self.failed:
            now = self._write_in_one(planned, first, point=point)
        else:
            now = self._write_in_turn(planned, first, extra, point=point)
        passing(f"{point}.after_commit")
        self._forget()
        return now

    def _write_in_one(self, planned: Planning, first: Opening | None, *, point: str) -> datetime:
        """In one statement and one round trip, but where it is not to be: then `first` says why."""
        guards = first.guards if first is not None else ()
        try:
            with self.bench.connection.statement() as unit:
                return self._move(unit, planned, point=point, guards=guards)
        except DataError:
            if first is None or not guards:
                raise
        with opened(self.bench.connection, first) as unit:
            return self._move(unit, planned, point=point, is_last=True)

    def _move(self, unit: Unit, planned: Planning, *, point: str, **how: Any) -> datetime:
        change, beside = planned(unit)
        passing(f"{point}.before_commit")
        self.task = move(unit, change, mover=Mover.RUNNER, actor=self.bench.actor, beside=beside, **how)
        return unit.now

    def _write_in_turn(self, planned: Planning, first: Opening | None, extra: Extra | None, *, point: str) -> datetime:
        with opened(self.bench.connection, first) as unit:
            change, beside = planned(unit)
            self.task = move(unit, change, mover=Mover.RUNNER, actor=self.bench.actor, beside=beside)
            self._save_tries(unit)
            if extra is not None:
                extra(unit)
            passing(f"{point}.before_commit")
            return unit.now

    def put_contents(self) -> None:
        """Write through to the store what the steps have saved, before it is named. Raises storage.artifacts.NotKept."""
        kept = self._kept()
        if kept:
            artifacts.put(self.bench.deployment.store, self.task.company, kept, at=self.bench.now())

    def has_moved(self, task: Task) -> None:
        """Know what has become of the task by a move that was written with others; nothing of it is left to commit."""
        self.task = task
        self._forget()

    def is_one_statement(self) -> bool:
        """Whether what is not committed yet can be written in the statement that moves the task."""
        has_items = self.fan_out is not None and bool(self.fan_out.changed)
        return not has_items and not self.failed

    def planned(
        self,
        unit: Unit,
        happenings: Sequence[Happening],
        columns: Mapping[str, Any],
        *,
        of_world: OfWorld = NOTHING,
        letters: Sequence[Letter] = (),
    ) -> tuple[Change, Callable[[Task], Beside]]:
        """The task's next move with all that has happened, and what is written beside it."""
        known = {"facts": self.state, "told": self.told, "way": self.way, "tries": self.task.tries}
        common: dict[str, Any] = {**self._place(), **known, "due_at": self.bench.lease_end(unit.now)}
        change = Change(self.task, [*self.happenings, *happenings], {**common, **columns})
        return change, partial(self._beside, at=unit.now, of_world=of_world, letters=letters)

    @property
    def list_round(self) -> int:
        """How often the step under way, which is done for each of a list, was begun: a review can send it back, and a
        change of the request has everything begun anew.
        """
        return int(self.way.get(LISTS, {}).get(self.step_name, 1)) + changes_of(self.way).times

    def _items(self) -> Extra | None:
        """What writes the items that have changed; None in a step without any."""
        changed = list(self.fan_out.changed.values()) if self.fan_out is not None else []
        number, step, round_ = self.task.number, self.step_name, self.list_round
        return (lambda unit: items.keep(unit, number, step, round_, changed)) if changed else None

    def _beside(self, task: Task, *, at: datetime, of_world: OfWorld, letters: Sequence[Letter]) -> Beside:
        contents, evidence = artifacts.rows_of_kept(task.company, task.number, self._kept(), at=at)
        return Beside(
            attempts=[
                attempt_row(self.lane, self.bench.claimant.runner, task, ordinal, one)
                for ordinal, one in enumerate(self.attempts, 1)
            ],
            results=[result_row(task, at, *one) for one in self.results],
            verdicts=[verdict_row(task, at, ordinal, one) for ordinal, one in enumerate(self.judged, 1)],
            facts=[facts_row(task, at, *one) for one in self.judged_on.items()],
            effects=of_world.begun,
            settled=of_world.settled,
            uses=of_world.uses,
            contents=contents,
            evidence=evidence,
            letters=[*standing_letters(task), *letters],
        )

    def _place(self) -> dict[str, str]:
        """Which step the task has come to, who works on it and where; a stand-in's lane knows nothing of that."""
        if self.stand_in:
            return {}
        return {"step": self.step_name, "worker": self.worker, "runtime": self.runtime, "rung": self.rung}

    def _save_tries(self, unit: Unit) -> None:
        """Each under a version of its own: every try that is written here came with a move of the task."""
        for back, one in enumerate(reversed(self.failed)):
            tried.keep(unit, self.task.number, self.task.version - back, one)

    def _kept(self) -> list[Artifact]:
        """What the steps have saved since the last commit, and what lies beside it, such as a packet."""
        steps = self.results
        return [
            *(one for name, _, kept in steps for one in kept.marked(self.lane.lane.step(name).evidence)),
            *self.papers,
        ]

    def _forget(self) -> None:
        for pending in (
            self.happenings,
            self.attempts,
            self.results,
            self.judged,
            self.judged_on,
            self.papers,
            self.failed,
        ):
            pending.clear()
        if self.fan_out is not None:
            self.fan_out.changed.clear()
