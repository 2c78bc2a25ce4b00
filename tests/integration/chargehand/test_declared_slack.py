"""A Slack team that is declared by its messages: each is posted once, whatever dies, breaks off or is refused."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.sandbox_config import APP
from chargehand.settings import BadSettings
from chargehand.systems.carriers import carrier_of
from chargehand.systems.slack import SlackCarrier
from contracts.authoring import Deterministic, Governance, Seen, Transient
from contracts.company import System
from contracts.vocabulary import TaskState
from engine.failures import classify
from engine.reconciling import reconcile, report
from notifications.slack import calling
from sandbox.app import create_app
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.serving import served
from tests.builders import House
from tests.integration.engine.dying import NthPass, Reaper, live_until_ended
from tests.integration.engine.worlds import assert_trail_is_whole
from tests.integration.engine.yard import lane, step, wish, work_at_once, worker, yard_again, yard_with
from tests.plain_http import plain_client

TEAM, TOKEN, CHANNEL, POST, HISTORY = "T0YARD", "xoxb-yard", "C0SHED", "chat.postMessage", "conversations.history"
NOTE: Mapping[str, Any] = {
    "blast": "record",
    "takes": {"what": "text", "size": "integer?"},
    "channel": CHANNEL,
    "text": "*Ready*: {what} ({size})",
    "lag": "10s",
    "timeout": "30s",
}
DECLARED: Mapping[str, Any] = {
    "token": "YARD_SLACK",
    "effects": {
        "note": NOTE,
        "whisper": {**NOTE, "channel": "U0INES"},
        "elsewhere": {**NOTE, "channel": "C0OTHER"},
        "nowhere": {**NOTE, "channel": "C0NOWHERE"},
        "old": {**NOTE, "channel": "C0OLD"},
        "stranger": {**NOTE, "channel": "U0NOBODY"},
    },
    "deletes": {"retract": {"of": "note"}, "hush": {"of": "whisper"}},
}
CODE = """
from chargehand import Deterministic


@worker
def note(request: Wish, desk: Desk) -> Proposal[Noted]:
    return desk.team.note(what=request.what, size=3, because="it is wanted")


@worker
def check(noted: Noted, desk: Desk) -> Noted:
    raise Deterministic("There is no shed.")
"""
MODELS = """

class Noted(BaseModel, frozen=True, extra="forbid", strict=True):
    reference: str
    what: str
"""
ARGS = {"what": "shed", "size": 3}


@dataclass(slots=True)
class Played:
    """The played Slack; `time` is what its clock goes by."""

    address: str
    http: httpx2.Client
    time: Callable[[], float] = time.time

    def now(self) -> float:
        """The moment it is in Slack."""
        return self.time()

    def fault(self, method: str, kind: str, **more: Any) -> None:
        """Have a call go wrong."""
        fault = {"on": "call", "method": method, "kind": kind, **more}
        assert self.http.post(f"{self.address}/sandbox/faults", json=fault).status_code == 200

    def look(self, what: str, **query: str) -> list[dict[str, Any]]:
        """What people, or the test, see there."""
        found: list[dict[str, Any]] = self.http.get(f"{self.address}/sandbox/api/{TEAM}/{what}", params=query).json()
        return found

    def texts(self) -> list[str]:
        """What stands in the channel, oldest first."""
        return [one["text"] for one in self.look("messages", channel=CHANNEL)]

    def posted(self) -> int:
        """How many times something was to be posted."""
        return len(self.look("calls", method=POST))


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """The team, with a channel where the app is, one where it is not, and one that is archived."""
    channels = [
        {"id": CHANNEL, "name": "shed", "members": ["U0INES"]},
        {"id": "C0OTHER", "name": "other", "members": ["U0INES"], "bot_is_member": False},
        {"id": "C0OLD", "name": "old", "members": ["U0INES"], "archived": True},
    ]
    team = {
        "id": TEAM,
        "domain": "yard",
        "name": "The yard",
        "signing_secret": "0123456789abcdef0123456789abcdef",
        "bot_token": TOKEN,
        "request_url": "http://127.0.0.1:1/slack/events",
        "app": {**APP, "events": []},
        "users": [{"id": "U0INES", "name": "ines", "real_name": "Inês Prata", "email": "ines@yard.example"}],
        "channels": channels,
    }
    config = Config.model_validate({"teams": [team]}, strict=False)
    with plain_client(timeout=30) as http:
        found = Played("", http)
        app = create_app(config, clock=Clock(source=found.now))
        with served(app) as found.address:
            monkeypatch.setenv("SLACK_API_URL", f"{found.address}/api/")
            monkeypatch.setenv("YARD_SLACK", TOKEN)
            yield found


def carrier_in(home: Path) -> SlackCarrier:
    """What posts and looks as it is declared."""
    system = System.model_validate({"title": "The team", "slack": DECLARED}, strict=False)
    found = carrier_of("team", system, home)
    assert isinstance(found, SlackCarrier)
    return found


@pytest.fixture
def carrier(slack: Played, tmp_path: Path) -> SlackCarrier:
    """What posts there, and looks there."""
    return carrier_in(tmp_path)


@pytest.fixture
def now(slack: Played, carrier: SlackCarrier) -> int:
    """Slack's own time."""
    carrier.perform("note", {"what": "clock", "size": None}, "k/clock", 0)
    return int(float(slack.look("messages", channel=CHANNEL)[-1]["ts"]))


@pytest.fixture
def office(slack: Played, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """A yard whose messages are declared; nothing of its tool is code."""
    files = lane(
        "notes",
        {"noter": worker("requester", "request", "noted", reads=[], writes=["team.note"])},
        [step("note", "noter", "Noted", "noted")],
        CODE,
        models=MODELS,
    )
    systems = {"team": {"title": "The team", "slack": DECLARED}}
    with yard_with(files, database_urls, valkey_server.url, home, systems=systems) as found:
        slack.time = lambda: time_of(found)
        yield found


def say(slack: Played, text: str, **more: Any) -> dict[str, Any]:
    """What else the app says in the channel, beside all effects."""
    said = {"channel": CHANNEL, "text": text, **more}
    answer = slack.http.post(
        f"{slack.address}/api/{POST}", json=said, headers={"Authorization": f"Bearer {TOKEN}"}
    ).json()
    assert answer["ok"], answer
    return dict(answer)


def time_of(office: House) -> float:
    """The record's time, which tests move: Slack's goes with it."""
    return float(office.rows("select extract(epoch from chargehand_now()) as at")[0].at)


def assert_noted_once(office: House, slack: Played, task: int) -> None:
    """Done, verified, and one message in the channel that carries the key."""
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    (message,) = slack.look("messages", channel=CHANNEL)
    assert message["text"] == "*Ready*: shed (3)"
    assert message["metadata"]["event_payload"]["key"] == f"yard/T-{task}/note/1/1"
    assert office.rows("select seen from effect")[0].seen["reference"] == message["ts"]
    assert_trail_is_whole(office, task)


def test_a_message_is_posted_and_found_again_without_a_line_of_code(office: House, slack: Played) -> None:
    task = wish(office, "notes")

    office.work()

    assert_noted_once(office, slack, task)
    assert (slack.posted(), len(slack.look("calls", method=HISTORY))) == (1, 1)


@pytest.mark.parametrize(
    "place", ["intend.before_commit", "effect.before_call", "effect.after_call", "verify.after_look"]
)
def test_a_message_is_posted_once_wherever_its_runner_dies(
    office: House, slack: Played, reaper: Reaper, place: str
) -> None:
    task = wish(office, "notes")
    died = reaper.kill_in(place)

    live_until_ended(office, task)

    assert died == [place]
    assert_noted_once(office, slack, task)
    assert slack.posted() == 1


def test_a_message_is_posted_once_when_the_runner_dies_at_any_pass_of_any_place(
    office: House, slack: Played, reaper: Reaper
) -> None:
    def noted(what: str, nth: int) -> NthPass:
        task = wish(office, "notes", what)
        armed = reaper.kill_at(nth)
        live_until_ended(office, task)
        assert office.task(task).state is TaskState.DONE, armed.passed
        assert slack.texts().count(f"*Ready*: {what} (3)") == 1, armed.passed
        return armed

    places = len(noted("shed0", 0).passed)

    for nth in range(1, places + 1):
        assert len(noted(f"shed{nth}", nth).passed) >= nth
    assert places > 8


@pytest.mark.parametrize("kind", ["reset_after_accept", "html", "status"])
def test_a_post_that_was_taken_and_not_answered_is_found_and_not_repeated(
    office: House, slack: Played, kind: str
) -> None:
    slack.fault(POST, kind, accepted=True)
    task = wish(office, "notes")

    live_until_ended(office, task)

    assert_noted_once(office, slack, task)
    assert slack.posted() == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "ratelimited", "retry_after": "7"},
        {"kind": "status", "status": 503},
        {"kind": "error", "error": "internal_error"},
        {"kind": "reset_after_accept", "accepted": False},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_post_that_did_not_arrive_is_made_again(office: House, slack: Played, fault: dict[str, Any]) -> None:
    slack.fault(POST, **fault)
    task = wish(office, "notes")

    live_until_ended(office, task)

    assert_noted_once(office, slack, task)
    assert slack.posted() == 2


def test_nothing_is_posted_again_while_the_look_is_refused(office: House, slack: Played) -> None:
    slack.fault(POST, "reset_after_accept")
    slack.fault(HISTORY, "status", status=502, times=3)
    task = wish(office, "notes")

    live_until_ended(office, task)

    assert_noted_once(office, slack, task)
    assert slack.posted() == 1


def test_a_message_that_a_restored_record_does_not_know_is_found_and_not_repeated(
    office: House, slack: Played, home: Path
) -> None:
    task = wish(office, "notes")
    carrier_in(home).perform("note", ARGS, f"yard/T-{task}/note/1/1", 0)
    office.wait(3600)

    reconcile(office.deployment, "yard", office.runner.systems["yard"], by="rosa", because="the disk broke")
    live_until_ended(office, task)

    assert_noted_once(office, slack, task)
    assert slack.posted() == 1


def test_what_was_posted_after_the_backup_is_reported_and_never_posted_again(
    office: House, slack: Played, backup: Callable[[House], DatabaseUrls], valkey_server: Valkey, home: Path
) -> None:
    known = wish(office, "notes")
    copy = backup(office)
    office.work()
    later = wish(office, "notes", "hut")
    office.work()
    assert slack.posted() == 2

    with yard_again(copy, valkey_server.url, home) as again:
        slack.time = lambda: time_of(again)
        found = reconcile(again.deployment, "yard", again.runner.systems["yard"], by="rosa", because="the disk broke")
        live_until_ended(again, known)

        assert {(one.tool, one.key): one.known.partition(",")[0] for one in found.surplus} == {
            ("team.note", f"yard/T-{known}/note/1/1"): "the record has the task as ready",
            (
                "team.note",
                f"yard/T-{later}/note/1/1",
            ): "the record has no such task: whoever asked for it has to be told by a person",
        }
        assert again.task(known).state is TaskState.DONE
    assert slack.posted() == 2


def test_a_conversation_that_can_not_be_read_is_told_with_slacks_word(office: House, slack: Played) -> None:
    found = report(office.deployment, "yard", office.runner.systems["yard"])

    assert set(found.unlisted) == {"team.hush", "team.retract"}
    assert set(found.silent) == {"team.elsewhere", "team.nowhere", "team.stranger"}
    assert "(not_in_channel)" in found.reasons["team.elsewhere"]
    assert "(channel_not_found)" in found.reasons["team.nowhere"]


def test_keys_are_listed_page_by_page_to_the_first_message(
    carrier: SlackCarrier, slack: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargehand.systems.slack._PAGE", 2)
    for number in range(5):
        carrier.perform("note", ARGS, f"k/{number}", 0)
        say(slack, "A card", metadata={"event_type": "chargehand_message", "event_payload": {"outbox": number}})
    say(
        slack, "Another's", metadata={"event_type": "chargehand_effect", "event_payload": {"effect": "nte", "key": "k"}}
    )
    carrier.perform("whisper", ARGS, "k/whispered", 0)

    assert carrier.keys("note") == [f"k/{number}" for number in (4, 3, 2, 1, 0)]
    assert len(slack.look("calls", method=HISTORY)) == 6
    assert carrier.keys("whisper") == ["k/whispered"]


def test_a_message_that_was_taken_back_is_not_listed(carrier: SlackCarrier, now: int) -> None:
    carrier.perform("note", ARGS, "k/1", now)
    found = carrier.look("note", ARGS, "k/1", now)
    assert found is not None

    carrier.perform("retract", {"reference": found.reference}, "k/2", now)

    assert carrier.keys("note") == ["k/clock"]


def test_a_limit_of_slacks_is_waited_for_while_keys_are_listed(
    carrier: SlackCarrier, slack: Played, pauses: list[float]
) -> None:
    carrier.perform("note", ARGS, "k/1", 0)
    slack.fault(HISTORY, "ratelimited", retry_after="30", times=2)

    assert carrier.keys("note") == ["k/1"]
    assert pauses == [30, 30]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"kind": "status", "status": 502}, "provider_down"),
        ({"kind": "html"}, "provider_down"),
        ({"kind": "ratelimited", "retry_after": "600"}, "rate_limit"),
        ({"kind": "error", "error": "missing_scope"}, "rights"),
    ],
    ids=lambda one: one["kind"] if isinstance(one, dict) else one,
)
def test_a_history_that_is_not_given_is_no_empty_one(
    carrier: SlackCarrier, slack: Played, fault: dict[str, Any], told: str
) -> None:
    carrier.perform("note", ARGS, "k/1", 0)
    slack.fault(HISTORY, **fault)

    with pytest.raises((Transient, Governance)) as refused:
        carrier.keys("note")

    assert classify(refused.value, system="team").case == told


@pytest.mark.parametrize("answer", [{}, {"messages": None}, {"messages": [], "has_more": True}])
def test_an_answer_that_shows_no_messages_is_no_empty_history(
    answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = FastAPI()

    @app.post("/conversations.history")
    @app.get("/conversations.history")
    async def history() -> dict[str, Any]:
        return {"ok": True, **answer}

    monkeypatch.setenv("YARD_SLACK", TOKEN)
    with served(app) as address:
        monkeypatch.setenv("SLACK_API_URL", f"{address}/")

        with pytest.raises(Transient, match="unreadable answer"):
            carrier_in(tmp_path).keys("note")


def test_runners_at_once_post_one_message_for_each_task(office: House, slack: Played) -> None:
    tasks = [wish(office, "notes", f"shed{number}") for number in range(6)]

    work_at_once(office)
    for task in tasks:
        live_until_ended(office, task)

    assert [office.task(task).state for task in tasks] == [TaskState.DONE] * 6
    assert sorted(slack.texts()) == [f"*Ready*: shed{number} (3)" for number in range(6)]


def test_a_message_that_slack_refuses_fails_with_its_word_and_is_not_repeated(office: House, slack: Played) -> None:
    slack.fault(POST, "error", error="channel_not_found", times=5)
    task = wish(office, "notes")

    live_until_ended(office, task)

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert "The other side does not have it (channel_not_found). It was read back: nothing was changed." in row.sentence
    assert slack.posted() == 1


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("elsewhere", "not_in_channel"),
        ("nowhere", "channel_not_found"),
        ("old", "is_archived"),
        ("stranger", "channel_not_found"),
    ],
)
def test_a_place_where_nothing_can_be_posted_is_told(carrier: SlackCarrier, name: str, word: str) -> None:
    with pytest.raises(Deterministic, match=word) as refused:
        carrier.perform(name, ARGS, "k/1", 0)

    assert refused.value.case == "not_found"


@pytest.mark.parametrize(
    ("error", "kind", "case"),
    [
        ("invalid_auth", Governance, "rights"),
        ("missing_scope", Governance, "rights"),
        ("token_revoked", Governance, "rights"),
        ("user_not_found", Deterministic, "not_found"),
        ("msg_too_long", Deterministic, "rejected"),
        ("a_new_word", Deterministic, "rejected"),
        ("fatal_error", Transient, "provider_down"),
        ("ratelimited", Transient, "rate_limit"),
    ],
)
def test_each_word_of_slack_has_its_class(
    carrier: SlackCarrier, slack: Played, error: str, kind: type[Exception], case: str
) -> None:
    slack.fault(POST, "error", error=error)

    with pytest.raises(kind) as refused:
        carrier.perform("note", ARGS, "k/1", 0)

    assert classify(refused.value, system="team").case == case


def test_a_limit_is_told_with_the_time_after_which_to_come_back(carrier: SlackCarrier, slack: Played) -> None:
    slack.fault(POST, "ratelimited", retry_after="7")

    with pytest.raises(Transient) as limited:
        carrier.perform("note", ARGS, "k/1", 0)

    failed = classify(limited.value, system="team")
    assert (failed.case, failed.retry_after_s, failed.cause) == ("rate_limit", 7.0, "team")


def test_a_wrong_token_is_no_right(slack: Played, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YARD_SLACK", "xoxb-of-another-team")

    with pytest.raises(Governance, match="invalid_auth") as refused:
        carrier_in(tmp_path).perform("note", ARGS, "k/1", 0)

    assert "xoxb" not in str(refused.value)


def test_a_slack_that_is_away_is_an_outage_of_its_system(
    slack: Played, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")

    with pytest.raises(Transient) as away:
        carrier_in(tmp_path).perform("note", ARGS, "k/1", 0)

    assert (away.value.case, away.value.cause) == ("network", "team")


def test_a_slack_that_says_nothing_is_left_in_time(
    carrier: SlackCarrier, slack: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "CALL_S", 4.0)
    slack.fault(POST, "timeout", seconds=60)

    with pytest.raises((Transient, TimeoutError)):
        carrier.perform("note", ARGS, "k/1", 0)

    assert slack.texts() == ["*Ready*: shed (3)"]


def test_a_look_takes_only_the_message_that_carries_the_key(carrier: SlackCarrier, slack: Played, now: int) -> None:
    carrier.perform("note", ARGS, "k/1", now)
    carrier.perform("note", ARGS, "k/11", now)

    found = carrier.look("note", ARGS, "k/1", now)

    ts = slack.look("messages", channel=CHANNEL)[1]["ts"]
    assert found == Seen(ts, ARGS, int(float(ts)))
    assert carrier.look("note", ARGS, "k", now) is None
    assert carrier.look("note", ARGS, "k/2", now) is None


def test_a_message_under_the_key_that_was_made_of_something_else_proves_nothing(
    carrier: SlackCarrier, now: int
) -> None:
    carrier.perform("note", {**ARGS, "size": 4}, "k/1", now)

    found = carrier.look("note", ARGS, "k/1", now)

    assert found is not None
    assert found.args == {}


def test_a_person_is_told_in_their_direct_message_and_it_is_found_there(carrier: SlackCarrier, now: int) -> None:
    carrier.perform("whisper", ARGS, "k/1", now)

    found = carrier.look("whisper", ARGS, "k/1", now)

    assert found is not None
    assert carrier.look("note", ARGS, "k/1", now) is None


def test_a_look_reads_only_what_can_have_been_posted_since(carrier: SlackCarrier, slack: Played, now: int) -> None:
    carrier.look("note", ARGS, "k/1", now)

    (asked,) = slack.look("calls", method=HISTORY)
    assert float(asked["args"]["oldest"]) == now - 300
    assert str(asked["args"]["include_all_metadata"]) in ("True", "true", "1")


def test_what_is_written_into_a_message_neither_mentions_nor_formats(carrier: SlackCarrier, slack: Played) -> None:
    carrier.perform("note", {"what": "<!channel> & *all* <@U0INES>\nhut", "size": None}, "k/1", 0)

    assert slack.texts() == ["*Ready*: &lt;!channel&gt; &amp; ∗all∗ &lt;@U0INES&gt;\nhut ()"]


@pytest.mark.parametrize("what", ["x" * 4000, "<" * 1200])
def test_a_message_that_slack_would_cut_off_is_not_posted(carrier: SlackCarrier, slack: Played, what: str) -> None:
    with pytest.raises(Deterministic, match="nothing was posted"):
        carrier.perform("note", {"what": what, "size": None}, "k/1", 0)
    assert slack.posted() == 0


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_a_message_is_taken_back_when_its_task_fails_later_whatever_dies(
    slack: Played, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, reaper: Reaper, nth: int
) -> None:
    undo = {"by": "team.retract", "after": ["failed"]}
    files = lane(
        "notes",
        {
            "noter": worker("checker", "request", "noted", reads=[], writes=["team.note"]),
            "checker": worker("requester", "noted", "checked", reads=[]),
        },
        [step("note", "noter", "Noted", "noted", undo=undo), step("check", "checker", "Noted", "checked")],
        CODE,
        models=MODELS,
    )
    systems = {"team": {"title": "The team", "slack": DECLARED}}
    with yard_with(files, database_urls, valkey_server.url, home, systems=systems) as office:
        slack.time = lambda: time_of(office)
        task = wish(office, "notes")
        died = reaper.kill_in("effect.after_call", passes=(nth,))

        live_until_ended(office, task)

        assert len(died) == min(nth, 1)
        assert office.task(task).state is TaskState.FAILED
        assert slack.texts() == []
        assert (slack.posted(), len(slack.look("calls", method="chat.delete"))) == (1, 1)
        states = office.rows("select tool, state from effect order by intended_at")
        assert [tuple(one) for one in states] == [("team.note", "verified"), ("team.retract", "verified")]
        assert_trail_is_whole(office, task)


def test_only_a_message_of_its_effect_is_deleted(carrier: SlackCarrier, slack: Played, now: int) -> None:
    carrier.perform("whisper", ARGS, "k/1", now)
    found = carrier.look("whisper", ARGS, "k/1", now)
    assert found is not None
    (clock,) = slack.look("messages", channel=CHANNEL)

    for _ in range(2):
        carrier.perform("hush", {"reference": found.reference}, "k/2", now)
    carrier.perform("retract", {"reference": "1700000000.000100"}, "k/3", now)

    assert carrier.look("hush", {"reference": found.reference}, "k/2", now) is not None
    assert carrier.look("whisper", ARGS, "k/1", now) is None
    assert carrier.look("retract", {"reference": clock["ts"]}, "k/4", now) is None
    assert slack.texts() == [clock["text"]]


def test_what_else_the_app_has_said_is_not_deleted(carrier: SlackCarrier, slack: Played) -> None:
    posted = say(slack, "A card")

    with pytest.raises(Governance, match="retract deletes messages of note only"):
        carrier.perform("retract", {"reference": posted["ts"]}, "k/1", 0)

    assert slack.texts() == ["A card"]


def test_a_token_that_is_not_set_is_told(slack: Played, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YARD_SLACK", "")

    with pytest.raises(BadSettings, match=r"YARD_SLACK is not set, and company\.yaml names it for team"):
        carrier_in(tmp_path)
