"""One system that does not answer is one blocker and one card, however many lanes need it; one answer releases all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Transient
from contracts.vocabulary import Answer, OutboxState, TaskState, WaitingFor
from engine.scorecard.needs import needs
from engine.scorecard.periods import period_of
from engine.why import why
from engine.whys.blocker import of_blocker
from escalation.cancelling import cancel
from escalation.decisions import Voice, decide
from escalation.reading import card_view
from tests.builders import House
from tests.integration.engine.test_outage import PROSPECTS, RUNNERS, work
from tests.integration.engine.worlds import assert_trail_is_whole, deploy, stuck
from tests.integration.engine.yard import COMPANY, lane, step, the_yard, wish, worker, yard_with

LANES = ("sheds", "fences", "paths")
CODE = """
@worker
def look(request: Wish, desk: Desk) -> Found:
    return Found(**desk.yard.look(what=request.what))
"""
PEOPLE = [*COMPANY["people"], {"id": "gil", "name": "Gil Sá", "email": "gil@yard.example", "role": "Keeper"}]
SYSTEM = COMPANY["systems"]["yard"]


def lane_of(name: str, *, owner: str = "nuno", runtime: str = "default", **more: Any) -> dict[str, str]:
    """A lane of one step that looks at the yard."""
    looker = worker("requester", "request", "seen", job=f"Looker of {name}", runtime=runtime)
    steps = [step("look", "looker", "Found", "seen")]
    return lane(name, {"looker": looker}, steps, CODE, owner=owner, title=f"Tidy the {name}", **more)


class Outage:
    """A yard that is down, on some runtimes or all, until told otherwise; it counts who calls it."""

    def __init__(self, office: House) -> None:
        self.calls = 0
        self.is_down = True
        self._guard = threading.Lock()
        the_yard(office)._pass = self._call

    def _call(self, _: str) -> None:
        with self._guard:
            self.calls += 1
        if self.is_down:
            raise Transient("The yard can't be reached.", cause="yard", case="provider_down")


@contextmanager
def company(
    urls: DatabaseUrls, valkey: Valkey, home: Path, *lanes: dict[str, str], **declared: Any
) -> Iterator[tuple[House, Outage]]:
    """The yard with these lanes, down."""
    files = {name: text for one in lanes for name, text in one.items()}
    with yard_with(files, urls, valkey.url, home, people=PEOPLE, **declared) as found:
        yield found, Outage(found)


def all_stopped(office: House, tasks: list[int], *, rounds: int = 12) -> None:
    """Work until every task waits for a blocker."""
    while {office.task(task).waiting_for for task in tasks} != {WaitingFor.BLOCKER}:
        rounds -= 1
        assert rounds, {office.task(task).sentence for task in tasks}
        work(office)
        office.wait(5)


def all_done(office: House, tasks: list[int], *, rounds: int = 4) -> bool:
    """Work what is due; whether that was all, before anything is looked at again by itself."""
    for _ in range(rounds):
        work(office)
        office.wait(5)
    return {office.task(task).state for task in tasks} == {TaskState.DONE}


def some_in_each(office: House, *names: str, many: int = 3) -> list[int]:
    """Tasks in turn in these lanes."""
    return [wish(office, names[n % len(names)], f"corner {n}") for n in range(many * len(names))]


def cards(office: House) -> list[tuple[str, int]]:
    """Who was sent a card about which decision."""
    found = office.rows("select person, decision from outbox where message = 'card' order by decision, person")
    return [(one.person, one.decision) for one in found]


def answer(office: House, decision: int, person: str, said: Answer, reason: str | None = None) -> None:
    """What somebody says to a card."""
    with office.deployment.database.transaction("yard") as unit:
        assert decide(unit, Voice(decision, person, said, reason, "slack", None)).kind == "decided"


def blocked_on(office: House) -> list[tuple[str, str, str]]:
    """What is open: owner, system and whom it asks."""
    found = office.rows("select owner, system, asks from blocker where lifted_at is null order by asks")
    return [(one.owner, one.system, one.asks) for one in found]


def lane_trail(office: House, name: str) -> list[str]:
    """What a lane's trail tells of blockers."""
    found = office.rows("select event from audit_entry where trail = :trail order by seq", trail=f"lane:{name}")
    return [one.event for one in found if "blocked" in one.event]


def test_sixty_eight_tasks_in_three_lanes_four_runners_and_one_outage_make_one_card(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    lanes = [lane_of(name, runtime="batch" if name == "paths" else "default") for name in LANES]
    with company(database_urls, valkey_server, home, *lanes) as (office, outage):
        tasks = [wish(office, LANES[n % 3], f"corner {n}") for n in range(PROSPECTS)]

        all_stopped(office, tasks)

        assert RUNNERS == 4
        assert blocked_on(office) == [("nuno", "yard", "person:nuno")]
        ((person, decision),) = cards(office)
        assert person == "nuno"
        assert len(office.rows("select 1 from decision")) == 1
        with office.deployment.database.transaction("yard") as unit:
            card = card_view(unit, decision, "nuno")
        assert card.question == "The yard: The yard can't be reached. Try again?"
        assert card.why_you == "you answer for work that needs “The yard” (Nuno Reis)"
        assert card.facts == ("68 tasks wait: 23 in Tidy the fences, 23 in Tidy the sheds and 22 in Tidy the paths",)
        assert {name: lane_trail(office, name) for name in LANES} == {key: ["blocked"] for key in LANES}
        outage.is_down = False
        answer(office, decision, "nuno", Answer.APPROVE)
        assert all_done(office, tasks)
        assert {name: lane_trail(office, name) for name in LANES} == {key: ["blocked", "unblocked"] for key in LANES}
        assert (blocked_on(office), stuck(office)) == ([], [])
        assert len(office.rows("select 1 from decision")) == 1
        assert_trail_is_whole(office, tasks[-1])


def test_a_lane_that_joins_later_is_put_on_the_card_that_is_there(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with company(database_urls, valkey_server, home, lane_of("sheds"), lane_of("paths")) as (office, _):
        first = some_in_each(office, "sheds")
        all_stopped(office, first)
        office.rows("update outbox set state = 'sent' where message = 'card' returning 1")

        more = some_in_each(office, "paths", "sheds")
        all_stopped(office, [*first, *more])

        (one,) = office.rows("select state, decision from outbox where message = 'card'")
        assert one.state == OutboxState.PENDING  # it is edited
        with office.deployment.database.transaction("yard") as unit:
            facts = card_view(unit, one.decision, "nuno").facts
            blocker = office.rows("select id from blocker")[0].id
            page = dict(of_blocker(unit, blocker).rows)
            waiting = needs(unit, {"paths": "Paths"}, "rosa", period_of("week", unit.now, "UTC"), ())
        assert facts == ("8 tasks wait: 5 in Tidy the sheds and 3 in Tidy the paths",)
        assert page["Blocks"][0] == "lanes paths and sheds: The yard can't be reached."
        assert [(one.lane, one.tasks, one.owner) for one in waiting.blockers] == [("Paths", 8, "Nuno Reis")]


def test_the_first_answer_of_the_system_releases_every_lane_and_withdraws_the_card(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with company(database_urls, valkey_server, home, lane_of("sheds"), lane_of("paths")) as (office, outage):
        tasks = some_in_each(office, "sheds", "paths")
        all_stopped(office, tasks)

        outage.is_down = False
        office.wait(60)
        office.rows("update task set due_at = chargehand_now() where number = :n returning 1", n=tasks[0])

        assert all_done(office, tasks)
        assert blocked_on(office) == []
        assert [one.state for one in office.rows("select state from decision")] == ["withdrawn"]


def test_an_answer_on_one_runtime_does_not_release_what_waits_for_another_in_other_lanes(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    batch = lane_of("paths", runtime="batch")
    with company(database_urls, valkey_server, home, lane_of("sheds"), batch) as (office, outage):
        sheds, paths = some_in_each(office, "sheds", many=6), some_in_each(office, "paths", many=6)
        all_stopped(office, [*sheds, *paths])
        outage.is_down = False
        office.wait(60)
        office.rows("update task set due_at = chargehand_now() where number = :n returning 1", n=paths[0])

        assert all_done(office, paths)

        assert {office.task(task).waiting_for for task in sheds} == {WaitingFor.BLOCKER}
        assert len(blocked_on(office)) == len(cards(office)) == 1
        assert [one.state for one in office.rows("select state from decision")] == ["open"]


TWO_OWNERS = ("sheds", "nuno"), ("paths", "gil")


@pytest.fixture
def two_owners(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> Iterator[tuple[House, Outage, list[int]]]:
    """An outage that has stopped tasks of two lanes whose people differ, three each.

    No file may say so where the system has no owner; but what was asked for before both lanes got another owner still goes
    by the one of then.
    """
    with company(database_urls, valkey_server, home, *(lane_of(name) for name in ("sheds", "paths"))) as (
        office,
        outage,
    ):
        tasks = some_in_each(office, "sheds")
        for name, owner in (("sheds", "gil"), ("paths", "gil")):
            files = lane_of(name, owner=owner)
            (home / "yard" / f"lanes/{name}/lane.yaml").write_text(files[f"lanes/{name}/lane.yaml"])
        deploy(office, home / "yard")
        tasks += some_in_each(office, "paths")
        all_stopped(office, tasks)
        yield office, outage, tasks


def test_lanes_of_different_owners_ask_each_once_and_one_try_again_releases_all(
    two_owners: tuple[House, Outage, list[int]],
) -> None:
    office, outage, tasks = two_owners
    asked = dict(cards(office))

    outage.is_down = False
    answer(office, asked["gil"], "gil", Answer.APPROVE)

    assert blocked_on(office) == []
    assert sorted(asked) == ["gil", "nuno"]
    assert all_done(office, tasks)
    states = {one.number: one.state for one in office.rows("select number, state from decision")}
    assert states == {asked["gil"]: "approved", asked["nuno"]: "withdrawn"}
    with office.deployment.database.transaction("yard") as unit:
        outcome = card_view(unit, asked["nuno"], "nuno").outcome or ""
    assert outcome.startswith("Gil Sá answered for all at ")
    assert outcome.endswith(": “try again”.")


def test_a_stop_ends_only_what_its_speaker_answers_for(two_owners: tuple[House, Outage, list[int]]) -> None:
    office, _, tasks = two_owners
    asked = dict(cards(office))

    answer(office, asked["gil"], "gil", Answer.REJECT, "No paths this week.")

    ended = {office.task(task).lane: office.task(task).state for task in tasks}
    assert ended == {"sheds": TaskState.WAITING, "paths": TaskState.REFUSED}
    assert blocked_on(office) == [("nuno", "yard", "person:nuno")]


def test_a_system_with_an_owner_asks_them_alone_whoever_owns_the_lanes(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    lanes = [lane_of(name, owner=owner) for name, owner in TWO_OWNERS]
    systems = {"yard": {**SYSTEM, "owner": "rosa"}}
    with company(database_urls, valkey_server, home, *lanes, systems=systems) as (office, outage):
        tasks = some_in_each(office, "sheds", "paths")

        all_stopped(office, tasks)

        ((person, decision),) = cards(office)
        with office.deployment.database.transaction("yard") as unit:
            card, page = card_view(unit, decision, "rosa"), dict(why(unit, tasks[0]).rows)
        assert (person, blocked_on(office)) == ("rosa", [("rosa", "yard", "person:rosa")])
        assert card.why_you == "you own “The yard” (Rosa Lima)"
        assert page["Tried"]
        assert "Owner: Rosa Lima." in office.task(tasks[0]).told["wait"]
        outage.is_down = False
        answer(office, decision, "rosa", Answer.APPROVE)
        assert all_done(office, tasks)


def test_trouble_that_a_lane_has_a_name_for_stays_its_own(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    named = {
        "name": "closed-at-night",
        "when": {"==": [{"var": "error.system"}, "yard"]},
        "class": "transient",
        "cause": "missing night staff",
        "sentence": "The yard is closed at night.",
        "examples": {"accepted": [{"error.system": "yard"}], "refused": [{"error.system": "shop"}]},
    }
    twice = {"tries": 2, "first_s": 1, "longest_s": 10}  # four failures open no circuit
    lanes = [lane_of("sheds", retries=twice), lane_of("paths", retries=twice, failures=[named])]
    with company(database_urls, valkey_server, home, *lanes) as (office, _):
        tasks = [wish(office, "sheds"), wish(office, "paths")]

        all_stopped(office, tasks)

        found = office.rows("select lane, cause, system from blocker order by lane")
        assert [tuple(one) for one in found] == [("paths", "missing night staff", None), ("sheds", "yard", "yard")]


def test_an_outage_for_which_nobody_waits_any_more_asks_nobody(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with company(database_urls, valkey_server, home, lane_of("sheds"), lane_of("paths")) as (office, _):
        tasks = [wish(office, "sheds"), wish(office, "paths")]
        all_stopped(office, tasks)

        for task in tasks:
            assert len(blocked_on(office)) == 1
            with office.deployment.database.transaction("yard") as unit:
                cancel(unit, task=task, person_id="ines", reason="changed my mind", via="slack")

        assert blocked_on(office) == []
        assert [one.state for one in office.rows("select state from decision")] == ["withdrawn"]
