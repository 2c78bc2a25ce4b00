"""Who takes a step over is found by rules and fitness: the amount decides, who is ruled out is told why, and people come last."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.business import load
from contracts.lifecycle import Event
from contracts.loaded import LoadedLane
from contracts.placing import Routing
from contracts.vocabulary import TaskState
from engine.backtest import Way, backtest
from engine.scorecard.kept_back import kept_back
from engine.why import why
from engine.whys.attempt import of_attempt
from escalation.reading import card_view
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on, survived
from tests.integration.engine.worlds import assert_trail_is_whole, stuck
from tests.integration.engine.yard import (
    closed,
    contents,
    lane,
    let_time_pass,
    step,
    the_yard,
    wish,
    worker,
    yard_with,
)

MODELS = """

from chargehand import Money


class Refund(BaseModel, frozen=True, extra="forbid", strict=True):
    what: str
    amount: Annotated[int, Money("EUR")]
    page: str | None = None
"""
CODE = """
@worker
def pay(request: Refund, desk: Desk) -> Proposal[Placed]:
    desk.yard.look(what=request.what)
    return desk.yard.place(what=request.what, because="It is due")
"""
PAYER = {"job": "Payer", "writes": ["yard.place"], "escalates": ["peers", "lane-owner"]}
AMOUNT, PAGE = {"var": "request.amount"}, {"var": "request.page"}
SMALL, LARGE = [{"request.amount": 50000}], [{"request.amount": 50001}]
ONLY_SMALL = {
    "rule": {"<=": [AMOUNT, 50000]},
    "because": "nobody pays {request.amount} at night",
    "examples": {"accepted": SMALL, "refused": LARGE},
}
ONLY_LARGE = {
    "rule": {">": [AMOUNT, 50000]},
    "because": "It pays above 500.00 EUR only.",
    "examples": {"accepted": LARGE, "refused": SMALL},
}
WITH_A_PAGE = {
    "rule": {"!==": [PAGE, None]},
    "because": "order {request.what} has no page",
    "examples": {"accepted": [{"request.page": "https://yard.example/1"}], "refused": [{"request.page": None}]},
}


def payer(**more: Any) -> dict[str, Any]:
    """Somebody who pays."""
    return worker("requester", "request", "payment", **PAYER, **more)


WORKERS = {
    "payer": payer(),
    "night-payer": payer(runtime="batch", takes_over=ONLY_SMALL),
    "senior-payer": payer(version="2", takes_over=ONLY_LARGE),
    "page-payer": payer(version="3", takes_over=WITH_A_PAGE),
}
STEPS = [step("pay", "payer", "Placed", "payment", deadline="2s")]
NO_PAGE = "page-payer was ruled out: order shed has no page."
TOO_SMALL = "senior-payer was ruled out: It pays above 500.00 EUR only."
TOO_LARGE = "night-payer was ruled out: nobody pays 740.00 EUR at night."


def refund_lane(workers: dict[str, Any], *, code: str = CODE, steps: list[Any] = STEPS) -> dict[str, str]:
    """The files of a lane that pays."""
    return lane("refunds", workers, steps, code, models=MODELS, request="models:Refund")


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with one lane that pays, and three who could take its step over."""
    with yard_with(refund_lane(WORKERS), database_urls, valkey_server.url, home) as found:
        yield found


def handed_on(office: House, *, failures: int = 3, **request: Any) -> int:
    """A refund whose worker has failed as often as it may."""
    the_yard(office).troubles["look shed"] = closed(failures)
    task = wish(office, "refunds", **{"amount": 4200, **request})
    let_time_pass(office, rounds=2 * failures - 2)
    return task


def takes_over(office: House, task: int) -> list[str]:
    """Who took the step over, in turn."""
    return [one["to"] for one in contents(office, task, Event.DELEGATED)]


def verdicts(office: House, task: int) -> dict[str, bool | None]:
    """What the rules of peers came to, as it is kept."""
    query = "select rule, holds from verdict where task = :task and kind = 'peer' order by version, ordinal"
    return {row.rule: row.holds for row in office.rows(query, task=task)}


@pytest.mark.parametrize(
    ("amount", "peer", "ruled_out", "holds"),
    [
        (4200, "night-payer", f"{TOO_SMALL} {NO_PAGE}", [True, False, False]),
        (74000, "senior-payer", f"{TOO_LARGE} {NO_PAGE}", [False, True, False]),
    ],
)
def test_the_amount_decides_who_takes_over_and_whoever_is_ruled_out_is_told_why(
    office: House, amount: int, peer: str, ruled_out: str, holds: list[bool]
) -> None:
    task = handed_on(office, amount=amount)

    (handed,) = contents(office, task, Event.DELEGATED)
    runtime = {"night-payer": "batch"}.get(peer, "default")
    assert handed["to"] == peer
    assert handed["because"] == (
        f"The yard is closed. We retried twice with backoff and it stayed so. {ruled_out} Payer on {runtime} takes over."
    )
    names = ["night-payer takes over pay", "senior-payer takes over pay", "page-payer takes over pay"]
    assert verdicts(office, task) == dict(zip(names, holds, strict=True))
    assert office.task(task).state is TaskState.DONE
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_people_are_asked_after_every_peer_was_tried_or_ruled_out_and_their_card_says_which(office: House) -> None:
    task = handed_on(office, failures=6)

    row = office.task(task)
    assert takes_over(office, task) == ["night-payer"]
    assert (row.state, row.rung) == (TaskState.WAITING, "human")
    (card,) = office.rows("select decision, person from outbox where message = 'card'")
    with office.deployment.database.transaction("yard") as unit:
        tried = card_view(unit, card.decision, card.person).tried
        rows = dict(why(unit, task).rows)
    told = f"The yard is closed. We retried twice with backoff and it stayed so. {TOO_SMALL} {NO_PAGE}"
    assert f"{told} Payer on batch takes over." in tried
    assert tried.endswith(told)
    assert rows["Placed"] == (f"payer → night-payer: {told} Payer on batch takes over.",)
    assert any(line.startswith("night-payer takes over pay: ") and "→ may take over" in line for line in rows["Rules"])
    assert any(line.startswith("senior-payer takes over pay: ") and "→ ruled out" in line for line in rows["Rules"])
    assert_trail_is_whole(office, task)


def test_where_no_peers_rule_holds_people_are_asked_at_once_and_nobody_was_kept_back(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    workers = {name: one for name, one in WORKERS.items() if name != "night-payer"}
    with yard_with(refund_lane(workers), database_urls, valkey_server.url, home) as found:
        task = handed_on(found, failures=3)

        assert takes_over(found, task) == []
        assert found.task(task).rung == "human"
        assert found.task(task).sentence.endswith(f"{TOO_SMALL} {NO_PAGE}")
        with found.deployment.database.transaction("yard") as unit:
            business = found.deployment.businesses["yard"]
            assert kept_back(unit, business, unit.now - timedelta(days=1)) == ()


def test_a_death_anywhere_hands_the_step_to_the_same_peer_and_keeps_each_verdict_once(
    office: House, reaper: Reaper
) -> None:
    the_yard(office).troubles["look whole"] = closed(3)
    every = reaper.kill_at(0)
    whole = wish(office, "refunds", "whole", amount=74000)
    live_on(office, rounds=5)
    assert takes_over(office, whole) == ["senior-payer"]

    for nth in range(1, len(every.passed) + 1):
        office.wait(120)  # what failed a while ago is no outage
        armed = reaper.kill_at(nth)
        the_yard(office).troubles[f"look {nth}"] = closed(3)
        task = survived(partial(wish, office, "refunds", str(nth), amount=74000))
        live_on(office, rounds=7)

        assert len(armed.passed) >= nth
        assert office.task(task).state is TaskState.DONE, (nth, armed.passed)
        assert set(takes_over(office, task)) <= {"senior-payer"}, (
            nth,
            armed.passed,
        )  # the lost try may have been one of three
        kept = office.rows("select rule from verdict where task = :task and kind = 'peer'", task=task)
        assert len(kept) == len({row.rule for row in kept}), (nth, armed.passed)
        assert_trail_is_whole(office, task)
    assert len(every.passed) > 8
    assert stuck(office) == []


def test_a_retry_asks_no_peer_and_keeps_no_verdict(office: House) -> None:
    the_yard(office).troubles["look shed"] = closed(2)
    task = wish(office, "refunds", amount=4200)

    let_time_pass(office, rounds=4)

    assert office.task(task).state is TaskState.DONE
    assert verdicts(office, task) == {}
    assert office.rows("select step from judged_facts") == []


def test_an_attempt_shows_what_the_peers_rules_said_of_its_failure(office: House) -> None:
    task = handed_on(office)

    with office.deployment.database.transaction("yard") as unit:
        third, fourth = (dict(of_attempt(unit, task, "pay", nth=nth).rows) for nth in (3, 4))
    assert [line.partition(":")[0] for line in third["Rules"]] == [
        "night-payer takes over pay",
        "senior-payer takes over pay",
        "page-payer takes over pay",
    ]
    assert "Rules" not in fourth


def test_a_rule_that_cannot_be_evaluated_rules_its_peer_out_and_says_so(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    for_gardeners = {
        "rule": {"==": [{"var": "person.role"}, "Neighbour"]},
        "because": "It pays for neighbours only.",
        "examples": {"accepted": [{"person.role": "Neighbour"}], "refused": [{"person.role": "Head"}]},
    }
    workers = {"payer": payer(), "night-payer": payer(runtime="batch", takes_over=for_gardeners)}
    with yard_with(refund_lane(workers), database_urls, valkey_server.url, home) as found:
        the_yard(found).troubles["look shed"] = closed(3)
        task = wish(found, "refunds", amount=4200)
        found.rows("update task set requester = 'nobody' where number = :task returning 1", task=task)

        let_time_pass(found, rounds=4)

        assert takes_over(found, task) == []
        assert "night-payer was ruled out: its rule could not be evaluated, so it does not hold: " in (
            found.task(task).sentence
        )
        assert verdicts(found, task) == {"night-payer takes over pay": None}
        with found.deployment.database.transaction("yard") as unit:
            assert any(line.endswith("→ ruled out") for line in dict(why(unit, task).rows)["Rules"])


def test_what_was_known_of_the_failure_decides_too(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    open_yard = {
        "rule": {"!=": [{"var": "error.cause"}, "yard"]},
        "because": "{error.cause} is closed for it, too",
        "examples": {"accepted": [{"error.cause": "gate"}], "refused": [{"error.cause": "yard"}]},
    }
    workers = {"payer": payer(), "night-payer": payer(runtime="batch", takes_over=open_yard)}
    with yard_with(refund_lane(workers), database_urls, valkey_server.url, home) as found:
        task = handed_on(found)

        assert takes_over(found, task) == []
        assert found.task(task).sentence.endswith("night-payer was ruled out: yard is closed for it, too.")


def paused(office: House, name: str) -> None:
    """Somebody gets no work."""
    office.rows(
        "insert into standing (company, unit, standing, by, because, since)"
        " values ('yard', :unit, 'paused', 'person:rosa', 'It is tired', now()) returning 1",
        unit=f"worker:refunds/{name}",
    )


def test_rules_hold_as_well_when_the_worker_itself_gets_no_work(office: House) -> None:
    paused(office, "payer")
    task = wish(office, "refunds", amount=74000)

    let_time_pass(office, rounds=2)

    (handed,) = contents(office, task, Event.DELEGATED)
    assert handed["to"] == "senior-payer"
    assert f"{TOO_LARGE} {NO_PAGE} Payer on default takes over." in handed["because"]
    assert office.task(task).state is TaskState.DONE


def test_where_the_worker_gets_no_work_and_no_peer_may_the_task_waits_and_the_verdicts_are_kept(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    workers = {"payer": payer(), "senior-payer": WORKERS["senior-payer"]}
    with yard_with(refund_lane(workers), database_urls, valkey_server.url, home) as found:
        paused(found, "payer")
        task = wish(found, "refunds", amount=4200)

        let_time_pass(found, rounds=2)

        assert found.task(task).state is TaskState.WAITING
        assert verdicts(found, task) == {"senior-payer takes over pay": False}


def test_who_is_paused_is_not_judged_and_the_rest_are(office: House) -> None:
    paused(office, "page-payer")

    task = handed_on(office)

    assert list(verdicts(office, task)) == ["night-payer takes over pay", "senior-payer takes over pay"]
    assert takes_over(office, task) == ["night-payer"]


def test_the_clock_passes_a_silent_peer_over_by_the_same_rules(office: House) -> None:
    office.peer.claimant = replace(office.peer.claimant, runtime="elsewhere")
    task = handed_on(office, page="https://yard.example/1")

    office.wait(700)
    office.sweep()
    let_time_pass(office, rounds=3)

    by_day, by_the_clock = contents(office, task, Event.DELEGATED)
    assert (by_day["to"], by_the_clock["to"]) == ("night-payer", "page-payer")
    assert TOO_SMALL in by_the_clock["because"]
    assert office.task(task).state is TaskState.DONE


ROUTED = """
from chargehand import Placement, Routing

HEARD: list[Routing] = []


@worker
def route(routing: Routing) -> Placement:
    HEARD.append(routing)
    return Placement(routing.candidates[-1].name, "It stands last")
"""


def test_a_coordinator_chooses_among_those_whom_rules_let_and_reads_why_the_others_may_not(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    foreman = worker("requester", "packet", "placement", job="Foreman", tier=4, may="decide", reads=[])
    workers = {**WORKERS, "foreman": {**foreman, "coordinates": "workers:route"}}
    with yard_with(refund_lane(workers, code=CODE + ROUTED), database_urls, valkey_server.url, home) as found:
        task = handed_on(found, page="https://yard.example/1")

        coordinator = found.deployment.businesses["yard"].lanes["refunds"].coordinator
        assert coordinator is not None
        (routing,) = coordinator.function.__globals__["HEARD"]
        assert isinstance(routing, Routing)
        assert sorted(one.name for one in routing.candidates) == ["night-payer", "page-payer"]
        assert {one.name: one.because for one in routing.ruled_out} == {
            "payer": "It has just failed: The yard is closed.",
            "senior-payer": "Its rule rules it out: It pays above 500.00 EUR only.",
        }
        (handed,) = contents(found, task, Event.DELEGATED)
        assert handed["to"] == routing.candidates[-1].name
        assert handed["because"].endswith(
            f"{TOO_SMALL} Payer on {_runtime(handed['to'])} takes over. Foreman: It stands last."
        )
        assert found.task(task).state is TaskState.DONE


def _runtime(name: str) -> str:
    return str(WORKERS[name]["runtime"])


def changed(office: House, **rules: dict[str, Any]) -> LoadedLane:
    """The lane with other rules for some of its peers."""
    others = {name: {**WORKERS[name.replace("_", "-")], "takes_over": rule} for name, rule in rules.items()}
    workers = {**WORKERS, **{name.replace("_", "-"): one for name, one in others.items()}}
    written = {name: text.encode() for name, text in refund_lane(workers).items()}
    return load({**office.deployment.sources["yard"], **written}).lanes["refunds"]


def test_a_changed_rule_is_held_against_past_failures_and_names_each_task_whose_peer_would_be_another(
    office: House,
) -> None:
    handed_on(office)
    the_yard(office).troubles["look tree"] = closed(3)
    large = wish(office, "refunds", "tree", amount=74000)
    let_time_pass(office, rounds=4)
    higher = {**ONLY_SMALL, "rule": {"<=": [AMOUNT, 80000]}}
    higher = {**higher, "examples": {"accepted": LARGE, "refused": [{"request.amount": 80001}]}}

    with office.deployment.database.transaction("yard") as unit:
        since = unit.now - timedelta(days=1)
        same, report = (backtest(unit, one, since) for one in (changed(office), changed(office, night_payer=higher)))

    assert same.changed == []
    assert same.ways[Way.RULES_OUT, Way.RULES_OUT] == 4
    (one,) = report.changed
    assert (one.task, one.step) == (large, "pay")
    assert (one.before.way, one.after.way) == (Way.RULES_OUT, Way.MAY_TAKE_OVER)
    assert one.after.rules == ("night-payer takes over pay",)
    assert report.more(Way.MAY_TAKE_OVER) == 1


def test_the_fittest_takes_over_where_the_contract_says_so_and_whoever_is_not_known_stands_last(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    more: dict[str, Any] = {"order": "fitness"}
    workers = {
        "payer": payer(**more),
        "night-payer": payer(runtime="batch"),
        "new-payer": payer(version="2"),
        "late-payer": payer(version="3"),
    }
    with yard_with(refund_lane(workers), database_urls, valkey_server.url, home) as found:
        first = handed_on(found, failures=6)
        let_time_pass(found, rounds=3)
        the_yard(found).troubles["look tree"] = closed(3)
        second = wish(found, "refunds", "tree", amount=4200)
        let_time_pass(found, rounds=4)

        # Nothing is known at first: the least busy runtime has it. It fails thrice, and the next one does it at once.
        assert takes_over(found, first) == ["night-payer", "new-payer"]
        assert takes_over(found, second) == ["new-payer"]
        assert {found.task(task).state for task in (first, second)} == {TaskState.DONE}
