"""Somebody says that a result is wrong: one report moves the worker's score, its fitness, the lane's switch and the digest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stories.stack import Stack, running, until

PAYER = "refunds/refund-payer"


@dataclass(frozen=True, slots=True)
class Figures:
    """The four places where a wrong result counts, as operators see them."""

    success_rate: float
    wrong: int
    correction_minutes: float
    per_success: str | None
    quality: float
    fitness: float
    switch: str
    digest_wrong: int
    digest_open: int
    digest_correction_s: int


def told(stack: Stack, *words: str) -> Any:
    """What a command says, as JSON."""
    done = stack.chargehand(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def figures(stack: Stack) -> Figures:
    (payer,) = [one for one in told(stack, "workers", "--score") if one["worker"] == PAYER]
    (lane,) = [one for one in told(stack, "lanes") if one["lane"] == "refunds"]
    (digest,) = told(stack, "digest", "--portfolio", "care")
    (week,) = [one for one in digest["lanes"] if one["name"] == "refunds"]
    return Figures(
        success_rate=payer["success_rate"],
        wrong=payer["wrong"],
        correction_minutes=payer["correction_minutes"],
        per_success=payer["per_success"],
        quality=payer["fitness"]["layers"]["task quality"]["score"],
        fitness=payer["fitness"]["score"],
        switch=lane["switches"],
        digest_wrong=week["wrong"],
        digest_open=digest["needs"]["incidents_open"],
        digest_correction_s=week["correction_s"],
    )


def incidents(stack: Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told(stack, "incidents", "list", "--all")
    return found


@pytest.fixture
def company(own_home: Path) -> Iterator[Stack]:
    """A deployment of its own: every figure in it is this story's."""
    with running(own_home) as stack:
        yield stack


def test_one_report_moves_all_four_and_its_closing_puts_a_price_on_it(company: Stack) -> None:
    for order in ("1001", "1002"):
        company.ask(order=order, amount="12.00")
        company.live(f"Done: 12.00 USD refunded for order {order}")
    done = company.live("Done: 12.00 USD refunded for order 1001")
    before = figures(company)

    opened = company.click("U0TOMAS", done, "task.wrong", wait_for_view=30)
    said = {"wrong": {"value": "That's the wrong customer."}}
    company.act("submit", user="U0TOMAS", view_id=opened["view"]["id"], values=said)
    (incident,) = until(lambda: incidents(company), "the incident")
    after = figures(company)

    assert (before.success_rate, after.success_rate) == (1.0, 0.5)  # G1
    assert (before.wrong, after.wrong) == (0, 1)
    assert float(after.per_success or 0) > float(before.per_success or 0) > 0
    assert (before.quality, after.quality) == (1.0, 0.5)  # G4
    assert after.fitness < before.fitness
    assert (before.switch, after.switch) == ("complaints 0 of 5 in 7 d", "complaints 1 of 5 in 7 d")  # H2
    assert (before.digest_wrong, after.digest_wrong) == (0, 1)  # the digest
    assert (before.digest_open, after.digest_open) == (0, 1)

    number = str(incident["incident"])
    closed = company.chargehand("incidents", "close", number, "--cause", "data", "--minutes", "12", "--as", "mei")
    priced = figures(company)

    assert closed.stdout == f"Incident {number} is closed: data, 12 min to put right.\n"
    assert (after.correction_minutes, priced.correction_minutes) == (0.0, 12.0)
    assert float(priced.per_success or 0) > 7.92  # 12 minutes at 39.60 an hour, on the one success that is left
    assert (priced.success_rate, priced.digest_wrong, priced.digest_open) == (0.5, 1, 0)
    assert (after.digest_correction_s, priced.digest_correction_s) == (0, 720)
    company.live("This was wrong: data, 12 min to put right")


def test_no_incident_closes_without_a_cause_whichever_way_it_is_tried(morning: Stack) -> None:
    morning.ask(order="1003", amount="13.00")
    morning.live("Done: 13.00 USD refunded for order 1003")
    token = {who: morning.chargehand("token", who).stdout.strip() for who in ("anna", "mei")}
    task = morning.chargehand("find", "1003", "--json")
    wrong = {"task": json.loads(task.stdout)[0]["task"], "wrong": "It was order 1030."}

    def call(who: str, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {token[who]}", "Idempotency-Key": "story-1"}
        return morning.client.post(f"{morning.web}/api/v1/incidents{path}", json=body, headers=headers)

    said = [call("anna", "", wrong) for _ in range(3)]
    number = said[0].json()["incident"]
    card = morning.card("U0MEI", "It was order 1030.")
    by_http = call("mei", f"/{number}/close", {"minutes": 3})
    by_hand = morning.chargehand("incidents", "close", str(number), "--minutes", "3", "--as", "mei")
    opened = morning.click("U0MEI", card, "incident.close", wait_for_view=30)
    by_form = morning.client.post(
        f"{morning.sandbox}/sandbox/api/T0MORNING/submit",
        json={"user": "U0MEI", "view_id": opened["view"]["id"], "values": {"minutes": {"value": "3"}}},
    )

    assert [answer.status_code for answer in said] == [201, 200, 200]
    assert {answer.json()["incident"] for answer in said} == {number}
    assert by_http.status_code == 422
    assert "can't be closed without a cause" in by_http.json()["detail"]
    assert (by_hand.returncode, "can't be closed without a cause" in by_hand.stderr) == (1, True)
    assert "cause" in by_form.text
    (still,) = [one for one in incidents(morning) if one["incident"] == number]
    assert (still["state"], still["cause"]) == ("open", None)

    ended = call("mei", f"/{number}/close", {"cause": "stale_facts", "minutes": 3})

    assert (ended.status_code, ended.json()["state"]) == (200, "closed")
    page = " ".join(morning.chargehand("why", wrong["task"]).stdout.split())
    assert "closed by Mei-Lin Zhao: stale facts, 3 min to put right" in page
