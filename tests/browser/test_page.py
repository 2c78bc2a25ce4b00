"""A decision on the signed-in page, in a real browser on a whole Chargehand: from the link in Slack to the paid refund.

With CHARGEHAND_PICTURES=folder each station is kept as a picture, to be looked at.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_refund_journey import SLOW_MS, message, window
from tests.stories.stack import SUPPORT, Stack, running, until

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 860}


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The morning company, up."""
    with running(tmp_path_factory.mktemp("page") / "home") as stack:
        yield stack


def pictures(page: Page, name: str) -> None:
    """The whole page on a phone and on a desk, light and dark, if somebody wants to look; and nothing in it is out of reach."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    folder = os.environ.get("CHARGEHAND_PICTURES")
    for scheme in ("light", "dark") if folder else ():
        page.emulate_media(color_scheme=scheme)
        for width, size in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=str(Path(folder or "") / f"page-{name}-{width}-{scheme}.png"), full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def is_no_wider_than_a_phone(page: Page) -> bool:
    """Whether nothing has to be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def link_in_slack(morning: Stack, user: str) -> str:
    """What /chargehand page answers, to that person alone."""
    before = len(_links(morning, user))
    morning.act("command", user=user, channel=morning.dm(user), command="/chargehand", text="page")
    return until(lambda: found[-1] if len(found := _links(morning, user)) > before else None, "a link to the page")


def _links(morning: Stack, user: str) -> list[str]:
    return re.findall(r"<(http[^|>]+/sign-in/[^|>]+)\|", morning.notices(user))


def link_on_the_terminal(morning: Stack, person: str) -> str:
    """What an operator is printed for somebody."""
    made = morning.chargehand("page", "--as", person)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def signed_in(browser: Browser, link: str) -> tuple[BrowserContext, Page]:
    """A phone on which somebody has signed in."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible(timeout=SLOW_MS)
    return context, page


def ask(morning: Stack, order: str, amount: str = "740.00") -> str:
    """Anna asks for a large refund; the question that approvers are asked."""
    morning.ask(order=order, amount=amount)
    question = f"Refund {amount} USD for order {order}?"
    morning.card("U0PRIYA", question)
    return question


def test_a_link_from_slack_signs_in_and_an_approval_is_known_everywhere(morning: Stack, browser: Browser) -> None:
    question = ask(morning, "1234")
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = phone.new_page()

    page.goto(f"{morning.web}/")
    expect(page.get_by_label("Your address")).to_be_visible()
    pictures(page, "1-sign-in")
    page.goto(link_in_slack(morning, "U0PRIYA"))
    expect(page.get_by_role("heading")).to_have_text("You are about to sign in as Priya Nair")
    pictures(page, "2-confirm")
    page.reload()  # looking uses nothing up
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible(timeout=SLOW_MS)
    pictures(page, "3-list-one")
    page.get_by_role("link", name=question).click()
    expect(page.get_by_role("heading", name=question)).to_be_visible()
    page.get_by_text("What stands behind it").click()
    pictures(page, "4-decision")
    assert is_no_wider_than_a_phone(page)
    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text("Priya Nair approved this at").first).to_be_visible(timeout=SLOW_MS)
    pictures(page, "5-decided")
    anna = window(browser, morning, user="U0ANNA", channel=SUPPORT)
    expect(message(anna, "Done: 740.00 USD refunded for order 1234")).to_contain_text(
        "Approved by Priya Nair", timeout=SLOW_MS
    )
    for user in ("U0PRIYA", "U0KWAME"):
        assert "Priya Nair approved this at" in str(morning.card(user, "Priya Nair approved this at"))
    assert morning.refunds("1234") == [74000]
    anna.close()
    phone.close()


def test_a_change_is_mended_beside_its_field_and_carried_out_as_changed(morning: Stack, browser: Browser) -> None:
    question = ask(morning, "1008")
    context, page = signed_in(browser, link_in_slack(morning, "U0PRIYA"))
    page.get_by_role("link", name=question).click()

    page.get_by_text("Approve with changes", exact=True).click()
    amount = page.get_by_label("Amount")
    expect(amount).to_have_value("740.00")
    amount.fill("three hundred")
    page.get_by_role("button", name="Approve changed").click()
    expect(page.get_by_text("Write the amount like 42.00.")).to_be_visible(timeout=SLOW_MS)
    expect(amount).to_have_value("three hundred")
    pictures(page, "6-change-mistake")
    amount.fill("300.00")
    page.get_by_role("button", name="Approve changed").click()

    expect(page.get_by_role("status")).to_contain_text("Approved with your changes", timeout=SLOW_MS)
    until(lambda: morning.refunds("1008"), "the refund")
    assert morning.refunds("1008") == [30000]
    context.close()


def test_who_comes_late_reads_who_decided_and_alike_ones_go_together(morning: Stack, browser: Browser) -> None:
    late, *_ = (ask(morning, order, amount="640.00") for order in ("1005", "1188", "1239"))
    context, page = signed_in(browser, link_in_slack(morning, "U0PRIYA"))
    expect(page.get_by_text("Large refund: 3 alike")).to_be_visible()
    pictures(page, "7-list-alike")
    page.get_by_role("link", name=late).click()
    morning.click("U0KWAME", morning.card("U0KWAME", late), "decision.approve")
    morning.card("U0KWAME", "Kwame Boateng approved this at")
    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("Kwame Boateng approved this at", timeout=SLOW_MS)
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    pictures(page, "8-late")
    page.goto(f"{morning.web}/")
    page.get_by_role("link", name="Decide them together").click()
    pictures(page, "9-together")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Say why: the requesters read it.")).to_be_visible(timeout=SLOW_MS)
    pictures(page, "10-together-mistake")
    page.get_by_label("Why?").fill("The parcels came after all.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_have_text("2 decided.", timeout=SLOW_MS)
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    pictures(page, "11-list-empty")
    page.goto(f"{morning.web}/decisions/999999")
    expect(page.get_by_role("heading")).to_have_text("Nothing here for you")
    pictures(page, "12-not-there")
    context.close()
    assert (morning.refunds("1188"), morning.refunds("1239")) == ([], [])


def test_the_way_in_by_letter_leads_back_to_the_decision(morning: Stack, browser: Browser) -> None:
    question = ask(morning, "1302")
    number = page_of(morning, "U0PRIYA", question)
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()

    page.goto(f"{morning.web}/decisions/{number}")
    page.get_by_label("Your address").fill("Priya@Morning.example")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading")).to_have_text("Look into your mail", timeout=SLOW_MS)
    pictures(page, "13-letter-sent")
    page.goto(letter_link(morning, "priya@morning.example"))
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name=question)).to_be_visible(timeout=SLOW_MS)
    page.get_by_text("Ask back", exact=True).first.click()
    page.get_by_label("What do you want to know?").fill("Which carrier was it?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Asked Anna Kowalczyk", timeout=SLOW_MS)
    pictures(page, "14-asked-back")
    page.locator("summary", has_text="Reject").click()
    page.locator("details[open]").get_by_label("Why?").fill("It was delivered yesterday.")
    page.locator("details[open]").get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_contain_text("Rejected.", timeout=SLOW_MS)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your address")).to_be_visible(timeout=SLOW_MS)
    context.close()


def test_everything_is_reached_and_sent_with_the_keyboard_alone(morning: Stack, browser: Browser) -> None:
    question = ask(morning, "2001")
    context, page = signed_in(browser, link_on_the_terminal(morning, "kwame"))
    page.get_by_role("link", name=question).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=question)).to_be_visible(timeout=SLOW_MS)

    page.locator("summary", has_text="Reject").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("It arrived yesterday.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Kwame Boateng rejected this at").first).to_be_visible(timeout=SLOW_MS)
    context.close()


def page_of(morning: Stack, user: str, question: str) -> int:
    """The number of the decision behind a card."""
    found = re.search(r'\\?"decision\\?":\s*(\d+)', str(morning.card(user, question)))
    assert found is not None
    return int(found[1])


def letter_link(morning: Stack, address: str) -> str:
    """The link in the newest letter to somebody that has one."""

    def there() -> str | None:
        letters = morning.client.get(f"{morning.sandbox}/sandbox/mail/letters", params={"address": address}).json()
        found = re.findall(r"http://[^\s\"'<>\\]+/sign-in/[^\s\"'<>\\]+", str(letters))
        return found[-1] if found else None

    return until(there, "a letter with a link")
