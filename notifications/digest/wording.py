"""The sentences of a weekly digest: what needs its reader first, then the week in numbers."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from contracts.wording import duration
from engine.cost import UNPRICED, shown_amount
from engine.scorecard.figures import (
    Decider,
    Digest,
    Doubt,
    Figure,
    LaneFigures,
    OpenBlocker,
    OpenDecision,
    OpenIncident,
    Spending,
)
from notifications.digest.movement import number, with_unit

_LATELY = {"day": "this week", "week": "this week", "month": "for a month"}
SEPARATOR = " · "
Told = tuple[str, str]
"""What it is, and what to know of it."""


def headline(digest: Digest) -> str:
    """The first line: "Customer care, week 47: 1 of 2 numbers behind. 2 things need you."""
    scope = digest.scope
    week = f"week {int(scope.week.rpartition('W')[2])}{' so far' if scope.running else ''}"
    return f"{scope.title}, {week}: {_numbers(digest.figures)}. {_things(digest.needs.count)}."


def _numbers(figures: tuple[Figure, ...]) -> str:
    behind = sum(figure.behind is True for figure in figures)
    if not figures:
        return "nothing is measured"
    if all(figure.behind is None for figure in figures):
        return "no numbers yet"
    return f"{behind} of {len(figures)} numbers behind" if behind else "no number behind"


def _things(count: int) -> str:
    return {0: "Nothing needs you", 1: "1 thing needs you"}.get(count, f"{count} things need you")


def needs(digest: Digest) -> Iterator[Told]:
    """What needs the reader, the oldest of each kind first; then how much more of it there is."""
    zone, open_now = digest.scope.timezone, digest.needs
    asked = [one for one in open_now.decisions if one.asks_manager]
    yield from ((one.question, f"asks you since {_moment(one.since, zone)}") for one in asked)
    yield from _more(open_now.asking - len(asked), "asks you", "ask you")
    yield from ((f"{one.lane}: {one.sentence}", _stopped(one, zone)) for one in open_now.blockers)
    yield from _more(open_now.blockers_open - len(open_now.blockers), "blocker", "blockers")
    yield from (_doubted(one, zone) for one in open_now.doubts)
    yield from _more(open_now.doubts_open - len(open_now.doubts), "effect in doubt", "effects in doubt")
    yield from (_said_wrong(one, zone) for one in open_now.incidents)
    yield from _more(open_now.incidents_open - len(open_now.incidents), "open incident", "open incidents")
    yield from ((f"{one.title}: nobody has said a value {_LATELY[one.period]}", "") for one in open_now.unobserved)


def elsewhere(digest: Digest) -> Iterator[Told]:
    """Decisions that wait for somebody else, the oldest first."""
    zone, open_now = digest.scope.timezone, digest.needs
    waiting = [one for one in open_now.decisions if not one.asks_manager]
    yield from ((one.question, f"{_waits(one)} since {_moment(one.since, zone)}") for one in waiting)
    yield from _more(open_now.elsewhere - len(waiting), "decision", "decisions")


def _waits(one: OpenDecision) -> str:
    return "waits for an answer of its requester," if one.asks_back else f"waits for {one.waits_for}"


def _stopped(one: OpenBlocker, zone: str) -> str:
    waiting = f"{one.tasks} {'task waits' if one.tasks == 1 else 'tasks wait'}"
    return f"owner {one.owner}, since {_moment(one.since, zone)}, {waiting}"


def _doubted(one: Doubt, zone: str) -> Told:
    return f"T-{one.task}: nobody knows whether {one.effect} happened", f"since {_moment(one.since, zone)}"


def _said_wrong(one: OpenIncident, zone: str) -> Told:
    return (
        f"{one.lane}: the result of T-{one.task} is said to be wrong",
        f"owner {one.owner}, since {_moment(one.since, zone)}",
    )


def _more(count: int, one: str, many: str) -> Iterator[Told]:
    if count > 0:
        yield "", f"… {count} more {one if count == 1 else many}"


def _moment(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%a %-d %b, %H:%M")


def standing(figure: Figure) -> str:
    """Where a number stands, in a word."""
    return {None: "no value", True: "behind", False: "on target"}[figure.behind]


def value_of(figure: Figure) -> str:
    """The newest value and the target: "91% of 95%", "3.2 h of at most 2 h"."""
    bound = f"{'at most ' if figure.direction == 'down' else ''}{with_unit(figure.target, figure.unit)}"
    value = figure.values[-1]
    if value is None:
        return f"Nothing yet, the target is {bound}"
    return f"{number(value) if _counts(figure) else with_unit(value, figure.unit)} of {bound}"


def _counts(figure: Figure) -> bool:
    """Whether the target's unit is enough: "22 of 30 points"."""
    return figure.unit != "%" and figure.direction == "up"


def lane(figures: LaneFigures, currency: str | None) -> tuple[str, ...]:
    """A lane's week on up to three lines; the last tells of results that were wrong."""
    first = (_done(figures), _verified(figures), _median(figures), _each(figures, currency))
    second = (
        _counted(figures.asked, "asked of people"),
        _counted(figures.refused, "refused"),
        _counted(figures.failed, "failed"),
        _counted(figures.cancelled, "cancelled"),
        _counted(figures.open, "still open"),
    )
    third = (
        _counted(figures.wrong, "said to be wrong"),
        _counted(figures.again, "the same again"),
        f"{duration(figures.correction_s)} to put right" if figures.correction_s else "",
    )
    lines = (SEPARATOR.join(filter(None, pieces)) for pieces in (first, second, third))
    return tuple(filter(None, lines))


def _done(figures: LaneFigures) -> str:
    return f"{figures.done} done" if figures.done else "nothing done"


def _verified(figures: LaneFigures) -> str:
    """Rounded down: 100% is said only of all."""
    return f"{100 * figures.verified // figures.settled}% verified" if figures.settled else ""


def _median(figures: LaneFigures) -> str:
    return f"median {_took(figures.median_s)}" if figures.median_s is not None else ""


def _each(figures: LaneFigures, currency: str | None) -> str:
    if figures.unpriced:
        return UNPRICED
    return f"{_amount(figures.each, currency)} each" if figures.each else ""


def _amount(amount: Decimal | None, currency: str | None) -> str:
    return shown_amount(amount, currency) if amount is not None and currency else ""


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count else ""


def _took(seconds: float) -> str:
    return duration(round(seconds)) if seconds >= 1 else "under 1 s"


def decider(one: Decider, manager: str) -> str:
    """A person's answers: "You: 31 decided · median 40 s · none rejected"."""
    who = "You" if one.person == manager else one.name
    rejected = f"{one.rejected or 'none'} rejected"
    return f"{who}: {SEPARATOR.join((f'{one.decided} decided', f'median {_took(one.median_s)}', rejected))}"


def cost(spending: Spending) -> tuple[str, ...]:
    """The week's machine cost, that of an outcome, and what has no price."""
    unpriced = f"unpriced: {', '.join(spending.unpriced) or 'none'}"
    if spending.currency is None:
        return (unpriced,) if spending.unpriced else ("Nothing was used.",)
    each, before = _amount(spending.per_outcome, spending.currency), _amount(spending.before, spending.currency)
    outcome = f", {each} per verified outcome" if each else ", no verified outcome"
    compared = f" ({before} the week before)" if before else ""
    return f"{_amount(spending.total, spending.currency)} machine{outcome}{compared}", unpriced


def footer(digest: Digest) -> tuple[str, ...]:
    """Which days are told of, by whose clock, and why the reader gets this."""
    scope = digest.scope
    days = f"{scope.begins:%-d %b} to {scope.ends:%-d %b %Y}, {scope.timezone}"
    return days, f"made {_moment(digest.made_at, scope.timezone)}", f"you get this because you manage {scope.title}"
