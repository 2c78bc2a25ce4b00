"""A press that sets pages part by part and breaks off, lags or refuses on demand, and lanes that have it set them."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from chargehand.embedded.addresses import DatabaseUrls
from tests.builders import House
from tests.integration.engine.yard import LOOK_AND_PLACE, lane, step, the_yard, worker, yard_with

PARTS = ("text", "picture", "index")
PRESS = '''
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from chargehand import Partly, Seen, effect, in_parts, reads


class Found(TypedDict):
    what: str
    says: str


PARTS = ("text", "picture", "index")


class Yard:
    """A press: a page is a text, its picture and its line in the index, each set by itself.

    A call stops before the part named in `stops`, and raises what stands there, if anything. What was set is shown
    `lag_s` seconds later, or later by what `lags` says of the part.
    """

    def __init__(self) -> None:
        self.set: list[tuple[str, str, float]] = []
        self.taken_off: dict[str, str] = {}
        self.stops: dict[str, list[Exception | None]] = {}
        self.asked: list[tuple[str, ...] | None] = []
        self.now: Callable[[], float] = lambda: 0.0
        self.lag_s = 0.0
        self.lags: dict[str, float] = {}

    @reads()
    def look(self, *, what: str) -> Found:
        return {"what": what, "says": "fine"}

    @in_parts("missing")
    @effect("readable", look="page_by_key", blast="record", settle_s=10.0)
    def place(self, *, what: str, key: str, missing: Sequence[str] | None = None) -> Any:
        self.asked.append(missing)
        for part in PARTS if missing is None else missing:
            if self.stops.get(part):
                error = self.stops[part].pop(0)
                if error is not None:
                    raise error
                break
            self.set.append((key, part, self.now()))
        return {}

    def page_by_key(self, *, key: str, what: str) -> Seen | Partly | None:
        shown = {part for known, part, at in self.set if known == key and at + self.lags.get(part, self.lag_s) <= self.now()}
        missing = tuple(part for part in PARTS if part not in shown)
        if missing:
            return Partly(tuple(part for part in PARTS if part in shown), missing, reference=key)
        return Seen(key, {"what": what}, 1793491200)

    @effect("readable", look="off_by_key", blast="record")
    def take_off(self, *, what: str, reference: str, key: str) -> Any:
        self.set = [one for one in self.set if one[0] != reference]
        self.taken_off[key] = reference
        return {}

    def off_by_key(self, *, key: str, what: str, reference: str) -> Seen | None:
        return Seen("off", {"what": what, "reference": reference}, 1793491200) if key in self.taken_off else None
'''
BLIND = PRESS.replace('"readable", look="page_by_key"', '"neither", look=None').replace(
    "        return {}\n\n    def page_by_key",
    "        left = [one for one in PARTS if one not in [part for _, part, _ in self.set]]\n"
    "        return Partly(tuple(part for _, part, _ in self.set), tuple(left), reference=key) if left else {}\n\n"
    "    def page_by_key",
)
KEYED = (
    PRESS.replace('"readable", look="page_by_key"', '"keyed", look="page_by_key"')
    .replace("settle_s=10.0", "settle_s=30.0")
    .replace("from chargehand import ", "from chargehand import Deterministic, ")
    .replace(
        "            self.set.append((key, part, self.now()))",
        "            if any((key, part) == known[:2] for known in self.set):\n"
        '                raise Deterministic(f"The press has the {part} already.")\n'
        "            self.set.append((key, part, self.now()))",
    )
)
CODE = LOOK_AND_PLACE


EACH = """
@worker
def gather(request: Wish, desk: Desk) -> Pages:
    return Pages(pages=[Found(what=one, says="fine") for one in request.what.split()])


@worker
def place(page: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=page.what, because="it is wanted")
"""
PAGES = """

class Pages(BaseModel, frozen=True, extra="forbid", strict=True):
    pages: list[Found]
"""


class Pressroom:
    """Opens the yard with a lane that sets a page."""

    def __init__(self, stack: ExitStack, urls: DatabaseUrls, redis_url: str, home: Path) -> None:
        self._stack, self._urls, self._redis_url, self._home = stack, urls, redis_url, home

    def __call__(self, *, press: str = PRESS, **undo: Any) -> House:
        """With `undo` the step declares how a page is put back."""
        placing = {"undo": {"by": "yard.take_off", **undo}} if undo else {}
        files = lane(
            "pages",
            {
                "looker": worker("placer", "request", "found"),
                "placer": worker("requester", "request found", "placed", writes=["yard.place"]),
            },
            [step("look", "looker", "Found", "found"), step("place", "placer", "Placed", "placed", **placing)],
            CODE,
        )
        files = {**files, "tools/yard.py": press}
        office = self._stack.enter_context(yard_with(files, self._urls, self._redis_url, self._home))
        the_yard(office).now = lambda: float(office.rows("select extract(epoch from chargehand_now()) s")[0].s)
        return office

    def of_a_list(self) -> House:
        """With a lane that sets each page of a list, and declares how each is put back."""
        files = lane(
            "pages",
            {
                "gatherer": worker("placer", "request", "found", reads=[]),
                "placer": worker("requester", "found", "placed", writes=["yard.place"]),
            },
            [
                step("gather", "gatherer", "Pages", "found"),
                step("place", "placer", "Placed", "placed", each="state.found.pages", undo={"by": "yard.take_off"}),
            ],
            EACH,
            models=PAGES,
        )
        files = {**files, "tools/yard.py": PRESS}
        return self._stack.enter_context(yard_with(files, self._urls, self._redis_url, self._home))
