"""The life of a task on one screen: every move that exists, who may cause it and what it records."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import ENDED, TaskState
from contracts.vocabulary import TaskState as S


class Mover(StrEnum):
    """Who may cause a move."""

    INTAKE = "intake"
    RUNNER = "runner"
    CLOCK = "clock"
    PERSON = "person"
    DECISION = "decision"


class Event(StrEnum):
    """What happened to a task; past tense, because it is told after the fact."""

    DRAFTED = "drafted"
    ACCEPTED = "accepted"
    RELEASED = "released"
    CLAIMED = "claimed"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"
    STEP_DONE = "step_done"
    DENIED = "denied"
    LEFT_OUT = "left_out"
    PUT_OFF = "put_off"
    SENT_BACK = "sent_back"
    FANNED_OUT = "fanned_out"
    ITEM_DONE = "item_done"
    ITEM_LEFT = "item_left"
    INTENDED = "intended"
    RESUMED = "resumed"
    PERFORMED = "performed"
    LOOKED = "looked"
    VERIFIED = "verified"
    DISPROVED = "disproved"
    DOUBTED = "doubted"
    RETRY_SET = "retry_set"
    CONSULTED = "consulted"
    DELEGATED = "delegated"
    BLOCKED = "blocked"
    PARKED = "parked"
    DEFERRED = "deferred"
    ASKED = "asked"
    UNBLOCKED = "unblocked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGED = "changed"
    REVISED = "revised"
    COMPLETED = "completed"
    REFUSED = "refused"
    FAILED = "failed"
    CHANGE_ASKED = "change_asked"
    REQUEST_CHANGED = "request_changed"
    CANCEL_ASKED = "cancel_asked"
    UNDOING = "undoing"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table: from any of `sources`, `event` leads to `target`."""

    sources: frozenset[TaskState]
    event: Event
    target: TaskState
    movers: frozenset[Mover]
    records: str


class IllegalMove(ValueError):
    """The table has no such move."""


def _move(sources: str, event: Event, target: TaskState, movers: str, records: str) -> Move:
    return Move(
        frozenset(TaskState(s) for s in sources.split()),
        event,
        target,
        frozenset(Mover(m) for m in movers.split()),
        records,
    )


E = Event
TABLE: tuple[Move, ...] = (
    _move("drafted", E.ACCEPTED, S.ACCEPTED, "intake", "request, requester, contract version, delivery"),
    _move("accepted", E.RELEASED, S.READY, "intake", "first step, owner"),
    _move("ready", E.CLAIMED, S.RUNNING, "runner", "runner, lease, fencing number"),
    _move("running", E.TAKEN_OVER, S.RUNNING, "runner", "lost runner, new runner, fencing number"),
    _move("verifying", E.TAKEN_OVER, S.VERIFYING, "runner", "lost runner, new runner, fencing number"),
    _move("verifying", E.CLAIMED, S.VERIFYING, "runner", "time to look again: runner, lease, fencing number"),
    _move("verifying", E.LOOKED, S.VERIFYING, "runner", "what the look showed, when the next one is"),
    _move("running", E.HANDED_BACK, S.READY, "runner person", "why it was not begun, or not gone on with"),
    _move("verifying", E.HANDED_BACK, S.VERIFYING, "runner", "why it was not begun"),
    _move("running", E.STEP_DONE, S.RUNNING, "runner", "step, output, evidence, what was read"),
    _move("running", E.DENIED, S.RUNNING, "runner", "what a worker may not do and tried: worker, step, call, sentence"),
    _move("verifying", E.DENIED, S.VERIFYING, "runner", "what a coordinator may not do and tried, as above"),
    _move("running", E.LEFT_OUT, S.RUNNING, "runner", "step, why it is not taken, values read"),
    _move("running", E.PUT_OFF, S.RUNNING, "runner", "step that can't go on, why, the step taken meanwhile"),
    _move("running", E.SENT_BACK, S.RUNNING, "runner", "review, its round, what it found, the step that is done again"),
    _move("running", E.FANNED_OUT, S.RUNNING, "runner", "step, how many items it is done for"),
    _move("running", E.ITEM_DONE, S.RUNNING, "runner", "step, item, output, evidence, what was read"),
    _move("running verifying", E.ITEM_LEFT, S.RUNNING, "runner", "step, item, refused by which rule or why it failed"),
    _move("running", E.INTENDED, S.VERIFYING, "runner", "effect, key, arguments, verdicts, authority"),
    _move("running", E.RESUMED, S.VERIFYING, "runner", "the effect that is still open, its key"),
    _move("verifying", E.RESUMED, S.VERIFYING, "runner", "the effect that is performed again, its key"),
    _move("verifying", E.PERFORMED, S.VERIFYING, "runner", "the world's answer"),
    _move("verifying", E.VERIFIED, S.RUNNING, "runner", "what was read back"),
    _move("verifying", E.DISPROVED, S.WAITING, "runner", "what was read back instead"),
    _move("verifying", E.DOUBTED, S.WAITING, "runner", "what is unknown, and who is asked"),
    _move("running verifying", E.RETRY_SET, S.WAITING, "runner", "failure, class, try, next time"),
    _move("running", E.CONSULTED, S.RUNNING, "runner", "coordinator, who may take the step, who may not and why"),
    _move("verifying", E.CONSULTED, S.VERIFYING, "runner", "coordinator, who may take the step, who may not and why"),
    _move(
        "running verifying", E.DELEGATED, S.READY, "runner", "packet, from whom to whom, why, its coordinator's words"
    ),
    _move("running verifying", E.BLOCKED, S.WAITING, "runner", "blocker, owner, action"),
    _move("running verifying", E.PARKED, S.WAITING, "runner clock", "what is missing, owner, action"),
    _move("running", E.DEFERRED, S.WAITING, "runner", "what is used up, whose it is, when there is room again"),
    _move("running", E.ASKED, S.WAITING, "runner", "decision, proposal digest, verdicts"),
    _move("waiting", E.CLAIMED, S.RUNNING, "runner", "its time has come: runner, lease, fencing number"),
    _move("waiting", E.UNBLOCKED, S.READY, "clock person runner", "blocker, who or what lifted it"),
    _move("waiting", E.APPROVED, S.READY, "decision", "decision, votes"),
    _move("waiting", E.REJECTED, S.REFUSED, "decision", "decision, votes or silence"),
    _move("waiting", E.CHANGED, S.WAITING, "decision", "old and new decision, both digests"),
    _move("waiting", E.REVISED, S.READY, "decision", "decision, what is to be done otherwise"),
    _move("running", E.COMPLETED, S.DONE, "runner", "evidence, every effect verified"),
    _move("running", E.REFUSED, S.REFUSED, "runner", "rule, sentence, values read"),
    _move("running verifying", E.FAILED, S.FAILED, "runner", "failure, what was tried"),
    _move(
        "running", E.CHANGE_ASKED, S.RUNNING, "person", "who wants the request changed while it is at work, and to what"
    ),
    _move("ready waiting", E.REQUEST_CHANGED, S.READY, "person", "who, why, what was asked, what is asked now"),
    _move("running", E.REQUEST_CHANGED, S.READY, "runner", "who, why, what was asked, what is asked now"),
    _move("ready", E.CANCEL_ASKED, S.READY, "person", "who wants it cancelled while an effect is in doubt, and why"),
    _move("running", E.CANCEL_ASKED, S.RUNNING, "person", "who wants it cancelled while it is at work, and why"),
    _move("verifying", E.CANCEL_ASKED, S.VERIFYING, "person", "who wants it cancelled while it is at work, and why"),
    _move(
        "waiting", E.CANCEL_ASKED, S.WAITING, "person", "who wants it cancelled while an effect is in doubt, and why"
    ),
    _move(
        "ready waiting",
        E.UNDOING,
        S.READY,
        "person decision",
        "how it ends, and the effects that are taken back before",
    ),
    _move(
        "running verifying", E.UNDOING, S.RUNNING, "runner", "how it ends, and the effects that are taken back before"
    ),
    _move("accepted ready waiting", E.CANCELLED, S.CANCELLED, "person", "who, why, what had already happened"),
    _move("running verifying", E.CANCELLED, S.CANCELLED, "runner", "who wanted it, why, what had already happened"),
)
_BY_EVENT = {(source, move.event): move for move in TABLE for source in move.sources}


def move_for(source: TaskState, event: Event) -> Move:
    """The line that leads from `source` by `event`; raises IllegalMove where there is none."""
    found = _BY_EVENT.get((source, event))
    if found is None:
        raise IllegalMove(f"a {source} task can't be {event.replace('_', ' ')}")
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """What the audit trail keeps of one move."""

    event: Event
    source: TaskState
    target: TaskState
    version: int


def fold(entries: Iterable[Entry]) -> tuple[TaskState, int]:
    """Replay a trail from the draft; returns (state, version) and raises IllegalMove on a gap or a wrong turn."""
    state, version = TaskState.DRAFTED, 0
    for entry in entries:
        move = move_for(state, entry.event)
        if (entry.source, entry.target, entry.version) != (state, move.target, version + 1):
            raise IllegalMove(f"version {entry.version}: {entry.event} does not follow {state} at {version}")
        state, version = move.target, entry.version
    return state, version


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/architecture.md."""
    lines = ["stateDiagram-v2", "    [*] --> drafted"]
    for move in TABLE:
        lines += [f"    {s} --> {move.target}: {move.event.replace('_', ' ')}" for s in sorted(move.sources)]
    return "\n".join(lines + [f"    {state} --> [*]" for state in sorted(ENDED)]) + "\n"


def as_table() -> str:
    """The table as Markdown, for docs/architecture.md."""
    rows = [_row(move) for move in TABLE]
    return "\n".join(["| from | event | to | caused by | the trail keeps |", "|---|---|---|---|---|", *rows]) + "\n"


def _row(move: Move) -> str:
    sources, movers = ", ".join(sorted(move.sources)), ", ".join(sorted(move.movers))
    return f"| {sources} | {move.event.replace('_', ' ')} | {move.target} | {movers} | {move.records} |"
