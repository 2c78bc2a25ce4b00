"""A request is changed while it waits for a decision, in a real browser, on a wide and on a narrow screen.

With CHARGEHAND_PICTURES=folder each station is kept as a picture, to be looked at.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_refund_journey import SLOW_MS, message, picture, window
from tests.stories.stack import Stack, running


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The morning company, up."""
    with running(tmp_path_factory.mktemp("changing") / "home") as stack:
        yield stack


@pytest.mark.parametrize(("width", "order", "paid"), [(1280, "1188", "742.00"), (390, "1302", "740.00")])
def test_from_change_to_what_is_asked_anew(morning: Stack, browser: Browser, width: int, order: str, paid: str) -> None:
    name = f"change-{width}"
    morning.ask(order=order, amount=paid)
    anna = window(browser, morning, user="U0ANNA", channel="C0SUPPORT", width=width)
    live = message(anna, f"refund of {paid} USD for order {order}")
    morning.card("U0PRIYA", f"{paid} USD for order {order}")
    priya = window(browser, morning, user="U0PRIYA", channel=morning.dm("U0PRIYA"), width=width)
    expect(live).to_contain_text("Waiting for a decision", timeout=SLOW_MS)
    expect(live.get_by_test_id("button-task.change")).to_be_visible(timeout=SLOW_MS)
    picture(anna, f"{name}-1-live")

    change_it(anna, live, name, paid)

    changed = message(anna, f"refund of 600.00 USD for order {order}")
    differs = f"Amount to pay back: {paid} USD → 600.00 USD"
    expect(changed).to_contain_text("Waiting for a decision", timeout=SLOW_MS)
    expect(changed).to_contain_text(f"Changed. {differs}.", timeout=SLOW_MS)
    picture(anna, f"{name}-4-changed")
    withdrawn = message(priya, f"Refund {paid} USD for order {order}?")
    expect(withdrawn).to_contain_text("Anna Kowalczyk changed the request at", timeout=SLOW_MS)
    expect(withdrawn).to_contain_text(differs, timeout=SLOW_MS)
    expect(withdrawn.get_by_test_id("button-decision.approve")).to_have_count(0)
    asked = message(priya, f"Refund 600.00 USD for order {order}?")
    expect(asked.get_by_test_id("button-decision.approve")).to_be_visible(timeout=SLOW_MS)
    picture(priya, f"{name}-5-cards")
    for page in (anna, priya):
        page.close()


def test_words_below_the_request_bring_the_button_that_opens_the_form(morning: Stack, browser: Browser) -> None:
    morning.ask(order="1133", amount="500.01")
    anna = window(browser, morning, user="U0ANNA", channel="C0SUPPORT", width=390)
    live = morning.live("refund of 500.01 USD for order 1133")

    words = "sorry, make it 300.00 instead"
    morning.act("message", user="U0ANNA", channel=live["channel"], thread_ts=live["ts"], text=words)

    told = message(anna, "words in a thread change nothing")
    expect(told.get_by_test_id("button-task.change")).to_be_visible(timeout=SLOW_MS)
    picture(anna, "change-words-1-button")
    told.get_by_test_id("button-task.change").click()
    expect(anna.get_by_label("Amount to pay back (USD)")).to_have_value("500.01", timeout=SLOW_MS)
    picture(anna, "change-words-2-form")
    anna.close()


def change_it(anna: Page, live: Locator, name: str, paid: str) -> None:
    """Anna corrects the amount in the form, and says that she means it."""
    live.get_by_test_id("button-task.change").click()
    expect(anna.get_by_test_id("modal")).to_contain_text("This is what you asked for.", timeout=SLOW_MS)
    expect(anna.get_by_label("Amount to pay back (USD)")).to_have_value(paid)
    picture(anna, f"{name}-2-form")
    anna.get_by_label("Amount to pay back (USD)").fill("600.00")
    anna.get_by_test_id("modal-submit").click()
    differs = f"Amount to pay back: {paid} USD → 600.00 USD"
    expect(anna.get_by_test_id("modal")).to_contain_text(differs, timeout=SLOW_MS)
    picture(anna, f"{name}-3-meant")
    anna.get_by_label("Why?").fill("I read the wrong line of the invoice.")
    anna.get_by_test_id("modal-submit").click()
