"""Every modal as its reader sees it, on a phone and at a desk: the question, the labels, what is wrong, and nothing cut off.

With CHARGEHAND_PICTURES=folder each is kept as a picture, to be looked at.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.browser.looking import (
    DESK_PX,
    HEIGHT_PX,
    PHONE_PX,
    at_work,
    direct,
    everything_sent,
    fits,
    looking,
    looks_right,
    message,
    picture,
)
from tests.browser.test_refund_journey import SLOW_MS
from tests.browser.what_waits import (
    ALIKE,
    ASKED_BACK,
    CHANGES,
    OPEN,
    PAID,
    PROSPECT,
    QUESTION,
    UNREAD,
    WRONG,
    everything_waits,
)
from tests.builders import house
from tests.integration.engine.worlds import changed_company
from tests.integration.gateway.world import CHANNEL, World, eventually

PATIENCE_S = 60.0
Press = Callable[[World, str], object]
"""What somebody (their Slack id) does."""


@pytest.fixture(scope="module")
def world(
    new_database: Callable[[], DatabaseUrls], valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One company for all scenes: each opens something, and none moves anything."""
    home = tmp_path_factory.mktemp("modals")
    with house(new_database(), valkey_server.url, home, folder=changed_company(home, CHANGES)) as office:
        everything_waits(office)
        ahead = office.rows("select offset_s from test_clock")[0].offset_s
        with at_work(office, valkey_server.url) as made:
            assert made.http.post(f"{made.slack}/sandbox/clock", json={"offset_s": ahead}).status_code == 200
            everything_sent(made)
            yield made


def typed(words: str) -> Press:
    """The slash command, and what stands behind it."""
    return lambda world, user: world.act(
        "command", user, channel=CHANNEL, command="/chargehand", text=words, wait_for_view=PATIENCE_S
    )


def pressed(action: str, words: str, *, channel: str = "") -> Press:
    """A button of the newest message that has these words, in somebody's own conversation or in a channel."""

    def press(world: World, user: str) -> None:
        place = channel or direct(world, user)
        said = world.look("messages", user=user, channel=place)
        found = [one["ts"] for one in said if words in one["text"] and f'"{action}"' in json.dumps(one["blocks"])]
        where = {"channel": place, "ts": found[-1], "action_id": action}
        world.act("click", user, **where, wait_for_view=PATIENCE_S)

    return press


def within(action: str) -> Press:
    """A button of the modal on top."""
    return lambda world, user: world.act(
        "view-action", user, view_id=on_top(world, user), action_id=action, wait_for_view=PATIENCE_S
    )


def sent(**filled: str) -> Press:
    """The modal on top, filled in and sent."""
    values = {name: {"value": words} for name, words in filled.items()}
    return lambda world, user: world.act(
        "submit", user, view_id=on_top(world, user), values=values, wait_for_view=PATIENCE_S
    )


def on_top(world: World, user: str) -> str:
    """The modal that somebody looks at."""
    found: str = world.look("views", user=user)["modals"][-1]["id"]
    return found


def on_the_home(action: str) -> Press:
    """A button of the app's home."""

    def press(world: World, user: str) -> None:
        world.act("home", user)
        home = eventually(lambda: world.home(user))
        world.act("view-action", user, view_id=home["id"], action_id=action, wait_for_view=PATIENCE_S)

    return press


@dataclass(frozen=True, slots=True)
class Scene:
    """Who opens a modal and how, and what they must be able to read: title, labels of its fields, its buttons, and words.

    What is `filled` in and sent then has its `mistakes`, each beside its field.
    """

    reader: str
    presses: tuple[Press, ...]
    title: str
    labels: tuple[str, ...]
    buttons: tuple[str, ...]
    reads: tuple[str, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)


def request(lane: str, title: str, labels: tuple[str, ...], filled: dict[str, str], mistakes: dict[str, str]) -> Scene:
    """A lane's form, with everything in it that can be wrong."""
    reader = "anna" if lane in ("refunds", "triage") else "tomas"
    return Scene(reader, (typed(lane),), title, labels, ("Cancel", "Ask"), filled=filled, mistakes=mistakes)


def on_card(*actions: str, **told: object) -> Scene:
    """What a button of the card of an open decision brings, and what a button of that does."""
    first, *later = actions
    asked = (f"Refund 740.00 USD for order {OPEN}?",)
    presses = (pressed(f"decision.{first}", OPEN), *(within(f"decision.{one}") for one in later))
    return Scene("priya", presses, **{"reads": asked, **told})  # type: ignore[arg-type]


LIVE = f"order {OPEN}"
WHY = "Why? (optional)"
SCENES = {
    "lanes": Scene("anna", (typed(""),), "Ask for work", (), ("Cancel",), reads=("Refund an order", "Answer a ticket")),
    "ask refunds": request(
        "refunds",
        "Refund an order",
        ("Order number", "Amount to pay back (USD)", "Why"),
        {"order": "12", "amount": "a lot", "reason": "lost"},
        {
            "order": "Write it like 1234.",
            "amount": "Write the amount like 42.00.",
            "reason": "At least 5 characters.",
        },
    ),
    "ask triage": request(
        "triage", "Answer a ticket", ("Ticket number",), {"ticket": "x"}, {"ticket": "Write it like 501."}
    ),
    "ask outreach": request(
        "outreach",
        "Write to a prospect",
        ("Prospect", "Offer"),
        {"prospect": "17", "offer": "assessment"},
        {"prospect": "Write it like P-17."},
    ),
    "ask publishing": request(
        "publishing",
        "Publish a post",
        ("Post", "Slug"),
        {"post": "seventy", "slug": "How to refund"},
        {"post": "Write it like 71.", "slug": "Write it like how-to-refund-in-a-day."},
    ),
    "ask enrichment": request(
        "enrichment", "Look up a prospect", ("Prospect",), {"prospect": "17"}, {"prospect": "Write it like P-17."}
    ),
    "change": Scene(
        "anna",
        (pressed("task.change", LIVE, channel=CHANNEL),),
        r"Change T-\d+",
        ("Order number", "Amount to pay back (USD)", "Why"),
        ("Keep it", "Continue"),
        reads=("This is what you asked for.",),
        filled={"amount": "740.00"},
        mistakes={"order": "Nothing is changed here yet."},
    ),
    "change meant": Scene(
        "anna",
        (pressed("task.change", LIVE, channel=CHANNEL), sent(order=OPEN, amount="600.00", reason="Half of it came.")),
        r"Change T-\d+\?",
        (WHY,),
        ("Back", "Change it"),
        reads=("Amount to pay back: 740.00 USD → 600.00 USD", "The work begins anew with that."),
    ),
    "cancel": Scene(
        "anna",
        (pressed("task.cancel", LIVE, channel=CHANNEL),),
        r"Cancel T-\d+",
        (WHY,),
        ("Keep it", "Cancel it"),
        reads=(f"refund of 740.00 USD for order {OPEN}",),
    ),
    "reject": on_card(
        "reject",
        title="Reject",
        labels=("Why?",),
        buttons=("Cancel", "Reject"),
        filled={"reason": "no"},
        mistakes={"reason": "At least 3 characters."},
    ),
    "approve with changes": on_card(
        "change",
        title="Approve with changes",
        labels=("Amount (USD) (optional)", WHY),
        buttons=("Cancel", "Approve changed"),
        filled={"new_amount": "a lot"},
        mistakes={"new_amount": "Write the amount like 42.00."},
    ),
    "ask back": on_card(
        "ask",
        title="Ask back",
        labels=("What do you want to know?",),
        buttons=("Cancel", "Ask"),
        filled={},
        mistakes={},
    ),
    "more": on_card("more", title=r"More on T-\d+", labels=(), buttons=("Close",)),
    "send back": on_card(
        "more", "revise", title="Send back", labels=("What should be otherwise?",), buttons=("Cancel", "Send back")
    ),
    "hand over": on_card(
        "more",
        "hand_over",
        title="Hand over",
        labels=("Who decides in your place?", WHY),
        buttons=("Cancel", "Hand over"),
    ),
    "snooze": on_card(
        "more", "snooze", title="Remind me later", labels=("Remind me in",), buttons=("Cancel", "Remind me")
    ),
    "answer": Scene(
        "anna",
        (pressed("question.answer", "asks"),),
        "Answer",
        ("Your answer",),
        ("Cancel", "Send"),
        reads=("Kwame Boateng", QUESTION, f"order {ASKED_BACK}?"),
    ),
    "together": Scene(
        "priya",
        (on_the_home("decision.together"),),
        "3 alike",
        ("Which", "Your answer", WHY),
        ("Cancel", "Decide"),
        reads=(f"order {OPEN}?", f"order {ALIKE}?", "asked by Anna Kowalczyk"),
        filled={"answer": "Reject"},
        mistakes={"reason": "Say why: the requesters read it."},
    ),
    "it did not happen": Scene(
        "jonas",
        (pressed("decision.reject", PROSPECT),),
        "It did not happen",
        ("Why?",),
        ("Cancel", "It did not happen"),
        reads=("Did crm.send happen?",),
    ),
    "wrong": Scene(
        "anna",
        (pressed("task.wrong", f"order {PAID}", channel=CHANNEL),),
        "Something is wrong",
        ("What is wrong?", "Why, if you know (optional)", "Minutes it took to put right (optional)"),
        ("Cancel", "Send"),
        reads=(f"42.00 USD refunded for order {PAID}",),
        filled={"wrong": "no", "minutes": "soon"},
        mistakes={"minutes": "Enter a number."},
    ),
    "close": Scene(
        "mei",
        (pressed("incident.close", "says that this is wrong"),),
        r"Close incident \d+",
        ("Why was it wrong?", "Minutes it took to put right", "What else should be known? (optional)"),
        ("Cancel", "Close it"),
        reads=("Anna Kowalczyk", WRONG),
        filled={"cause": "stale_facts", "minutes": "200000"},
        mistakes={"minutes": "Enter a number of at most 10080."},
    ),
    "why": Scene(
        "anna",
        (pressed("task.why", f"order {PAID}", channel=CHANNEL),),
        r"Why T-\d+",
        (),
        ("Close",),
        reads=("Asked", "Authorised", "Changed", "Trail"),
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_modal_reads_well_on_a_phone_and_at_a_desk(world: World, browser: Browser, name: str) -> None:
    scene = SCENES[name]
    for press in scene.presses:
        press(world, f"U0{scene.reader.upper()}")

    with looking(world, browser, scene.reader, channel=CHANNEL) as page:
        modal = page.get_by_test_id("modal")
        expect(modal.get_by_role("heading", level=2)).to_have_text(re.compile(rf"^{scene.title}$"))
        assert [words.strip() for words in modal.locator(".field > :is(label, legend)").all_inner_texts()] == [
            *scene.labels
        ]
        assert modal.locator("footer .press").all_inner_texts() == [*scene.buttons]
        for words in scene.reads:
            expect(modal).to_contain_text(words)
        reads_well(page, name)
        if scene.mistakes:
            fill_in(page, scene.filled)
            for block, sentence in scene.mistakes.items():
                expect(page.get_by_test_id(f"error-{block}")).to_have_text(sentence, timeout=SLOW_MS)
            expect(modal.locator(".error")).to_have_count(len(scene.mistakes))
            reads_well(page, f"{name} mistakes")
        close_all(world, scene.reader)


def close_all(world: World, reader: str) -> None:
    """What comes after this looks at something else."""
    user = f"U0{reader.upper()}"
    while world.look("views", user=user)["modals"]:
        world.act("close-view", user, view_id=on_top(world, user))


def fill_in(page: Page, filled: Mapping[str, str]) -> None:
    """Fill fields of the modal in, and send it."""
    for block, words in filled.items():
        here = page.get_by_test_id(f"field-{block}")
        if here.locator("select").count():
            here.locator("select").select_option(words)
        elif here.get_by_role("radio").count():
            here.get_by_label(words).check()
        else:
            here.locator("input, textarea").fill(words)
    page.get_by_test_id("modal-submit").click()


def reads_well(page: Page, name: str) -> None:
    """Nothing is cut off and nothing has to be pushed sideways, on a phone and at a desk."""
    modal = page.get_by_test_id("modal")
    for width in (DESK_PX, PHONE_PX):
        page.set_viewport_size({"width": width, "height": HEIGHT_PX})
        fits(page, modal)
        picture(modal, f"modal-{name}-{width}")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A card that only whoever answers for a lane gets: which words it is found by, and what its reader must read."""

    reader: str
    found_by: str
    reads: tuple[str, ...]
    buttons: tuple[str, ...]


TROUBLES = {
    "nobody can look": Trouble(
        "jonas",
        PROSPECT,
        (
            "message to P-17 about assessment. Did crm.send happen?",
            "Recommended: look where it would have happened",
            "Nobody can look",
            "If you do nothing",
        ),
        ("It happened", "It did not happen", "Ask back", "More"),
    ),
    "can not be read back": Trouble(
        "ruth",
        UNREAD,
        ("Did shop.refund happen?", "Recommended: look", "can't be read back"),
        ("It happened", "It did not happen", "Ask back", "More"),
    ),
    "a peer passed over": Trouble(
        "ruth",
        "Order checker on batch",
        ("gave no answer within 10 min. Try again?", "Tried", "If you do nothing"),
        ("Try again", "Stop", "Ask back", "More"),
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_card_of_what_is_in_doubt_reads_well_on_a_phone_and_at_a_desk(
    world: World, browser: Browser, name: str
) -> None:
    trouble = TROUBLES[name]
    for width in (PHONE_PX, DESK_PX):
        with looking(world, browser, trouble.reader, width=width) as page:
            card = message(page, trouble.found_by)
            for words in trouble.reads:
                expect(card).to_contain_text(words)
            assert card.locator("[data-testid^=button-]").all_inner_texts() == [*trouble.buttons]
            looks_right(page, card, f"{name}-{width}")


ANSWERS = {
    "help": "",
    "juggle": "I don't know “juggle”.",
    "away": "Until when, and who decides for you?",
    "away until tomorrow to mei": "“tomorrow” is no day",
    "away until 2099-12-07 to nobody": "Nobody here is called nobody.",
    "away until 2099-12-07 to mei": "Mei-Lin Zhao is asked in your place",
    "back": "Welcome back.",
    "find order": "Found",
}


def test_what_is_answered_to_typed_words_reads_well(world: World, browser: Browser) -> None:
    with looking(world, browser, "tomas", channel=CHANNEL) as page:
        for words, told in ANSWERS.items():
            world.act("command", "U0TOMAS", channel=CHANNEL, command="/chargehand", text=words)
            answer = page.locator("article.private").filter(has_text=told).last
            expect(answer).to_be_visible(timeout=SLOW_MS)
            fits(page, answer)
            picture(answer, f"told-{words}-{PHONE_PX}")


HOMES = {
    "priya": ("Large refund: 3 alike", "waiting for an answer, the clock is stopped"),
    "anna": ("Kwame Boateng asks you:", QUESTION, "You asked"),
    "mei": ("Anna Kowalczyk says that this is wrong", "There is no work that you may ask for here yet."),
    "tomas": ("Nothing waits for you.", "Blocked: message to P-17 about assessment"),
}


@pytest.mark.parametrize("reader", HOMES)
def test_a_home_reads_well_on_a_phone_and_at_a_desk(world: World, browser: Browser, reader: str) -> None:
    with looking(world, browser, reader, tab="home") as page:
        home = page.get_by_test_id("home")
        expect(home).to_contain_text("Ask for work", timeout=SLOW_MS)
        for words in HOMES[reader]:
            expect(home).to_contain_text(words)
        for width in (DESK_PX, PHONE_PX):
            page.set_viewport_size({"width": width, "height": HEIGHT_PX})
            fits(page, home)
            picture(home, f"home-{reader}-{width}")
