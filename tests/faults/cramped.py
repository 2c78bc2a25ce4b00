"""The morning company at work over a database whose disk a test can fill, with signed forms and large letters to send to it."""

import json
import secrets
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import psycopg
from psycopg import sql
from sqlalchemy import text

from chargehand.embedded import postgres
from chargehand.embedded.postgres import Postgres, administrator
from chargehand.embedded.tether import stop
from tests.faults.plant import Plant, plant
from tests.faults.small_disk import SmallDisk, small_disk
from tests.integration.gateway.mail.mail_door import ASKED, REFUNDS, SERVER, letter
from tests.integration.gateway.world import CHANNEL, FORM, SIGNING, TEAM, signed
from tests.ports import free_port
from tests.stories.stack import until

_MOST_KEPT = 200
_BULK = 30_000


@dataclass(frozen=True, slots=True)
class Cramped:
    """The morning company with every process running; only its database lies on the small disk."""

    works: Plant
    disk: SmallDisk
    smtp: int
    servers: list[Postgres]

    @property
    def home(self) -> Path:
        """Where the database lies."""
        return self.servers[0].home

    def is_ended(self) -> bool:
        """Whether the database has ended, after its log was used up."""
        use_up_the_log(self.home, self.disk)
        return self.servers[-1].process.poll() is not None

    def start_again(self) -> None:
        """Start the database as `up` does after it has ended."""
        self.servers.append(postgres.begin(self.home))
        self.works.database.close()  # what it had open ended with the server of before

    def form(self, order: str, amount: str = "42.00") -> int:
        """Send the form for a refund as Slack does, signed, with a body that no table has room for; what Slack hears."""
        return posted(self.works.stack.client, self.works.stack.web, SIGNING, order, amount)

    def letter(self, order: str) -> int:
        """Hand over a large letter that asks for a refund; the server's last word."""
        raw = letter(ASKED.replace("1001", order), name=f"<{order}@morning.example>", header=f"X-Bulk: {bulk()}\n")
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=60) as client:
            client.ehlo("relay.example")
            client.mail("anna@morning.example")
            client.rcpt(REFUNDS)
            return client.data(raw)[0]

    def unforeseen(self) -> set[str]:
        """The keys of what the shop paid back without an intention on record."""
        happened = self.works.stack.shop("select key from refunds where cast(order_number as integer) > 5000")
        with self.works.database.transaction("morning") as unit:
            intended = set(unit.connection.execute(text("select key from effect")).scalars())
        return {key for (key,) in happened} - intended

    def shifts_without_room(self) -> int:
        """How often runners were told that the disk is full."""
        return (self.works.stack.home / "runner.log").read_text().count("No space left on device")

    def shifts_without_database(self) -> int:
        """How often runners had to leave what they were at because of the database."""
        return (self.works.stack.home / "runner.log").read_text().count("shift.database_away")

    def kept(self) -> int:
        """How many requests are on record, of those that came in by the forms and letters of this test."""
        with self.works.database.transaction("morning") as unit:
            query = text("select count(*) from delivery where kind in ('view_submission', 'letter')")
            return int(unit.connection.execute(query).scalar_one())


def bulk() -> str:
    """Text that can't be packed any smaller."""
    return "\n ".join(secrets.token_hex(450) for _ in range(_BULK // 900))


def posted(client: httpx2.Client, web: str, secret: str, order: str, amount: str = "42.00") -> int:
    """The status that Slack hears for a filled-in form."""
    values = {"order": order, "amount": amount, "reason": "The parcel was lost."}
    filled = {name: {"value": {"type": "plain_text_input", "value": said}} for name, said in values.items()}
    view = {
        "id": f"V{order}",
        "type": "modal",
        "callback_id": "request.form",
        "private_metadata": json.dumps({"lane": "refunds", "channel": CHANNEL}),
        "state": {"values": filled},
        "blocks": [{"type": "section", "text": bulk()}],
    }
    user = {"id": "U0ANNA", "team_id": TEAM}
    payload = {"type": "view_submission", "team": {"id": TEAM}, "user": user, "view": view}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return client.post(f"{web}/slack/events", content=body, headers=signed(body, FORM, secret=secret)).status_code


@contextmanager
def cramped_company(redis_url: str, folder: Path) -> Iterator[Cramped]:
    """Such a company, and a mail door beside it."""
    port = free_port()
    mail = {
        "MAIL_LISTEN": f"127.0.0.1:{port}",
        "MAIL_DOMAIN": "morning.example",
        "MAIL_FROM": "chargehand@morning.example",
        "MAIL_AUTHSERV_ID": SERVER,
        "MAIL_TRUSTED_RELAYS": "127.0.0.0/8",
    }
    with (
        small_disk(folder / "disk", mib=192) as disk,
        postgres.running(disk.folder / "home") as server,
        plant(server.urls("chargehand"), redis_url, folder / "home") as works,
    ):
        works.crew.start("mail", **mail)
        made = Cramped(works, disk, port, [server])
        until(lambda: is_listening(port), "the mail door open")
        tidies_up_never(made.home)
        try:
            yield made
        finally:
            for one in made.servers[1:]:
                stop(one.process, postgres.STOPPING)


def tidies_up_never(home: Path) -> None:
    """The server frees nothing by itself, so that what was full once stays full."""
    with administrator(home) as connection:
        for setting in ("checkpoint_timeout = '1h'", "autovacuum = off"):
            connection.execute(sql.SQL("alter system set {}").format(sql.SQL(setting)))
        connection.execute("select pg_reload_conf()")


def begin_a_segment(home: Path) -> None:
    """The database's log has 16 MiB before it that are its own already: it is its tables that will lack room."""
    with administrator(home) as connection:
        for statement in ("checkpoint", "select pg_switch_wal()", "select pg_logical_emit_message(true, '', '')"):
            connection.execute(sql.SQL(statement))


def use_up_the_log(home: Path, disk: SmallDisk) -> None:
    """Write to the database's log until there is no room for its next segment, which ends the server."""
    with suppress(psycopg.OperationalError), administrator(home) as connection:
        while True:
            disk.fill_up()
            connection.execute("select pg_logical_emit_message(true, 'test', repeat('x', 1000000))")


def is_listening(port: int) -> bool:
    """Whether a mail server answers there."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            return client.noop()[0] == 250
    except OSError:
        return False


def until_refused(send: Callable[[str], int], orders: Iterator[str]) -> tuple[dict[str, int], str]:
    """Send until somebody says no: what was said to the others, and the order that was not taken."""
    said: dict[str, int] = {}
    for order in orders:
        said[order] = send(order)
        if said[order] >= 400:
            return said, order
        assert len(said) < _MOST_KEPT
    raise AssertionError


def orders_of(works: Plant) -> Iterator[str]:
    """New orders without end."""
    while True:
        yield works.order()
