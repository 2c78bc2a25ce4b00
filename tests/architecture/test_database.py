"""The database as migrations make it agrees with the vocabulary, the tables in code and the rules of tenancy."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text

from chargehand.embedded.addresses import APP, DatabaseUrls
from contracts.vocabulary import (
    AbsenceSource,
    Answer,
    Became,
    BeliefKind,
    CauseClass,
    DecisionKind,
    DecisionState,
    EffectClass,
    EffectState,
    FailureClass,
    Heard,
    ItemState,
    Message,
    MoveKind,
    OutboxState,
    Rung,
    Standing,
    TaskState,
    WaitingFor,
)
from storage.tables import metadata

WORDS: dict[str, type[StrEnum]] = {
    "absence.source": AbsenceSource,
    "belief.kind": BeliefKind,
    "attempt.failure_class": FailureClass,
    "decision.kind": DecisionKind,
    "decision.state": DecisionState,
    "delivery.became": Became,
    "effect.effect_class": EffectClass,
    "effect.state": EffectState,
    "incident.cause": CauseClass,
    "item.state": ItemState,
    "outbox.message": Message,
    "outbox.state": OutboxState,
    "subject_note.heard": Heard,
    "standing.standing": Standing,
    "task.rung": Rung,
    "task.state": TaskState,
    "task.waiting_for": WaitingFor,
    "tried.failure_class": FailureClass,
    "tried.move": MoveKind,
    "vote.answer": Answer,
}
OF_NO_COMPANY = {"alembic_version", "test_clock"}
ACROSS_COMPANIES = {
    "company_of_slack_team",
    "due_now",
    "free_leases",
    "set_test_clock",
    "state_counts",
    "stuck_tasks",
}
OF_ONE_COMPANY = {"forget_sign_ins"}
"""What runs as the owner for the company that the connection is bound to, because the app's role may delete nothing."""


@pytest.fixture
def owner(database_urls: DatabaseUrls) -> Iterator[Connection]:
    """A connection as the role that owns everything."""
    yield from _connected(create_engine(database_urls.owner))


@pytest.fixture
def app(database_urls: DatabaseUrls) -> Iterator[Connection]:
    """A connection as the app's plain role."""
    yield from _connected(create_engine(database_urls.app))


def _connected(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_migrations_make_the_tables_that_the_code_declares(owner: Connection) -> None:
    options = {"compare_type": True, "compare_server_default": True, "include_object": _is_ours}

    differences = compare_metadata(MigrationContext.configure(owner, opts=options), metadata)

    assert differences == []


def test_the_database_keeps_columns_to_the_words_of_the_vocabulary(owner: Connection) -> None:
    query = """select conrelid::regclass::text as of_table, conname as name, pg_get_constraintdef(oid) as definition
        from pg_constraint where contype = 'c' and conname like '%\\_word'"""

    found = {
        f"{row.of_table}.{row.name.removeprefix(f'{row.of_table}_').removesuffix('_word')}": set(
            re.findall(r"'([^']*)'::text", row.definition)
        )
        for row in owner.execute(text(query))
    }

    assert found == {column: {str(word) for word in words} for column, words in WORDS.items()}


def test_every_table_of_a_company_is_behind_row_level_security(owner: Connection) -> None:
    query = """select relname, relrowsecurity from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"""
    secured = {row.relname: row.relrowsecurity for row in owner.execute(text(query))}

    assert {table for table, behind in secured.items() if not behind} == OF_NO_COMPANY
    assert set(secured) - OF_NO_COMPANY == set(metadata.tables)


def test_every_policy_compares_the_company_but_the_one_that_takes_deliveries_in(owner: Connection) -> None:
    """Restrictive policies are left out: they only take away."""
    query = """select tablename, policyname, qual, with_check from pg_policies
        where schemaname = 'public' and permissive = 'PERMISSIVE'"""
    rows = list(owner.execute(text(query)))

    open_to_all = {row.policyname for row in rows if "app.company" not in f"{row.qual} {row.with_check}"}

    assert open_to_all == {"anybody_may_deliver"}
    assert {row.tablename for row in rows} == set(metadata.tables)


def test_every_unique_key_starts_with_the_company(owner: Connection) -> None:
    query = """select i.indrelid::regclass::text as of_table, a.attname as first, i.indexrelid::regclass::text as name
        from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        join pg_class c on c.oid = i.indrelid
        where i.indisunique and c.relnamespace = 'public'::regnamespace"""
    rows = [row for row in owner.execute(text(query)) if row.of_table not in OF_NO_COMPANY | {"company"}]

    assert {row.name for row in rows if row.first != "company"} == set()
    assert {row.of_table for row in rows} == set(metadata.tables) - {"company"}


def test_the_role_of_the_app_is_plain_and_owns_nothing(app: Connection) -> None:
    role = app.execute(text("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")).one()
    owned = """select (select count(*) from pg_class where relowner = current_user::regrole)
        + (select count(*) from pg_proc where proowner = current_user::regrole)
        + (select count(*) from pg_namespace where nspowner = current_user::regrole)"""

    assert tuple(role) == (APP, False, False)
    assert app.execute(text(owned)).scalar_one() == 0


def test_the_role_of_the_app_can_remove_nothing_and_change_no_audit_entry(app: Connection) -> None:
    query = """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and (has_table_privilege(oid, 'delete') or has_table_privilege(oid, 'truncate'))"""
    changeable = """select attname from pg_attribute where attrelid = 'audit_entry'::regclass and attnum > 0
        and has_column_privilege(attrelid, attnum, 'update')"""

    assert set(app.execute(text(query)).scalars()) == set()
    assert set(app.execute(text(changeable)).scalars()) == {"salt", "content"}


def test_what_runs_as_the_owner_is_named_and_finds_only_our_tables(owner: Connection) -> None:
    """A function that runs as its owner looks names up in our schema first, whatever path the caller has set."""
    query = """select proname, proconfig from pg_proc
        where prosecdef and pronamespace = 'public'::regnamespace"""
    found = {row.proname: row.proconfig for row in owner.execute(text(query))}

    assert set(found) == ACROSS_COMPANIES | OF_ONE_COMPANY
    assert {tuple(path) for path in found.values()} == {("search_path=public, pg_temp",)}


def _is_ours(what: Any, name: str | None, kind: str, reflected: bool, compared_to: Any) -> bool:
    return not (kind == "table" and name in OF_NO_COMPANY)
