"""What came in and what has to go out."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, text

from contracts.vocabulary import Became, Message, OutboxState
from storage.tables.columns import EMPTY_OBJECT, company, document, instant, metadata, number, one_of, words

deliveries = Table(
    "delivery",
    metadata,
    company(),
    words("key", primary_key=True),
    words("source"),
    words("kind"),
    document("body"),
    document("answer", nullable=True),
    instant("received_at", nullable=False, server_default=text("chargehand_now()")),
    instant("due_at"),
    instant("handled_at"),
    number("tries", server_default=text("0")),
    words("became", nullable=True),
    words("reference", nullable=True),
    words("why", nullable=True),
    one_of("became", Became),
    Index("delivery_due", "company", "due_at", postgresql_where=text("handled_at is null")),
)

outbox = Table(
    "outbox",
    metadata,
    company(),
    Column("id", BigInteger, Identity(), primary_key=True),
    words("message"),
    words("dedupe"),
    words("person", nullable=True),
    number("task", nullable=True),
    number("decision", nullable=True),
    document("details", server_default=EMPTY_OBJECT),
    words("state", server_default=OutboxState.PENDING),
    number("urgency", server_default=text("5")),
    number("wanted", server_default=text("1")),
    number("tries", server_default=text("0")),
    instant("due_at", nullable=False, server_default=text("chargehand_now()")),
    instant("sending_at"),
    instant("sent_at"),
    words("team", nullable=True),
    words("channel", nullable=True),
    words("ts", nullable=True),
    words("shown_digest", nullable=True),
    words("error", nullable=True),
    instant("created_at", nullable=False, server_default=text("chargehand_now()")),
    one_of("state", OutboxState),
    one_of("message", Message),
    Index("outbox_dedupe", "company", "dedupe", unique=True),
    Index(
        "outbox_due",
        "company",
        "urgency",
        "due_at",
        postgresql_where=text("state in ('pending', 'sending')"),
    ),
    Index("outbox_of_decision", "company", "decision", postgresql_where=text("decision is not null")),
    Index("outbox_of_task", "company", "task"),
    # By `ts` first, which grows in Slack: whatever the channel, the newest stand together.
    Index("outbox_posted", "company", "ts", postgresql_where=text("ts is not null")),
)
