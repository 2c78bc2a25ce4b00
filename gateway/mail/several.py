"""The words of our answers to letters that decide several things: what came of each, or what could not be understood. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from contracts.answers import TAKEN, WORD
from contracts.vocabulary import Answer
from escalation.card import CardView
from escalation.list_words import Plan
from escalation.phrases import Meaning
from escalation.plain_words import Said
from notifications.local_time import local

_EXAMPLES = ("approve", "reject, because …", "why so late?")
_MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of the list as it is now; `came` holds kind and sentence of the answer to it, None without one."""

    number: int
    card: CardView
    came: Mapping[str, Any] | None


def told(entries: Sequence[Entry]) -> str:
    """What came of each answer, and what of the list still waits."""
    came = {entry.number: entry.came for entry in entries if entry.came is not None}
    lines = [_headline([one["kind"] in TAKEN for one in came.values()]), ""]
    for entry in entries:
        if entry.number in came:
            lines += [f"{entry.number}. {entry.card.question}", str(came[entry.number]["sentence"]), ""]
    left = [entry for entry in entries if entry.number not in came and entry.card.answers]
    waiting = [f"{entry.number}. {entry.card.question}{_until(entry.card)}" for entry in left]
    return "\n".join([*lines, *(["Still waiting for you:", *waiting] if waiting else [])]).strip()


def _headline(taken: Sequence[bool]) -> str:
    if len(taken) == 1:
        return "Your answer is taken." if taken[0] else "Your answer was not taken."
    if all(taken):
        return f"All {len(taken)} answers are taken."
    return f"{sum(taken) or 'None'} of {len(taken)} answers {'is' if sum(taken) == 1 else 'are'} taken."


def _until(card: CardView) -> str:
    return f" Decide by {local(card.due_at, card.timezone)}." if card.due_at else ""


def understood(plan: Plan, count: int) -> dict[int, Said]:
    """Of a letter with doubts the answers that were clear, by number; what was said of all together is not."""
    clear = {number: said for number, said in plan.answers.items() if said.meaning is not Meaning.NOTHING}
    return {number: said for number, said in clear.items() if number <= count and number not in plan.together}


def asked_back(plan: Plan, cards: Sequence[CardView]) -> str:
    """What was understood and what was not, and how to answer once more; nothing of it was decided."""
    clear = understood(plan, len(cards))
    lines = ["I could not understand all of your letter, so nothing was decided.", ""]
    if clear:
        lines += ["Understood:", *(f"{number} {_in_words(said)}" for number, said in clear.items()), ""]
    lines += ["Not understood:", *plan.doubts, "", "These are asked:", *_numbered(cards)]
    asked = [number for number, card in enumerate(cards, start=1) if card.answers]
    if asked:
        lines += ["", "Answer this mail once more, with a line for each, such as:", "", *_examples(asked, clear)]
    return "\n".join(lines)


def _numbered(cards: Sequence[CardView]) -> list[str]:
    return [
        f"{number}. {card.question}{'' if card.answers else ' It does not wait for you any more.'}"
        for number, card in enumerate(cards, start=1)
    ]


def _examples(asked: Sequence[int], clear: Mapping[int, Said]) -> list[str]:
    """What was understood stands there again, so that only the rest has to be written; else what could be."""
    free = cycle(["…"] if clear else _EXAMPLES)
    return [
        f"{number} {_in_words(clear[number]) if number in clear else next(free)}" for number in asked[:_MOST_EXAMPLES]
    ]


def _in_words(said: Said) -> str:
    """An answer as its writer could have written it."""
    answer = Answer(said.meaning)
    if answer in (Answer.APPROVE, Answer.REJECT):
        reason = " ".join(said.words.split())
        return f"{WORD[answer].label.lower()}{f', because {reason}' if reason else ''}"
    return " ".join(said.words.split())
