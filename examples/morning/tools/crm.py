"""Speaks to the customer database: prospects, what is known of them, and every message that they were sent."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypedDict, cast

from chargehand import Changed, Seen, Transient, effect, reads, respects

_PROSPECT = """
    select id, name, stage, opted_out, tier, profile, company, email, email_status, version,
           (select group_concat(field) from corrections where prospect = prospects.id) as corrected,
           (select max(at) from messages where prospect = prospects.id) as last_contact_at
      from prospects where id = ?
"""
_TEMPLATE = "select name, offer, offer_approved, calls_to_action from templates where offer = ?"
_FILL = """
    update prospects set profile = coalesce(nullif(:profile, ''), profile), company = coalesce(nullif(:company, ''), company)
     where id = :prospect and version = :version
"""
_RECORD = """
    insert into findings (prospect, profile, company, email, version, key, at)
    values (:prospect, :profile, :company, :email, :version, :key, :at)
"""
_RECORDED = "select id, prospect, profile, company, email, version, at from findings where key = ? order by id"
_CORRECTED = "select field from corrections where prospect = ?"
_SEND = "insert into messages (prospect, template, text, key, at) values (?, ?, ?, ?, ?)"
_SENT = "select id, prospect, template, text, at from messages where key = ? order by id"


class Prospect(TypedDict):
    """A prospect as the database has it; texts are empty where nothing is known, `last_contact_at` is epoch seconds.

    `version` is another one after every change, `corrected` names the fields that a person has put right by hand.
    """

    id: str
    name: str
    stage: str
    opted_out: bool
    tier: int
    profile: str
    company: str
    email: str
    email_status: str
    last_contact_at: int | None
    version: int
    corrected: list[str]


class Template(TypedDict):
    """A template with the offer that it is for, whether that offer is approved, and what it asks people to do."""

    name: str
    offer: str
    offer_approved: bool
    calls_to_action: list[str]


class Written(TypedDict):
    """A row that was just written."""

    reference: str
    at: int


class Crm:
    """The customer database at `path`, a SQLite file. Every method raises Transient when it is locked or gone."""

    def __init__(self, *, path: str) -> None:
        self._address = f"{Path(path).absolute().as_uri()}?mode=rw"

    @reads()
    def prospect(self, *, number: str) -> Prospect | None:
        """The prospect of that number, or None."""
        row = self._one(_PROSPECT, number)
        if row is None:
            return None
        found: dict[str, Any] = dict(row)
        found["opted_out"] = bool(found["opted_out"])
        found["corrected"] = found["corrected"].split(",") if found["corrected"] else []
        return cast(Prospect, found)

    @reads()
    def template(self, *, offer: str) -> Template | None:
        """The template of an offer, or None."""
        row = self._one(_TEMPLATE, offer)
        if row is None:
            return None
        calls = json.loads(row["calls_to_action"])
        return Template(
            name=row["name"], offer=row["offer"], offer_approved=bool(row["offer_approved"]), calls_to_action=calls
        )

    @respects(version="version", corrections="corrected")
    @effect("readable", look="finding_by_key", blast="record")
    def record(self, *, prospect: str, profile: str, company: str, email: str, version: int, key: str) -> Written:
        """Keep what was found of a prospect, and fill in profile and company; what was not found is empty.

        Raises Changed when the prospect is not the version that was read.
        """
        found = {"prospect": prospect, "profile": profile, "company": company, "email": email, "version": version}
        at = int(time.time())
        with self._open() as crm, crm:
            if crm.execute(_FILL, found).rowcount == 0:
                raise Changed(f"Prospect {prospect} was changed by somebody else.", cause=f"prospect {prospect}")
            number = crm.execute(_RECORD, {**found, "key": key, "at": at}).lastrowid
        return Written(reference=str(number), at=at)

    def corrected(self, *, prospect: str, **_: object) -> dict[str, str]:
        """What people have put right by hand of a prospect, by field."""
        with self._open() as crm:
            fields = [row["field"] for row in crm.execute(_CORRECTED, (prospect,)).fetchall()]
            row = crm.execute("select * from prospects where id = ?", (prospect,)).fetchone()
            return {field: row[field] for field in fields}

    def finding_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The first finding that carries `key`."""
        return self._seen(_RECORDED, key, ("prospect", "profile", "company", "email", "version"))

    @effect("readable", look="message_by_key", blast="customer")
    def send(self, *, prospect: str, template: str, text: str, key: str) -> Written:
        """Send a prospect one message."""
        return self._write(_SEND, prospect, template, text, key)

    def message_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The first message that carries `key`."""
        return self._seen(_SENT, key, ("prospect", "template", "text"))

    def _one(self, query: str, value: str) -> sqlite3.Row | None:
        with self._open() as crm:
            row: sqlite3.Row | None = crm.execute(query, (value,)).fetchone()
        return row

    def _write(self, statement: str, *values: str) -> Written:
        at = int(time.time())
        with self._open() as crm, crm:
            number = crm.execute(statement, (*values, at)).lastrowid
        return Written(reference=str(number), at=at)

    def _seen(self, query: str, key: str, args: tuple[str, ...]) -> Seen | None:
        row = self._one(query, key)
        return Seen(str(row["id"]), {name: row[name] for name in args}, row["at"]) if row else None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._address, uri=True, timeout=1.0)) as crm:
                crm.row_factory = sqlite3.Row
                yield crm
        except sqlite3.DatabaseError as error:
            raise Transient("The customer database can't be reached.", cause="crm") from error
