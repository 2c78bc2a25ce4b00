"""The business as it was declared: companies, lanes and their versions, people and where Slack knows them."""

from sqlalchemy import Boolean, Column, Float, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from storage.tables.columns import company, document, instant, metadata, words

companies = Table(
    "company",
    metadata,
    words("id", primary_key=True),
    words("name"),
    words("business_hash"),
    document("declared"),
    instant("loaded_at", nullable=False),
)

lanes = Table(
    "lane",
    metadata,
    company(),
    words("id", primary_key=True),
    words("title"),
    words("hash"),
    words("owner"),
    Column("worth", Float, nullable=False, server_default=text("0")),
    words("worth_because", server_default=""),
)

lane_versions = Table(
    "lane_version",
    metadata,
    company(),
    words("lane", primary_key=True),
    words("hash", primary_key=True),
    document("files"),
    instant("loaded_at", nullable=False),
)

people = Table(
    "person",
    metadata,
    company(),
    words("id", primary_key=True),
    words("name"),
    words("email"),
    words("role"),
    words("manager", nullable=True),
    words("timezone"),
    Column("groups", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    words("prefers", server_default="slack"),
    Index(None, "company", text("lower(email)"), unique=True),
)

slack_installations = Table(
    "slack_installation",
    metadata,
    company(),
    words("team", primary_key=True),
    words("bot_user"),
    words("app", nullable=True),
    Column("sealed_token", LargeBinary, nullable=False),
    instant("installed_at", nullable=False),
)

slack_identities = Table(
    "slack_identity",
    metadata,
    company(),
    words("team", primary_key=True),
    words("slack_user", primary_key=True),
    words("person"),
    instant("known_since", nullable=False),
)
