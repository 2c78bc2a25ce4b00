"""Carries due messages out of the outbox: claims them, sends them outside any transaction, records what became of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from weakref import WeakValueDictionary

import anyio
import stamina
import structlog
from anyio import CapacityLimiter, to_thread
from anyio.abc import TaskGroup
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from contracts.vocabulary import OutboxState
from engine.deployment import Deployment
from engine.wakeups import BEAT_S, COURIER_LIST, beat_key
from notifications.delivering import MOST_TRIES, Errand, Postman, again
from notifications.fates import Anew, Doubted, Fate, GivenUp, Postponed, record
from notifications.mail.desk import Desk, MailConfig
from notifications.mail.doors import MAIL
from notifications.mail.mailroom import Mailroom
from notifications.mail.preparing import Mailing
from notifications.mail.sending import Line
from notifications.mail.server import Server
from notifications.preparing import Prepared, TooEarly, prepare
from notifications.slack.addresses import Addresses
from notifications.slack.calling import new_session
from notifications.slack.pace import Pace
from notifications.views import RecordViews, Views
from storage import outbox
from storage.database import Unit
from storage.directory import know_slack_user
from storage.failpoints import passing
from storage.outbox import Outgoing
from storage.replaced import Replaced

log = structlog.get_logger()

_COMPANIES_DUE = text("select distinct company from due_now() where kind = 'outbox' order by company")
_LIVE_MESSAGE_FIRST_S = 0.5
_AFTER_TROUBLE_S = 1.0
LINGER_S = 0.03
"""How long a wake-up is left to lie: a quick task has moved on by then, and its message need not be brought up to date at once."""

_Result = TypeVar("_Result")


def _always(_: Unit) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class CourierConfig:
    """Where Slack, Redis and the mail server are (none: everything goes to Slack), and how patient a courier is (seconds).

    `doubt_after_s` covers a claim, its call and ten seconds of silence: only then is a doubtful message looked up.
    `may_send` is asked in the transaction of each claim whether what that record wants to tell may be sent; with its no
    all of the company's messages wait.
    """

    slack_api_url: str
    secret: str
    redis_url: str
    at_once: int = 8
    sweep_s: float = 1.0
    doubt_after_s: float = 20.0
    mail: MailConfig | None = None
    mail_server: Server | None = None
    may_send: Callable[[Unit], bool] = _always


async def run(deployment: Deployment, config: CourierConfig, stop: anyio.Event, *, views: Views | None = None) -> None:
    """Work until `stop`; what is under way then is still brought to its end."""
    redis: Redis = Redis.from_url(config.redis_url, socket_timeout=config.sweep_s + 2, socket_connect_timeout=1)
    limiter = CapacityLimiter(min(4, config.at_once))
    async with new_session() as session:
        knows = partial(_know, deployment, limiter)
        addresses = Addresses(config.slack_api_url, config.secret, session, knows)
        seen = views or RecordViews()
        mailroom = _mailroom(deployment, config, seen)
        courier = Courier(deployment, config, seen, Postman(addresses, Pace()), limiter, redis, mailroom)
        try:
            async with anyio.create_task_group() as under_way:
                await courier.work(stop, under_way)
        finally:
            if mailroom:
                mailroom.line.hang_up()
            await redis.aclose()


def _mailroom(deployment: Deployment, config: CourierConfig, views: Views) -> Mailroom | None:
    if config.mail is None or config.mail_server is None:
        return None
    return Mailroom(Desk(deployment, config.mail, views), Line(config.mail_server))


async def _know(
    deployment: Deployment, limiter: CapacityLimiter, company: str, team: str, user: str, person: str
) -> None:
    def write() -> None:
        with deployment.database.transaction(company) as unit:
            know_slack_user(unit, team, user, person)

    await to_thread.run_sync(write, limiter=limiter)


@dataclass(slots=True)
class Courier:
    """One courier; any number of them may work at once."""

    deployment: Deployment
    config: CourierConfig
    views: Views
    postman: Postman
    limiter: CapacityLimiter
    redis: "Redis"
    mailroom: Mailroom | None = None
    under_way: set[tuple[str, int]] = field(default_factory=set)
    lines: WeakValueDictionary[str, anyio.Lock] = field(default_factory=WeakValueDictionary)
    expected: list[float] = field(default_factory=list)
    changed: anyio.Event = field(default_factory=anyio.Event)

    async def work(self, stop: anyio.Event, group: TaskGroup) -> None:
        """Claim and send until `stop`."""
        while not stop.is_set():
            try:
                busy = await self._round(group)
            except Exception:  # the courier's door: whatever goes wrong with a claim, the next one is tried
                log.exception("courier.round_failed")
                await _first_of(stop.wait, partial(anyio.sleep, _AFTER_TROUBLE_S))
                continue
            if not busy:
                await _first_of(stop.wait, self.changed.wait, self._bell)

    async def _round(self, group: TaskGroup) -> bool:
        """Begin with whatever is due and fits; whether anything was begun."""
        self.changed, now = anyio.Event(), anyio.current_time()
        self.expected = [at for at in self.expected if at > now]
        begun = False
        companies = await self._in_thread(self._companies_due)
        for company in companies:
            free = self.config.at_once - len(self.under_way)
            fair = min(free, max(1, self.config.at_once // len(companies)))
            taken = await self._in_thread(self._take, company, fair) if fair > 0 else []
            for letter in taken:
                if (letter.company, letter.id) not in self.under_way:  # a slow one: who carries it will say
                    self.under_way.add((letter.company, letter.id))
                    group.start_soon(self._carry, letter, anyio.current_time())
            begun = begun or bool(taken)
        return begun

    async def _bell(self) -> None:
        """Wait for a wake-up and a moment longer, a message that becomes due, or the sweep, which remains without Redis."""
        soonest = min(self.expected, default=float("inf")) - anyio.current_time()
        patience = min(self.config.sweep_s, max(soonest, 0.05))
        try:
            await self.redis.set(beat_key("courier"), "1", ex=BEAT_S)
            if await self.redis.blpop([COURIER_LIST], timeout=patience):
                await anyio.sleep(LINGER_S)
        except (RedisError, OSError) as error:
            log.warning("courier.redis_away", error=type(error).__name__)
            await anyio.sleep(patience)

    def _companies_due(self) -> list[str]:
        with self.deployment.database.autocommit() as connection:
            return list(connection.execute(_COMPANIES_DUE).scalars())

    def _take(self, company: str, room: int) -> list[Outgoing]:
        try:
            taken = self._claim(company, room)
        except Replaced:
            log.error("record.replaced", company=company)
            return []  # by the next round it is asked about anew
        if taken:
            passing("courier.after_claim")
        return taken

    def _claim(self, company: str, room: int) -> list[Outgoing]:
        with self.deployment.database.transaction(company) as unit:
            if not self.config.may_send(unit):
                return []
            return outbox.take(unit, limit=room, doubt_after_s=self.config.doubt_after_s)

    async def _carry(self, letter: Outgoing, claimed_at: float) -> None:
        """One letter from its claim to its record, after those that were claimed before it for the same reader."""
        async with self.lines.setdefault(_line(letter), anyio.Lock()):
            await self._carry_now(letter, claimed_at)

    async def _carry_now(self, letter: Outgoing, claimed_at: float) -> None:
        with structlog.contextvars.bound_contextvars(company=letter.company, outbox=letter.id):
            try:
                fate = await self._deliver(letter, claimed_at)
                await self._in_thread(self._record, letter, fate)
                self._expect(fate)
            except Exception:  # the door of one letter: it stays `sending`, and is looked up when it is taken again
                log.exception("courier.letter_failed", message=letter.message, tries=letter.tries)
            finally:
                self.under_way.discard((letter.company, letter.id))
                self.changed.set()

    async def _deliver(self, letter: Outgoing, claimed_at: float) -> Fate:
        if letter.tries > 2 * MOST_TRIES:
            return GivenUp(OutboxState.FAILED, f"tried {letter.tries} times")
        prepared = await self._in_thread(self._prepare, letter)
        if isinstance(prepared, Prepared):
            return await self.postman.deliver(Errand(letter, prepared, claimed_at))
        if isinstance(prepared, Mailing):
            return await self._mail(letter, prepared, claimed_at)
        if isinstance(prepared, TooEarly):
            return _later(letter, prepared.why)
        return prepared

    async def _mail(self, letter: Outgoing, mailing: Mailing, claimed_at: float) -> Fate:
        if self.mailroom is None:
            return again(letter, "no mail server")
        return await self.mailroom.deliver(letter, mailing, claimed_at)

    def _prepare(self, letter: Outgoing) -> Prepared | Mailing | TooEarly | Fate:
        with self.deployment.database.transaction(letter.company) as unit:
            try:
                return self._by_mail(unit, letter) or prepare(unit, letter, self.views)
            except LookupError as missing:
                log.error("message.about_nothing", error=str(missing))
                return again(letter, str(missing))

    def _by_mail(self, unit: Unit, letter: Outgoing) -> Mailing | TooEarly | Fate | None:
        """The letter; one that stood in a mailbox and does not belong there any more begins anew."""
        mailing = self.mailroom.prepare(unit, letter) if self.mailroom else None
        return Anew("not by mail any more") if mailing is None and letter.team == MAIL else mailing

    def _record(self, letter: Outgoing, fate: Fate) -> None:
        business = self.deployment.businesses.get(letter.company)
        operator = business.company.last_resort if business else None
        for attempt in stamina.retry_context(on=OperationalError, attempts=4, timeout=5.0, wait_max=1.0):
            with attempt, self.deployment.database.transaction(letter.company) as unit:
                record(unit, letter, fate, operator=operator)
        passing("courier.after_commit")
        log.info("message.fate", message=letter.message, fate=type(fate).__name__)

    def _expect(self, fate: Fate) -> None:
        if isinstance(fate, Postponed):
            self.expected.append(anyio.current_time() + fate.after_s)

    async def _in_thread(self, work: Callable[..., _Result], *arguments: object) -> _Result:
        return await to_thread.run_sync(partial(work, *arguments), limiter=self.limiter)


def _line(letter: Outgoing) -> str:
    """In which line a letter waits: that of its reader, or of its channel, or of its task."""
    return f"{letter.company}/{letter.person or letter.channel or letter.task}"


def _later(letter: Outgoing, why: str) -> Fate:
    """Not yet; but what may stand in Slack already stays in doubt."""
    doubtful = letter.state is OutboxState.SENDING and letter.ts is None
    return Doubted(None, None, why) if doubtful else Postponed(_LIVE_MESSAGE_FIRST_S, why, counts=False)


async def _first_of(*waits: Callable[[], Awaitable[object]]) -> None:
    """Wait until one of them is done, and leave the others."""
    async with anyio.create_task_group() as group:

        async def run_one(wait: Callable[[], Awaitable[object]]) -> None:
            await wait()
            group.cancel_scope.cancel()

        for wait in waits:
            group.start_soon(run_one, wait)
