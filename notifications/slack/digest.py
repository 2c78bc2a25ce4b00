"""A weekly digest in short, for a manager whom no letter reaches."""

from itertools import islice

from engine.scorecard.figures import Digest
from notifications.digest import wording
from notifications.slack.layout import Rendered, message, paragraph, small
from notifications.slack.mrkdwn import bold, line

_NEEDS, _NUMBERS, _LENGTH = 8, 12, 240
_SHORT = "This is the short form: the letter did not reach you, or nobody knows whether it did."


def render_digest(digest: Digest) -> Rendered:
    """The headline, what needs the reader, numbers and cost; the whole of it is on record."""
    needs = [_line(" – ".join(filter(None, told))) for told in islice(wording.needs(digest), _NEEDS)]
    numbers = [
        _line(f"{one.title}: {wording.value_of(one)} ({wording.standing(one)})") for one in digest.figures[:_NUMBERS]
    ]
    cost = _line(wording.cost(digest.spending)[0])
    headline = _cut(wording.headline(digest))
    parts = [paragraph(*lines) for lines in ([bold(headline, _LENGTH)], needs, numbers, [cost])]
    return message(_line(headline), [*parts, small(_line(_SHORT))])


def _line(text: str) -> str:
    return line(_cut(text), 2 * _LENGTH)


def _cut(text: str) -> str:
    return text if len(text) < _LENGTH else f"{text[: _LENGTH - 3]}…"
