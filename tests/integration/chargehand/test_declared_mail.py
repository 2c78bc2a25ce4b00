"""A mail server that is declared by its letters: each goes once, whatever dies, breaks off or is asked for twice."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.settings import BadSettings
from chargehand.systems.carriers import carrier_of
from chargehand.systems.mail import MailCarrier
from contracts.authoring import Deterministic, Governance, Seen, Transient
from contracts.company import System
from contracts.vocabulary import TaskState
from engine import shift
from engine.failures import classify
from engine.reconciling import report
from storage.claims import Claimant
from tests.builders import House
from tests.integration.chargehand.postbox import COPIES, Postbox, postbox, readers
from tests.integration.engine.dying import NthPass, Reaper, live_on, live_until_ended
from tests.integration.engine.worlds import assert_trail_is_whole, press
from tests.integration.engine.yard import lane, let_time_pass, recall, step, wish, work_at_once, worker, yard_with

READER = "shed@yard.example"
DECLARED: Mapping[str, Any] = {
    "url": "YARD_SMTP",
    "sender": "The yard <office@yard.example>",
    "copies": {"url": "YARD_IMAP", "to": COPIES},
    "longest": 2000,
    "effects": {
        "tell": {
            "blast": "customer",
            "takes": {"to": "text", "subject": "text", "text": "text", "times": "integer"},
            "defaults": {"times": 1},
            "personal": ["to"],
            "to": "{to}",
            "domains": ["yard.example"],
            "subject": "The yard: {subject}",
            "body": "{text}\n\nSaid {times} times.",
            "reply_to": "answers@yard.example",
            "lag": "10s",
            "timeout": "30s",
        },
    },
}
TELL = DECLARED["effects"]["tell"]
HURRIED = {**DECLARED, "effects": {"tell": {**TELL, "timeout": "3s"}}}
BLIND = {
    **{name: value for name, value in DECLARED.items() if name != "copies"},
    "effects": {"tell": {name: value for name, value in TELL.items() if name != "lag"}},
}
CODE = """
@worker
def tell(request: Wish, desk: Desk) -> Proposal[Told]:
    to = f"{request.what}@yard.example"
    return desk.post.tell(to=to, subject="Ready", text="It is ready.", because="it is wanted")
"""
MODELS = """

class Told(BaseModel, frozen=True, extra="forbid", strict=True):
    reference: str
    subject: str
"""
MANY = [f"shed{number}@yard.example" for number in range(30)]
ARGS = {"to": READER, "subject": "Ready", "text": "It is ready.", "times": 1}
NOW = 1793527200


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Postbox]:
    """The mail server of the shed, and the variables that name it."""
    with postbox(tmp_path, READER, "hut@yard.example", *MANY) as found:
        monkeypatch.setenv("YARD_SMTP", found.smtp)
        monkeypatch.setenv("YARD_IMAP", found.imap)
        yield found


def carrier_to(declared: Mapping[str, Any], home: Path) -> MailCarrier:
    """What writes and looks as it is declared."""
    system = System.model_validate({"title": "The post", "mail": declared}, strict=False)
    found = carrier_of("post", system, home)
    assert isinstance(found, MailCarrier)
    return found


@pytest.fixture
def carrier(box: Postbox, tmp_path: Path) -> MailCarrier:
    """What writes to that server, and looks there."""
    return carrier_to(DECLARED, tmp_path)


CAP = {"caps": {"customer": {"hour": {"recipients": 50}}}}
ASK = {
    "name": "ask",
    "before": "tell",
    "when": {"==": [{"var": "effect.args.subject"}, "Ready"]},
    "because": "Nobody can look.",
    "question": "Write to {effect.args.to}?",
    "steps": [{"who": "person:nuno", "for": "4h"}, {"who": "person:rosa", "for": "4h"}],
    "examples": {"accepted": [{"effect.args.subject": "Ready"}], "refused": [{"effect.args.subject": "Late"}]},
}


def yard_that_writes(
    declared: Mapping[str, Any],
    database_urls: DatabaseUrls,
    valkey_server: Valkey,
    home: Path,
    **more: Any,
) -> Any:
    """A yard whose letters are declared; nothing of its tool is code."""
    files = lane(
        "letters",
        {"writer": worker("requester", "request", "told", reads=[], writes=["post.tell"])},
        [step("tell", "writer", "Told", "told")],
        CODE,
        models=MODELS,
        **more,
    )
    systems = {"post": {"title": "The post", "mail": declared}}
    return yard_with(files, database_urls, valkey_server.url, home, systems=systems)


@pytest.fixture
def office(box: Postbox, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard, with a mailbox of copies."""
    with yard_that_writes(DECLARED, database_urls, valkey_server, home, **CAP) as found:
        yield found


@pytest.fixture
def blind(box: Postbox, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard whose letters nobody can look for."""
    with yard_that_writes(BLIND, database_urls, valkey_server, home, approve=[ASK]) as found:
        yield found


def asked_for(blind: House) -> int:
    """A letter that nobody can look for is wanted, and somebody has said yes to it."""
    task = wish(blind, "letters")
    blind.work()
    press(blind, task, "nuno")
    return task


def assert_told_once(office: House, box: Postbox, task: int) -> None:
    """Done, verified, and one letter at its reader and in the mailbox of copies."""
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    (letter,), (copy,) = box.letters(READER), box.letters(COPIES)
    assert letter["Message-ID"] == copy["Message-ID"] == f"<yard/T-{task}/tell/1/1@yard.example>"
    assert readers(letter) == (READER, None)
    seen = office.rows("select seen from effect")[0].seen
    assert seen["reference"] == letter["Message-ID"]
    assert_trail_is_whole(office, task)


def test_a_letter_is_written_and_found_again_without_a_line_of_code(office: House, box: Postbox) -> None:
    task = wish(office, "letters")

    office.work()

    assert_told_once(office, box, task)
    (letter,) = box.letters(READER)
    assert letter["From"] == "The yard <office@yard.example>"
    assert (letter["Subject"], letter["Reply-To"]) == ("The yard: Ready", "answers@yard.example")
    assert letter.get_payload(decode=True) == b"It is ready.\r\n\r\nSaid 1 times.\r\n"
    intended = office.rows("select intended_at from effect")[0].intended_at
    assert parsedate_to_datetime(letter["Date"]) == intended.replace(microsecond=0)


@pytest.mark.parametrize("place", ["effect.before_call", "effect.after_call", "verify.after_look"])
def test_a_letter_goes_once_wherever_its_runner_dies(office: House, box: Postbox, reaper: Reaper, place: str) -> None:
    task = wish(office, "letters")
    died = reaper.kill_in(place)

    live_until_ended(office, task)

    assert died == [place]
    assert_told_once(office, box, task)


def test_a_letter_goes_once_when_the_runner_dies_at_any_pass_of_any_place(
    office: House, box: Postbox, reaper: Reaper
) -> None:
    def told(what: str, nth: int) -> NthPass:
        task = wish(office, "letters", what)
        armed = reaper.kill_at(nth)
        live_until_ended(office, task)
        assert office.task(task).state is TaskState.DONE, armed.passed
        assert len(box.letters(f"{what}@yard.example")) == 1, armed.passed
        assert_trail_is_whole(office, task)
        return armed

    places = len(told("shed0", 0).passed)

    for nth in range(1, places + 1):
        assert len(told(f"shed{nth}", nth).passed) >= nth
    assert places > 8
    assert len(box.letters(COPIES)) == places + 1


def test_a_letter_that_was_taken_and_not_answered_is_found_and_not_sent_again(office: House, box: Postbox) -> None:
    box.fault("dot", "drop")
    task = wish(office, "letters")

    live_until_ended(office, task)

    assert_told_once(office, box, task)


def test_a_copy_that_shows_late_is_waited_for_and_the_letter_is_not_sent_again(office: House, box: Postbox) -> None:
    box.fault("dot", "drop")
    box.blind = 1
    task = wish(office, "letters")

    live_until_ended(office, task)

    assert_told_once(office, box, task)
    assert box.heard.count("UID SEARCH") == 2


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        ("reader", {"code": 451, "text": "4.7.1 Greylisted"}),
        ("reader", {"code": 452, "text": "4.2.2 Mailbox full"}),
        ("reader", {"code": 451, "text": "4.3.0 No copy now", "address": COPIES}),
        ("connect", {"code": 421, "text": "4.3.2 Closing"}),
        ("data", {"code": 451, "text": "4.3.0 Later"}),
        ("dot", {"code": 451, "text": "4.3.0 Later"}),
    ],
)
def test_a_letter_that_is_not_taken_now_is_tried_again(
    office: House, box: Postbox, at: str, fault: dict[str, Any]
) -> None:
    box.fault(at, "say", **fault)
    task = wish(office, "letters")

    live_until_ended(office, task)

    assert_told_once(office, box, task)


@pytest.mark.parametrize("at", ["data", "body"])
def test_a_line_that_breaks_before_the_letter_was_whole_leaves_none(office: House, box: Postbox, at: str) -> None:
    box.fault(at, "drop")
    task = wish(office, "letters")

    live_until_ended(office, task)

    assert_told_once(office, box, task)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"at": "reader", "code": 550, "text": "5.1.1 No such user"}, "The address takes no mail (550)."),
        ({"at": "dot", "code": 554, "text": "5.7.1 Spam"}, "The other side did not accept it (554)."),
        ({"at": "sender", "code": 550, "text": "5.7.1 Not you"}, "The mail server takes no letters from us (550)."),
        (
            {"at": "reader", "code": 550, "text": "5.1.1 No copies", "address": COPIES},
            "The mail server takes no letters from us (550).",
        ),
    ],
)
def test_what_is_refused_for_good_is_told_and_not_repeated(
    office: House, box: Postbox, fault: dict[str, Any], told: str
) -> None:
    box.fault(**fault, kind="say", times=5)
    task = wish(office, "letters")

    let_time_pass(office)

    row = office.task(task)
    assert row.state is not TaskState.DONE
    assert f"{told} It was read back: nothing was changed." in row.sentence
    assert [one.performs for one in office.rows("select performs from effect")] == [1]
    assert box.letters(READER) == box.letters(COPIES) == []


@pytest.mark.parametrize("place", ["effect.before_call", "effect.after_call"])
def test_a_letter_that_nobody_can_look_for_goes_to_a_human_and_never_out_again(
    blind: House, box: Postbox, reaper: Reaper, place: str
) -> None:
    task = asked_for(blind)
    died = reaper.kill_in(place)

    live_on(blind, rounds=6, seconds=60)

    assert died == [place]
    assert "Nobody knows whether post.tell happened" in blind.task(task).sentence
    assert len(box.letters(READER)) == (1 if place == "effect.after_call" else 0)
    assert box.heard == []


def test_an_answer_that_was_lost_where_nobody_can_look_goes_to_a_human_and_never_out_again(
    blind: House, box: Postbox
) -> None:
    box.fault("dot", "drop")
    task = asked_for(blind)

    let_time_pass(blind, seconds=60)

    assert "Nobody knows whether post.tell happened" in blind.task(task).sentence
    assert len(box.letters(READER)) == 1


def test_a_yes_is_not_believed_where_nobody_can_look(blind: House, box: Postbox) -> None:
    asked_for(blind)

    let_time_pass(blind, seconds=60)

    assert_asked_once(blind, box)


def assert_asked_once(blind: House, box: Postbox) -> None:
    """The letter went once, and a person is asked whether it did."""
    assert len(box.letters(READER)) == 1
    assert [row.state for row in blind.rows("select state from effect")] == ["unknown"]
    asked = [row.card["question"] for row in blind.rows("select card from decision order by number")]
    assert len(asked) == 2  # whether to write, and whether it was written
    assert asked[1].endswith("Did post.tell happen?")


NOT_NOW = [
    ("connect", "say", {"code": 421, "text": "4.3.2 Closing"}),
    ("reader", "say", {"code": 451, "text": "4.7.1 Greylisted"}),
    ("data", "say", {"code": 451, "text": "4.3.0 Later"}),
    ("body", "drop", {}),
    ("dot", "say", {"code": 451, "text": "4.3.0 Later"}),
]


@pytest.mark.parametrize(("at", "kind", "fault"), NOT_NOW)
def test_a_letter_that_surely_did_not_go_is_sent_again_though_nobody_can_look(
    blind: House, box: Postbox, at: str, kind: str, fault: dict[str, Any]
) -> None:
    box.fault(at, kind, **fault)
    task = asked_for(blind)
    blind.work()
    assert (blind.task(task).waiting_for, blind.task(task).holds_subject) == ("time", True)

    let_time_pass(blind, seconds=60)

    assert_asked_once(blind, box)
    assert blind.rows("select performs from effect")[0].performs > 1
    assert_trail_is_whole(blind, task)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"at": "reader", "code": 550, "text": "5.1.1 No such user"}, "The address takes no mail (550)."),
        ({"at": "sender", "code": 550, "text": "5.7.1 Not you"}, "The mail server takes no letters from us (550)."),
    ],
)
def test_a_letter_that_is_refused_for_good_is_no_doubt_where_nobody_can_look(
    blind: House, box: Postbox, fault: dict[str, Any], told: str
) -> None:
    box.fault(**fault, kind="say", times=5)
    task = asked_for(blind)

    let_time_pass(blind, seconds=60)

    row = blind.task(task)
    assert row.state is TaskState.FAILED
    assert row.sentence.startswith(f"{told} Nothing was changed.")
    assert [row.state for row in blind.rows("select state from effect")] == ["disproved"]
    assert_trail_is_whole(blind, task)


def out_of_reach(blind: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nobody listens where the mail server was."""
    tool = blind.runner.systems["yard"]["post"]
    monkeypatch.setattr(tool._carrier, "_server", replace(tool._carrier._server, port=1))


def test_a_server_out_of_reach_is_one_outage_and_no_doubt_where_nobody_can_look(
    blind: House, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        out_of_reach(blind, away)
        tasks = [wish(blind, "letters", what) for what in ("shed", "hut")]
        blind.work()
        for task in tasks:
            press(blind, task, "nuno")
        let_time_pass(blind)

        assert [blind.task(task).waiting_for for task in tasks] == ["blocker", "blocker"]
        assert [row.system for row in blind.rows("select system from blocker")] == ["post"]
        assert [row.system for row in blind.rows("select system from circuit where opened_at is not null")] == ["post"]
        assert not any("Did post.tell happen?" in str(row.card) for row in blind.rows("select card from decision"))
        assert {row.state for row in blind.rows("select state from effect")} == {"intended"}

    let_time_pass(blind, seconds=700)

    assert [len(box.letters(f"{what}@yard.example")) for what in ("shed", "hut")] == [1, 1]
    assert {row.state for row in blind.rows("select state from effect")} == {"unknown"}


def test_a_letter_that_did_not_go_is_not_sent_once_its_task_was_cancelled(
    blind: House, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_reach(blind, monkeypatch)
    task = asked_for(blind)
    blind.work()
    assert blind.task(task).waiting_for == "time"

    recall(blind, task)
    let_time_pass(blind, seconds=60)

    assert blind.task(task).state is TaskState.CANCELLED
    assert [row.state for row in blind.rows("select state from effect")] == ["disproved"]
    assert_trail_is_whole(blind, task)


@pytest.mark.parametrize("place", ["intend.after_commit", "effect.before_call"])
def test_a_death_while_it_is_sent_again_is_a_doubt(blind: House, box: Postbox, reaper: Reaper, place: str) -> None:
    box.fault("connect", "say", code=421, text="4.3.2 Closing")
    task = asked_for(blind)
    blind.work()
    assert blind.task(task).waiting_for == "time"
    died = reaper.kill_in(place)

    live_on(blind, rounds=6, seconds=60)

    assert died == [place]
    assert "Nobody knows whether post.tell happened" in blind.task(task).sentence
    assert box.letters(READER) == []


def test_two_sends_of_one_key_at_once_are_the_same_letter(carrier: MailCarrier, box: Postbox) -> None:
    threads = [Thread(target=carrier.perform, args=("tell", ARGS, "k/1", NOW)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    first, second = box.letters(READER)
    assert first.as_bytes() == second.as_bytes()
    found = carrier.look("tell", ARGS, "k/1", NOW)
    assert found is not None
    assert (found.reference, found.args) == ("<k/1@yard.example>", ARGS)


def test_a_step_that_is_worked_twice_writes_one_letter(office: House, box: Postbox, reaper: Reaper) -> None:
    task = wish(office, "letters")
    died = reaper.kill_in("intend.before_commit")

    live_until_ended(office, task)

    assert died == ["intend.before_commit"]
    assert_told_once(office, box, task)


@pytest.mark.parametrize("place", ["effect.before_call", "effect.after_call"])
def test_who_takes_over_while_a_letter_is_being_sent_waits_and_finds_it(
    office: House, box: Postbox, reaper: Reaper, place: str
) -> None:
    task = wish(office, "letters")
    own_thread = ThreadPoolExecutor(1)
    heir = replace(office.runner, claimant=Claimant("heir", "default"), renewing=own_thread)
    seen: list[int] = []
    fences: list[int] = []

    def taken_over() -> bool:
        if not seen:
            seen.append(len(box.letters(READER)))
            fences.append(office.task(task).fence)
            office.wait(15)
            other = Thread(target=shift._work, args=(heir, "yard"))
            other.start()
            other.join(60)
            seen.append(len(box.letters(READER)))
            fences.append(office.task(task).fence)
        return False

    reaper.kill_when(place, taken_over)
    live_until_ended(office, task)
    own_thread.shutdown()

    assert fences[1] > fences[0]
    assert seen == ([0, 0] if place == "effect.before_call" else [1, 1])
    assert_told_once(office, box, task)


def test_runners_at_once_write_one_letter_for_each_task(office: House, box: Postbox) -> None:
    tasks = [wish(office, "letters", f"shed{number}") for number in range(6)]

    work_at_once(office)
    for task in tasks:
        live_until_ended(office, task)

    assert [office.task(task).state for task in tasks] == [TaskState.DONE] * 6
    assert [len(box.letters(f"shed{number}@yard.example")) for number in range(6)] == [1] * 6


@pytest.mark.parametrize(("at", "most"), [("data", 0), ("dot", 1)])
def test_a_call_is_over_before_another_can_begin(
    carrier: MailCarrier, box: Postbox, at: str, most: int, tmp_path: Path
) -> None:
    box.fault(at, "slow", seconds=6)

    with pytest.raises((TimeoutError, Transient)):
        carrier_to(HURRIED, tmp_path).perform("tell", ARGS, "k/1", NOW)

    letters = box.letters(READER)
    assert len(letters) <= most  # on a busy machine the time may be over before the dot
    assert (carrier.look("tell", ARGS, "k/1", NOW) is not None) == bool(letters)


def test_a_cap_on_readers_holds_letters_back(
    box: Postbox, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    cap = {"caps": {"customer": {"hour": {"recipients": 1}}}}
    with yard_that_writes(DECLARED, database_urls, valkey_server, home, **cap) as office:
        first, second = wish(office, "letters"), wish(office, "letters", "hut")

        let_time_pass(office)

        assert [office.task(one).state for one in (first, second)] == [TaskState.DONE, TaskState.WAITING]
        assert len(box.letters(COPIES)) == 1


def test_what_the_mailbox_shows_and_a_restored_record_does_not_know_is_listed(office: House, box: Postbox) -> None:
    task = wish(office, "letters")
    office.work()
    carrier_to(DECLARED, Path()).perform("tell", ARGS, "yard/T-99/tell/1/1", NOW)

    found = report(office.deployment, "yard", office.runner.systems["yard"])

    keys = [one.key for one in found.surplus]
    assert keys == ["yard/T-99/tell/1/1"]
    assert f"yard/T-{task}/tell/1/1" in carrier_to(DECLARED, Path()).keys("tell")
    assert found.unlisted == found.silent == ()


def test_a_look_takes_only_the_letter_that_carries_the_key(carrier: MailCarrier, box: Postbox) -> None:
    carrier.perform("tell", ARGS, "k/1", NOW)
    carrier.perform("tell", {**ARGS, "text": "Not yet."}, "k/11", NOW)

    found = carrier.look("tell", ARGS, "k/1", NOW)

    assert found is not None
    assert (found.reference, found.args) == ("<k/1@yard.example>", ARGS)
    assert found.at is not None
    assert abs(found.at - datetime.now(UTC).timestamp()) < 60
    assert carrier.look("tell", ARGS, "k/2", NOW) is None
    assert carrier.look("tell", ARGS, "k", NOW) is None


def test_a_letter_under_the_key_that_was_made_of_something_else_proves_nothing(carrier: MailCarrier) -> None:
    carrier.perform("tell", {**ARGS, "text": "Not yet."}, "k/1", NOW)

    found = carrier.look("tell", ARGS, "k/1", NOW)

    assert found == Seen("<k/1@yard.example>", {}, found.at if found else None)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"subject": "Ready\r\nBcc: all@yard.example"}, "has a line break or a control character in its subject"),
        ({"subject": "Ready\nBcc: all@yard.example"}, "has a line break or a control character in its subject"),
        ({"subject": "Ready\u2028Bcc: all@yard.example"}, "has a line break or a control character in its subject"),
        ({"subject": "x" * 1000}, "has a subject of 1010 characters"),
        ({"to": "shed@yard.example\r\nRCPT TO:<all@yard.example>"}, "is for something that is no address"),
        ({"to": "shed@yard.example, hut@yard.example"}, "is for something that is no address"),
        ({"to": "Shed <shed@yard.example>"}, "is for something that is no address"),
        ({"to": "shëd@yard.example"}, "is for something that is no address"),
        ({"to": "a..b@yard.example"}, "is for something that is no address"),
        ({"to": ""}, "is for something that is no address"),
        ({"text": "x" * 2000}, "has a text of 2,015 characters, and 2,000 are let"),
    ],
)
def test_what_would_be_another_letter_is_refused_in_words_and_not_sent(
    carrier: MailCarrier, box: Postbox, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(Deterministic, match=f"tell {told}: no letter was sent"):
        carrier.perform("tell", {**ARGS, **args}, "k/1", NOW)
    assert box.letters(COPIES) == []


@pytest.mark.parametrize("to", ["shed@elsewhere.example", "shed@sub.yard.example", "shed@yard.example.evil.example"])
def test_a_letter_goes_to_no_other_domain_than_the_declared_ones(carrier: MailCarrier, box: Postbox, to: str) -> None:
    with pytest.raises(Governance, match=r"tell may go to yard\.example only, and not to "):
        carrier.perform("tell", {**ARGS, "to": to}, "k/1", NOW)
    assert box.letters(COPIES) == []


@pytest.mark.parametrize(
    "text",
    [
        "One\r\n.\r\nMAIL FROM:<x@x.example>\r\n",
        "One\n.\nTwo",
        ".",
        "=?utf-8?q?=0ABcc:_x?=",
        "Grüße, 你好 \U0001f600",
        "x" * 1900,
    ],
)
def test_any_text_stays_one_letter(carrier: MailCarrier, box: Postbox, text: str) -> None:
    carrier.perform(
        "tell", {**ARGS, "text": text, "subject": text[:50].replace("\r", "").replace("\n", "")}, "k/1", NOW
    )

    (letter,) = box.letters(READER)
    shown = letter.get_payload(decode=True)
    assert isinstance(shown, bytes)
    assert shown.decode().replace("\r\n", "\n") == f"{text}\n\nSaid 1 times.\n".replace("\r\n", "\n")
    assert sorted(letter.keys()) == sorted(
        [*("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "X-Chargehand-Effect"), *CONTENT]
    )


CONTENT = ("Content-Type", "Content-Transfer-Encoding", "MIME-Version")


def test_the_longest_key_is_one_message_id(carrier: MailCarrier) -> None:
    key = f"{'c' * 48}/T-123456789/{'s' * 48}/12/3"

    carrier.perform("tell", ARGS, key, NOW)

    found = carrier.look("tell", ARGS, key, NOW)
    assert found is not None
    assert found.reference == f"<{key}@yard.example>"


def test_a_mailbox_that_answers_without_an_end_is_left_in_time(box: Postbox, tmp_path: Path) -> None:
    box.deaf = True

    with pytest.raises(Exception, match="The mailbox of copies could not be read") as late:
        carrier_to(HURRIED, tmp_path).look("tell", ARGS, "k/1", NOW)

    box.deaf = False
    failed = classify(late.value, system="post")
    assert (failed.kind, failed.cause) == ("transient", "post")


def test_a_mail_server_that_is_away_is_an_outage_of_its_system(
    box: Postbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YARD_SMTP", "smtp://127.0.0.1:1?tls=none")

    with pytest.raises(Exception, match="was not reached") as away:
        carrier_to(DECLARED, tmp_path).perform("tell", ARGS, "k/1", NOW)

    failed = classify(away.value, system="post")
    assert (failed.case, failed.cause) == ("network", "post")


@pytest.mark.parametrize(
    "imap",
    [
        "imap://copies%40yard.example:wrong@{0}/All%20copies?tls=none",
        "imap://copies%40yard.example:hu%22sh@{0}/Gone?tls=none",
    ],
)
def test_a_mailbox_that_can_not_be_opened_is_no_sign_that_the_letter_is_missing(
    box: Postbox, imap: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YARD_IMAP", imap.format(f"127.0.0.1:{box.imap_port}"))
    carrier = carrier_to(DECLARED, tmp_path)
    carrier.perform("tell", ARGS, "k/1", NOW)

    with pytest.raises(Exception, match="The mailbox of copies could not be read"):
        carrier.look("tell", ARGS, "k/1", NOW)


def test_a_mailbox_is_read_over_tls_from_a_server_that_is_trusted_only(
    box: Postbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YARD_IMAP", box.imaps)
    carrier = carrier_to(DECLARED, tmp_path)
    carrier.perform("tell", ARGS, "k/1", NOW)

    with pytest.raises(Transient, match=r"could not be read: SSLCertVerificationError"):
        carrier.look("tell", ARGS, "k/1", NOW)
    assert box.heard == []
    monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
    found = carrier.look("tell", ARGS, "k/1", NOW)

    assert found is not None
    assert found.reference == "<k/1@yard.example>"


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [
        ("YARD_SMTP", "hush", "YARD_SMTP: write smtp://user:password@host:587"),
        ("YARD_SMTP", "", "YARD_SMTP is not set, and company.yaml names it for post"),
        ("YARD_IMAP", "", "YARD_IMAP is not set, and company.yaml names it for post"),
        ("YARD_IMAP", "hush", "YARD_IMAP, the mailbox of post: it is no mailbox"),
        ("YARD_IMAP", "imaps://mail.yard.example/Sent", "it is no mailbox"),
        ("YARD_IMAP", "imap://me:hush@mail.yard.example/Sent?tls=none", "a password would be sent in the clear"),
        ("YARD_IMAP", "imaps://me:hush@mail.yard.example/Sent?tls=starttls", "imaps is always protected"),
        ("YARD_IMAP", "imaps://me:hush@mail.yard.example:99999/Sent", "its port is no number"),
        ("YARD_IMAP", "imaps://me:hush@mail.yard.example/S%0D%0Ant", "of plain letters"),
    ],
)
def test_an_address_that_can_not_be_used_is_told_without_showing_it(
    box: Postbox, name: str, address: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, address)

    with pytest.raises(BadSettings, match=told) as refused:
        carrier_to(DECLARED, tmp_path)

    assert "hush" not in str(refused.value)
