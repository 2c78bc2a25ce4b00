"""Takes one claimed message to Slack, under the rules for doubt: nobody is asked twice, nothing is lost silently."""

from dataclasses import dataclass

import anyio
import structlog

from contracts.canonical import digest
from contracts.vocabulary import OutboxState
from notifications.fates import Anew, Doubted, Fate, GivenUp, Postponed, Redirected, Sent, Unusable
from notifications.preparing import Prepared, ToChannel, ToPerson
from notifications.slack.addresses import Address, Addresses
from notifications.slack.calling import Granted, Limited, Refused, Reply, Unreached, Unsure, ask
from notifications.slack.layout import Rendered
from notifications.slack.lookup import Found, Missing, Where, find, mark
from notifications.slack.pace import Pace
from notifications.slack.pauses import growing
from notifications.slack.refusals import Cure, cure_of
from storage.failpoints import passing
from storage.outbox import Outgoing

POST, EDIT = "chat.postMessage", "chat.update"
# A post begins this soon after its claim or not at all: another courier may look the row up later, and must not be
# overtaken by a call that was slow to begin.
FRESH_S = 3.0
MOST_TRIES = 30
_ONE_MORE_AT_ONCE = 2

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Errand:
    """One letter under way: what it says, where it goes, when it was claimed (the event loop's clock, seconds)."""

    letter: Outgoing
    prepared: Prepared
    claimed_at: float

    @property
    def to(self) -> ToChannel | ToPerson:
        """Where it belongs."""
        return self.prepared.wording.to

    @property
    def doubtful(self) -> bool:
        """An earlier try may have posted it."""
        return self.letter.state is OutboxState.SENDING and self.letter.ts is None


@dataclass(frozen=True, slots=True)
class Postman:
    """Sends errands; addresses and pace are shared by all of them."""

    addresses: Addresses
    pace: Pace

    async def deliver(self, errand: Errand) -> Fate:
        """Take it there; what became of it is for the caller to record."""
        if errand.letter.ts is not None:
            return await self._bring_up_to_date(errand, errand.letter.ts)
        if isinstance(errand.to, ToChannel) and errand.doubtful:
            return _elsewhere(errand.to, "nobody knows whether it arrived", unknown=True)
        if errand.doubtful:
            return await self._settle(errand)
        return await self._first(errand)

    async def _first(self, errand: Errand) -> Fate:
        if errand.prepared.wording.moot:
            return GivenUp(OutboxState.SUPERSEDED, errand.prepared.wording.moot)
        address = await self._address(errand)
        return await self._post(errand, address) if isinstance(address, Address) else address

    async def _settle(self, errand: Errand) -> Fate:
        """Look it up in the direct message before any second post; until that is done the doubt remains."""
        address = await self._address(errand)
        if not isinstance(address, Address):
            return address if isinstance(address, GivenUp) else Doubted(None, None, "not reached for looking it up")
        where = Where(address.channel, _thread(errand, address), errand.prepared.kept.possible_since)
        finding = await find(address.client, where, mark(errand.letter.id).__eq__)
        log.info("message.looked_up", outbox=errand.letter.id, finding=type(finding).__name__)
        if isinstance(finding, Found):
            return Postponed(0.0, "it had arrived", Sent(address.team, address.channel, finding.ts, None))
        if not isinstance(finding, Missing):
            return Doubted(address.team, address.channel, f"not looked up: {type(finding).__name__}")
        if errand.prepared.wording.moot:
            return GivenUp(OutboxState.SUPERSEDED, errand.prepared.wording.moot)
        if errand.letter.tries > _ONE_MORE_AT_ONCE:
            return again(errand.letter, "it had not arrived")
        return await self._post(errand, address)

    async def _bring_up_to_date(self, errand: Errand, ts: str) -> Fate:
        letter, rendered = errand.letter, errand.prepared.wording.rendered
        shown = _digest(rendered)
        if shown == errand.prepared.kept.shown_digest:
            return Sent(letter.team or "", letter.channel or "", ts, shown)
        address = self.addresses.in_channel(letter.team or "", letter.channel or "", errand.prepared.installations)
        if isinstance(address, Refused):
            return self._refused(errand, address)
        return await self._edit(errand, address, ts, rendered)

    async def _address(self, errand: Errand) -> Address | Fate:
        installed = errand.prepared.installations
        if isinstance(errand.to, ToChannel):
            found: Address | Reply = self.addresses.in_channel(errand.to.team, errand.to.channel, installed)
        elif errand.to.person is None or not errand.to.person.active:
            return GivenUp(OutboxState.FAILED, "nobody active to tell")
        else:
            found = await self.addresses.of_person(errand.to.person, errand.to.known, installed)
        return found if isinstance(found, Address) else self._not_begun(errand, found)

    async def _post(self, errand: Errand, address: Address) -> Fate:
        now = anyio.current_time()
        if now - errand.claimed_at > FRESH_S:
            return Postponed(0.0, "its turn came too late", counts=False)
        place = (address.team, POST, address.channel)
        wait = self.pace.wait(place, errand.letter.id, now=now)
        if wait > 0:
            return Postponed(wait, "others are before it", counts=False)
        reply, rendered = await self._speak(errand, address, errand.prepared.wording.rendered)
        self.pace.used(place, now=anyio.current_time())
        match reply:
            case Granted(data) if data.get("ts"):
                return Sent(address.team, str(data.get("channel")), str(data["ts"]), _digest(rendered))
            case Limited(after_s):
                return self._rest(errand, place, after_s)
            case Unsure() | Granted():
                return _doubt(errand, address, "broke off" if isinstance(reply, Granted) else reply.why)
        return self._not_begun(errand, reply)

    async def _speak(self, errand: Errand, address: Address, rendered: Rendered) -> tuple[Reply, Rendered]:
        reply = await self._say(errand, address, rendered)
        if isinstance(reply, Refused) and cure_of(reply.error) is Cure.PLAIN:
            log.error("message.refused", outbox=errand.letter.id, error=reply.error)
            rendered = Rendered(rendered.text, ())
            reply = await self._say(errand, address, rendered)
        return reply, rendered

    async def _say(self, errand: Errand, address: Address, rendered: Rendered) -> Reply:
        """https://docs.slack.dev/reference/methods/chat.postMessage"""
        passing("courier.before_send")
        call = address.client.chat_postMessage(
            channel=address.channel,
            text=rendered.text,
            blocks=list(rendered.blocks) or None,
            thread_ts=_thread(errand, address),
            metadata=mark(errand.letter.id),
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
        reply = await ask(call)
        passing("courier.after_send")
        return reply

    async def _edit(self, errand: Errand, address: Address, ts: str, rendered: Rendered) -> Fate:
        """An edit is repeatable, so an unknown outcome is simply tried again."""
        place = (address.team, EDIT, address.channel)
        wait = self.pace.wait(place, errand.letter.id, now=anyio.current_time())
        if wait > 0:
            return Postponed(wait, "others are before it", counts=False)
        passing("courier.before_send")
        blocks = list(rendered.blocks)
        reply = await ask(
            address.client.chat_update(channel=address.channel, ts=ts, text=rendered.text, blocks=blocks, parse="none")
        )
        passing("courier.after_send")
        self.pace.used(place, now=anyio.current_time())
        if isinstance(reply, Granted):
            return Sent(address.team, address.channel, ts, _digest(rendered))
        if isinstance(reply, Limited):
            return self._rest(errand, place, reply.after_s)
        if isinstance(reply, Refused) and cure_of(reply.error) is Cure.PLAIN and rendered.blocks:
            log.error("message.refused", outbox=errand.letter.id, error=reply.error)
            return await self._edit_plainly(errand, address, ts, rendered)
        return again(errand.letter, reply.why) if isinstance(reply, Unsure) else self._not_begun(errand, reply)

    async def _edit_plainly(self, errand: Errand, address: Address, ts: str, rendered: Rendered) -> Fate:
        reply = await ask(address.client.chat_update(channel=address.channel, ts=ts, text=rendered.text, blocks=[]))
        if isinstance(reply, Granted):
            return Sent(address.team, address.channel, ts, _digest(Rendered(rendered.text, ())))
        return again(errand.letter, "refused in plain words too")

    def _rest(self, errand: Errand, place: tuple[str, str, str], after_s: float) -> Fate:
        self.pace.rest(place, errand.letter.id, until=anyio.current_time() + after_s)
        log.info("slack.rate_limited", outbox=errand.letter.id, method=place[1], after_s=after_s)
        return Postponed(after_s, "rate limited", counts=False)

    def _not_begun(self, errand: Errand, reply: Reply) -> Fate:
        """Slack did nothing (what is asked before a post changes nothing either)."""
        match reply:
            case Refused():
                return self._refused(errand, reply)
            case Limited(after_s):
                return Postponed(after_s, "rate limited", counts=False)
            case Unreached(why) | Unsure(why):
                return again(errand.letter, why)
        return again(errand.letter, "an answer without sense")

    def _refused(self, errand: Errand, refusal: Refused) -> Fate:
        cure, letter = cure_of(refusal.error), errand.letter
        log.error(
            "slack.unusable" if cure is Cure.UNUSABLE else "message.refused", outbox=letter.id, error=refusal.error
        )
        if cure is Cure.UNUSABLE:
            return Unusable(growing(letter.tries + 3), refusal.error)
        if isinstance(errand.to, ToChannel):
            return _elsewhere(errand.to, refusal.error, unknown=False)
        if cure is Cure.ANEW:
            return Anew(refusal.error)
        if cure is Cure.REDIRECT and errand.to.person and letter.tries <= _ONE_MORE_AT_ONCE:
            self.addresses.forget(letter.company, errand.to.person.id)
            return again(letter, refusal.error)
        return GivenUp(OutboxState.FAILED, refusal.error)


def again(letter: Outgoing, why: str) -> Fate:
    """Try later, with growing pauses, a bounded number of times."""
    if letter.tries >= MOST_TRIES:
        return GivenUp(OutboxState.FAILED, f"tried {letter.tries} times: {why}")
    return Postponed(growing(letter.tries), why)


def _doubt(errand: Errand, address: Address, why: str) -> Fate:
    log.warning("message.unknown", outbox=errand.letter.id, why=why)
    if isinstance(errand.to, ToChannel):
        return _elsewhere(errand.to, why, unknown=True)
    return Doubted(address.team, address.channel, why)


def _elsewhere(to: ToChannel, why: str, *, unknown: bool) -> Fate:
    return Redirected(to.requester, to.team, to.channel, why, unknown=unknown)


def _thread(errand: Errand, address: Address) -> str | None:
    thread = errand.prepared.wording.thread
    return thread.ts if thread and thread.channel == address.channel else None


def _digest(rendered: Rendered) -> str:
    """Of the blocks as they were shown (RFC 8785); of the bare words where Slack took no blocks."""
    return digest(list(rendered.blocks) or [rendered.text])
