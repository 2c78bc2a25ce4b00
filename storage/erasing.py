"""Takes personal content out of every row about some tasks, and leaves rows, chains and numbers where they are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CheckConstraint, Column, ColumnElement, Table, Text, false, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, array

from storage.artifacts import erase_contents
from storage.database import Unit
from storage.outbox import LISTED
from storage.tables import metadata
from storage.tables.deciding import decisions
from storage.tables.incidents import incidents
from storage.tables.letters import letters
from storage.tables.memory import beliefs, subject_notes
from storage.tables.traffic import deliveries, outbox
from storage.tables.trail import audit_entries
from storage.tables.work import blockers, judged_facts, task_artifacts, tasks

ERASED = "[erased]"
PROSE = frozenset(
    {"sentence", "because", "reason", "authority", "question", "answer", "action", "error", "why", "subject", "cause"}
)
"""Text columns that hold what somebody wrote; the other text columns hold words of ours and keys."""

Hide = Callable[[Any], Any]
"""Gives a JSON value back without what is personal in it."""


@dataclass(slots=True)
class Swept:
    """What an erasure has touched."""

    rows: int = 0
    entries: int = 0
    contents: list[str] = field(default_factory=list)


def decisions_of(unit: Unit, numbers: Sequence[int]) -> list[int]:
    """The decisions on some tasks."""
    mine = (decisions.c.company == unit.company) & decisions.c.task.in_(numbers)
    return list(unit.connection.execute(select(decisions.c.number).where(mine)).scalars())


def sweep_tasks(unit: Unit, numbers: Sequence[int], lanes: Sequence[str], hide: Hide) -> Swept:
    """Hide what is personal in all rows about the tasks, and empty what can't be read field by field."""
    asked, swept = decisions_of(unit, numbers), Swept()
    swept.contents = erase_contents(unit, _digests(unit, numbers))
    swept.rows += _empty(unit, numbers)
    swept.rows += _empty_deliveries(unit, numbers, asked)
    for table, mine in _rows_about(numbers, asked, lanes):
        swept.rows += _hide_rows(unit, table, mine, hide)
    trails = [*(f"task:{number}" for number in numbers), *(f"decision:{number}" for number in asked)]
    swept.entries = erase_trails(unit, trails)
    return swept


def erase_trails(unit: Unit, trails: Sequence[str]) -> int:
    """Take content and salt of every entry on some trails; hashes and links stay, so the chains hold."""
    mine = (audit_entries.c.company == unit.company) & audit_entries.c.trail.in_(trails)
    there = update(audit_entries).where(mine, audit_entries.c.salt.is_not(None))
    return int(unit.connection.execute(there.values(salt=None, content=null())).rowcount)


def erase_subject(unit: Unit, subject: str) -> int:
    """Empty what is believed and was said of a subject; that it wants no contact stays known."""
    scope = (beliefs.c.company == unit.company) & (beliefs.c.scope == f"subject:{subject}")
    emptied = unit.connection.execute(update(beliefs).where(scope, beliefs.c.value.is_not(None)).values(value=null()))
    said = (subject_notes.c.company == unit.company) & (subject_notes.c.subject == subject)
    told = unit.connection.execute(update(subject_notes).where(said).values(sentence=ERASED))
    return int(emptied.rowcount) + int(told.rowcount)


def _digests(unit: Unit, numbers: Sequence[int]) -> list[str]:
    """What the tasks name, but for what is another's evidence as well: that goes with the last who names it."""
    mine = (task_artifacts.c.company == unit.company) & task_artifacts.c.task.in_(numbers)
    theirs = task_artifacts.alias("theirs")
    shared = select(theirs.c.digest).where(
        theirs.c.company == unit.company,
        theirs.c.digest == task_artifacts.c.digest,
        theirs.c.task.not_in(numbers),
        _is_not_erased(theirs.c.task),
    )
    query = select(task_artifacts.c.digest).where(mine, ~shared.exists()).distinct()
    return list(unit.connection.execute(query).scalars())


def _is_not_erased(task: ColumnElement[int]) -> ColumnElement[bool]:
    """A task that was erased keeps its rows, also those that name artifacts; the first entry of its trail is bare."""
    first = select(audit_entries.c.seq).where(
        audit_entries.c.company == task_artifacts.c.company,
        audit_entries.c.trail == func.concat("task:", task),
        audit_entries.c.seq == 1,
        audit_entries.c.salt.is_not(None),
    )
    return first.exists()


def _empty(unit: Unit, numbers: Sequence[int]) -> int:
    """Whole documents and beliefs: what is personal in them is all of them."""
    changed = 0
    for table, column in ((judged_facts, "facts"), (beliefs, "value")):
        mine = (table.c.company == unit.company) & table.c.task.in_(numbers) & table.c[column].is_not(None)
        changed += int(unit.connection.execute(update(table).where(mine).values({column: null()})).rowcount)
    for table, columns in ((subject_notes, ("sentence",)), (incidents, ("sentence", "because"))):
        said = (table.c.company == unit.company) & table.c.task.in_(numbers)
        emptied = update(table).where(said).values(dict.fromkeys(columns, ERASED))
        changed += int(unit.connection.execute(emptied).rowcount)
    return changed


def _empty_deliveries(unit: Unit, numbers: Sequence[int], asked: Sequence[int]) -> int:
    """What came in is raw: a Slack payload or a whole letter. Its row stays, so that a copy of it is known as one."""
    # What became a task refers to it as "T-1042", what was said to a decision as "approve:12", and what was said to several
    # keeps what came of each.
    of_tasks = deliveries.c.reference.in_([f"T-{number}" for number in numbers])
    of_decisions = func.split_part(deliveries.c.reference, ":", 2).in_([str(number) for number in asked])
    of_several = deliveries.c.reference.startswith("list:") & deliveries.c.answer.has_any(
        array([str(number) for number in asked], type_=Text)
    )
    mine = (deliveries.c.company == unit.company) & (of_tasks | of_decisions | of_several)
    kept = unit.connection.execute(select(deliveries.c.body["letter"].astext).where(mine)).scalars().all()
    came = update(deliveries).where(mine).values(body={"erased": True}, answer=null())
    changed = int(unit.connection.execute(came).rowcount)
    raw = (letters.c.company == unit.company) & letters.c.digest.in_([digest for digest in kept if digest])
    emptied = update(letters).where(raw).values(raw=b"", from_address=None, message_id=None)
    return changed + int(unit.connection.execute(emptied).rowcount)


def _rows_about(
    numbers: Sequence[int], asked: Sequence[int], lanes: Sequence[str]
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table that names a task or a decision, so that a new one is not forgotten."""
    yield tasks, tasks.c.number.in_(numbers)
    yield blockers, blockers.c.lane.in_(lanes)
    yield outbox, or_(false(), *(outbox.c.details.contains({LISTED: [{"decision": one}]}) for one in asked))
    for table in metadata.sorted_tables:
        if "task" in table.c:
            yield table, table.c.task.in_(numbers)
        if "decision" in table.c:
            yield table, table.c.decision.in_(asked)


def _hide_rows(unit: Unit, table: Table, mine: ColumnElement[bool], hide: Hide) -> int:
    columns = [column for column in table.columns if holds_words(table, column)]
    if not columns:
        return 0
    changed = 0
    for row in unit.connection.execute(select(table).where(table.c.company == unit.company, mine)).all():
        found = {one.name: getattr(row, one.name) for one in columns}
        hidden = {name: hide(value) for name, value in found.items() if value is not None}
        different = {name: value for name, value in hidden.items() if value != found[name]}
        if different:
            same = [column == getattr(row, column.name) for column in table.primary_key.columns]
            unit.connection.execute(update(table).where(*same).values(different))
            changed += 1
    return changed


def holds_words(table: Table, column: "Column[Any]") -> bool:
    """Whether a column may hold what somebody wrote: any document, and text that is not of a closed list."""
    closed = any(isinstance(one, CheckConstraint) and one.name == f"{column.name}_word" for one in table.constraints)
    free = isinstance(column.type, JSONB) or column.name in PROSE
    return free and not closed and not column.primary_key
