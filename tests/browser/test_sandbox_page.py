"""People use the sandbox's page in a real browser, with a real slack-bolt app behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from slack_bolt import Ack
from slack_sdk import WebClient

from tests.unit.sandbox.playing import ANNA, BEN, SUPPORT, Playing, button, modal, plain, playing, section, text_input

Body = dict[str, Any]


@pytest.fixture
def slack() -> Iterator[Playing]:
    """A team whose app takes refunds by a form and asks for a decision."""
    with playing(events=("app_home_opened",)) as running:
        _work_on_refunds(running)
        yield running


def _work_on_refunds(slack: Playing) -> None:
    def open_form(ack: Ack, body: Body, client: WebClient) -> None:
        ack()
        form = modal(text_input("order"), text_input("note", multiline=True) | {"optional": True})
        client.views_open(trigger_id=body["trigger_id"], view=form)

    def take_form(ack: Ack, view: Body, client: WebClient) -> None:
        values = view["state"]["values"]
        if values["order"]["value"]["value"] != "1234":
            ack(response_action="errors", errors={"order": "There is no order 99. Check the number."})
            return
        ack()
        sure = {"title": plain("Approve?"), "text": plain("It is paid at once."), "confirm": plain("Pay")}
        confirm = {**sure, "deny": plain("Not yet")}
        note = values["note"]["value"]["value"]
        blocks = [section(f"*Refund* for order 1234: {note}"), button("approve", style="primary", confirm=confirm)]
        client.chat_postMessage(channel=SUPPORT, text="Refund", blocks=blocks)

    def decide(ack: Ack, body: Body, client: WebClient) -> None:
        ack()
        blocks = [section(f"*Approved* by <@{body['user']['id']}>")]
        client.chat_update(channel=SUPPORT, ts=body["message"]["ts"], text="Approved", blocks=blocks)

    home = {"type": "home", "blocks": [{"type": "header", "text": plain("Waiting for you")}]}
    slack.bolt.command("/chargehand")(open_form)
    slack.bolt.view("refund")(take_form)
    slack.bolt.action("approve")(decide)
    slack.bolt.event("app_home_opened")(lambda event, client: client.views_publish(user_id=event["user"], view=home))


@contextmanager
def page_of(browser: Browser, address: str, **size: int) -> Iterator[Page]:
    """A window of its own; a script error on the page fails the test."""
    window = browser.new_page(viewport={"width": size.get("width", 1180), "height": 760})
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.goto(address)
    yield window
    window.close()
    assert errors == []


def ask_for_work(page: Page) -> None:
    composer = page.get_by_test_id("composer")
    composer.fill("/ch")
    composer.press("Tab")
    composer.press("Enter")
    expect(page.get_by_role("dialog", name="Refund an order")).to_be_visible()


def test_a_request_is_asked_for_corrected_and_decided_in_two_windows(slack: Playing, browser: Browser) -> None:
    with (
        page_of(browser, f"{slack.address}/") as anna,
        page_of(browser, f"{slack.address}/?as={BEN}&channel={SUPPORT}") as ben,
    ):
        anna.get_by_test_id(f"person-{ANNA}").click()
        ask_for_work(anna)
        anna.get_by_label("Order", exact=True).fill("99")
        anna.get_by_label("Note").fill("<b>lost</b> parcel")
        anna.get_by_test_id("modal-submit").click()
        error = anna.get_by_test_id("error-order")
        expect(error).to_have_text("There is no order 99. Check the number.")
        order = anna.get_by_label("Order", exact=True)
        expect(order).to_be_focused()
        expect(order).to_have_value("99")
        assert (order.get_attribute("aria-describedby") or "") == error.get_attribute("id")

        order.fill("1234")
        order.press("Enter")
        expect(anna.get_by_test_id("modal")).to_be_hidden()
        message = ben.get_by_test_id("message")
        expect(message).to_contain_text("Refund for order 1234: <b>lost</b> parcel")

        ben.get_by_test_id("button-approve").click()
        ben.get_by_test_id("confirm-yes").click()
        expect(anna.get_by_test_id("message")).to_contain_text("Approved by @Ben Ortiz")
        expect(anna.get_by_test_id("message")).to_contain_text("(edited)")

    (stored,) = slack.see("messages", channel=SUPPORT)
    assert stored["text"] == "Approved"


def test_a_press_that_is_not_confirmed_sends_nothing(slack: Playing, browser: Browser) -> None:
    sure = {"title": plain("Sure?"), "text": plain("?"), "confirm": plain("Yes"), "deny": plain("No")}
    slack.client.chat_postMessage(channel=SUPPORT, text="?", blocks=[button("approve", confirm=sure)])

    with page_of(browser, f"{slack.address}/?as={ANNA}&channel={SUPPORT}") as anna:
        anna.get_by_test_id("button-approve").click()
        anna.get_by_test_id("confirm-no").click()
        expect(anna.get_by_test_id("confirm")).to_be_hidden()

    assert slack.received == []


def test_what_is_being_typed_survives_what_others_do(slack: Playing, browser: Browser) -> None:
    with page_of(browser, f"{slack.address}/?as={ANNA}&channel={SUPPORT}") as anna:
        ask_for_work(anna)
        anna.get_by_label("Order", exact=True).fill("12")

        slack.act("message", user=BEN, channel=SUPPORT, text="hello @anna")

        expect(anna.get_by_test_id("message")).to_contain_text("hello @Anna Berg")
        expect(anna.get_by_label("Order", exact=True)).to_have_value("12")
        anna.keyboard.press("Escape")
        expect(anna.get_by_test_id("modal")).to_be_hidden()
        assert slack.see("views", user=ANNA)["modals"] == []


def test_an_open_thread_stays_where_it_is_while_others_write(slack: Playing, browser: Browser) -> None:
    ts = slack.client.chat_postMessage(channel=SUPPORT, text="The first")["ts"]
    slack.client.chat_postMessage(channel=SUPPORT, text="Below the first", thread_ts=ts)
    for number in range(20):
        slack.act("message", user=BEN, channel=SUPPORT, text=f"Number {number}")

    with page_of(browser, f"{slack.address}/?as={ANNA}&channel={SUPPORT}") as anna:
        anna.locator("summary", has_text="1 reply").click()
        reply = anna.get_by_label("Reply to Chargehand")
        reply.fill("Half a")
        scrolled = anna.locator("#messages").evaluate("list => list.scrollTop")

        slack.act("message", user=BEN, channel=SUPPORT, text="The last")

        expect(anna.get_by_test_id("message").last).to_contain_text("The last")
        expect(reply).to_be_focused()
        expect(reply).to_have_value("Half a")
        assert anna.locator("#messages").evaluate("list => list.scrollTop") == scrolled


def test_unread_messages_are_counted_until_they_are_seen(slack: Playing, browser: Browser) -> None:
    with page_of(browser, f"{slack.address}/?as={ANNA}&channel={SUPPORT}") as anna:
        direct = slack.client.conversations_open(users=ANNA)["channel"]["id"]
        slack.client.chat_postMessage(channel=direct, text="Approve?")
        place = anna.get_by_test_id(f"place-{direct}")
        expect(place).to_contain_text("1")

        place.click()

        expect(anna.get_by_test_id("message")).to_contain_text("Approve?")
        anna.get_by_test_id("tab-home").click()
        expect(anna.get_by_test_id("home")).to_contain_text("Waiting for you")
        assert {one["id"]: one["unread"] for one in slack.see("channels", user=ANNA)}[direct] == 0


@pytest.mark.parametrize("width", [1180, 390])
def test_the_page_is_accessible_and_never_scrolls_sideways(slack: Playing, browser: Browser, width: int) -> None:
    ts = slack.client.chat_postMessage(channel=SUPPORT, text="?", blocks=[section("x" * 400), button("approve")])["ts"]
    slack.act("message", user=BEN, channel=SUPPORT, text="below", thread_ts=ts)

    with page_of(browser, f"{slack.address}/?as={ANNA}&channel={SUPPORT}", width=width) as anna:
        on_the_page = Axe().run(anna)
        ask_for_work(anna)
        in_the_form = Axe().run(anna)
        overflow = anna.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert on_the_page.violations_count == 0, on_the_page.generate_report()
    assert in_the_form.violations_count == 0, in_the_form.generate_report()
    assert overflow == 0
