"""Every state of a card as its reader sees it on a narrow screen: nothing is cut, nothing has to be pushed sideways.

With CHARGEHAND_PICTURES=folder each is kept as a picture, to be looked at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Judgment
from contracts.vocabulary import Answer
from escalation.cancelling import cancel
from tests.browser.looking import at_work, everything_sent, looking, looks_right, message
from tests.browser.test_refund_journey import SLOW_MS
from tests.builders import House, house
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import decision_of, open_shop, raising
from tests.integration.engine.yard import let_time_pass
from tests.integration.escalation.asking import say, speak
from tests.integration.escalation.test_every_answer import a_blocker
from tests.integration.gateway.world import World

LONG = "The carrier has *accepted* the claim & pays us back by <Friday>, says its letter of the 3rd. " * 5


@pytest.fixture(scope="module")
def world(
    new_morning: Callable[[], DatabaseUrls], valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The morning company for all scenes: each looks at its own card only."""
    folder = tmp_path_factory.mktemp("cards")
    with house(new_morning(), valkey_server.url, folder) as office, at_work(office, valkey_server.url) as made:
        yield made


def recalled(office: House, decision: int) -> None:
    """The requester takes the request back."""
    task = office.rows("select task from decision where number = :n", n=decision)[0].task
    with office.deployment.database.transaction("morning") as unit:
        cancel(unit, task=task, person_id="anna", reason="The parcel was found.", via="slack")


def later(seconds: float, rounds: int = 1) -> Callable[[House, int], None]:
    """Time passes, and the clock goes round."""

    def pass_by(office: House, _: int) -> None:
        for _ in range(rounds):
            office.wait(seconds)
            office.sweep()

    return pass_by


def carried_out(office: House, decision: int) -> None:
    """Approved, and paid."""
    say(office, decision, "mei")
    office.work()


def one_of_two(office: House, decision: int) -> None:
    """Two must agree, and the reader has."""
    office.rows("update decision set quorum = 2 where number = :n returning 1", n=decision)
    say(office, decision, "priya")


def own_request(office: House, decision: int) -> None:
    """Somebody who may decide had asked, and it could not wait."""
    terms = "terms || '{\"break_glass\": true}'::jsonb"
    office.rows(f"update decision set requester = 'mei', terms = {terms} where number = :n returning 1", n=decision)
    speak(office, decision, Answer.APPROVE, "mei", reason="The customer is at the desk.", own=True)


def changed_by_requester(office: House, decision: int) -> None:
    """The requester wants something else meanwhile, which needs no decision."""
    task = office.rows("select task from decision where number = :n", n=decision)[0].task
    order = office.task(task).request["order"]
    rethink(office, task, order=order, amount=3000)


@dataclass(frozen=True, slots=True)
class Scene:
    """What was done about a decision, who looks at what came of it, what they must read, and how many buttons it has."""

    done: Callable[[House, int], object]
    reader: str
    reads: tuple[str, ...]
    buttons: int = 0


SCENES = {
    "open": Scene(lambda office, decision: None, "priya", ("Recommended: approve", "If you do nothing"), 5),
    "asked back": Scene(
        lambda office, decision: speak(office, decision, Answer.ASK, "kwame", reason=LONG + "?"),
        "priya",
        ("Kwame Boateng asked", "the clock is stopped"),
        4,
    ),
    "a question to the requester": Scene(
        lambda office, decision: speak(office, decision, Answer.ASK, "kwame", reason="Which claim?"),
        "anna",
        ("Kwame Boateng asks you", "Which claim?"),
        1,
    ),
    "approved by another": Scene(carried_out, "priya", ("Mei-Lin Zhao approved this at",)),
    "rejected": Scene(
        lambda office, decision: speak(office, decision, Answer.REJECT, "mei", reason=LONG),
        "priya",
        ("Mei-Lin Zhao rejected this at",),
    ),
    "changed": Scene(
        lambda office, decision: speak(office, decision, Answer.CHANGE, "mei"), "priya", ("Mei-Lin Zhao",)
    ),
    "sent back": Scene(
        lambda office, decision: speak(office, decision, Answer.REVISE, "mei", reason=LONG),
        "priya",
        ("Mei-Lin Zhao",),
    ),
    "handed over": Scene(
        lambda office, decision: speak(office, decision, Answer.HAND_OVER, "priya", to="ruth"),
        "priya",
        ("You handed this over: Ruth Adeyemi decides now.",),
        1,
    ),
    "one yes of two": Scene(one_of_two, "priya", ("You approved this; others are still asked.", "1 of 2 approved"), 1),
    "put off": Scene(lambda office, decision: speak(office, decision, Answer.SNOOZE, "priya"), "priya", (), 5),
    "own request": Scene(own_request, "priya", ("their own request (break-glass)",)),
    "request changed": Scene(changed_by_requester, "priya", ("Anna Kowalczyk changed the request",)),
    "recalled": Scene(recalled, "priya", ("Anna Kowalczyk cancelled this",)),
    "reminded": Scene(later(3601), "priya", ("Still waiting for you",), 5),
    "next in line": Scene(later(5 * 3600), "ruth", ("Recommended: approve",), 5),
    "expired": Scene(later(21 * 3600, 2), "priya", ("Nobody answered in time",)),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_card_reads_well_on_a_phone(world: World, browser: Browser, name: str) -> None:
    scene, order = SCENES[name], f"{3000 + list(SCENES).index(name)}"
    open_shop(world.house)
    task = world.house.asked(order=order, form=name, amount=74000)
    world.house.work()
    decision = decision_of(world.house, task)
    everything_sent(world)

    scene.done(world.house, decision)
    everything_sent(world)

    with looking(world, browser, scene.reader) as page:
        card = message(page, f"order {order}")
        for words in scene.reads:
            expect(card).to_contain_text(words, timeout=SLOW_MS)
        expect(card.locator("[data-testid^=button-]")).to_have_count(scene.buttons)
        looks_right(page, card, name)


def test_what_stopped_the_work_reads_well_on_a_phone(
    morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path, browser: Browser
) -> None:
    with house(morning_urls, valkey_server.url, home) as office, at_work(office, valkey_server.url) as world:
        decision = a_blocker(office)
        everything_sent(world)

        with looking(world, browser, "ruth") as page:
            card = message(page, "shop")
            expect(card).to_contain_text("If you do nothing", timeout=SLOW_MS)
            looks_right(page, card, "blocker")
            speak(office, decision, Answer.APPROVE, "ruth")
            everything_sent(world)
            expect(card).to_contain_text("Ruth", timeout=SLOW_MS)
            looks_right(page, card, "blocker-answered")


def test_what_goes_round_reads_well_on_a_phone(
    morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path, browser: Browser
) -> None:
    with house(morning_urls, valkey_server.url, home) as office, at_work(office, valkey_server.url) as world:
        reasons = [Judgment(f"Nobody understands riddle {number}.", cause=f"riddle {number}") for number in range(9)]
        open_shop(office).reading = [raising(one) for one in reasons]
        office.asked()
        let_time_pass(office, rounds=8, seconds=700)
        everything_sent(world)

        with looking(world, browser, "ruth") as page:
            card = message(page, "each time for another reason")
            expect(card).to_contain_text("If you do nothing", timeout=SLOW_MS)
            looks_right(page, card, "goes-round")
