"""One wrong value anywhere in a business is told alone: it hides no other mistake, and nothing is made up because of it.

Every place of every file of two businesses gets wrong values in turn, while other mistakes stand elsewhere.
"""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from chargehand.business_files import read
from contracts.business import COMPANY, BusinessMistakes, load
from contracts.company import Company
from contracts.contract import Lane
from contracts.loading.pages import read_page
from contracts.mistakes import Findings, Pointer
from contracts.readings.declarations import parse_page
from tests.unit.contracts.small_business import FILES

MORNING = Path(__file__).parents[2] / "examples" / "morning"
LANE, SECOND = "lanes/discounts/lane.yaml", "lanes/second/lane.yaml"
NOTHING, TEXT, NUMBER, LIST, MAPPING = None, "Wrong one?", -1, ["Wrong one?"], {"wrong": 1}
REMOVED, UNKNOWN_KEY = "it is removed", "it has an unknown key"
WRONG: tuple[Any, ...] = (NOTHING, TEXT, NUMBER, LIST, MAPPING, REMOVED, UNKNOWN_KEY)
_EACH, _OF_ACCEPTANCE = 1, 3
"""As many of them in turn at each place: with `--acceptance` every kind of place gets all of them."""
_STRIDE = 3
"""Of the morning's places every so many are tried; with `--acceptance` all are."""

pytestmark = pytest.mark.timeout(600)

Told = set[tuple[str, str]]
"""File and message of each mistake; hints may name what is near, which a wrong value can change."""

FACT, GROUP, EXAMPLE, MEMBER = (
    "unknown fact state.sale.opn",
    "unknown group stuff",
    "refused is missing",
    "unknown person or group nobody",
)
PLANTED: Told = {*((file, one) for file in (LANE, SECOND) for one in (FACT, GROUP, EXAMPLE)), (COMPANY, MEMBER)}


@dataclass(frozen=True, slots=True)
class Knock:
    """What follows from a wrong value at a place (`*` is any index): `message` is told as well, or is not told any more."""

    file: str
    at: str
    message: str
    because: str


HIDDEN = (
    Knock(COMPANY, "systems/till", FACT, "rules wait for the operations of a system that is declared by nothing"),
    Knock(LANE, "steps|steps/0", FACT, "nobody can tell which facts a step would have given that can't be read"),
    Knock(COMPANY, "groups", GROUP, "it may have been among them"),
    Knock(COMPANY, "groups|people|people/*|people/*/id", MEMBER, "it may have been among them"),
)
"""Planted mistakes that nobody can know of; those within the place itself are gone with it."""
ALSO = (
    Knock(COMPANY, "systems/till", "till is declared by nothing", "of what can be read of it, this is missing, too"),
    Knock(LANE, "workers", r"unknown worker [\w-]+", "the mapping that can be read has other names"),
    Knock(COMPANY, "groups", r"unknown (person or )?group \w+", "the mapping that can be read has other names"),
    Knock(COMPANY, "systems", r"unknown system \w+", "the mapping that can be read has other names"),
    Knock(
        COMPANY,
        "systems/till",
        "the setting path of Till is missing",
        "of what can be read of it, this is missing, too",
    ),
    Knock(LANE, r"workers/[\w-]+", r"[\w-]+ moves no KPI, .*", "of what can be read of it, this is missing, too"),
)
"""Mistakes that a wrong value really makes, beside the one that it is."""


def small() -> dict[str, bytes]:
    """The small business with two lanes, in each of which three things are wrong, and a fourth in company.yaml."""
    lane = (
        FILES[LANE]
        .replace('"state.sale.open"}', '"state.sale.opn"}')
        .replace('"group:staff", for', '"group:stuff", for')
    )
    lane = lane.replace("      refused: [{effect.args.amount: 1000}]\n", "")
    files = {**FILES, LANE: lane, COMPANY: FILES[COMPANY].replace("counter: [staff]", "counter: [staff, nobody]")}
    second = {name.replace("discounts", "second"): text for name, text in files.items() if "discounts" in name}
    second[SECOND] = second[SECOND].replace("lane: discounts", "lane: second")
    return {name: text.encode() for name, text in (files | second).items()}


def test_the_planted_mistakes_are_all_told() -> None:
    assert told(small()) == PLANTED


@pytest.mark.parametrize("part", list(read_page(LANE, FILES[LANE].encode()).data))  # type: ignore[call-overload]
def test_a_wrong_value_in_a_lane_is_told_alone_and_hides_nothing(part: str, acceptance: bool) -> None:
    assert list(_surprises(small(), LANE, part, _OF_ACCEPTANCE if acceptance else _EACH)) == []


@pytest.mark.parametrize("part", list(read_page(COMPANY, FILES[COMPANY].encode()).data))  # type: ignore[call-overload]
def test_a_wrong_value_in_a_company_is_told_alone_and_hides_nothing(part: str, acceptance: bool) -> None:
    assert list(_surprises(small(), COMPANY, part, _OF_ACCEPTANCE if acceptance else _EACH)) == []


@pytest.mark.parametrize("lane", sorted(path.name for path in (MORNING / "lanes").iterdir()))
def test_a_wrong_value_in_a_lane_of_the_morning_is_told_alone(lane: str, acceptance: bool) -> None:
    files = {name: content for name, content in read(MORNING).items() if "lanes/" not in name or f"/{lane}/" in name}
    file = f"lanes/{lane}/lane.yaml"
    before, data, wrong = told(files), read_page(file, files[file]).data, cycle(WRONG)

    for at in islice(_places(data), 0, None, 1 if acceptance else _STRIDE):
        spoilt = _spoilt(data, at, next(wrong))
        own = _of_shape(file, spoilt) if spoilt is not None else set()
        if own:
            found = told({**files, file: spoilt or b""}) - before
            assert found - own - _also(LANE, at, found) == set(), at
            assert own <= found, at


def _surprises(
    files: Mapping[str, bytes], file: str, part: str, each: int
) -> Iterator[tuple[Pointer, object, Told, Told]]:
    """Where a wrong value hides something, or makes something up: place, value, what is told and what is not."""
    data = read_page(file, files[file]).data
    turn = cycle(WRONG)
    for at in _places(data):
        for wrong in islice(turn, each) if at[0] == part else ():
            spoilt = _spoilt(data, at, wrong)
            own = _of_shape(file, spoilt) - PLANTED if spoilt is not None else set()
            if own:
                found = told({**files, file: spoilt or b""})
                hidden = {one for one in PLANTED - found if _is_hidden(file, at, one)}
                more, less = found - own - PLANTED, (PLANTED | own) - found - hidden
                more -= _also(file, at, more)
                if more or less:
                    yield at, wrong, more, less


def _is_hidden(file: str, at: Pointer, planted: tuple[str, str]) -> bool:
    within = {
        (LANE, FACT): ("require", 0, "rule", "var"),
        (LANE, GROUP): ("approve", 0, "steps", 0, "who"),
        (LANE, EXAMPLE): ("approve", 0, "examples"),
        (COMPANY, MEMBER): ("slack_channels", "counter", 1),
    }
    own = within[planted] if planted in within and planted[0] == file else ()
    return own[: len(at)] == at or _fits(HIDDEN, file, at, planted[1])


def _also(file: str, at: Pointer, found: Told) -> Told:
    return {one for one in found if _fits(ALSO, file, at, one[1])}


def _fits(table: tuple[Knock, ...], file: str, at: Pointer, message: str) -> bool:
    place = "/".join(map(str, at))
    return any(
        one.file == file
        and re.fullmatch(one.at.replace("*", r"\d+"), place) is not None
        and re.fullmatch(one.message, message) is not None
        for one in table
    )


def told(files: Mapping[str, bytes]) -> Told:
    """What is wrong in a business."""
    try:
        load(files)
    except BusinessMistakes as found:
        return {(one.file, one.message) for one in found.mistakes}
    return set()


def _of_shape(file: str, content: bytes) -> Told:
    """What the file alone can't be read for."""
    findings = Findings()
    assert parse_page(read_page(file, content), Company if file == COMPANY else Lane, findings)
    return {(one.file, one.message) for one in findings.mistakes}


def _places(data: Any, at: Pointer = ()) -> Iterator[Pointer]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in inner:
        yield (*at, step)
        yield from _places(value, (*at, step))


def _spoilt(data: object, at: Pointer, wrong: Any) -> bytes | None:
    """The file with something wrong at a place; None where that can't be."""
    spoilt: Any = deepcopy(data)
    inside: Any = spoilt
    for step in at[:-1]:
        inside = inside[step]
    if wrong == REMOVED:
        del inside[at[-1]]
    elif wrong != UNKNOWN_KEY:
        inside[at[-1]] = deepcopy(wrong)
    elif isinstance(inside[at[-1]], dict):
        inside[at[-1]]["wobble"] = 1
    else:
        return None
    return json.dumps(spoilt, ensure_ascii=False).encode()
