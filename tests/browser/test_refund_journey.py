"""A newcomer's first requests, in a real browser, on a whole Chargehand: asked, corrected, decided, explained.

With CHARGEHAND_PICTURES=folder each station is kept as a picture, to be looked at.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.stories.stack import Stack, running

SLOW_MS = 20_000


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The morning company, up."""
    with running(tmp_path_factory.mktemp("browser") / "home") as stack:
        yield stack


def window(browser: Browser, morning: Stack, *, user: str, channel: str, width: int = 1180) -> Page:
    """A window in which one is somebody."""
    page = browser.new_page(viewport={"width": width, "height": 860})
    page.goto(f"{morning.sandbox}/?as={user}&channel={channel}")
    return page


def picture(page: Page, name: str) -> None:
    """Keep a picture of the window if somebody wants to look."""
    folder = os.environ.get("CHARGEHAND_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def fill_form(page: Page, *, order: str, amount: str, reason: str = "The parcel was lost by the carrier.") -> None:
    """Fill the refund form by its labels and send it."""
    page.get_by_label("Order number").fill(order)
    page.get_by_label("Amount to pay back (USD)").fill(amount)
    page.get_by_label("Why", exact=True).fill(reason)
    page.get_by_test_id("modal-submit").click()


def open_form(page: Page) -> None:
    """Type the slash command and choose the lane."""
    composer = page.get_by_test_id("composer")
    composer.fill("/chargehand")
    composer.press("Enter")
    expect(page.get_by_test_id("modal")).to_be_visible(timeout=SLOW_MS)
    page.get_by_label("Refund an order").check()
    expect(page.get_by_label("Order number")).to_be_visible(timeout=SLOW_MS)


def message(page: Page, text: str) -> Locator:
    """The first message that has a text; replies in its thread come after it."""
    return page.get_by_test_id("message").filter(has_text=text).first


def test_a_small_refund_from_the_slash_command_to_why(morning: Stack, browser: Browser) -> None:
    anna = window(browser, morning, user="U0ANNA", channel="C0SUPPORT")
    open_form(anna)
    picture(anna, "1-form")

    fill_form(anna, order="1234", amount="forty-two")
    expect(anna.get_by_test_id("error-amount")).to_have_text("Write the amount like 42.00.", timeout=SLOW_MS)
    picture(anna, "2-error")
    anna.get_by_label("Amount to pay back (USD)").fill("42.00")
    anna.get_by_test_id("modal-submit").click()

    done = message(anna, "Done: 42.00 USD refunded for order 1234")
    expect(done).to_contain_text("amount 42.00 USD is within the limit 500.00 USD", timeout=SLOW_MS)
    picture(anna, "3-done")
    done.get_by_test_id("button-task.why").first.click()
    expect(anna.get_by_test_id("modal")).to_contain_text("shop.order 1234", timeout=SLOW_MS)
    expect(anna.get_by_test_id("modal")).to_contain_text("chain intact")
    picture(anna, "4-why")
    anna.get_by_role("button", name="Close").last.click()
    expect(anna.get_by_test_id("modal")).to_be_hidden()
    anna.close()
    assert morning.refunds("1234") == [4200]


def test_a_large_refund_is_decided_on_a_narrow_screen(morning: Stack, browser: Browser) -> None:
    anna = window(browser, morning, user="U0ANNA", channel="C0SUPPORT")
    open_form(anna)
    fill_form(anna, order="1008", amount="740.00")
    expect(message(anna, "refund of 740.00 USD for order 1008")).to_contain_text(
        "Waiting for a decision", timeout=SLOW_MS
    )
    picture(anna, "5-waiting")

    morning.card("U0PRIYA", "740.00 USD for order 1008")
    priya = window(browser, morning, user="U0PRIYA", channel=morning.dm("U0PRIYA"), width=390)
    card = message(priya, "Refund 740.00 USD for order 1008?")
    expect(card).to_contain_text("Recommended: approve", timeout=SLOW_MS)
    expect(card).to_contain_text("amount 740.00 USD is above the limit 500.00 USD (finance approvers)")
    picture(priya, "6-card")
    card.get_by_test_id("button-decision.approve").click()

    expect(card).to_contain_text("Priya Nair approved this at", timeout=SLOW_MS)
    picture(priya, "7-approved")
    expect(message(anna, "Done: 740.00 USD refunded for order 1008")).to_contain_text(
        "Approved by Priya Nair", timeout=SLOW_MS
    )
    picture(anna, "8-paid")
    kwame = window(browser, morning, user="U0KWAME", channel=morning.dm("U0KWAME"), width=390)
    expect(message(kwame, "order 1008")).to_contain_text("Priya Nair approved this at", timeout=SLOW_MS)
    expect(kwame.get_by_test_id("button-decision.approve")).to_have_count(0)
    for page in (anna, priya, kwame):
        page.close()
    assert morning.refunds("1008") == [74000]
