"""In Slack anyone says that a result is wrong by a button or in plain words, and its owner closes it with a form."""

from typing import Any

import psycopg
import pytest

from chargehand.embedded.addresses import DatabaseUrls
from tests.integration.gateway.world import CHANNEL, World, eventually

ENDING = {"minutes": {"value": {"type": "number_input", "value": "12"}}}


def chosen(cause: str) -> dict[str, Any]:
    return {"cause": {"value": {"type": "static_select", "selected_option": {"value": cause}}}}


def done(world: World, **request: Any) -> int:
    """A refund that Anna asked for in the channel, paid."""
    task = world.house.asked(by="anna", **request)
    world.house.work()
    return task


def incidents(world: World) -> list[Any]:
    return world.house.rows("select * from incident order by number")


def heard(world: World, user: str, words: str, channel: str = CHANNEL) -> list[str]:
    found: list[str] = eventually(lambda: [said for said in world.heard(user, channel) if words in said])
    return found


def dm(world: World, user: str) -> str:
    found = eventually(lambda: [one["id"] for one in world.look("channels", user=user) if one["is_im"]])
    return str(found[0])


def posted(world: World, user: str, channel: str, words: str) -> dict[str, Any]:
    """The message that has these words, once its place is recorded."""

    def there() -> dict[str, Any] | None:
        found = [one for one in world.look("messages", user=user, channel=channel) if words in str(one)]
        settled = not world.house.rows("select 1 from outbox where state in ('sending', 'pending')")
        return found[0] if found and settled else None

    found: dict[str, Any] = eventually(there)
    assert found, words
    return {"channel": channel, **found}


@pytest.mark.usefixtures("courier")
def test_the_button_on_the_result_opens_a_form_that_puts_it_on_record(world: World) -> None:
    task = done(world)
    message = posted(world, "U0TOMAS", CHANNEL, "Done: 42.00 USD refunded")

    opened = world.act("click", "U0TOMAS", channel=CHANNEL, ts=message["ts"], action_id="task.wrong", wait_for_view=30)
    filled = {"wrong": {"value": "The wrong customer."}, "minutes": {"value": "5"}, "cause": {"value": "data"}}
    answer = world.act("submit", "U0TOMAS", view_id=opened["view"]["id"], values=filled)

    assert answer["status"] == 200
    assert heard(world, "U0TOMAS", "Mei-Lin Zhao looks into it.")
    (row,) = incidents(world)
    assert (row.task, row.reported_by, row.sentence) == (task, "tomas", "The wrong customer.")
    assert (row.cause, row.correction_s) == ("data", 300)
    assert "T-" in str(opened["view"]["blocks"][0])
    posted(world, "U0TOMAS", CHANNEL, f"Said to be wrong: incident {row.number} is open.")
    posted(world, "U0MEI", dm(world, "U0MEI"), "Tomás Herrera says that this is wrong")


@pytest.mark.usefixtures("courier")
def test_its_owner_closes_it_with_a_form_and_the_same_message_says_how(world: World) -> None:
    task = done(world)
    world.submit("U0ANNA", "task.said_wrong", {"task": task, "channel": CHANNEL}, wrong="The wrong customer.")
    card = posted(world, "U0MEI", dm(world, "U0MEI"), "Anna Kowalczyk says that this is wrong")

    opened = world.act(
        "click", "U0MEI", channel=card["channel"], ts=card["ts"], action_id="incident.close", wait_for_view=30
    )
    view = opened["view"]["id"]
    early = world.submitted("U0MEI", "incident.closing", ENDING, note=opened["view"]["private_metadata"])
    ended = world.act(
        "submit", "U0MEI", view_id=view, values={"minutes": {"value": "12"}, "cause": {"value": "stale_facts"}}
    )

    assert set(early.json()["errors"]) == {"cause"}
    assert ended["status"] == 200
    closed = posted(world, "U0MEI", card["channel"], "Mei-Lin Zhao closed it: stale facts, 12 min to put right.")
    assert (closed["ts"], "incident.close" in str(closed)) == (card["ts"], False)
    posted(world, "U0ANNA", CHANNEL, "This was wrong: stale facts, 12 min to put right")
    assert incidents(world)[0].closed_by == "mei"
    assert [row.reference for row in world.rows() if row.kind == "view_submission"] == [f"T-{task}"] * 2


def test_the_same_form_sent_twice_is_one_incident(world: World) -> None:
    task = done(world)

    for view_id in ("V1", "V1", "V2"):
        world.submit("U0ANNA", "task.said_wrong", {"task": task, "channel": CHANNEL}, view_id=view_id, wrong="Wrong.")

    assert heard(world, "U0ANNA", "That is on record already")
    assert len(incidents(world)) == 1
    assert {(row.became, row.reference) for row in world.rows() if row.handled_at} == {("task", f"T-{task}")}


def test_somebody_who_does_not_answer_for_it_hears_who_does(world: World) -> None:
    task = done(world)
    world.submit("U0ANNA", "task.said_wrong", {"task": task, "channel": CHANNEL}, wrong="The wrong customer.")
    number = eventually(lambda: [row.number for row in incidents(world)])[0]

    world.submitted(
        "U0ANNA", "incident.closing", ENDING | chosen("data"), note=f'{{"incident": {number}, "channel": "{CHANNEL}"}}'
    )

    assert heard(world, "U0ANNA", f"can close incident {number}")
    assert incidents(world)[0].closed_at is None


def test_made_up_buttons_and_forms_change_nothing(world: World) -> None:
    done(world)

    for action, value in (("task.wrong", {"task": 99999}), ("incident.close", {"incident": 7}), ("task.wrong", "x")):
        world.press("U0ANNA", action, value)
    refused = world.submit("U0ANNA", "task.said_wrong", {"task": "all"}, wrong="The wrong customer.")
    elsewhere = world.submit("U0ANNA", "task.said_wrong", {"task": 99999, "channel": CHANNEL}, wrong="Not mine.")

    assert (refused.status_code, elsewhere.status_code) == (400, 200)
    assert heard(world, "U0ANNA", "There is no task T-99999.")
    assert eventually(lambda: len(heard(world, "U0ANNA", "There is no such")) == 3)
    assert incidents(world) == []


def said(world: World) -> list[Any]:
    """What came of Anna's messages."""
    events = [row for row in world.rows() if row.kind == "event"]
    return [row for row in events if row.body["payload"]["event"].get("user") == "U0ANNA"]


_PLACE = "select ts from outbox where message = 'task' and task = %s"
_UNRECORDED = "update outbox set state = 'sending', sending_at = now(), ts = null where message = 'task' and task = %s"
_RECORDED = "update outbox set state = 'sent', ts = %s where message = 'task' and task = %s"


class TestReplies:
    """What people write below a result."""

    pytestmark = pytest.mark.usefixtures("courier")

    @pytest.fixture
    def own(self, world: World) -> tuple[int, dict[str, Any]]:
        """A refund that Anna asked for at the app's home, and the message in her DM that tells of it."""
        wanted: dict[str, Any] = {"order": "1234", "amount": 4200, "reason": "The parcel was lost."}
        task = world.house.wanted("refunds", by="anna", **wanted)
        world.house.work()
        return task, posted(world, "U0ANNA", dm(world, "U0ANNA"), "Done: 42.00 USD refunded")

    @pytest.mark.parametrize("words", ["this is wrong", "That's the wrong customer, it should be Ada."])
    def test_a_plain_word_of_the_requester_is_an_incident(
        self, world: World, own: tuple[int, dict[str, Any]], words: str
    ) -> None:
        task, message = own

        world.act("message", "U0ANNA", channel=message["channel"], thread_ts=message["ts"], text=words)

        (row,) = eventually(lambda: incidents(world))
        assert (row.task, row.reported_by, row.sentence) == (task, "anna", words)
        assert heard(world, "U0ANNA", "looks into it", message["channel"])

    @pytest.mark.parametrize("words", ["is this wrong?", "hm, let me call them"])
    def test_a_doubtful_one_is_asked_back(self, world: World, own: tuple[int, dict[str, Any]], words: str) -> None:
        task, message = own

        world.act("message", "U0ANNA", channel=message["channel"], thread_ts=message["ts"], text=words)

        assert heard(world, "U0ANNA", f"Do you mean that the result of T-{task} is wrong?", message["channel"])
        assert incidents(world) == []

    def test_a_reply_that_comes_before_its_message_is_recorded_is_heard_after_that(
        self, world: World, own: tuple[int, dict[str, Any]], morning_urls: DatabaseUrls
    ) -> None:
        """As where the courier dies in between."""
        task, message = own
        with psycopg.connect(morning_urls.owner.replace("+psycopg", ""), autocommit=True) as owner:
            (live,) = owner.execute(_PLACE, [task]).fetchone() or ("",)
            owner.execute(_UNRECORDED, [task])
            world.act("message", "U0ANNA", channel=message["channel"], thread_ts=live, text="this is wrong")
            early = not eventually(lambda: [row for row in said(world) if row.handled_at], within_s=1.0)
            owner.execute(_RECORDED, [live, task])
            owner.execute("update delivery set due_at = now() where handled_at is null")

        assert early
        (row,) = eventually(lambda: incidents(world))
        assert row.task == task

    def test_thanks_need_no_answer(self, world: World, own: tuple[int, dict[str, Any]]) -> None:
        _, message = own

        world.act("message", "U0ANNA", channel=message["channel"], thread_ts=message["ts"], text="thank you!")

        assert eventually(lambda: [row for row in world.rows() if row.why == "no word that a result is wrong"])
        assert world.heard("U0ANNA", message["channel"]) == []

    def test_in_a_channel_anyone_says_it_by_naming_us(self, world: World) -> None:
        task = done(world)
        message = posted(world, "U0TOMAS", CHANNEL, "Done: 42.00 USD refunded")

        world.act("mention", "U0TOMAS", channel=CHANNEL, thread_ts=message["ts"], text="that's the wrong customer")

        (row,) = eventually(lambda: incidents(world))
        assert (row.task, row.reported_by, row.sentence) == (task, "tomas", "that's the wrong customer")

    def test_a_bystander_and_talk_beside_the_thread_say_nothing(self, world: World) -> None:
        done(world)
        message = posted(world, "U0TOMAS", CHANNEL, "Done: 42.00 USD refunded")
        said = {"type": "message", "channel": CHANNEL, "channel_type": "channel", "text": "this is wrong"}

        world.event("Ev1", {**said, "user": "U0TOMAS", "thread_ts": message["ts"], "ts": "1.1"})
        world.event("Ev2", {**said, "user": "U0ANNA", "ts": "1.2"})
        world.event("Ev3", {**said, "user": "U0ANNA", "thread_ts": message["ts"], "ts": "1.3", "subtype": "x"})

        assert eventually(lambda: len([row for row in world.rows() if row.kind == "event" and row.handled_at]) == 3)
        assert incidents(world) == []

    def test_where_we_hear_the_whole_channel_the_requester_need_not_name_us(self, world: World) -> None:
        done(world)
        message = posted(world, "U0ANNA", CHANNEL, "Done: 42.00 USD refunded")
        said = {"type": "message", "channel": CHANNEL, "channel_type": "channel", "user": "U0ANNA"}

        world.event("Ev1", {**said, "thread_ts": message["ts"], "ts": "1.1", "text": "I'll call them"})
        world.event("Ev2", {**said, "thread_ts": message["ts"], "ts": "1.2", "text": "this is wrong"})

        assert eventually(lambda: len(incidents(world)) == 1)
        assert eventually(lambda: world.heard("U0ANNA") != [])
        assert not [one for one in world.heard("U0ANNA") if "Do you mean" in one]
