"""A small company with two lanes on one subject: one looks prospects up at a price, the other writes to them."""

from pathlib import Path
from textwrap import dedent

from engine.intake import Accepted, Draft, accept
from tests.builders import House

WORKER = """
    {name}:
      job: {job}
      outcome: Prospects are known
      accountable: ola
      tier: {tier}
      reads: {reads}
      writes: {writes}
      may: {may}
      kpi: replies
      done: It was read back
      takes: [request]
      gives: [{gives}]
      evidence: []
      fails: {{the world is gone: transient}}
      stops: After four tries
      next: requester
      escalates: [lane-owner]
      cost: {{usual: "0.001", at_most: "0.01"}}
      runtime: default
"""
COMPANY = """
company: prospects
name: The prospect company
currency: USD
timezone: UTC
last_resort: ola
strategy: Know whom to write to
workspaces:
  - id: growth
    name: Growth
    portfolios:
      - {id: outbound, name: Outbound, manager: ola}
people:
  - {id: ola, name: Ola Nordmann, email: ola@prospects.example, role: Operator}
objectives:
  - id: win
    title: Win customers who stay
    owner: ola
    key_results:
      - {id: heard, title: Prospects answer us, kpis: [replies]}
kpis:
  - {name: replies, title: Replies, unit: replies, target: 10, direction: up, objective: Win customers who stay}
systems:
  world: {tool: "tools/world.py:World", title: The world, settings: {}}
"""
LANE = """
lane: {lane}
title: {title}
description: {title} of a prospect.
portfolio: outbound
owner: ola
stage: 4
serves: replies
request: models:Whom
subject: "prospect {{request.prospect}}"
tell:
  accepted: "{title}: {{request.prospect}}"
  promise: It goes fast.
  done: "done for {{request.prospect}}"
  verified: It was read back.
retries: {{tries: 2, first_s: 600, factor: 1, longest_s: 600}}
workers:
"""
MODELS = '''
"""What is asked and given."""

from typing import Annotated

from pydantic import BaseModel

from chargehand import Personal


class Whom(BaseModel, frozen=True, extra="forbid", strict=True):
    """Who it is about."""

    prospect: str
    words: Annotated[str, Personal()] = ""


class Found(BaseModel, frozen=True, extra="forbid", strict=True):
    """What was found."""

    address: Annotated[str, Personal()]


class Sent(BaseModel, frozen=True, extra="forbid", strict=True):
    """What was sent."""

    reference: str
    address: Annotated[str, Personal()]
'''
LOOKUP = '''
"""Looks a prospect up, once for as long as it is known."""

from chargehand import Deterministic, Desk, worker

from .models import Found, Whom


@worker
def look(request: Whom, desk: Desk) -> Found:
    """Buy the address unless it is remembered; hear a no."""
    address = desk.recall("address") or desk.world.bought_address(prospect=request.prospect)
    desk.remember("address", address, days=7, confidence=0.8)
    if "stop" in request.words:
        desk.heard("opted_out", because=request.words)
    if "fail" in request.words:
        raise Deterministic("The rest of it failed.")
    desk.keep("found.txt", address)
    return Found(address=address)
'''
CAMPAIGN = '''
"""Looks up, then writes."""

import re

from chargehand import Desk, Proposal, Transient, worker

from .models import Found, Sent, Whom
'''
WRITING_CODE = '''
"""Writes to a prospect."""

from chargehand import Desk, Proposal, worker

from .models import Sent, Whom


@worker
def write(request: Whom, desk: Desk) -> Proposal[Sent]:
    """Ask for one letter."""
    address = desk.recall("address") or desk.world.bought_address(prospect=request.prospect)
    desk.keep("letter.txt", f"To {address}")
    return desk.world.send(address=address, because="They are warm.")
'''
TOOL = '''
"""A world that counts what it is asked for."""

from chargehand import Seen, Transient, effect, lists, reads


class World:
    """Sells addresses and takes letters."""

    def __init__(self) -> None:
        self.bought: list[str] = []
        self.letters: dict[str, str] = {}
        self.sends = 0
        self.away = 0

    @reads()
    def bought_address(self, *, prospect: str) -> str:
        """The address of a prospect; each call costs."""
        if self.away:
            self.away -= 1
            raise Transient("The world is away.")
        self.bought.append(prospect)
        return f"{prospect.lower()}@people.example"

    @effect("readable", look="sent", blast="customer", settle_s=0.0, timeout_s=0.1)
    def send(self, *, address: str, key: str) -> dict[str, str]:
        """Send a letter; the same key twice is two letters."""
        self.sends += 1
        self.letters[key] = address
        return {"reference": key}

    def sent(self, *, key: str, **_: object) -> Seen | None:
        """The letter of a key."""
        found = self.letters.get(key)
        return None if found is None else Seen(reference=key, args={"address": found}, at=0)

    @lists("send")
    def sent_keys(self) -> list[str]:
        """The keys of all letters."""
        return sorted(self.letters)
'''
LOOKING = "  - {name: look, worker: finder, run: workers:look, gives: models:Found, writes: found, progress: Looking.}"
WRITING = "  - {name: write, worker: writer, run: workers:write, gives: models:Sent, writes: sent, progress: Writing.}"
NO_OPT_OUT = """
require:
  - name: nobody said no
    before: write
    rule: {"==": [{"var": "subject.opted_out"}, false]}
    because: "{request.prospect} has said no."
    examples:
      accepted: [{subject.opted_out: false}]
      refused: [{subject.opted_out: true}]
  - name: not asked to death
    before: write
    rule: {"and": [{"<": [{"var": "subject.asked"}, 10]}, {"===": [{"var": "subject.last_contact_at"}, null]}]}
    because: "{request.prospect} was written to before, after {subject.asked} requests."
    examples:
      accepted: [{subject.asked: 1, subject.last_contact_at: null}]
      refused: [{subject.asked: 1, subject.last_contact_at: 1793491200}]
"""


def ask_for(office: House, lane: str, form: str, *, prospect: str = "P-17", words: str = "") -> int:
    """Ask a lane about a prospect, and give the task's number."""
    draft = Draft(lane, "ola", {"prospect": prospect, "words": words}, {}, form, None)
    answer = accept(office.deployment, office.company, draft)
    assert isinstance(answer, Accepted)
    return answer.task


def company(folder: Path) -> Path:
    """Write the company's files and give their folder."""
    look = {
        "name": "finder",
        "job": "Finder",
        "tier": 1,
        "may": "recommend",
        "reads": "[world.bought_address]",
        "writes": "[]",
    }
    write = {
        "name": "writer",
        "job": "Writer",
        "tier": 3,
        "may": "decide",
        "reads": "[world.bought_address]",
        "writes": "[world.send]",
    }
    files = {
        "company.yaml": COMPANY,
        "tools/world.py": TOOL,
        "lanes/lookup/lane.yaml": _lane("lookup", "Look up", WORKER.format(**look, gives="found"), LOOKING, ""),
        "lanes/lookup/models.py": MODELS,
        "lanes/lookup/workers.py": LOOKUP,
        "lanes/writing/lane.yaml": _lane("writing", "Write", WORKER.format(**write, gives="sent"), WRITING, NO_OPT_OUT),
        "lanes/writing/models.py": MODELS,
        "lanes/writing/workers.py": WRITING_CODE,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip("\n"))
    return folder


def campaign(folder: Path, second: str) -> Path:
    """Add a lane that looks up and then writes, whose second worker is the given function."""
    reads = "[world.bought_address]"
    look = {"name": "finder", "job": "Finder", "tier": 1, "may": "recommend", "reads": reads, "writes": "[]"}
    write = {"name": "writer", "job": "Writer", "tier": 3, "may": "decide", "reads": "[]", "writes": "[world.send]"}
    finder = WORKER.format(**look, gives="found").replace("next: requester", "next: writer")
    writer = WORKER.format(**write, gives="sent").replace("[request]", "[request, found]")
    first = LOOKUP.partition("@worker")[2].replace("Deterministic", "Transient")
    texts = {
        "lane.yaml": _lane("campaign", "Campaign", finder + writer, f"{LOOKING}\n{WRITING}", ""),
        "models.py": MODELS,
        "workers.py": f"{CAMPAIGN}\n\n@worker{first}\n{second}",
    }
    for name, text in texts.items():
        (folder / "lanes" / "campaign").mkdir(parents=True, exist_ok=True)
        (folder / "lanes" / "campaign" / name).write_text(text.lstrip("\n"))
    return folder


def _lane(lane: str, title: str, worker: str, step: str, rules: str) -> str:
    return LANE.format(lane=lane, title=title) + dedent(worker).replace("\n", "\n  ") + f"\nsteps:\n{step}\n{rules}"
