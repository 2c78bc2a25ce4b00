"""Says in a few words, and draws in one line of text, how a number has moved."""

from collections.abc import Sequence

from engine.scorecard.figures import Span

_BLOCKS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_BEFORE = {"week": "the week before", "day": "the day before", "month": "the month before"}
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}

Values = Sequence[float | None]


def number(value: float) -> str:
    """A number as people write it: two digits behind the point below ten, one below a thousand, none above."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 1000 else 0
    written = f"{value:,.{digits}f}"
    short = written.rstrip("0").rstrip(".") if digits else written
    return "0" if short == "-0" else short


def with_unit(value: float, unit: str) -> str:
    """A number and its unit: "91%", "3.2 h"."""
    return f"{number(value)}{'' if unit == '%' else ' '}{unit}"


def sparkline(values: Values) -> str:
    """Values as blocks between the smallest and the largest of them; a dot where there is none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(_NOTHING if value is None else _BLOCKS[_height(value, low, high)] for value in values)


def _height(value: float, low: float, high: float) -> int:
    return round((len(_BLOCKS) - 1) * (value - low) / (high - low)) if high > low else 0


def moves(values: Values) -> bool:
    """Whether a chart has something to show: two values that differ as people read them."""
    return len({number(value) for value in values if value is not None}) > 1


def movement(values: Values, unit: str, span: Span) -> str:
    """The newest value against the one before, both as they are shown: "+4 points on the week before"."""
    *earlier, last = values
    if last is None or not earlier:
        return ""
    if earlier[-1] is None:
        return "the first value" if not any(one is not None for one in earlier) else f"nothing {_BEFORE[span]}"
    if number(last) == number(earlier[-1]):
        return _stands_still(values, span)
    step = float(number(last).replace(",", "")) - float(number(earlier[-1]).replace(",", ""))
    points = f" point{'' if number(abs(step)) == '1' else 's'}" if unit == "%" else ""
    return f"{'+' if step > 0 else '-'}{number(abs(step))}{points} on {_BEFORE[span]}"


def _stands_still(values: Values, span: Span) -> str:
    """How long it has been what it is; beyond what is known nobody can say."""
    last = number(values[-1] or 0.0)
    same = 0
    for value in reversed(values[:-1]):
        if value is None or number(value) != last:
            break
        same += 1
    if same == 1:
        return "no movement"
    if same == len(values) - 1:
        return f"no movement for {same} {span}s or longer"
    return f"no movement, {same}{_ORDINALS.get(same, 'th')} {span}"
