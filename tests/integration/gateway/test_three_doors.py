"""Slack, mail and the page at the same moment, each through its real door: one decides, the others hear who did."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import DecisionState
from tests.builders import house
from tests.faults.busy_company import busy_company
from tests.integration.engine.worlds import deploy
from tests.integration.escalation.asking import noted, open_decisions
from tests.integration.gateway.conftest import both_served
from tests.integration.gateway.mail.mail_door import MailDoor, config, letter, listening
from tests.integration.gateway.page import Browsing, signed_in, text_of
from tests.integration.gateway.world import World, eventually

ROUNDS, OF_ACCEPTANCE = 12, 600
"""How often the three meet; `--acceptance` takes the six hundred."""

PEOPLE = {"page": "priya", "slack": "kwame", "mail": "mei"}
NAMES = {"priya": "Priya Nair", "kwame": "Kwame Boateng", "mei": "Mei-Lin Zhao"}
HEAD_START_S = 0.3
"""Of one of them, at most: Slack's press is the shortest way, and each door is to come first now and then."""


@pytest.fixture
def doors(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[tuple[World, MailDoor]]:
    """A company without limits that many refunds would reach, with all three doors open."""
    with house(morning_urls, valkey_server.url, home) as office:
        deploy(office, busy_company(home))
        settings = config()
        with both_served(office) as world, listening(office.deployment, settings) as port:
            yield world, MailDoor(office, port, world.gateway, world.http)


@pytest.mark.timeout(900)  # with --acceptance
def test_of_three_doors_in_the_same_moment_one_decides_and_the_others_hear_who_did(
    doors: tuple[World, MailDoor], acceptance: bool
) -> None:
    world, mail = doors
    browser, chance = signed_in(world, PEOPLE["page"]), random.Random(66)
    decisions = open_decisions(world.house, OF_ACCEPTANCE if acceptance else ROUNDS)

    pages = []
    with ThreadPoolExecutor(len(PEOPLE)) as threads:
        for number in decisions:
            first, ahead_s = chance.choice(list(PEOPLE)), chance.uniform(0, HEAD_START_S)
            starts = {door: ahead_s for door in PEOPLE if door != first}
            pages.append(meet(threads, acts(world, mail, browser, number), starts))
    won = [the_winner(world, number) for number in decisions]

    late = {door: Counter(one for one in won if one != door) for door in PEOPLE}
    assert named(pages) == late["page"]
    assert eventually(lambda: named(world.heard("U0KWAME")) == late["slack"]), late["slack"]
    assert eventually(lambda: named(mail.answers()) == late["mail"]), late["mail"]
    assert not acceptance or set(won) == set(PEOPLE), Counter(won)


def named(told: list[str]) -> Counter[str]:
    """Which door's person is named as the one who decided, and how often, in what latecomers were told."""
    return Counter(
        door
        for sentence in told
        for door, person in PEOPLE.items()
        if f"{NAMES[person]} approved this at" in sentence and "Nothing for you to do." in sentence
    )


def acts(world: World, mail: MailDoor, browser: Browsing, number: int) -> dict[str, Callable[[], Any]]:
    """What each of the three does about a decision, with all that can be made ready made ready."""
    saw, address = browser.saw(number), mail.reply_address(number, PEOPLE["mail"])
    by = f"{PEOPLE['mail']}@morning.example"
    answer = letter("Approved.", by=by, to=address, name=f"<three-{number}@morning.example>")
    value = {"decision": number, "saw": saw[:16]}
    return {
        "page": lambda: browser.say(number, "approve", saw=saw),
        "slack": lambda: world.press("U0KWAME", "decision.approve", value),
        "mail": lambda: mail.send(answer, address, sender=by),
    }


def meet(threads: ThreadPoolExecutor, acting: dict[str, Callable[[], Any]], starts: dict[str, float]) -> str:
    """Have all of them act at once, but for a head start; what stands on the page that answered."""
    together = threading.Barrier(len(acting), timeout=60)

    def go(door: str) -> Any:
        together.wait()
        time.sleep(starts.get(door, 0.0))
        return acting[door]()

    answers = {door: threads.submit(go, door) for door in acting}
    done = {door: answer.result() for door, answer in answers.items()}
    return text_of(done["page"])


def the_winner(world: World, number: int) -> str:
    """Through which door the decision fell: it fell once, and both others are on record."""
    refused = eventually(lambda: found if len(found := noted(world.house, number, "answer_refused")) == 2 else [])
    (vote,) = world.house.rows("select person, via from vote where decision = :n", n=number)
    (row,) = world.house.rows("select state, decided_by from decision where number = :n", n=number)

    assert (row.state, row.decided_by) == (DecisionState.APPROVED, vote.person)
    assert vote.person == PEOPLE[vote.via]
    assert {one["actor"] for one in refused} == {f"person:{one}" for one in PEOPLE.values() if one != vote.person}
    return str(vote.via)
