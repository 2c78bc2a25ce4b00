"""A business of many lanes, the morning company's with copies of its refunds, to see how long it takes to load."""

import time
from pathlib import Path

from chargehand.business_files import read
from contracts.business import load
from contracts.loading.lanes import lane_folders

MORNING = Path(__file__).parents[1] / "examples" / "morning"
LANE = "lanes/refunds/"


def seconds_to_load(lanes: int) -> float:
    """Seconds from bytes to a checked business of that many lanes, each with its rules, examples and code."""
    files = read(MORNING)
    declared = len(lane_folders(files))
    for number in range(lanes - declared):
        files |= _another(files, f"refunds-{number}")
    began = time.perf_counter()
    business = load(files)
    seconds = time.perf_counter() - began
    if len(business.lanes) != lanes:
        raise RuntimeError(f"{len(business.lanes)} of {lanes} lanes were loaded")
    return seconds


def _another(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    own = {path.removeprefix(LANE): content for path, content in files.items() if path.startswith(LANE)}
    page = own["lane.yaml"].replace(b"lane: refunds\n", f"lane: {name}\n".encode(), 1)
    return {f"lanes/{name}/{path}": content for path, content in (own | {"lane.yaml": page}).items()}
