"""The played mail server: letters end in mailboxes, people's letters reach the app with what the server found out."""

import json
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.app import create_app
from sandbox.config import Config
from sandbox.serving import served
from tests.ports import free_port

MEI, ANNA = "mei@morning.example", "anna@morning.example"
LETTER = (
    b"From: Chargehand <app@app.example>\r\nTo: mei@morning.example\r\nSubject: Refund?\r\nMessage-ID: <1@app.example>\r\n"
    b"Reply-To: reply+t.1.mei.X@app.example\r\n\r\n.A line that begins with a dot.\r\n"
)


@dataclass(frozen=True, slots=True)
class Got:
    """A letter that reached the app."""

    mail_from: str | None
    rcpt_tos: list[str]
    raw: bytes


class Sink:
    """The app behind the mail server."""

    def __init__(self) -> None:
        self.got: list[Got] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.got.append(Got(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


class Post:
    """A played mail server with an app behind it."""

    def __init__(self, address: str, smtp_port: int, sink: Sink) -> None:
        self.address, self.smtp_port, self.sink = address, smtp_port, sink

    def letters(self, address: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx2.get(
            f"{self.address}/sandbox/mail/letters", params={"address": address}, timeout=60
        ).json()
        return found

    def act(self, act: str, **body: Any) -> Any:
        return httpx2.post(f"{self.address}/sandbox/mail/{act}", json=body, timeout=60)

    def send(self, *to: str) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as client:
            return client.sendmail("app@app.example", list(to), LETTER)

    def fault(self, **fault: Any) -> None:
        told = httpx2.post(f"{self.address}/sandbox/faults", json={"on": "mail", **fault}, timeout=60)
        assert told.status_code == 200


@contextmanager
def playing(state: Path | None = None, *, late_s: float = 0.0) -> Iterator[Post]:
    """The mail server, and an app that takes everything, from some seconds on."""
    sink, app_port, smtp_port = Sink(), free_port(), free_port()
    users = [
        {"id": "U0MEI", "name": "mei", "real_name": "Mei-Lin Zhao", "email": MEI},
        {"id": "U0ANNA", "name": "anna", "real_name": "Anna Kowalczyk", "email": ANNA},
    ]
    team = {
        "id": "T0",
        "domain": "m",
        "name": "M",
        "signing_secret": "x",
        "bot_token": "x",
        "channels": [],
        "request_url": "http://127.0.0.1:1/",
        "users": users,
        "app": {"id": "A0", "name": "C", "bot_id": "B0", "bot_user_id": "U0C"},
    }
    mail = {"relay": f"127.0.0.1:{app_port}", "authserv_id": "mailboxes.example"}
    config = Config.model_validate_json(json.dumps({"teams": [team], "mail": mail}))
    controller = Controller(sink, hostname="127.0.0.1", port=app_port)
    opening = Timer(late_s, controller.start)
    opening.start()
    if not late_s:
        opening.join()
    try:
        with served(create_app(config, state_path=state, smtp_port=smtp_port)) as address:
            yield Post(address, smtp_port, sink)
    finally:
        opening.join()
        controller.stop()


@pytest.fixture
def post() -> Iterator[Post]:
    """The mail server at work."""
    with playing() as found:
        yield found


def test_a_letter_ends_in_the_mailboxes_of_its_readers_as_it_was_written(post: Post) -> None:
    refused = post.send(MEI, ANNA)

    assert refused == {}
    for reader in (MEI, ANNA):
        (letter,) = post.letters(reader)
        assert letter["text"] == ".A line that begins with a dot.\r\n"
        assert letter["rcpt_to"] == [MEI, ANNA]


def test_letters_are_there_after_a_restart(tmp_path: Path) -> None:
    with playing(tmp_path / "state.sqlite") as before:
        before.send(MEI)

    with playing(tmp_path / "state.sqlite") as after:
        assert [letter["subject"] for letter in after.letters(MEI)] == ["Refund?"]


def test_one_reader_may_be_refused_and_the_other_not(post: Post) -> None:
    post.fault(at="reader", kind="say", code=550, text="5.1.1 Gone", address=ANNA)

    refused = post.send(MEI, ANNA, "nobody@morning.example")

    assert {address: code for address, (code, _) in refused.items()} == {ANNA: 550, "nobody@morning.example": 550}
    assert (len(post.letters(MEI)), len(post.letters(ANNA))) == (1, 0)


@pytest.mark.parametrize(
    ("at", "kept"), [("connect", 0), ("sender", 0), ("reader", 0), ("data", 0), ("body", 0), ("dot", 1)]
)
def test_a_line_drops_where_it_was_told_to_and_a_letter_is_kept_only_after_its_dot(
    post: Post, at: str, kept: int
) -> None:
    post.fault(at=at, kind="drop")

    with pytest.raises((smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, ConnectionError)):
        post.send(MEI)

    assert len(post.letters(MEI)) == kept


@pytest.mark.parametrize("at", ["sender", "reader", "data", "dot"])
def test_an_answer_is_given_where_it_was_told_to_and_nothing_is_kept(post: Post, at: str) -> None:
    post.fault(at=at, kind="say", code=451)

    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
        post.send(MEI)

    assert post.letters(MEI) == []


def test_an_answer_goes_to_the_app_in_its_thread_with_what_the_server_found_out(post: Post) -> None:
    post.send(MEI)

    answer = post.act("answer", letter=post.letters(MEI)[0]["id"], text="approve").json()

    (got,) = post.sink.got
    assert answer["answers"][0]["code"] == 250
    assert (got.mail_from, got.rcpt_tos) == (MEI, ["reply+t.1.mei.X@app.example"])
    assert got.raw.startswith(
        b"Authentication-Results: mailboxes.example;\r\n spf=pass smtp.mailfrom=mei@morning.example"
    )
    assert b"\r\nIn-Reply-To: <1@app.example>\r\n" in got.raw
    assert b"\r\n\r\napprove\r\n" in got.raw
    assert b"> .A line" in got.raw
    assert post.letters(MEI)[1]["written"]


def test_a_letter_that_only_claims_to_be_somebody_s_is_marked_and_a_raw_one_goes_as_it_stands(post: Post) -> None:
    post.act("write", **{"from": ANNA, "to": "refunds@morning.example", "text": "order: 1", "proven": False})
    post.act("write", **{"from": ANNA, "to": "refunds@morning.example", "raw": "From: x\r\n\r\nhi", "times": 2})

    claimed, *raws = (got.raw for got in post.sink.got)
    assert b"dmarc=fail header.from=morning.example" in claimed
    assert all(raw.endswith(b"From: x\r\n\r\nhi\r\n") for raw in raws)
    assert len(raws) == 2


def test_a_letter_waits_for_an_app_that_takes_no_connection_yet() -> None:
    with playing(late_s=1.0) as post:
        answer = post.act(
            "write", **{"from": ANNA, "to": "refunds@app.example", "subject": "Refund", "text": "Please."}
        )

        assert [one["code"] for one in answer.json()["answers"]] == [250]
        assert [one.rcpt_tos for one in post.sink.got] == [["refunds@app.example"]]


def test_a_letter_between_people_stays_here_and_strangers_write_none(post: Post) -> None:
    post.act("write", **{"from": ANNA, "to": MEI, "subject": "Lunch?"})

    assert post.act("write", **{"from": "eve@evil.example", "to": MEI}).status_code == 404
    foreign = httpx2.post(
        f"{post.address}/sandbox/mail/write", json={"from": ANNA, "to": MEI}, headers={"Origin": "http://x"}, timeout=60
    )
    assert foreign.status_code == 404
    assert [letter["subject"] for letter in post.letters(MEI)] == ["Lunch?"]
    assert post.sink.got == []
