"""The gateway and the courier, in this process like everybody else: a journey then begins and ends in a played Slack."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import anyio
import httpx2
from structlog.contextvars import get_contextvars

from contracts.vocabulary import Answer
from engine.deployment import Deployment
from gateway.clock import Clock
from gateway.counts import make_counts
from gateway.slack.bolt import make_bolt
from gateway.slack.dispatch import SOURCE, Dispatcher
from gateway.slack.fields import Input, fields_of
from gateway.slack.forms import ACTION
from gateway.slack.receive import Answer as Heard
from gateway.slack.receive import Reception
from gateway.slack.teams import Teams
from notifications.courier import CourierConfig, run
from notifications.page_address import PageAddress
from storage import deliveries
from storage.receipts import Receipts
from tests.faults.living import Life
from tests.integration.engine.dying import Died, survive
from tests.integration.gateway.world import CHANNEL, SECRET, TEAM
from tests.plain_http import plain_client

_LATER_S = 2.0
_DUE = "select 1 from due_now() where kind = 'outbox'"


@dataclass(slots=True)
class _WhenIdle:
    """Stops a courier as soon as it waits for something to begin."""

    waited: bool = False

    def is_set(self) -> bool:
        """Whether it has waited."""
        return self.waited

    async def wait(self) -> None:
        """Let it wait no longer."""
        self.waited = True


@dataclass(frozen=True, slots=True)
class Doors:
    """A gateway and couriers of a deployment, and the Slack at `slack` that they speak to."""

    deployment: Deployment
    slack: str
    redis_url: str
    reception: Reception
    dispatcher: Dispatcher
    http: httpx2.Client

    def receive(self, payload: Mapping[str, Any]) -> None:
        """What somebody does comes in until it is answered; then its row is dispatched."""
        self.reception.clock.set_by(self.deployment.database)
        heard: list[Heard] = []
        while not survive(lambda: heard.append(self.reception.receive(payload))):
            pass
        assert heard[0].status == 200, heard
        assert heard[0].body in (None, {"response_action": "clear"}), heard
        if heard[0].work is not None:
            survive(partial(self.dispatcher.dispatch, heard[0].work))

    def sweep(self, company: str) -> None:
        """Dispatch again what nobody has handled in time."""
        with self.deployment.database.transaction(company) as unit:
            overdue = deliveries.overdue(unit, source=SOURCE, limit=20)
        for one in overdue:
            self.dispatcher.dispatch(one)

    def carry(self) -> None:
        """A courier begins whatever is due, and brings it to its end unless it dies."""
        config = CourierConfig(f"{self.slack}/api/", SECRET, self.redis_url)
        try:
            anyio.run(run, self.deployment, config, cast("anyio.Event", _WhenIdle()))
        except* Died:
            pass

    def is_due(self) -> bool:
        """Whether there is anything for a courier to do now."""
        with self.deployment.database.unbound() as connection:
            return bool(connection.exec_driver_sql(_DUE).all())

    def messages(self, place: str) -> list[dict[str, Any]]:
        """The app's messages in a channel, oldest first."""
        return self._look("messages", channel=place)

    def dm(self, person: str) -> str:
        """A person's direct message with the app."""
        found: str = next(one["id"] for one in self._look("channels", user=user_of(person)) if one["is_im"])
        return found

    def _look(self, what: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"{self.slack}/sandbox/api/{TEAM}/{what}", params=query).json()
        return found


@contextmanager
def doors_of(deployment: Deployment, slack: str, redis_url: str) -> Iterator[Doors]:
    """A gateway as gateway.app puts it together, with few connections."""
    clock, teams = Clock(), Teams(deployment.database)
    receipts = Receipts(deployment.database.engine.url, size=2)
    page = PageAddress("http://page.invalid", SECRET)
    dispatcher = Dispatcher(deployment, teams, clock, make_bolt(f"{slack}/api/", SECRET), page)
    reception = Reception(
        businesses=deployment.businesses,
        database=deployment.database,
        receipts=receipts,
        teams=teams,
        clock=clock,
        bolt=dispatcher.bolt,
        counts=make_counts(deployment.database),
    )
    with closing(receipts), plain_client(timeout=60) as http:
        yield Doors(deployment, slack, redis_url, reception, dispatcher, http)


@dataclass(slots=True)
class LifeInSlack(Life):
    """A journey that is asked for, decided and told of in Slack."""

    doors: Doors = field(kw_only=True)

    def send_form(self) -> None:
        """Send the form that was filled in last, as Slack does."""
        lane = self.office.deployment.businesses[self.office.company].lanes[self.journey.lane]
        view = {
            "id": f"V{self.forms[-1]}",
            "type": "modal",
            "callback_id": "request.form",
            "private_metadata": json.dumps({"lane": self.journey.lane, "channel": CHANNEL}),
            "state": {"values": dict(_filled_in(lane.request_model, self.journey.request))},
        }
        self.doors.receive({**_from(self.journey.by), "type": "view_submission", "view": view})

    def say(self, decision: int, person: str, answer: Answer) -> None:
        """Press the button of the card, if it has come."""
        place, action = self.doors.dm(person), f"decision.{answer}"
        for message in self.doors.messages(place):
            for pressed in _buttons(message, action, decision):
                at = {"type": "message", "channel_id": place, "message_ts": message["ts"]}
                actions = [{**pressed, "action_ts": message["ts"]}]
                press = {"type": "block_actions", "channel": {"id": place}, "container": at, "actions": actions}
                self.doors.receive({**_from(person), **press, "trigger_id": f"trigger.{message['ts']}"})

    def tell(self) -> None:
        """Couriers carry what is due, and a moment later what had to wait for something else."""
        for _ in range(3):
            if self.doors.is_due():
                self.doors.carry()
            self.office.wait(_LATER_S)

    def people(self) -> None:
        """Nobody is in a hurry: they answer once they have heard all that there is to hear."""
        if self._all_told():
            Life.people(self)

    def clock(self) -> None:
        """The gateway, too, looks for what is left over."""
        Life.clock(self)
        survive(partial(self.doors.sweep, self.office.company))

    def is_over(self) -> bool:
        """Whether everything is told, besides."""
        return self._all_told() and Life.is_over(self)

    def has_in_hand(self, message: str) -> bool:
        """Whether the letter that a courier carries here is such a message, and was never posted before."""
        letter = get_contextvars().get("outbox")
        carried = "select 1 from outbox where id = :letter and message = :message and ts is null and tries = 1"
        return bool(self.office.rows(carried, letter=letter, message=message))

    def doubts(self) -> Counter[str]:
        """Of how many posts nobody knows whether they came, by message; each may have been told once more elsewhere."""
        return Counter(one.message for one in self.office.rows("select message from outbox where state = 'unknown'"))

    def copies(self) -> Counter[tuple[str, str]]:
        """How often each message about the journey stands in Slack: (message, person or "the channel") → copies."""
        names = {one.id: one.message for one in self.office.rows("select id, message from outbox")}
        people = [one.id for one in self.office.deployment.businesses[self.office.company].company.people]
        places = {"the channel": CHANNEL} | {person: self.doors.dm(person) for person in people}
        return Counter(
            (names[row], called)
            for called, place in places.items()
            for message in self.doors.messages(place)
            if (row := message.get("metadata", {}).get("event_payload", {}).get("outbox")) in names
        )

    def _all_told(self) -> bool:
        return not self.office.rows("select 1 from outbox where state in ('pending', 'sending')")


def user_of(person: str) -> str:
    """A person's id in Slack."""
    return f"U0{person.upper()}"


def _from(person: str) -> dict[str, Any]:
    return {"team": {"id": TEAM}, "user": {"id": user_of(person), "team_id": TEAM}}


def _filled_in(model: Any, request: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A form's values as Slack sends them."""
    for one in fields_of(model):
        value = request[one.name]
        if one.input is Input.CHOICE:
            given = {"type": "static_select", "selected_option": {"value": value}}
        else:
            given = {"type": "plain_text_input", "value": f"{value / 100:.2f}" if one.input is Input.MONEY else value}
        yield one.name, {ACTION: given}


def _buttons(message: Mapping[str, Any], action: str, decision: int) -> Iterator[dict[str, Any]]:
    """The buttons of a message that do that to that decision."""
    for block in message.get("blocks") or []:
        for one in block["elements"] if block["type"] == "actions" else []:
            if one["action_id"] == action and json.loads(one["value"])["decision"] == decision:
                yield one
