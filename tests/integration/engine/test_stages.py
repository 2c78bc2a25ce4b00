"""A lane's stage is enforced: at 2 a person decides on every effect, at 3 where nothing bounds it; the record can only lower it."""

from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState, WaitingFor
from engine.intake import NotAccepted
from engine.register import NotChanged, NotEntitled
from engine.staging import Staged, change
from tests.builders import House, house
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, open_shop, press, stuck


def put(office: House, stage: int, *, by: str = "ruth") -> Staged:
    """A person puts refunds at a stage."""
    business = office.deployment.businesses[office.company]
    with office.deployment.database.transaction(office.company) as unit:
        return change(unit, business, lane="refunds", stage=stage, by=by, because="it was wrong twice")


def test_at_stage_two_a_person_decides_on_every_effect(office: House) -> None:
    shop = open_shop(office)
    assert (
        put(office, 2).sentence == "Refund an order is at stage 2 now; it was at 3. A person decides on every effect."
    )
    task = office.asked()
    office.work()

    waiting = office.task(task)
    assert (waiting.waiting_for, shop.performs) == (WaitingFor.DECISION, 0)
    (row,) = office.rows("select kind, edge, entitled, card ->> 'question' as question from decision")
    assert (row.kind, row.edge, row.entitled) == ("approval", "stage 2", ["mei"])
    assert (
        row.question == "Refund an order: refund of 42.00 USD for order 1234. Shall Refund worker do it (shop.refund)?"
    )

    press(office, task, "mei")
    office.work()

    assert (office.task(task).state, shop.performs) == (TaskState.DONE, 1)
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_an_edge_that_asks_already_is_not_asked_twice(office: House) -> None:
    shop = open_shop(office)
    put(office, 2)
    task = office.asked(amount=74000)
    office.work()
    press(office, task, "priya")
    office.work()

    assert (office.task(task).state, shop.performs) == (TaskState.DONE, 1)
    assert [row.edge for row in office.rows("select edge from decision")] == ["large refund"]


def test_what_is_under_way_hears_of_a_lower_stage_before_its_effect(office: House) -> None:
    shop = open_shop(office)
    task = office.asked()
    put(office, 2)
    office.work()

    assert (office.task(task).waiting_for, shop.performs) == (WaitingFor.DECISION, 0)


def test_it_is_raised_again_up_to_what_the_file_declares_and_no_further(office: House) -> None:
    open_shop(office)
    put(office, 2)
    with pytest.raises(NotChanged, match="declares stage 3: a stage from 1 to 3 can be in force"):
        put(office, 4)
    put(office, 3)
    task = office.asked()
    office.work()

    assert office.task(task).state is TaskState.DONE
    trail = office.rows(
        "select event from audit_entry where trail = 'lane:refunds' and event like 'stage%' order by seq"
    )
    assert [row.event for row in trail] == ["stage_changed", "stage_changed"]


def test_only_who_answers_for_the_lane_changes_its_stage(office: House) -> None:
    with pytest.raises(NotEntitled, match=r"Only .*Ruth Adeyemi.* can change the stage of Refund an order"):
        put(office, 2, by="anna")


def test_at_stage_one_nobody_can_ask(office: House) -> None:
    put(office, 1)

    with pytest.raises(NotAccepted, match="only observes now"):
        office.asked()


@pytest.mark.parametrize(("stage", "asked"), [(3, True), (4, False)])
def test_at_stage_three_a_person_decides_where_nothing_bounds_an_effect(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, stage: int, asked: bool
) -> None:
    folder = changed_company(
        home, {"company.yaml": ("demands: [verification, approval, cap]", "demands: [verification]")}
    )
    declared = folder / "company.yaml"
    text = declared.read_text()
    start, end = text.index("      spending:\n        attempt"), text.index("      customer:\n        hour")
    declared.write_text(text[:start] + text[end:])
    lane = folder / "lanes" / "refunds" / "lane.yaml"
    said = lane.read_text()
    start, end = said.index("# A person is asked when"), said.index("retries: {tries: 4")
    lane.write_text((said[:start] + said[end:]).replace("stage: 3", f"stage: {stage}"))
    with house(database_urls, valkey_server.url, home, folder=folder) as office:
        shop = open_shop(office)
        task = office.asked()
        office.work()

        assert (office.task(task).waiting_for is WaitingFor.DECISION) is asked
        assert shop.performs == int(not asked)
