"""Two companies in one database: no row of one is ever read, changed or made through the other's connection."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Column, create_engine, text
from sqlalchemy.exc import DBAPIError

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import Answer
from escalation.decisions import Voice, decide
from storage import letters
from storage.claims import Claimant, take
from storage.database import Database, Unit
from storage.deliveries import Delivery, is_handled, receive
from storage.directory import Installation, company_of_slack_team, install, know_slack_user
from storage.letters import MailDraft
from storage.tables import metadata
from storage.tasks import TaskNotFound, load
from tests.builders import House, house
from tests.integration.engine.worlds import changed_company, open_shop, press

NEVER_CHANGED = {
    "audit_entry",
    "audit_leaf",
    "audit_checkpoint",
    "digest",
    "incident",
    "sign_in",
    "lane_version",
    "tried",
}  # the app's role may not say of a row of these whose it is, or change it at all
TABLES = sorted(table.name for table in metadata.sorted_tables)


@pytest.fixture
def other(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """A second company in the same database, with at least one row in every table."""
    changes = {"company.yaml": ("company: morning\n", "company: other\n")}
    folder = changed_company(home / "other", changes)
    with house(database_urls, valkey_server.url, home / "other", folder=folder) as found:
        found.company = "other"
        _fill(found)
        _fill_the_rest(database_urls.owner)
        yield found


def _fill(found: House) -> None:
    shop = open_shop(found)
    task = found.asked(amount=74000)
    found.asked(order="1235", form="small")
    found.work()
    number = found.rows("select number from decision where task = :t", t=task)[0].number
    with found.deployment.database.transaction("other") as unit:
        decide(unit, Voice(number, "mei", Answer.ASK, "Why?", "slack", None))
        install(unit, Installation("other", "T0OTHER", "U0BOT", b"sealed"))
        know_slack_user(unit, "T0OTHER", "U0ANNA", "anna")
        _fill_mail(unit)
    press(found, task, "priya")
    found.work()
    shop.reading = [_down for _ in range(9)]
    found.asked(order="1236", form="blocked")
    for _ in range(5):
        found.work()
        found.wait(61)
    receive(found.deployment.database, Delivery("other", "k1", "slack", "event", {"secret": "canary"}))


def _fill_the_rest(owner_url: str) -> None:
    """A row of made-up values in each table that the journeys above leave empty, so that a new table is tried too."""
    empty = {table for table, rows in counts(owner_url).items() if rows == 0}
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in empty:
                wanted = [column for column in table.columns if not (column.nullable or column.server_default)]
                connection.execute(table.insert().values({column.name: _made_up(column) for column in wanted}))
    engine.dispose()


def _made_up(column: "Column[Any]") -> Any:
    if column.name == "company":
        return "other"
    if word := _word_of(column):
        return word
    return {str: "canary", int: 1, float: 1.5, bytes: b"canary", datetime: datetime(2026, 1, 1, tzinfo=UTC)}.get(
        column.type.python_type, {}
    )


def _word_of(column: "Column[Any]") -> str | None:
    """The first word that a column of few words may hold."""
    checks = [one for one in column.table.constraints if isinstance(one, CheckConstraint)]
    allowed = [str(one.sqltext) for one in checks if one.name and str(one.name).endswith(f"{column.name}_word")]
    return re.findall("'([^']+)'", allowed[0])[0] if allowed else None


def _fill_mail(unit: Unit) -> None:
    letters.keep_letter(unit, b"canary", from_address="anna@morning.example", message_id="<1@x>")
    letters.keep_token(unit, "hash", decision=1, person="mei")
    letters.keep_mail_draft(unit, MailDraft("<1@x>", "anna", "refunds", {"order": "1"}, unit.now, None))
    letters.mark_undeliverable(unit, "anna@morning.example", "550")
    letters.may_answer_automatically(unit, "anna@morning.example", every=timedelta(days=1))


def _down() -> None:
    raise ConnectionResetError


def counts(url: str, company: str | None = None) -> dict[str, int]:
    """How many rows of each table a connection sees."""
    engine = create_engine(url)
    found = {}
    with engine.begin() as connection:
        if company is not None:
            connection.execute(text("select set_config('app.company', :c, true)"), {"c": company})
        for table in TABLES:
            found[table] = connection.execute(text(f"select count(*) from {table}")).scalar_one()
    engine.dispose()
    return found


def test_no_row_of_another_company_is_read_in_any_table(other: House, database_urls: DatabaseUrls) -> None:
    assert {table for table, rows in counts(database_urls.owner).items() if rows == 0} == set()
    assert set(counts(database_urls.app, "other").values()).isdisjoint({0})

    assert set(counts(database_urls.app, "morning").values()) == {0}
    assert set(counts(database_urls.app).values()) == {0}
    assert set(counts(database_urls.app, "").values()) == {0}


def test_no_row_of_another_company_is_changed_or_made_in_any_table(other: House, database_urls: DatabaseUrls) -> None:
    before = counts(database_urls.owner)
    engine = create_engine(database_urls.app)
    for table in metadata.sorted_tables:
        column = "id" if table.name == "company" else "company"
        with engine.connect() as connection:
            connection.execute(text("select set_config('app.company', 'morning', false)"))
            change = text(f"update {table.name} set {column} = 'morning'")
            if table.name in NEVER_CHANGED:
                with pytest.raises(DBAPIError, match="permission denied"):
                    connection.execute(change)
            else:
                assert connection.execute(change).rowcount == 0, table.name
        with engine.connect() as connection:
            connection.execute(text("select set_config('app.company', 'morning', false)"))
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(f"delete from {table.name}"))
    engine.dispose()

    assert counts(database_urls.owner) == before


@pytest.mark.parametrize("bound_to", ["other", ""])
def test_a_task_for_another_company_can_t_be_inserted(other: House, database_urls: DatabaseUrls, bound_to: str) -> None:
    engine = create_engine(database_urls.app)
    wanted = [column for column in metadata.tables["lane"].columns if not (column.nullable or column.server_default)]
    values = ", ".join(["'morning'", *(repr(str(_made_up(column))) for column in wanted[1:])])
    columns = ", ".join(column.name for column in wanted)
    with engine.connect() as connection:
        connection.execute(text("select set_config('app.company', :c, true)"), {"c": bound_to})
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text(f"insert into lane ({columns}) values ({values})"))
    engine.dispose()


def test_a_delivery_is_kept_without_belonging_to_anybody_and_read_only_by_its_company(
    other: House, database_urls: DatabaseUrls
) -> None:
    database = Database(database_urls.app, size=1)

    first = receive(database, Delivery("other", "k2", "slack", "event", {}))
    again = receive(database, Delivery("other", "k2", "slack", "event", {"other": "body"}))
    with database.unbound() as connection:
        unbound = connection.execute(text("select count(*) from delivery")).scalar_one()
    with database.transaction("other") as unit:
        kept = is_handled(unit, "k2")
    database.close()

    assert (first, again, unbound, kept) == (True, False, 0, False)


def _in_a_shift(database: Database) -> AbstractContextManager[Unit]:
    @contextmanager
    def worked() -> Iterator[Unit]:
        with database.bound("other") as bound, bound.transaction() as unit:
            yield unit

    return worked()


def _in_a_statement(database: Database) -> AbstractContextManager[Unit]:
    @contextmanager
    def said() -> Iterator[Unit]:
        with database.bound("other") as bound, bound.statement() as unit:
            yield unit

    return said()


def _in_a_transaction(database: Database) -> AbstractContextManager[Unit]:
    return database.transaction("other")


Way = Callable[[Database], AbstractContextManager[Unit]]
WAYS: list[Way] = [_in_a_shift, _in_a_statement, _in_a_transaction]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("next_way", ["unbound", "autocommit", "morning"])
def test_a_connection_comes_back_unbound_whatever_happened_on_it(
    other: House, database_urls: DatabaseUrls, way: Way, next_way: str
) -> None:
    database = Database(database_urls.app, size=1)
    tried: list[Callable[[Unit], object]] = [lambda unit: 1, lambda unit: 1 // 0, _fails_in_the_database]
    inside, seen = [], []
    for act in tried:
        with suppress(ZeroDivisionError, DBAPIError), way(database) as unit:
            inside.append(unit.connection.execute(text("select count(*) from task")).scalar_one() > 0)
            act(unit)
        seen.append(_seen_next(database, next_way))
    database.close()

    assert inside == [True, True, True]
    assert seen == [(0, "morning" if next_way == "morning" else "")] * 3


def _fails_in_the_database(unit: Unit) -> None:
    unit.connection.execute(text("select 1 / 0"))


def _seen_next(database: Database, way: str) -> tuple[int, str]:
    """How many tasks the next user of the connection sees, and whom it is bound to."""
    ways: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        "unbound": database.unbound,
        "autocommit": database.autocommit,
        "morning": lambda: database.transaction("morning"),
    }
    with ways[way]() as given:
        connection = given.connection if isinstance(given, Unit) else given
        tasks = connection.execute(text("select count(*) from task")).scalar_one()
        return tasks, connection.execute(text("select current_setting('app.company', true)")).scalar_one()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_shift_on_a_connection_that_served_another_company_sees_only_its_own(
    other: House, database_urls: DatabaseUrls, at_once: bool
) -> None:
    database, seen = Database(database_urls.app, size=1), []
    for company in ("other", "morning", "other"):
        with database.bound(company, at_once=at_once) as bound, bound.transaction() as unit:
            seen.append(set(unit.connection.execute(text("select company from delivery")).scalars()))
        with database.transaction(company) as unit:
            seen.append(set(unit.connection.execute(text("select company from delivery")).scalars()))
    database.close()

    assert seen == [{"other"}, {"other"}, set(), set(), {"other"}, {"other"}]


@pytest.mark.parametrize("first", ["transaction", "statement"])
def test_a_shift_whose_first_transaction_fails_is_still_bound_to_its_company(
    other: House, database_urls: DatabaseUrls, first: str
) -> None:
    database, seen = Database(database_urls.app, size=1), []
    with database.bound("other", at_once=False) as bound:
        with pytest.raises(LookupError), getattr(bound, first)():
            raise LookupError
        for way in (bound.statement, bound.transaction, bound.statement):
            with way() as unit:
                seen.append(unit.connection.execute(text("select company from delivery")).scalars().all())
    with database.unbound() as connection:
        after = connection.execute(text("select count(*) from delivery")).scalar_one()
    database.close()

    assert seen == [["other"]] * 3
    assert after == 0


@pytest.mark.parametrize(
    "name",
    [
        *("other' or '1'='1", "other', false); select ('", "\\'; rollback; --", 'other"'),
        *("%(company)s", "100%", "%%", ":company", "other::text", "\\:other"),
    ],
)
def test_a_company_s_name_is_never_read_as_sql(other: House, database_urls: DatabaseUrls, name: str) -> None:
    database = Database(database_urls.app, size=1)
    with database.transaction(name) as unit:
        bound_to = unit.connection.execute(text("select current_setting('app.company')")).scalar_one()
        tasks = unit.connection.execute(text("select count(*) from task")).scalar_one()
    with database.unbound() as connection:
        after = connection.execute(text("select current_setting('app.company', true)")).scalar_one()
    database.close()

    assert (bound_to, tasks, after) == (name, 0, "")


def test_a_transaction_is_one_from_its_first_statement_to_its_end(other: House, database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.app, size=1)
    with suppress(ZeroDivisionError), database.transaction("other") as unit:
        began = unit.connection.execute(text("select now()")).scalar_one()
        unit.connection.execute(text("update task set sentence = 'never'"))
        still = unit.connection.execute(text("select now()")).scalar_one()
        _ = 1 // 0
    with database.transaction("other") as unit:
        changed = unit.connection.execute(text("select count(*) from task where sentence = 'never'")).scalar_one()
    database.close()

    assert began == still
    assert changed == 0


def test_what_is_known_across_companies_is_only_ids_and_counts(other: House, database_urls: DatabaseUrls) -> None:
    engine = create_engine(database_urls.app)
    with engine.begin() as connection:
        due = connection.execute(text("select * from due_now()")).all()
        states = connection.execute(text("select * from state_counts()")).all()
        stuck = connection.execute(text("select * from stuck_tasks()"))
        shape = list(stuck.keys())
    engine.dispose()

    assert {type(value) for row in [*due, *states] for value in row} <= {str, int, type(None)}
    assert "canary" not in str(due) + str(states)
    assert {row.company for row in due} == {"other"}
    assert shape == ["company", "number"]
    assert company_of_slack_team(other.deployment.database, "T0OTHER") == "other"
    assert company_of_slack_team(other.deployment.database, "T0NOBODY") is None


def test_another_company_s_task_number_is_the_same_as_none(office: House, other: House) -> None:
    foreign = other.rows("select number from task")[0].number

    with office.deployment.database.transaction("morning") as unit:
        with pytest.raises(TaskNotFound) as theirs:
            load(unit, foreign)
        with pytest.raises(TaskNotFound) as nobody:
            load(unit, 99999)

    assert str(theirs.value).replace(str(foreign), "N") == str(nobody.value).replace("99999", "N")


def test_a_runner_bound_to_one_company_claims_nothing_of_another(office: House, other: House) -> None:
    other.asked(order="2000", form="due")

    with office.deployment.database.bound("morning") as bound:
        held = take(bound, Claimant("r", "default"), batch=16).tasks

    assert not held


def test_a_forged_company_in_a_claim_gets_nothing_because_the_database_is_bound(office: House, other: House) -> None:
    other.asked(order="2000", form="due")

    with office.deployment.database.bound("morning") as bound:
        bound.company = "other"
        held = take(bound, Claimant("r", "default"), batch=16).tasks

    assert not held
