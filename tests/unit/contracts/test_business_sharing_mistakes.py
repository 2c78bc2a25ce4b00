"""A system that is down is put to one person or group: who needs it asks the same first, or company.yaml names its owner."""

from contracts.business import BusinessMistakes, load
from tests.unit.contracts.small_business import COMPANY, FILES, LANE, told, told_after

OWNED = COMPANY.replace("title: The till,", "title: The till, owner: ines,")
ESCALATES = "escalates: [lane-owner]"


def _second_lane(old: str, new: str) -> str:
    """The lane once more under another name, with one thing changed."""
    assert old in LANE
    return LANE.replace("lane: discounts", "lane: vouchers").replace(old, new)


def _with(second: str, *, company: str = COMPANY) -> dict[str, bytes]:
    files = {name: text for name, text in FILES.items() if name.startswith("lanes/")}
    more = {name.replace("discounts", "vouchers"): text for name, text in files.items()}
    every = {**FILES, **more, "lanes/vouchers/lane.yaml": second, "company.yaml": company}
    return {name: text.encode() for name, text in every.items()}


def _told(files: dict[str, bytes]) -> list[str]:
    try:
        load(files)
    except BusinessMistakes as found:
        return [f"{one.file}:{one.line}:{one.column} {one.path} | {one.sentence}" for one in found.mistakes]
    return []


def test_a_system_that_lanes_of_different_owners_use_needs_an_owner() -> None:
    found = _told(_with(_second_lane("owner: olu", "owner: ines")))

    assert found == [
        "company.yaml:22:3 systems › till | till has no owner, and different people are asked first when it is down: Olu Adeniyi for discounts; Inês Prata for vouchers. Name one for all of them, such as owner: olu; they get the one card."
    ]


def test_its_owner_is_asked_whoever_owns_the_lanes() -> None:
    assert _told(_with(_second_lane("owner: olu", "owner: ines"), company=OWNED)) == []


def test_lanes_that_ask_the_same_people_first_need_none() -> None:
    assert _told(_with(_second_lane("title: Give a discount", "title: Give a voucher"))) == []


def test_naming_the_owner_of_the_other_lane_is_asking_the_same_person() -> None:
    second = _second_lane("owner: olu", "owner: ines").replace(ESCALATES, 'escalates: ["person:olu"]')

    assert _told(_with(second)) == []


def test_a_group_is_another_card_than_one_of_its_members() -> None:
    (found,) = _told(_with(_second_lane(ESCALATES, 'escalates: ["group:staff", lane-owner]')))

    assert "Olu Adeniyi for discounts; the group staff for vouchers." in found


def test_workers_of_one_lane_who_ask_different_people_are_told_by_name() -> None:
    (found,) = told_after("lane", ESCALATES, 'escalates: ["person:ines", lane-owner]')

    assert "Inês Prata for looker of discounts; Olu Adeniyi for giver of discounts." in found


def test_where_groups_alone_are_asked_the_last_resort_is_proposed() -> None:
    groups = COMPANY.replace("groups:\n", "groups:\n  evening: [olu]\n")
    lane = LANE.replace(ESCALATES, 'escalates: ["group:staff"]', 1).replace(ESCALATES, 'escalates: ["group:evening"]')

    (found,) = told(company=groups, lane=lane)

    assert found.endswith("such as owner: olu; they get the one card.")


def test_a_lane_with_mistakes_of_its_own_says_nothing_of_systems() -> None:
    found = _told(_with(_second_lane("owner: olu", "owner: nobody")))

    assert [one.partition(" | ")[2] for one in found] == ["unknown person nobody. Known: ines, olu and gil."]


def test_what_was_published_before_goes_on_as_it_was() -> None:
    assert load(_with(_second_lane("owner: olu", "owner: ines")), is_past=True).lanes.keys() == {
        "discounts",
        "vouchers",
    }
