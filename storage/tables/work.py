"""Tasks and what belongs to them: attempts, results, effects, verdicts, blockers and artifacts."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Sequence, Table, text

from contracts.vocabulary import EffectClass, EffectState, FailureClass, ItemState, Rung, TaskState, WaitingFor
from storage.tables.columns import EMPTY_LIST, EMPTY_OBJECT, company, document, instant, metadata, number, one_of, words

task_numbers = Sequence("task_number", metadata=metadata, start=1001)

tasks = Table(
    "task",
    metadata,
    company(),
    number("number", primary_key=True, autoincrement=False),
    words("lane"),
    words("lane_hash"),
    words("worker"),
    words("step"),
    words("runtime"),
    words("state"),
    number("version"),
    words("rung", server_default=Rung.SELF),
    words("waiting_for", nullable=True),
    words("waiting_on", nullable=True),
    words("sentence", server_default=""),
    document("told", server_default=EMPTY_OBJECT),
    instant("due_at"),
    words("lease_runner", nullable=True),
    Column("lease_alone", Boolean, nullable=False, server_default=text("false")),
    number("fence", server_default=text("0")),
    number("deaths", server_default=text("0")),
    number("tries", server_default=text("0")),
    instant("deadline"),
    words("subject"),
    Column("holds_subject", Boolean, nullable=False, server_default=text("false")),
    words("requester"),
    document("request"),
    document("facts", server_default=EMPTY_OBJECT),
    document("way", server_default=EMPTY_OBJECT),
    document("origin", server_default=EMPTY_OBJECT),
    words("form_key"),
    instant("accepted_at", nullable=False),
    instant("ended_at"),
    number("trail_seq", server_default=text("0")),
    words("trail_hash", server_default=""),
    one_of("state", TaskState),
    one_of("waiting_for", WaitingFor),
    one_of("rung", Rung),
    Index("task_form", "company", "form_key", unique=True),
    Index("task_subject_held", "company", "subject", unique=True, postgresql_where=text("holds_subject")),
    Index("task_due", "company", "runtime", "due_at", postgresql_where=text("due_at is not null")),
    Index("task_lease", "company", "lease_runner", postgresql_where=text("lease_runner is not null")),
    Index("task_by_subject", "company", "subject", "number"),
    Index("task_by_requester", "company", "requester", "number"),
    Index("task_waiting", "company", "waiting_on", postgresql_where=text("waiting_on is not null")),
)

attempts = Table(
    "attempt",
    metadata,
    company(),
    number("task", primary_key=True),
    words("step", primary_key=True),
    number("fence", primary_key=True),
    number("ordinal", primary_key=True),
    words("runner"),
    words("worker_version"),
    instant("started_at", nullable=False),
    instant("ended_at", nullable=False),
    words("outcome"),
    words("failure_class", nullable=True),
    words("cause", nullable=True),
    words("sentence"),
    number("tool_calls", server_default=text("0")),
    number("item", nullable=True),
    one_of("failure_class", FailureClass),
    Index(
        "attempt_started", "started_at", postgresql_using="brin"
    ),  # a few bytes for a hundred pages: it costs no write
)

step_results = Table(
    "step_result",
    metadata,
    company(),
    number("task", primary_key=True),
    words("step", primary_key=True),
    number("version", primary_key=True),
    document("output"),
    document("reads", server_default=EMPTY_LIST),
    document("notes", server_default=EMPTY_LIST),
    instant("at", nullable=False),
)

effects = Table(
    "effect",
    metadata,
    company(),
    words("key", primary_key=True),
    number("task"),
    words("step"),
    number("ordinal", server_default=text("1")),
    number("revision"),
    words("tool"),
    words("effect_class"),
    document("args"),
    words("because"),
    words("digest"),
    words("authority"),
    words("state"),
    number("performs", server_default=text("0")),
    number("looks", server_default=text("0")),
    instant("intended_at", nullable=False),
    instant("performed_at"),
    instant("verified_at"),
    document("answer", nullable=True),
    document("seen", nullable=True),
    document("finding", nullable=True),
    document("undo", nullable=True),
    words("undoes", nullable=True),
    one_of("state", EffectState),
    one_of("effect_class", EffectClass),
    Index("effect_of_task", "company", "task"),
)

items = Table(
    "item",
    metadata,
    company(),
    number("task", primary_key=True),
    words("step", primary_key=True),
    number("round", primary_key=True),
    number("ordinal", primary_key=True),
    document("item"),
    words("state"),
    document("output", nullable=True),
    words("rule", server_default=""),
    words("sentence", server_default=""),
    number("tries", server_default=text("0")),
    instant("at", nullable=False),
    one_of("state", ItemState),
)

verdicts = Table(
    "verdict",
    metadata,
    company(),
    number("task", primary_key=True),
    number("version", primary_key=True),
    number("ordinal", primary_key=True),
    words("step"),
    words("kind"),
    words("rule"),
    Column("holds", Boolean, nullable=True),
    words("sentence"),
    document("reads"),
    instant("at", nullable=False),
)

judged_facts = Table(
    "judged_facts",
    metadata,
    company(),
    number("task", primary_key=True),
    number("version", primary_key=True),
    words("step", primary_key=True),
    document("facts", nullable=True),
    instant("at", nullable=False),
)

blockers = Table(
    "blocker",
    metadata,
    company(),
    words("id", primary_key=True),
    words("cause"),
    words("lane"),
    words("owner"),
    words("sentence"),
    words("action"),
    instant("opened_at", nullable=False),
    instant("lifted_at"),
    words("lifted_by", nullable=True),
    Index("blocker_open", "company", "lane", "cause", unique=True, postgresql_where=text("lifted_at is null")),
)

artifacts = Table(
    "artifact",
    metadata,
    company(),
    words("digest", primary_key=True),
    words("media_type"),
    number("size", nullable=True),
    Column("content", LargeBinary, nullable=True),
    instant("saved_at", nullable=False),
    instant("erased_at"),
)

task_artifacts = Table(
    "task_artifact",
    metadata,
    company(),
    number("task", primary_key=True),
    words("name", primary_key=True),
    words("digest", primary_key=True),
    words("step"),
    Column("canonical", Boolean, nullable=False, server_default=text("false")),
    instant("at", nullable=False),
)
