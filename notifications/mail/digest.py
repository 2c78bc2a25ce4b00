"""A weekly digest as its manager reads it in a letter."""

from collections.abc import Iterable

from engine.scorecard.figures import Digest, Figure
from notifications.digest import wording
from notifications.digest.movement import movement, moves, sparkline
from notifications.mail.page import Entry, Page, Section, Trend, one_line, subject_of


def digest_page(digest: Digest) -> Page:
    """What needs the reader first; then numbers, lanes, people and cost. The subject is the first line."""
    headline = one_line(wording.headline(digest))
    return Page(
        subject=subject_of(headline),
        headline=headline,
        sections=tuple(section for section in _sections(digest) if section.entries),
        small=tuple(map(one_line, wording.footer(digest))),
    )


def _sections(digest: Digest) -> Iterable[Section]:
    yield Section("Needs you", tuple(_told(title, known) for title, known in wording.needs(digest)))
    yield Section("With others", tuple(_told(title, known) for title, known in wording.elsewhere(digest)))
    yield Section("Numbers", tuple(map(_figure, digest.figures)))
    currency = digest.spending.currency
    lanes = (Entry(one_line(one.title), wording.lane(one, currency)) for one in digest.lanes)
    yield Section("Lanes", tuple(lanes))
    manager = digest.scope.manager
    people = [one_line(wording.decider(one, manager)) for one in digest.people] or ["Nobody had to decide."]
    yield Section("People", (Entry("", tuple(people)),))
    yield Section("Cost", (Entry("", tuple(map(one_line, wording.cost(digest.spending)))),))


def _told(title: str, known: str) -> Entry:
    return Entry(one_line(title), tuple(filter(None, [one_line(known)])))


def _figure(figure: Figure) -> Entry:
    """A chart stands where the number moved, and where it should have."""
    values, known = figure.values, [value for value in figure.values if value is not None]
    charted = len(known) > 1 and (moves(values) or bool(figure.behind))
    trend = Trend(sparkline(values) if charted else "", movement(values, figure.unit, figure.period))
    return Entry(
        title=one_line(figure.title),
        lines=(one_line(wording.value_of(figure)),),
        standing=wording.standing(figure),
        alarming=bool(figure.behind),
        trend=trend,
    )
