"""A company at work beside a Slack that can be looked at as its reader does, on a phone and at a desk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
from anyio.from_thread import start_blocking_portal
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from notifications.courier import CourierConfig, run
from tests.builders import House
from tests.integration.gateway.conftest import both_served
from tests.integration.gateway.world import SECRET, World, eventually

PHONE_PX, DESK_PX = 390, 1200
HEIGHT_PX = 1600

_CUT_OFF = """root => {
    const whole = root.getBoundingClientRect();
    const beyond = (node) => {
        const box = node.getBoundingClientRect();
        return box.width > 0 && (box.right > whole.right + 1 || box.left < whole.left - 1);
    };
    const hidden = (node) => node.clientWidth > 1 && node.scrollWidth > node.clientWidth + 1;
    const faint = (input) => {
        const said = input.value;
        if (!said) input.value = input.placeholder;
        const cut = hidden(input);
        input.value = said;
        return cut;
    };
    const cut = (node) => beyond(node) || (node.matches("input[placeholder]") ? faint(node) : hidden(node));
    const told = (node) => `${node.tagName} ${node.value || node.placeholder || node.textContent}`.slice(0, 120);
    return [...root.querySelectorAll("*")].filter(cut).map(told);
}"""
"""What of a part stands beyond its edge, or is wider than its own box: words that nobody can read to their end. What is
one pixel wide is meant for those who listen."""


@contextmanager
def at_work(office: House, redis_url: str) -> Iterator[World]:
    """A company's gateway and courier at work, with a Slack that can be looked at."""
    with both_served(office) as made, start_blocking_portal() as portal:
        config = CourierConfig(f"{made.slack}/api/", SECRET, redis_url, sweep_s=0.2)
        stop = portal.call(anyio.Event)
        working = portal.start_task_soon(run, made.deployment, config, stop)
        yield made
        portal.call(stop.set)
        working.result(timeout=60)


def everything_sent(world: World) -> None:
    """Wait until the courier has nothing on its way."""
    world.deployment.wakeups.courier()
    on_their_way = "select 1 from outbox where state in ('pending', 'sending')"
    assert eventually(lambda: not world.house.rows(on_their_way))


@contextmanager
def looking(
    world: World, browser: Browser, person: str, *, channel: str = "", tab: str = "messages", width: int = PHONE_PX
) -> Iterator[Page]:
    """A screen on which somebody reads what the app wrote to them, or a channel."""
    user = f"U0{person.upper()}"
    place = channel or direct(world, user)
    page = browser.new_page(viewport={"width": width, "height": HEIGHT_PX})
    page.goto(f"{world.slack}/?as={user}&channel={place}&tab={tab}")
    yield page
    page.close()


def direct(world: World, user: str) -> str:
    """Somebody's conversation with the app."""
    found: str = next(one["id"] for one in world.look("channels", user=user) if one["is_im"])
    return found


def message(page: Page, text: str) -> Locator:
    """The newest message with a text, all of its thread open."""
    page.evaluate("document.querySelectorAll('details.thread').forEach(one => one.open = true)")
    return page.locator(".entry > article").filter(has_text=text).last


def looks_right(page: Page, card: Locator, name: str) -> None:
    """Nothing has to be pushed sideways, and whoever can't see it can have it read aloud."""
    fits(page, card)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    picture(card, f"card-{name}")


def fits(page: Page, part: Locator) -> None:
    """Nothing has to be pushed sideways, and no word of a part is cut off."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    cut_off = part.evaluate(_CUT_OFF)
    assert cut_off == [], cut_off


def picture(part: Locator, name: str) -> None:
    """Keep a picture if somebody wants to look."""
    if folder := os.environ.get("CHARGEHAND_PICTURES"):
        part.screenshot(path=str(Path(folder) / f"{name.replace(' ', '-')}.png"))
