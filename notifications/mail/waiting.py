"""All that waits for one person, as a single letter that can be answered by the numbers in it."""

from collections.abc import Collection, Iterable

from engine.overview import AllPending, Pending
from escalation.card import CardView
from notifications.local_time import local
from notifications.mail.page import Door, Listed, Page, in_reply, one_line, subject_of
from notifications.page_address import PageAddress

NOT_BY_MAIL = "Decide this one in Slack or on the page: its contract takes no letters."
_NUMBERS = "Answer this mail with numbers and your answers, such as “2 reject, because …”."
_ONE = "Answer this mail with approve, reject, or a question."


def waiting_page(
    waiting: AllPending,
    by_mail: Collection[int],
    *,
    put_off: int = 0,
    address: PageAddress | None = None,
    answers: str | None = None,
) -> Page:
    """The letter; a letter decides those in `by_mail`, `put_off` counts what its reader wants to hear of later.

    `answers` is the subject of the letter that asked for it.
    """
    headline = _headline(len(waiting.shown) + waiting.more)
    return Page(
        subject=in_reply(answers) if answers is not None else subject_of(headline),
        headline=headline,
        lead=tuple(_lead(waiting.shown)),
        listed=tuple(_entry(number, one.card, by_mail, address) for number, one in enumerate(waiting.shown, start=1)),
        small=tuple(_left_out(waiting.more, put_off)),
        invitation=_invitation(waiting.shown, by_mail),
    )


def _headline(count: int) -> str:
    return {0: "Nothing waits for you", 1: "One decision waits for you"}.get(count, f"{count} decisions wait for you")


def _lead(shown: Collection[Pending]) -> Iterable[str]:
    nearest = next((one.card for one in shown if one.card.due_at), None)
    if nearest is not None and nearest.due_at and len(shown) > 1:
        yield f"The first of them has to be decided by {local(nearest.due_at, nearest.timezone)}."


def _entry(number: int, card: CardView, by_mail: Collection[int], address: PageAddress | None) -> Listed:
    deadline = f"Decide by {local(card.due_at, card.timezone)}. " if card.due_at else ""
    told = (
        card.recommendation,
        f"Why you: {card.why_you}.",
        f"{deadline}If you do nothing: {card.silence}.",
        "" if card.number in by_mail else NOT_BY_MAIL,
    )
    return Listed(
        number=number,
        title=one_line(card.question),
        lead=tuple(one_line(line) for line in told if line),
        small=tuple(one_line(one) for one in (card.progress, card.task, f"asked by {card.asked_by}") if one),
        door=Door("All of it on the page", address.decision(card.number)) if address else None,
    )


def _left_out(more: int, put_off: int) -> Iterable[str]:
    if more:
        yield f"{more} more, with later deadlines, {_is(more)} not listed here"
    if put_off:
        yield f"{put_off} that you have put off {_is(put_off)} not listed"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _invitation(shown: Collection[Pending], by_mail: Collection[int]) -> str:
    open_to_letters = [one for one in shown if one.card.number in by_mail]
    if not open_to_letters:
        return ""
    if len(shown) == 1:
        return _ONE
    together = len(open_to_letters) == len(shown) and len({one.kind for one in shown}) == 1
    alike = " They are alike, so “approve all” or “reject all, because …” is enough." if together else _groups(shown)
    return f"{_NUMBERS}{alike}"


def _groups(shown: Collection[Pending]) -> str:
    """Which of them are alike, so that nobody has to compare them."""
    numbers: dict[tuple[str, str], list[str]] = {}
    for number, one in enumerate(shown, start=1):
        numbers.setdefault(one.kind, []).append(str(number))
    found = [group for group in numbers.values() if len(group) > 1]
    told = [f"{', '.join(group[:-1])} and {group[-1]}" for group in found]
    return "".join(f" {one} are alike, so “approve {one}” is enough." for one in told)
