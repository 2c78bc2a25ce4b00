"""Rows of links whose time has long gone are taken away by the clock: few at a time, of one company, and never a session."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chargehand.processes.clock import chores
from gateway.pages import signing_in
from tests.integration.gateway.page import Browsing, link, signed_in
from tests.integration.gateway.test_page_safety import trail
from tests.integration.gateway.world import World

pytestmark = pytest.mark.usefixtures("test_clock")
DAY_S = 24 * 3600


def people(world: World) -> list[str]:
    """For whom there are links, in the order in which they were made."""
    return [row.person for row in world.house.rows("select person from sign_in order by made_at")]


def forget(world: World) -> int:
    """One round for the company."""
    return signing_in.forget(world.deployment, world.house.company)


def test_the_clock_takes_away_what_is_older_than_a_month_used_or_not(world: World) -> None:
    signed_in(world, "priya")
    link(world, "kwame")
    world.house.wait(30 * DAY_S + 1)
    browser, unused = signed_in(world, "mei"), link(world, "anna")

    for chore in chores():
        chore.round(world.deployment)

    assert people(world) == ["mei", "anna"]
    assert browser.look("/").status_code == 200
    assert Browsing(world).look(unused).status_code == 200
    assert "signed_in" in trail(world, "priya")


def test_who_tries_an_old_link_within_the_month_stands_on_the_trail_and_later_it_is_nobodys(world: World) -> None:
    path = link(world, "priya")
    world.house.wait(29 * DAY_S)

    within = forget(world), Browsing(world).send(path).status_code
    world.house.wait(DAY_S + 1)
    later = forget(world), Browsing(world).send(path).status_code

    assert (within, later) == ((0, 410), (1, 410))
    assert trail(world, "priya").count("sign_in_refused") == 1


def test_a_round_takes_away_so_many_and_the_oldest_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "MOST_FORGOTTEN", 2)
    for who in ("priya", "kwame", "mei"):
        link(world, who)
    world.house.wait(31 * DAY_S)

    rounds = [(forget(world), people(world)) for _ in range(3)]

    assert rounds == [(2, ["mei"]), (1, []), (0, [])]


def test_two_clocks_take_each_row_away_once(world: World) -> None:
    for _ in range(12):
        link(world, "priya")
    world.house.wait(31 * DAY_S)

    with ThreadPoolExecutor(2) as clocks:
        gone = list(clocks.map(lambda _: forget(world), range(2)))

    assert sum(gone) + forget(world) == 12
    assert people(world) == []


def test_what_one_company_forgets_is_its_own(two: World) -> None:
    link(two, "priya")
    link(two, "priya", company="other")
    two.house.wait(31 * DAY_S)

    forget(two)

    assert people(two) == []
    assert signing_in.forget(two.deployment, "other") == 1
