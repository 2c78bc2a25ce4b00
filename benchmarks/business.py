"""How long it takes to read a business from its files and to check it: `python -m benchmarks.business`."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from chargehand.business_files import read
from contracts.assembly import Surroundings, load_lane
from contracts.business import load
from contracts.checker.rules import compile_rules
from contracts.lint import warnings
from contracts.loading.facts import LaneSchemas
from contracts.loading.pages import read_page
from contracts.loading.tools import load_tools
from contracts.mistakes import Findings

MORNING = Path(__file__).parents[1] / "examples" / "morning"
COMPANY = Path(__file__).parent / "company"
LANES = 200
Made = TypeVar("Made")
ROUNDS = 5


def measured() -> dict[str, str]:
    """Each measure with its figure; processor time, the best of a few rounds."""
    files = read(MORNING)
    business = load(files)
    lane = business.lanes["outreach"]
    by_step = (lane.schemas, lane.schemas, lane.schemas)
    schemas = LaneSchemas(lane.schema, *by_step, lane.failing, lane.handing, lane.schema)
    around = Surroundings(business.company, load_tools(business.company, business.page, files, Findings()), {})
    place = lane.page.source.file
    proposing = lane.proposes
    checking = partial(compile_rules, lane.lane, lane.page, schemas, proposing)
    found = {
        "one lane file of 200 lines read": _best(partial(read_page, place, files[place])),
        "ten rules checked, compiled, tried on examples": _best(checking),
        "one lane checked whole, its code loaded before": _best(
            lambda: load_lane("lanes/outreach", files, around, Findings())
        ),
        "warnings of five lanes": _best(partial(warnings, business)),
    }
    told = {name: f"{seconds * 1000:.2f} ms" for name, seconds in found.items()}
    for name, folder, lanes in (("long", MORNING, list(business.lanes)), ("short", COMPANY, ["effect", "plain"])):
        seconds, loaded = _timed(partial(load, dict(_many(read(folder), lanes))))
        told[f"{len(loaded.lanes)} {name} lanes loaded, code and all"] = f"{seconds:.2f} s, aim 2"
    return told


def _many(files: Mapping[str, bytes], lanes: list[str]) -> Iterator[tuple[str, bytes]]:
    """The same business with LANES lanes, in turn copies of those that it has."""
    yield from ((name, content) for name, content in files.items() if not name.startswith("lanes/"))
    for lane in lanes:  # a KPI may be measured of it
        yield from ((name, content) for name, content in files.items() if name.startswith(f"lanes/{lane}/"))
    for number in range(LANES - len(lanes)):
        lane, copy = lanes[number % len(lanes)], f"copy-{number}"
        for name in ("lane.yaml", "models.py", "workers.py"):
            content = files[f"lanes/{lane}/{name}"].replace(f"lane: {lane}\n".encode(), f"lane: {copy}\n".encode())
            yield f"lanes/{copy}/{name}", content


def _best(action: Callable[[], object]) -> float:
    return min(_timed(action)[0] for _ in range(ROUNDS))


def _timed(action: Callable[[], Made]) -> tuple[float, Made]:
    began = time.process_time()
    made = action()
    return time.process_time() - began, made


if __name__ == "__main__":
    sys.stdout.write("\n".join(f"{name:<58} {value}" for name, value in measured().items()) + "\n")
