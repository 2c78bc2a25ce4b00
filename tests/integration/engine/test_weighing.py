"""Lanes are weighed by the numbers that they serve: kept in their rows, and told by `why`."""

from engine.scorecard.kpis import observe
from engine.scorecard.weighing import weigh
from engine.why import why
from tests.builders import House
from tests.integration.engine.worlds import open_shop


def weighed(office: House) -> dict[str, tuple[float, str]]:
    """Each lane's worth and why."""
    return {row.id: (row.worth, row.worth_because) for row in office.rows("select * from lane")}


def test_each_lane_is_weighed_by_the_number_that_it_serves(office: House) -> None:
    before = weighed(office)

    changed = weigh(office.deployment, "morning")

    after = weighed(office)
    assert set(before.values()) == {(0.0, "")}
    assert changed == len(after)
    assert all(0 < worth < 1 for worth, _ in after.values())
    assert after["refunds"][1].startswith("Refunds answered within a day has no value yet in this period, and ")


def test_a_lane_whose_number_moves_is_weighed_anew_and_no_other_is_written(office: House) -> None:
    business = office.deployment.businesses["morning"]
    weigh(office.deployment, "morning")
    before = weighed(office)
    lane = next(name for name in business.lanes if served(office, name) == "pushed")
    kpi = business.company.kpi(business.lanes[lane].lane.serves)
    assert kpi is not None

    with office.deployment.database.transaction("morning") as unit:
        observe(unit, business.company, kpi.name, value=kpi.target, by=office.asker)
    changed = weigh(office.deployment, "morning")

    after = weighed(office)
    moved = {name for name, one in business.lanes.items() if one.lane.serves == kpi.name}
    assert {name for name in after if after[name] != before[name]} == moved
    assert changed == len(moved)
    assert after[lane][0] == 0.0
    assert f"{kpi.title} has reached its target" in after[lane][1]
    assert weigh(office.deployment, "morning") == 0


def served(office: House, lane: str) -> str | None:
    """Where the number comes from that a lane serves."""
    business = office.deployment.businesses["morning"]
    kpi = business.company.kpi(business.lanes[lane].lane.serves)
    return kpi.source if kpi is not None else None


def told(office: House, task: int) -> tuple[str, ...]:
    """What `why` says of a task's turn."""
    with office.deployment.database.transaction("morning") as unit:
        return next((tuple(lines) for label, lines in why(unit, task).rows if label == "Turn"), ())


def test_why_says_where_a_task_stands_until_a_runner_has_done_it(office: House) -> None:
    open_shop(office)
    task = office.asked()
    unweighed = told(office, task)
    weigh(office.deployment, "morning")
    office.rows("update lane set worth = 0.4 where id = 'refunds' returning 1")

    ready = told(office, task)
    office.rows("update task set deadline = due_at + interval '30 min' where number = :n returning 1", n=task)
    (wanted,) = told(office, task)
    office.work()

    assert unweighed == ("0 of at most 15 min ahead of its due time: its lane has not been weighed yet",)
    assert ready[0].startswith("6 of at most 15 min ahead of its due time: Refunds answered within a day has no value")
    assert wanted.startswith("10 of at most 15 min ahead of its due time: ")
    assert "; it is wanted by " in wanted
    assert told(office, task) == ()
