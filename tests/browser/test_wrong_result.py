"""A result is said to be wrong and its incident closed, in a real browser.

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
    with running(tmp_path_factory.mktemp("wrong") / "home") as stack:
        yield stack


def test_from_something_is_wrong_to_the_closed_incident(morning: Stack, browser: Browser) -> None:
    morning.ask(order="1234", amount="42.00")
    anna = window(browser, morning, user="U0ANNA", channel="C0SUPPORT")
    done = message(anna, "Done: 42.00 USD refunded for order 1234")
    say_so(anna, done)

    morning.card("U0MEI", "Anna Kowalczyk says that this is wrong")
    mei = window(browser, morning, user="U0MEI", channel=morning.dm("U0MEI"), width=390)
    close_it(mei)

    expect(done).to_contain_text("This was wrong: data, 12 min to put right (incident 1).", timeout=SLOW_MS)
    picture(anna, "wrong-7-known")
    for page in (anna, mei):
        page.close()


def say_so(anna: Page, done: Locator) -> None:
    """Anna presses the button and fills the form."""
    expect(done.get_by_test_id("button-task.wrong").first).to_be_visible(timeout=SLOW_MS)
    picture(anna, "wrong-1-done")
    done.get_by_test_id("button-task.wrong").first.click()
    expect(anna.get_by_test_id("modal")).to_contain_text("Something is wrong", timeout=SLOW_MS)
    anna.get_by_label("What is wrong?").fill("That's the wrong customer: it was order 1243.")
    picture(anna, "wrong-2-form")
    anna.get_by_test_id("modal-submit").click()
    expect(done).to_contain_text("Said to be wrong: incident 1 is open.", timeout=SLOW_MS)
    picture(anna, "wrong-3-said")


def close_it(mei: Page) -> None:
    """Mei-Lin finds it in her messages and on the home, and closes it."""
    card = message(mei, "Anna Kowalczyk says that this is wrong")
    expect(card).to_contain_text("it was order 1243", timeout=SLOW_MS)
    picture(mei, "wrong-4-card")
    mei.get_by_role("link", name="Home").click()
    expect(mei.get_by_text("Anna Kowalczyk says that this is wrong").first).to_be_visible(timeout=SLOW_MS)
    picture(mei, "wrong-5-home")
    mei.get_by_role("link", name="Messages").click()
    card.get_by_test_id("button-incident.close").click()
    expect(mei.get_by_test_id("modal")).to_contain_text("Close incident 1", timeout=SLOW_MS)
    mei.get_by_label("Why was it wrong?").select_option("data")
    mei.get_by_label("Minutes it took to put right").fill("12")
    picture(mei, "wrong-6-closing")
    mei.get_by_test_id("modal-submit").click()
    expect(card).to_contain_text("Mei-Lin Zhao closed it: data, 12 min to put right.", timeout=SLOW_MS)
    expect(card.get_by_test_id("button-incident.close")).to_have_count(0)
    picture(mei, "wrong-6-closed")
