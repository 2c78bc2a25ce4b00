"""A wrong result on the signed-in page, in a real browser on a whole Chargehand: closed with its cause, or taken back.

With CHARGEHAND_PICTURES=folder each station is kept as a picture, to be looked at.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_page import is_no_wider_than_a_phone, link_on_the_terminal, pictures, signed_in
from tests.browser.test_refund_journey import SLOW_MS
from tests.stories.stack import Stack, running

HEADLINE = "Anna Kowalczyk says that this is wrong"
WORDS = "That's the wrong customer: it was order 1243, and the parcel had come after all, says the carrier."


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The morning company, up."""
    with running(tmp_path_factory.mktemp("incidents") / "home") as stack:
        yield stack


def wrong(morning: Stack, order: str, words: str) -> None:
    """A refund that was paid, and what Anna says of it."""
    morning.ask(order=order, amount="42.00")
    done = morning.live(f"Done: 42.00 USD refunded for order {order}")
    (task,) = set(re.findall(r"T-\d+", str(done)))
    said = morning.chargehand("incidents", "report", task, words, "--as", "anna")
    assert said.returncode == 0, said.stderr


def opened(page: Page, name: str) -> None:
    """Follow a link of the list to the page of an incident."""
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible(timeout=SLOW_MS)
    assert is_no_wider_than_a_phone(page)


def test_a_wrong_result_is_closed_with_its_cause_and_a_mistaken_word_is_taken_back(
    morning: Stack, browser: Browser
) -> None:
    wrong(morning, "1234", WORDS)
    wrong(morning, "1235", "This one, too.")
    mei, page = signed_in(browser, link_on_the_terminal(morning, "mei"))
    pictures(page, "incidents-1-list")
    opened(page, HEADLINE)
    pictures(page, "incidents-2-open")
    page.get_by_label("Minutes it took to put right").fill("soon")
    page.get_by_label("Why was it wrong?").select_option("stale facts")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("whole number")).to_be_visible(timeout=SLOW_MS)
    pictures(page, "incidents-3-mistake")
    page.get_by_label("Minutes it took to put right").fill("12")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text(re.compile("Mei-Lin Zhao closed it: stale facts, 12 min"))).to_be_visible(timeout=SLOW_MS)
    pictures(page, "incidents-4-closed")

    anna, hers = signed_in(browser, link_on_the_terminal(morning, "anna"))
    pictures(hers, "incidents-5-said")
    opened(hers, "This one, too.")
    hers.get_by_text("It was a mistake").click()
    pictures(hers, "incidents-6-taking-back")
    hers.get_by_label("Why was it a mistake?").fill("I looked at the wrong order.")
    hers.get_by_role("button", name="Withdraw it").click()
    expect(hers.get_by_text("Anna Kowalczyk withdrew it: “I looked at the wrong order.”")).to_be_visible(
        timeout=SLOW_MS
    )
    pictures(hers, "incidents-7-taken-back")
    page.goto(f"{morning.web}/")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible(timeout=SLOW_MS)
    for one in (mei, anna):
        one.close()
