"""The example's lanes on the world that the example makes: what is fit goes through, and each gate stops by its name."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import MISSING, fields
from typing import Any

import pytest

from chargehand.business_files import load_folder
from contracts.packet import Packet
from contracts.placing import Candidate, Routing
from contracts.vocabulary import Heard, TaskState
from engine.why import why
from escalation.cancelling import cancel
from storage.claims import Claimant
from storage.subjects import hear
from tests.builders import MORNING, House
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, deploy, press


def seen(office: House, system: str, query: str) -> list[Any]:
    """What an outside system itself has, read past our own code."""
    with closing(sqlite3.connect(office.deployment.home / f"{system}.sqlite")) as database:
        return database.execute(query).fetchall()


def publish(office: House, post: str, slug: str) -> int:
    return office.wanted("publishing", by="tomas", post=post, slug=slug)


def refused_by(office: House, task: int) -> str:
    """The rule that did not hold, if the task ended or waits there."""
    query = "select rule from verdict where task = :task and kind = 'require' and holds is not true order by version"
    rows = office.rows(query, task=task)
    return next((row.rule for row in rows), "")


def test_of_the_ten_newest_posts_two_are_published_and_eight_name_the_gate_that_they_fail(office: House) -> None:
    tasks = {post: publish(office, str(post), f"post-{post}") for post in range(71, 81)}

    for _ in range(3):
        office.work()

    rows = office.rows("select number, state from task where lane = 'publishing'")
    states = {row.number: row.state for row in rows}
    failed = {post: refused_by(office, task) for post, task in tasks.items() if states[task] == "refused"}
    assert Counter(failed.values()) == {"image is valid": 6, "booking call to action is there": 2}
    assert [post for post, task in tasks.items() if states[task] == "done"] == [71, 72]
    assert [row[0] for row in seen(office, "blog", "select post from publications order by post")] == ["71", "72"]


@pytest.mark.parametrize(
    ("post", "rule", "state"),
    [
        ("61", "description has 50 to 300 characters", TaskState.REFUSED),
        ("62", "text is long enough", TaskState.REFUSED),
        ("63", "target is one of the portfolio's", TaskState.REFUSED),
        ("64", "sources are there", TaskState.REFUSED),
        ("65", "internal links are alive", TaskState.REFUSED),
        ("66", "state.post.title is there", TaskState.WAITING),
        ("67", "status is draft", TaskState.REFUSED),
    ],
)
def test_each_gate_stops_a_post_by_its_name(office: House, post: str, rule: str, state: TaskState) -> None:
    task = publish(office, post, f"post-{post}")

    office.work()

    assert (refused_by(office, task), office.task(task).state) == (rule, state)
    assert seen(office, "blog", "select 1 from publications") == []


def test_a_slug_that_another_post_has_is_replaced_once_and_the_post_is_published(office: House) -> None:
    task = publish(office, "71", "how-refunds-work")

    office.work()

    assert office.task(task).told["done"] == "Post 71 is published as how-refunds-work-2"
    assert seen(office, "blog", "select slug from publications") == [("how-refunds-work-2",)]
    assert_trail_is_whole(office, task)


def write(office: House, prospect: str, offer: str = "assessment") -> int:
    return office.wanted("outreach", by="tomas", prospect=prospect, offer=offer)


def test_a_post_that_is_cancelled_while_it_is_being_published_is_withdrawn(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = office.runner.systems["morning"]["blog"]
    task, published = publish(office, "71", "post-71"), blog.publish

    def publish_and_cancel(**given: Any) -> Any:
        answer = published(**given)
        with office.deployment.database.transaction("morning") as unit:
            cancel(unit, task=task, person_id="tomas", reason="the wrong post", via="slack")
        return answer

    monkeypatch.setattr(blog, "publish", publish_and_cancel)
    office.work()

    row = office.task(task)
    assert row.state is TaskState.CANCELLED
    assert row.sentence == "Tomás Herrera cancelled it: “the wrong post”. Taken back: blog.publish (1)."
    assert seen(office, "blog", "select post, publication from withdrawals") == [("71", "1")]
    assert seen(office, "blog", "select status from posts where id = '71'") == [("draft",)]
    assert_trail_is_whole(office, task)


def test_a_warm_prospect_is_written_to_once(office: House) -> None:
    task = write(office, "P-17")

    office.work()

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert seen(office, "crm", "select prospect, template from messages where key <> 'by hand'") == [
        ("P-17", "assessment-first")
    ]


def test_a_prospect_of_the_first_tier_is_written_to_by_decision(office: House) -> None:
    task = write(office, "P-18")
    office.work()
    asked = office.task(task)

    press(office, task, "ruth")
    office.work()

    assert (asked.state, asked.waiting_for) == (TaskState.WAITING, "decision")
    assert office.task(task).state is TaskState.DONE


@pytest.mark.parametrize(
    ("prospect", "offer", "rule", "state"),
    [
        ("P-19", "assessment", "no opt-out", TaskState.REFUSED),
        ("P-20", "assessment", "stage is eligible", TaskState.REFUSED),
        ("P-21", "assessment", "no recent contact", TaskState.REFUSED),
        ("P-22", "assessment", "email is verified", TaskState.WAITING),
        ("P-23", "assessment", "state.lead.email is there", TaskState.WAITING),
        ("P-17", "workshop", "offer is approved", TaskState.REFUSED),
    ],
)
def test_each_rule_of_outreach_stops_by_its_name(
    office: House, prospect: str, offer: str, rule: str, state: TaskState
) -> None:
    task = write(office, prospect, offer)

    office.work()

    assert (refused_by(office, task), office.task(task).state) == (rule, state)
    assert seen(office, "crm", "select 1 from messages where key <> 'by hand'") == []


def test_a_no_that_somebody_was_told_stops_outreach_although_the_customer_database_does_not_know(office: House) -> None:
    with office.deployment.database.transaction(office.company) as unit:
        hear(unit, "prospect P-17", Heard.OPTED_OUT, sentence="They phoned.", source="person:ruth")

    task = write(office, "P-17")
    office.work()

    assert (refused_by(office, task), office.task(task).state) == ("no opt-out", TaskState.REFUSED)
    assert seen(office, "crm", "select 1 from messages where key <> 'by hand'") == []


def test_missing_addresses_are_not_retried_share_one_blocker_and_pause_outreach_alone(office: House) -> None:
    tasks = [write(office, f"P-{number}") for number in range(101, 105)]
    other = publish(office, "71", "a-refund-in-a-day")

    office.work()

    assert {office.task(task).waiting_for for task in tasks} == {"blocker"}
    assert office.rows("select lane, cause, owner from blocker") == [
        ("outreach", "rule state.lead.email is there", "jonas")
    ]
    assert office.rows("select 1 from decision where kind = 'escalation'") == [(1,)]
    assert office.task(tasks[0]).told["wait"].startswith("Email is missing, and send needs it.")
    assert office.task(other).state is TaskState.DONE


def answered(office: House, ticket: str) -> int:
    task = office.wanted("triage", by="tomas", ticket=ticket)
    office.work()
    return task


def test_a_ticket_whose_cause_is_known_is_answered_and_closed(office: House) -> None:
    task = answered(office, "501")

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert seen(office, "helpdesk", "select ticket, issue from closings where key not like 'by hand%'") == [
        ("501", "delivery")
    ]


def test_an_unsure_answer_is_read_by_a_person_first(office: House) -> None:
    task = answered(office, "502")
    asked = office.task(task)

    press(office, task, "jonas")
    office.work()

    assert (asked.state, asked.waiting_for) == (TaskState.WAITING, "decision")
    assert office.task(task).state is TaskState.DONE


def test_who_is_unsure_looks_at_what_was_closed_before_and_asks_nobody_where_that_agrees(office: House) -> None:
    task = answered(office, "506")

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert office.task(task).facts["diagnosis"]["confidence"] == 80
    assert office.task(task).facts["second"] == {"alike": 3, "confidence": 96}
    assert office.rows("select 1 from decision") == []


@pytest.mark.parametrize(
    ("ticket", "rule"), [("503", "state.answer.message is there"), ("504", "nothing is open any more")]
)
def test_each_rule_of_triage_stops_by_its_name(office: House, ticket: str, rule: str) -> None:
    task = answered(office, ticket)

    assert (refused_by(office, task), office.task(task).waiting_for) == (rule, "blocker")
    assert seen(office, "helpdesk", "select 1 from closings where key not like 'by hand%'") == []


def raise_enrichment(office: House) -> None:
    """Have the lane run that only observes."""
    raised = {"lanes/enrichment/lane.yaml": ("stage: 1", "stage: 3")}
    deploy(office, changed_company(office.deployment.home, raised))


def work_on(office: House, runtime: str) -> None:
    """Let a runner of that runtime work, and the default one before and after."""
    office.peer.claimant = Claimant(f"test-{runtime}", runtime)
    for _ in range(2):
        office.work()


def look_up(office: House, prospect: str) -> int:
    """Raise the lane, ask for a prospect, and let a runner of each runtime work."""
    raise_enrichment(office)
    task = office.wanted("enrichment", by="tomas", prospect=prospect)
    work_on(office, "browser")
    return task


def handed_on(office: House, prospect: str) -> int:
    """A prospect whose search has failed in the browser as often as it may."""
    task = office.wanted("enrichment", by="tomas", prospect=prospect)
    for _ in range(8):
        work_on(office, "browser")
        office.wait(121)
        if office.task(task).worker in ("plain-finder", "night-finder"):
            return task
    raise AssertionError(office.task(task).sentence)


def test_what_is_public_of_a_visitor_is_kept_without_an_address(office: House) -> None:
    task = look_up(office, "P-101")

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert seen(office, "crm", "select prospect, company, email from findings") == [("P-101", "Exhibitor 1", "")]
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize(
    ("prospect", "rule"),
    [("P-19", "no opt-out"), ("P-20", "profile is an address"), ("P-23", "something was recovered")],
)
def test_each_rule_of_enrichment_stops_by_its_name(office: House, prospect: str, rule: str) -> None:
    task = look_up(office, prospect)

    assert (refused_by(office, task), office.task(task).state) == (rule, TaskState.REFUSED)
    assert seen(office, "crm", "select 1 from findings") == []


def test_a_search_that_fails_goes_on_where_there_is_the_least_to_do_and_why_tells_so(office: House) -> None:
    raise_enrichment(office)
    public, away = office.deployment.home / "search.json", office.deployment.home / "search.away"
    public.rename(away)
    first, second = handed_on(office, "P-101"), handed_on(office, "P-102")
    placed = [office.task(task).worker for task in (first, second)]
    away.rename(public)

    for runtime in ("compute", "batch"):
        work_on(office, runtime)

    assert placed == ["plain-finder", "night-finder"]
    assert {office.task(task).state for task in (first, second)} == {TaskState.DONE}
    assert seen(office, "crm", "select prospect from findings order by prospect") == [("P-101",), ("P-102",)]
    with office.deployment.database.transaction(office.company) as unit:
        (told,) = dict(why(unit, second).rows)["Placed"]
    assert told.endswith("Search desk: The batch host has the least to do (tasks there: compute 1, batch 0).")
    assert_trail_is_whole(office, second)


@pytest.mark.parametrize("loads", [(0, 0), (1, 1), (2, 3)])
def test_of_hosts_with_the_same_to_do_the_one_that_the_contract_names_first_has_the_search(
    loads: tuple[int, int],
) -> None:
    coordinator = load_folder(MORNING).lanes["enrichment"].coordinator
    assert coordinator is not None

    chosen = coordinator.function(routing_between(loads))

    assert chosen.peer == "plain-finder"


def routing_between(loads: tuple[int, int]) -> Routing:
    """A search that the compute host or the batch host may take, with so many tasks there."""
    packet = Packet(**dict.fromkeys((one.name for one in fields(Packet) if one.default is MISSING), "said"))
    names = ("plain-finder", "compute"), ("night-finder", "batch")
    candidates = tuple(
        Candidate(name, "Profile finder", "Found", "tier 1", runtime, "", "0.005", load, 0, None)
        for (name, runtime), load in zip(names, loads, strict=True)
    )
    return Routing(packet, candidates, ())
