"""Several alike decisions on one page: which of them, yes or no, and a reason; each is recorded alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.vocabulary import Answer
from engine.deployment import Deployment
from engine.overview import alike
from escalation.card import CardView
from escalation.decisions import Voice
from escalation.plain_words import LONGEST_REASON
from gateway.alike import MOST, decide_each, in_words
from gateway.pages.doorstep import Posted, TurnedAway
from storage.directory import Person

_ANSWERS = {str(Answer.APPROVE): Answer.APPROVE, str(Answer.REJECT): Answer.REJECT}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was filled in: the answer (None when none was chosen), its reason, and what is ticked as "number:digest"."""

    answer: Answer | None
    reason: str
    ticked: tuple[str, ...]

    @property
    def mistakes(self) -> dict[str, str]:
        """A sentence for each field that has to be mended."""
        reason = self.answer is Answer.REJECT and not self.reason
        found = {
            "which": "" if self.ticked else "Take at least one.",
            "say": "" if self.answer else "Say yes or no.",
            "reason": "Say why: the requesters read it." if reason else "",
        }
        return {name: sentence for name, sentence in found.items() if sentence}


def waiting(deployment: Deployment, company: str, who: Person, lane: str, edge: str) -> Sequence[CardView]:
    """What waits for somebody at one edge of a lane and can be answered now."""
    with deployment.database.transaction(company) as unit:
        return alike(unit, who, lane, edge)[:MOST]


def chosen(posted: Posted) -> Chosen:
    """What a form says; raises TurnedAway for one that is not ours."""
    ticked = tuple(dict.fromkeys(posted.all("which")))
    if len(ticked) > MOST or posted.one("say") not in {"", *_ANSWERS}:
        raise TurnedAway(400, "Not understood", "That is no form of these pages. Nothing was decided.")
    reason = posted.one("reason", longest=LONGEST_REASON).strip()
    return Chosen(_ANSWERS.get(posted.one("say")), reason, ticked)


def decide_together(deployment: Deployment, company: str, who: Person, said: Chosen) -> str:
    """One answer for each that is ticked; what came of them in words. Raises TurnedAway."""
    answer = said.answer or Answer.REJECT
    voices = [_voice(one, who, answer, said.reason) for one in said.ticked]
    return in_words(decide_each(deployment, company, voices))


def _voice(ticked: str, who: Person, answer: Answer, reason: str) -> Voice:
    number, _, saw = ticked.partition(":")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise TurnedAway(400, "Not understood", "That is no decision of these pages. Nothing was decided.")
    return Voice(int(number), who.id, answer, reason or None, "page", saw)
