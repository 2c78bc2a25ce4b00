"""The mailboxes in a real browser, beside a whole Chargehand: a card is read as HTML and as text, and answered.

With CHARGEHAND_PICTURES=folder each station is kept as a picture, to be looked at.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.stack import Stack, running, until

SLOW_MS = 20_000
MEI, ANNA, RUTH = "mei@morning.example", "anna@morning.example", "ruth@morning.example"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The morning company, up."""
    with running(tmp_path_factory.mktemp("mailboxes") / "home") as stack:
        yield stack


def mailbox(browser: Browser, morning: Stack, address: str, *, width: int = 1180) -> Page:
    """A window with somebody's mailbox."""
    page = browser.new_page(viewport={"width": width, "height": 860})
    page.goto(f"{morning.sandbox}/mail?as={address}")
    return page


def letters(morning: Stack, address: str, text: str) -> list[dict[str, str]]:
    """The letters of a mailbox that have a text."""
    found = morning.client.get(f"{morning.sandbox}/sandbox/mail/letters", params={"address": address}).json()
    return [letter for letter in found if text in f"{letter['subject']} {letter['text']}"]


def thread_of(morning: Stack, order: str) -> list[dict[str, str]]:
    """Our letters to Mei about an order, once there is a second one."""
    found = [letter for letter in letters(morning, MEI, f"order {order}?") if not letter["written"]]
    return found if len(found) > 1 else []


def picture(page: Page, name: str) -> None:
    """Keep a picture of the window if somebody wants to look."""
    folder = os.environ.get("CHARGEHAND_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize(("width", "order", "amount"), [(1180, "1008", "740.00"), (390, "1188", "900.00")])
def test_a_card_is_read_and_answered_in_a_mailbox(
    morning: Stack, browser: Browser, width: int, order: str, amount: str
) -> None:
    morning.ask(order=order, amount=amount)
    until(lambda: letters(morning, MEI, f"order {order}"), "Mei's card")

    page = mailbox(browser, morning, MEI, width=width)
    picture(page, f"mail-1-list-{width}")
    page.get_by_test_id("letter").filter(has_text=f"order {order}").first.click()
    shown = page.frame_locator("[data-testid=letter-html]")
    expect(shown.get_by_role("heading")).to_have_text(f"Refund {amount} USD for order {order}?")
    picture(page, f"mail-2-letter-{width}")
    page.get_by_test_id("view-text").click()
    expect(page.get_by_test_id("letter-text")).to_contain_text("Your first line counts.")
    picture(page, f"mail-3-text-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_test_id("answer").fill("approved")
    page.get_by_test_id("send-answer").click()

    expect(page.get_by_test_id("said")).to_have_text("Sent.", timeout=SLOW_MS)
    morning.live(f"Done: {amount} USD refunded for order {order}")
    thread = until(lambda: thread_of(morning, order), "the outcome in the thread")
    assert "approved this at" in " ".join(thread[-1]["text"].split())
    assert thread[-1]["in_reply_to"] == thread[0]["message_id"]
    page.close()


def test_a_refund_is_asked_for_and_answered_by_mail_alone(morning: Stack, browser: Browser) -> None:
    page = mailbox(browser, morning, ANNA)
    page.get_by_test_id("write").click()
    page.get_by_test_id("to").fill("refunds@morning.example")
    page.get_by_test_id("subject").fill("Refund please")
    page.get_by_test_id("text").fill("order: 1005\namount: 12.00\nreason: The parcel was lost.")
    picture(page, "mail-4-writing")
    page.get_by_test_id("send").click()

    expect(page.get_by_test_id("said")).to_have_text("Sent.", timeout=SLOW_MS)
    (result,) = until(lambda: letters(morning, ANNA, "Done: 12.00 USD refunded"), "the result by mail")
    assert result["subject"] == "Re: Refund please"
    assert morning.refunds("1005") == [1200]
    page.goto(f"{morning.sandbox}/mail?as={ANNA}&letter={result['id']}")
    picture(page, "mail-5-result")
    page.close()


@pytest.mark.parametrize("width", [1180, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_weekly_digest_reads_in_one_column_as_html_and_as_text(
    morning: Stack, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    morning.chargehand("digest", "--send")
    (letter, *_) = until(lambda: letters(morning, RUTH, "Customer care, week"), "Ruth's digest")
    page = browser.new_page(viewport={"width": width, "height": 860}, color_scheme=scheme)
    page.goto(f"{morning.sandbox}/mail?as={RUTH}&letter={letter['id']}")

    shown = page.frame_locator("[data-testid=letter-html]")
    expect(shown.get_by_role("heading", level=1)).to_have_text(letter["subject"])
    expect(shown.get_by_role("heading", name="Numbers", exact=True)).to_be_visible()
    assert shown.locator("html").evaluate("element => element.scrollWidth <= element.clientWidth")
    picture(page, f"mail-6-digest-{width}-{scheme}")
    page.get_by_test_id("view-text").click()
    expect(page.get_by_test_id("letter-text")).to_contain_text("Refunds answered within a day")
    picture(page, f"mail-7-digest-text-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_a_letter_s_html_runs_nothing(morning: Stack, browser: Browser) -> None:
    morning.ask(order="1133", amount="500.01")
    (letter, *_) = until(lambda: letters(morning, MEI, "order 1133"), "Mei's card")
    page = mailbox(browser, morning, MEI)
    response = page.request.get(f"{morning.sandbox}/mail/letters/{letter['id']}/html")

    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    page.close()
