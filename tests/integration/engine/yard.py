"""A company whose lanes tests write as they need them: one yard in memory that misbehaves on demand, and short files."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

from chargehand.embedded.addresses import DatabaseUrls
from contracts.authoring import Transient
from engine import shift
from engine.intake import Accepted, Draft, accept
from escalation.cancelling import cancel
from escalation.decisions import Outcome
from storage.claims import Claimant
from tests.builders import House, house

COMPANY: Mapping[str, Any] = {
    "company": "yard",
    "name": "The yard",
    "currency": "EUR",
    "timezone": "UTC",
    "last_resort": "rosa",
    "strategy": "Keep the yard tidy",
    "workspaces": [
        {"id": "house", "name": "House", "portfolios": [{"id": "outside", "name": "Outside", "manager": "rosa"}]}
    ],
    "people": [
        {"id": "rosa", "name": "Rosa Lima", "email": "rosa@yard.example", "role": "Head"},
        {"id": "nuno", "name": "Nuno Reis", "email": "nuno@yard.example", "role": "Gardener", "manager": "rosa"},
        {"id": "ines", "name": "Inês Prata", "email": "ines@yard.example", "role": "Neighbour", "manager": "rosa"},
    ],
    "groups": {"gardeners": ["nuno"]},
    "systems": {"yard": {"tool": "tools/yard.py:Yard", "title": "The yard", "settings": {}}},
    "kpis": [{"name": "tidy", "title": "Tidy", "unit": "%", "target": 95, "direction": "up", "objective": "Tidy"}],
}

YARD = '''
from collections import Counter
from typing import Any, TypedDict

from chargehand import Seen, effect, reads


class Found(TypedDict):
    what: str
    says: str


class Yard:
    """`troubles` are raised, by operation and what it is about, before the call is made; `counts` are of the calls."""

    def __init__(self) -> None:
        self.placed: dict[str, str] = {}
        self.taken: dict[str, str] = {}
        self.troubles: dict[str, list[Exception]] = {}
        self.counts: Counter[str] = Counter()
        self.says: dict[str, str | list[str]] = {}

    @reads()
    def look(self, *, what: str) -> Found:
        self._pass(f"look {what}")
        said = self.says.get(what, "fine")
        return {"what": what, "says": said if isinstance(said, str) else said.pop(0) if len(said) > 1 else said[0]}

    @effect("readable", look="placed_by_key", blast="record")
    def place(self, *, what: str, key: str) -> dict[str, Any]:
        self._pass(f"place {what}")
        self.placed[key] = what
        return {}

    def placed_by_key(self, *, key: str, **_: object) -> Seen | None:
        return Seen(key, {"what": self.placed[key]}, 1793491200) if key in self.placed else None

    @effect("readable", look="taken_by_key", blast="record")
    def take(self, *, what: str, key: str) -> dict[str, Any]:
        self._pass(f"take {what}")
        self.taken[key] = what
        return {}

    def taken_by_key(self, *, key: str, **_: object) -> Seen | None:
        return Seen(key, {"what": self.taken[key]}, 1793491200) if key in self.taken else None

    def _pass(self, name: str) -> None:
        self.counts[name] += 1
        if self.troubles.get(name):
            raise self.troubles[name].pop(0)
'''

MODELS = """
from typing import Annotated

from pydantic import BaseModel

from chargehand import Instant


class Wish(BaseModel, frozen=True, extra="forbid", strict=True):
    what: str


class Found(BaseModel, frozen=True, extra="forbid", strict=True):
    what: str
    says: str


class Placed(BaseModel, frozen=True, extra="forbid", strict=True):
    reference: str
    what: str
    at: Annotated[int, Instant()]
"""

CODE = """
from chargehand import Desk, Gathered, Point, Proposal, Review, Reviewed, worker

from .models import *

"""
LOOK_AND_PLACE = """
@worker
def look(request: Wish, desk: Desk) -> Found:
    return Found(**desk.yard.look(what=request.what))


@worker
def place(request: Wish, found: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=request.what, because="it is wanted")
"""
"""Two steps of many a lane: the one reads, the other changes the yard."""


def worker(next_one: str, takes: str, gives: str, **more: Any) -> dict[str, Any]:
    """A worker that takes and gives these fields, separated by spaces; one with writes has tier 3."""
    tier = 3 if more.get("writes") else 1
    return {
        "job": "Helper",
        "outcome": "The yard is tidy",
        "accountable": "nuno",
        "kpi": "tidy",
        "done": "It is done",
        "tier": tier,
        "may": "decide" if tier == 3 else "recommend",
        "reads": ["yard.look"],
        "writes": [],
        "takes": takes.split(),
        "gives": gives.split(),
        "evidence": more.get("writes", []),
        "fails": {"the yard is closed": "transient"},
        "stops": "After four tries",
        "next": next_one,
        "escalates": ["lane-owner"],
        "cost": {"usual": "0.001", "at_most": "0.01"},
        "runtime": "default",
        **more,
    }


def step(name: str, who: str, gives: str, writes: str, **more: Any) -> dict[str, Any]:
    """A step whose function is called as it is."""
    run, gives = f"workers:{name.replace('-', '_')}", gives if gives == "review" else f"models:{gives}"
    return {"name": name, "worker": who, "run": run, "gives": gives, "writes": writes, "progress": name, **more}


def lane(name: str, workers: Mapping[str, Any], steps: list[Any], code: str, **more: Any) -> dict[str, str]:
    """The files of a lane; `models` are added to those that every lane has."""
    models = MODELS + more.pop("models", "")
    told = {"accepted": f"{name} {{request.what}}", "promise": "Soon.", "done": "done", "verified": "Read back."}
    declared = {
        "lane": name,
        "title": name,
        "description": "Tidies.",
        "portfolio": "outside",
        "owner": "nuno",
        "stage": 3,
        "request": "models:Wish",
        "subject": f"{name} {{request.what}}",
        "serves": "tidy",
        "tell": told,
        "workers": workers,
        "steps": steps,
        "retries": {"tries": 3, "first_s": 9, "longest_s": 10},
        **more,
    }
    files = {"lane.yaml": json.dumps(declared), "models.py": models, "workers.py": CODE + code}
    return {f"lanes/{name}/{file}": text for file, text in files.items()}


@contextmanager
def yard_with(
    lane_files: Mapping[str, str], urls: DatabaseUrls, redis_url: str, home: Path, **company: Any
) -> Iterator[House]:
    """The yard with these lanes, published, and a runner in this process."""
    folder = home / "yard"
    files = {"company.yaml": json.dumps({**COMPANY, **company}), "tools/yard.py": YARD, **lane_files}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with house(urls, redis_url, home, folder=folder) as found:
        found.company = "yard"
        yield found


@contextmanager
def yard_again(urls: DatabaseUrls, redis_url: str, home: Path) -> Iterator[House]:
    """The yard that was published in `home`, on another database, as after a restore."""
    with house(urls, redis_url, home, folder=home / "yard") as found:
        found.company = "yard"
        yield found


def the_yard(office: House) -> Any:
    """The yard itself."""
    return office.runner.systems["yard"]["yard"]


def wish(office: House, lane_name: str, what: str = "shed", **request: Any) -> int:
    """Ask for something to be done; the same wish is the same task."""
    draft = Draft(lane_name, "ines", {"what": what, **request}, {}, f"{lane_name} {what}", None)
    answer = accept(office.deployment, office.company, draft)
    assert isinstance(answer, Accepted)
    return answer.task


def recall(office: House, task: int, person: str = "ines") -> Outcome:
    """One person's wish, in a transaction of its own."""
    with office.deployment.database.transaction("yard") as unit:
        return cancel(unit, task=task, person_id=person, reason="changed my mind", via="slack")


def during(office: House, call: str, act: Callable[[], object]) -> None:
    """Have something happen once while the yard is called."""
    yard = the_yard(office)
    passes, pending = yard._pass, [act]

    def passing(name: str) -> None:
        if name == call and pending:
            pending.pop()()
        passes(name)

    yard._pass = passing


def closed(times: int = 1) -> list[Exception]:
    """Trouble that passes by itself."""
    return [Transient("The yard is closed.", cause="yard") for _ in range(times)]


def events(office: House, task: int) -> list[str]:
    """The trail's events of a task."""
    query = "select event from audit_entry where trail = :trail order by seq"
    return [row.event for row in office.rows(query, trail=f"task:{task}")]


def contents(office: House, task: int, event: str) -> list[dict[str, Any]]:
    """What the trail keeps of each such event of a task."""
    query = "select content from audit_entry where trail = :trail and event = :event order by seq"
    return [row.content for row in office.rows(query, trail=f"task:{task}", event=event)]


def let_time_pass(office: House, *, rounds: int = 6, seconds: float = 11) -> None:
    """Work whatever is due, again and again."""
    for _ in range(rounds):
        office.work()
        office.wait(seconds)


Lived = Callable[[], object]


def work_at_once(office: House, *, runners: int = 3) -> None:
    """Several runners, each in a thread of its own, work what is due."""
    hands = [replace(office.runner, claimant=Claimant(f"runner-{number}", "default")) for number in range(runners)]
    threads = [Thread(target=shift._work, args=(one, office.company)) for one in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
