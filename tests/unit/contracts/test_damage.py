"""The most damage that a worker can do is told in plain sentences, with whatever stands in its way."""

from contracts.damage import damage
from tests.unit.contracts.small_business import COMPANY, LANE, TILL, small_business

CAPS = "caps: {customer: {attempt: {count: 1}, day: {count: 20, recipients: 1, amount: 100000}}}\n"


def _told(worker: str, **changes: str) -> str:
    (found,) = [one for one in damage(small_business(**changes)) if one.worker == worker]
    return str(found)


def test_a_worker_that_only_reads_can_mislead() -> None:
    assert _told("looker") == (
        "looker – Looker, tier 1, recommends (lane discounts, stage 3)\n"
        "  Sees till.sale.\n"
        "  At worst it is wrong: somebody is misled, and nothing outside is changed."
    )


def test_a_worker_that_writes_is_told_with_its_rules_and_edges() -> None:
    assert _told("giver") == (
        "giver – Giver, tier 3, decides (lane discounts, stage 3)\n"
        "  Sees till.sale.\n"
        "  May cause till.discount (The till), which reaches customers.\n"
        "  It is verified by discount_by_key; in doubt, it is looked for before it is repeated.\n"
        "  Rules before it: sale is open.\n"
        "  A person decides first on each large discount: Discounts above 10.00 USD are for the owner.\n"
        "  No cap is declared: at worst it does so for every request that its rules let through."
    )


def test_caps_say_the_worst() -> None:
    told = _told("giver", company=COMPANY.replace("workspaces:\n", f"{CAPS}workspaces:\n"))

    assert told.splitlines()[-1] == (
        "  At worst, by its caps: 1 time an attempt; 20 times, 1,000.00 USD and 1 recipient a day."
    )


def test_an_effect_without_rule_or_edge_or_look_is_told_as_it_is() -> None:
    lane = LANE[: LANE.index("require:")].replace("tier: 3", "tier: 2")
    till = TILL.replace('"readable", look="discount_by_key", blast="customer"', '"neither", look=None, blast="record"')

    assert _told("giver", lane=lane, till=till).splitlines()[2:6] == [
        "  May cause till.discount (The till), which changes records.",
        "  Nothing verifies it; in doubt, it is never repeated, and a person is told.",
        "  No rule stands before it.",
        "  Nobody is asked first.",
    ]


UNBOUND = LANE[: LANE.index("approve:")]
OBSERVING = "stage: 1\nmay_ask"


def test_at_stage_1_nothing_happens() -> None:
    told = _told("giver", lane=LANE.replace("may_ask", OBSERVING)).splitlines()

    assert told[0] == "giver – Giver, tier 3, decides (lane discounts, stage 1)"
    assert told[-2:] == [
        "  At stage 1 nobody can ask for it, so none of this happens.",
        "  At worst, as long as it stays at stage 1: nothing.",
    ]


def test_at_stage_2_a_person_decides_on_every_effect_whatever_the_edges_say() -> None:
    told = _told("giver", lane=LANE.replace("may_ask", "stage: 2\nmay_ask")).splitlines()

    assert told[-2:] == [
        "  At stage 2 a person decides first on every one.",
        "  No cap is declared: at worst it does so for every request that people let through.",
    ]


def test_at_stage_3_a_person_decides_on_what_nothing_bounds_and_a_cap_is_a_bound() -> None:
    unbound = _told("giver", lane=UNBOUND).splitlines()
    capped = _told("giver", lane=UNBOUND, company=COMPANY.replace("workspaces:\n", f"{CAPS}workspaces:\n"))

    assert unbound[-2:] == [
        "  Neither edge nor cap bounds it, so at stage 3 a person decides first on every one.",
        "  No cap is declared: at worst it does so for every request that people let through.",
    ]
    assert "  Nobody is asked first." in capped.splitlines()
