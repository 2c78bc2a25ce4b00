"""Carries what Slack has to say to the app, signed, in time, and again when it must."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field

import aiohttp

from sandbox.clock import Clock
from sandbox.config import TeamConfig
from sandbox.faults import DeliveryFault, Faults
from sandbox.payloads import JSON, event_callback
from sandbox.refusals import Json
from sandbox.signing import signed_headers
from sandbox.team import LOG_LENGTH, Team
from sandbox.tickets import TRIGGER_LIVES_S

# https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response: within 3 seconds.
ANSWER_WITHIN_S = 3.0
# https://docs.slack.dev/apis/events-api#retries: nearly at once, after 1 minute, after 5 minutes.
EVENT_RETRIES_S = (0.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to deliver: its kind (command, block_actions, event, …), content type and exact body."""

    kind: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said; `error` is Slack's word for what went wrong, None after a 2xx in time."""

    status: int | None
    body: str
    ms: float
    error: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


_Sending = Coroutine[None, None, Answer]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the app may take, how long a trigger id lives, and when failed events come again, in seconds."""

    answer_within_s: float = ANSWER_WITHIN_S
    trigger_lives_s: float = TRIGGER_LIVES_S
    event_retries_s: tuple[float, ...] = EVENT_RETRIES_S


class Courier:
    """Delivers for every team and remembers each delivery."""

    def __init__(self, *, clock: Clock, faults: Faults, pace: Pace) -> None:
        self._clock = clock
        self._faults = faults
        self._pace = pace
        self._session: aiohttp.ClientSession | None = None
        self._later: set[asyncio.Task[None]] = set()
        self.log: dict[str, deque[Json]] = {}

    async def deliver(self, team: TeamConfig, parcel: Parcel) -> Answer:
        """Send once (more often when a fault says so) and return the first answer."""
        faults = {fault.kind: fault for fault in self._faults.next_for_delivery(team.id, parcel.kind)}
        if "delay" in faults:
            await asyncio.sleep(faults["delay"].seconds)
        first = self._send(team, parcel, retry=0, reason="")
        if "redeliver" not in faults:
            return await first
        again = [
            self._send(team, parcel, retry=number, reason="http_timeout")
            for number in range(1, faults["redeliver"].copies + 1)
        ]
        return await _all(first, again, faults["redeliver"])

    async def deliver_event(self, team: TeamConfig, event: Json) -> Answer:
        """Send an event; if that fails, send it again later as Slack does, unless X-Slack-No-Retry forbids."""
        body = json.dumps(event_callback(team, event, now=self._clock.now())).encode()
        parcel = Parcel(kind="event", content_type=JSON, body=body)
        answer = await self.deliver(team, parcel)
        if answer.error and answer.headers.get("x-slack-no-retry") != "1":
            self._in_background(self._retry_event(team, parcel, answer))
        return answer

    def deliver_later(self, team: TeamConfig, event: Json) -> None:
        """Send an event without waiting for the answer."""
        self._in_background(self._forget_answer(team, event))

    def deliver_happenings(self, team: Team) -> None:
        """Send what happened in a team since the last time, without waiting."""
        for event in team.happenings:
            self.deliver_later(team.config, event)
        team.happenings.clear()

    async def stop(self) -> None:
        """Give up what is still to be sent and close the connections."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _forget_answer(self, team: TeamConfig, event: Json) -> None:
        await self.deliver_event(team, event)

    async def _retry_event(self, team: TeamConfig, parcel: Parcel, failed: Answer) -> None:
        for number, pause in enumerate(self._pace.event_retries_s, start=1):
            await asyncio.sleep(pause)
            failed = await self._send(team, parcel, retry=number, reason=failed.error or "unknown_error")
            if not failed.error or failed.headers.get("x-slack-no-retry") == "1":
                return

    async def _send(self, team: TeamConfig, parcel: Parcel, *, retry: int, reason: str) -> Answer:
        headers = signed_headers(parcel.body, secret=team.signing_secret, now=self._clock.now())
        headers |= {"Content-Type": parcel.content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        answer = await self._post(team.request_url, parcel.body, headers)
        self._remember(team, parcel, answer, retry=retry, reason=reason)
        return answer

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        session = self._session = self._session or aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self._pace.answer_within_s)
        began = time.monotonic()
        try:
            async with session.post(url, data=body, headers=headers, timeout=limit, allow_redirects=False) as reply:
                text = (await reply.read()).decode(errors="replace")
                error = None if 200 <= reply.status < 300 else "http_error"
                lowered = {name.lower(): value for name, value in reply.headers.items()}
                return Answer(status=reply.status, body=text, ms=_ms(began), error=error, headers=lowered)
        except TimeoutError:
            return Answer(status=None, body="", ms=_ms(began), error="http_timeout")
        except (aiohttp.ClientError, OSError):
            return Answer(status=None, body="", ms=_ms(began), error="connection_failed")

    def _remember(self, team: TeamConfig, parcel: Parcel, answer: Answer, *, retry: int, reason: str) -> None:
        entry = {"at": self._clock.now(), "kind": parcel.kind, "url": team.request_url, "retry": retry}
        entry |= {"reason": reason, "content_type": parcel.content_type, "sent": parcel.body.decode()}
        self.log.setdefault(team.id, deque(maxlen=LOG_LENGTH)).append(entry | {"answer": asdict(answer)})

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


async def _all(first: _Sending, again: list[_Sending], fault: DeliveryFault) -> Answer:
    if fault.concurrently:
        answers = await asyncio.gather(first, *again)
        return answers[0]
    answer = await first
    for sending in again:
        await sending
    return answer


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
