"""Who is who: people, where Slack knows them, which team belongs to which company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from storage.audit import Said, note
from storage.database import Database, Unit
from storage.inserting import inserted
from storage.tables.business import people, slack_identities, slack_installations


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company, as declared; `groups` are the names of the groups they belong to."""

    id: str
    name: str
    email: str
    role: str
    manager: str | None
    timezone: str
    groups: tuple[str, ...]
    active: bool
    prefers: str = "slack"


@dataclass(frozen=True, slots=True)
class Installation:
    """The app in one Slack team; the token is sealed with the deployment's secret."""

    company: str
    team: str
    bot_user: str
    sealed_token: bytes


def person_of(row: object) -> Person:
    """The value of a database row that has every column of a person."""
    return person_from({name: getattr(row, name) for name in Person.__slots__})


def person_from(document: Mapping[str, Any]) -> Person:
    """The value of such a row that came as a JSON object."""
    values = {name: document[name] for name in Person.__slots__}
    return Person(**{**values, "groups": tuple(values["groups"])})


def person(unit: Unit, person_id: str) -> Person | None:
    """The person with that id, active or not."""
    row = unit.connection.execute(
        select(people).where(people.c.company == unit.company, people.c.id == person_id)
    ).one_or_none()
    return person_of(row) if row else None


def everyone(unit: Unit, ids: Sequence[str] | None = None) -> list[Person]:
    """The people of the company, or those with the given ids, by name."""
    query = select(people).where(people.c.company == unit.company).order_by(people.c.name)
    if ids is not None:
        query = query.where(people.c.id.in_(ids))
    return [person_of(row) for row in unit.connection.execute(query)]


def members(unit: Unit, group: str) -> list[Person]:
    """The active people of a group, by name."""
    query = select(people).where(people.c.company == unit.company, people.c.groups.contains([group]), people.c.active)
    return [person_of(row) for row in unit.connection.execute(query.order_by(people.c.name))]


def person_by_email(unit: Unit, email: str) -> Person | None:
    """The person who has that address, whatever its case."""
    row = unit.connection.execute(
        select(people).where(people.c.company == unit.company, func.lower(people.c.email) == email.lower())
    ).one_or_none()
    return person_of(row) if row else None


def slack_person(unit: Unit, team: str, slack_user: str) -> Person | None:
    """The person behind a Slack user of a team, if already known."""
    known = slack_identities.c
    row = unit.connection.execute(
        select(people)
        .join(slack_identities, (known.company == people.c.company) & (known.person == people.c.id))
        .where(known.company == unit.company, known.team == team, known.slack_user == slack_user)
    ).one_or_none()
    return person_of(row) if row else None


def slack_user_of(unit: Unit, person_id: str) -> tuple[str, str] | None:
    """(team, Slack user) where a person can be reached, the earliest known first."""
    known = slack_identities.c
    row = unit.connection.execute(
        select(known.team, known.slack_user)
        .where(known.company == unit.company, known.person == person_id)
        .order_by(known.known_since)
        .limit(1)
    ).one_or_none()
    return (row.team, row.slack_user) if row else None


def know_slack_user(unit: Unit, team: str, slack_user: str, person_id: str) -> None:
    """Remember that a Slack user is this person; noted on the person's audit trail when new."""
    values = {"company": unit.company, "team": team, "slack_user": slack_user, "person": person_id}
    statement = insert(slack_identities).values(**values, known_since=unit.now)
    if inserted(unit, statement):
        said = Said("slack_identity_known", "gateway", {"team": team, "slack_user": slack_user})
        note(unit, f"person:{person_id}", said)


def install(unit: Unit, installation: Installation) -> None:
    """Keep the app's installation in a team, or replace its token."""
    values = {
        "company": unit.company,
        "team": installation.team,
        "bot_user": installation.bot_user,
        "sealed_token": installation.sealed_token,
        "installed_at": unit.now,
    }
    statement = insert(slack_installations).values(**values)
    changed = {name: statement.excluded[name] for name in ("bot_user", "sealed_token")}
    unit.connection.execute(statement.on_conflict_do_update(index_elements=["company", "team"], set_=changed))


def installations(unit: Unit) -> list[Installation]:
    """The company's installations, oldest first."""
    query = select(slack_installations).where(slack_installations.c.company == unit.company)
    rows = unit.connection.execute(query.order_by(slack_installations.c.installed_at))
    return [Installation(row.company, row.team, row.bot_user, bytes(row.sealed_token)) for row in rows]


def company_of_slack_team(database: Database, team: str) -> str | None:
    """The company that a Slack team belongs to (a cross-company look-up that returns an id)."""
    with database.unbound() as connection:
        found: str | None = connection.execute(
            text("select company_of_slack_team(:team)"), {"team": team}
        ).scalar_one_or_none()
        return found
