"""Takes one letter to the mail server, under the rules for doubt, and says what became of it."""

from dataclasses import dataclass

import anyio
import structlog

from contracts.vocabulary import Message
from notifications.delivering import FRESH_S, MOST_TRIES
from notifications.fates import Fate, Postponed, Returned, Sent, Unusable
from notifications.mail.desk import Desk
from notifications.mail.doors import MAIL
from notifications.mail.preparing import Mailing, lost, prepare_letter
from notifications.mail.sending import Barred, Deferred, Line, Refused, Taken, Unsure, Verdict
from notifications.preparing import TooEarly
from notifications.slack.pauses import growing
from storage.database import Unit
from storage.failpoints import passing
from storage.outbox import Outgoing

# After about half an hour of a mail server that takes nothing, who is asked is asked in Slack.
_TRIES_OF_WHAT_ASKS = 10
_ASKS = frozenset({Message.CARD, Message.QUESTION, Message.REMINDER})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Writes letters at its desk and hands them over on its one line to the mail server."""

    desk: Desk
    line: Line

    def prepare(self, unit: Unit, letter: Outgoing) -> Mailing | TooEarly | Fate | None:
        """The letter; None when the message belongs in Slack."""
        return prepare_letter(unit, letter, self.desk)

    async def deliver(self, letter: Outgoing, mailing: Mailing, claimed_at: float) -> Fate:
        """Hand it over, or leave it for later when others took too long; never twice."""
        async with self.line.lock:
            if anyio.current_time() - claimed_at > FRESH_S:
                return Postponed(growing(letter.tries), "its turn came too late")
            passing("courier.before_send")
            verdict = await self.line.send(mailing.raw, sender=self.desk.config.sender, to=mailing.to)
            passing("courier.after_send")
        log.info("letter.handed_over", outbox=letter.id, verdict=type(verdict).__name__)
        return _fate(letter, mailing, verdict)


def _fate(letter: Outgoing, mailing: Mailing, verdict: Verdict) -> Fate:
    match verdict:
        case Taken():
            return Sent(MAIL, mailing.to, letter.ts or mailing.message_id, mailing.shown)
        case Unsure(why):
            return lost(letter, mailing.to, why)
        case Refused(why, no_such_address):
            return Returned(mailing.to, why, no_such_address)
        case Barred(why):
            return _unless_too_late(letter, mailing, Unusable(growing(letter.tries + 3), why, MAIL))
        case Deferred(why):
            return _unless_too_late(letter, mailing, Postponed(growing(letter.tries), why))


def _unless_too_late(letter: Outgoing, mailing: Mailing, later: Postponed | Unusable) -> Fate:
    most = _TRIES_OF_WHAT_ASKS if letter.message in _ASKS else MOST_TRIES
    if letter.tries < most:
        return later
    why = later.why if isinstance(later, Postponed) else later.error
    return Returned(mailing.to, f"tried {letter.tries} times: {why}", dead=False)
