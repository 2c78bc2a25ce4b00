"""Incidents by HTTP: a token for a person, problem details, and nothing twice."""

from typing import Any

import httpx2
import pytest

from contracts.vocabulary import CauseClass
from engine.incidents import CAUSES, Withdrawal, withdraw
from gateway.api.tokens import Token, make, read, written
from tests.integration.gateway.world import SECRET, World

PATH = "/api/v1/incidents"


def token(world: World, person: str, *, days: int = 1) -> str:
    with world.deployment.database.transaction("morning") as unit:
        return make(unit, SECRET, person=person, days=days)


def call(
    world: World, person: str, method: str, path: str = "", *, key: str | None = "k1", **given: Any
) -> httpx2.Response:
    """Ask the API as a person."""
    headers = {"Authorization": f"Bearer {token(world, person)}"}
    headers |= {"Idempotency-Key": key} if key is not None else {}
    return world.http.request(method, f"{world.gateway}{PATH}{path}", headers=headers, **given)


@pytest.fixture
def task(world: World) -> str:
    """A refund that was paid."""
    number = world.house.asked(by="anna")
    world.house.work()
    return f"T-{number}"


def test_a_report_is_an_incident_that_its_owner_closes_with_its_cause(world: World, task: str) -> None:
    said = call(world, "tomas", "POST", json={"task": task, "wrong": "The wrong customer.", "minutes": 3})
    number = said.json()["incident"]

    early = call(world, "mei", "POST", f"/{number}/close", json={"minutes": 12})
    closed = call(world, "mei", "POST", f"/{number}/close", json={"cause": "stale_facts", "minutes": 12})
    looked = call(world, "anna", "GET", f"/{number}")

    assert (said.status_code, said.json()["state"], said.json()["worker"]) == (201, "open", "refund-payer")
    assert said.json()["says"].endswith("Mei-Lin Zhao looks into it.")
    assert (early.status_code, early.headers["content-type"]) == (422, "application/problem+json")
    assert early.json()["detail"] == f"Incident {number} can't be closed without a cause. Say which: {CAUSES}."
    assert (closed.status_code, closed.json()["cause"], closed.json()["minutes"]) == (200, "stale_facts", 12)
    assert looked.json() == {name: value for name, value in closed.json().items() if name != "says"}


def test_the_same_key_makes_one_incident_and_another_report_under_it_is_refused(world: World, task: str) -> None:
    said = {"task": task, "wrong": "The wrong customer."}

    answers = [call(world, "tomas", "POST", json=said) for _ in range(3)]
    other = call(world, "tomas", "POST", json={**said, "wrong": "Something else."})

    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert {answer.json()["incident"] for answer in answers} == {answers[0].json()["incident"]}
    assert other.status_code == 422
    assert world.count("incident") == 1


def test_closing_twice_alike_is_the_same_and_otherwise_a_conflict(world: World, task: str) -> None:
    number = call(world, "tomas", "POST", json={"task": task, "wrong": "x"}).json()["incident"]
    ending = {"cause": "data", "minutes": 0}

    answers = [call(world, "mei", "POST", f"/{number}/close", json=ending) for _ in range(2)]
    other = call(world, "ruth", "POST", f"/{number}/close", json={"cause": "tool", "minutes": 1})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (other.status_code, other.json()["detail"]) == (
        409,
        f"Incident {number} is closed already, by Mei-Lin Zhao.",
    )


def test_what_was_taken_back_says_so_and_is_not_closed_any_more(world: World, task: str) -> None:
    said = {"task": task, "wrong": "x", "cause": "data", "minutes": 1}
    number = call(world, "tomas", "POST", json=said).json()["incident"]
    with world.deployment.database.transaction("morning") as unit:
        withdraw(unit, world.deployment.businesses["morning"], Withdrawal(number, "ruth", "page", "A mistake."))

    looked = call(world, "anna", "GET", f"/{number}").json()
    closed = call(world, "ruth", "POST", f"/{number}/close", json={"because": "A mistake."})

    assert (looked["state"], looked["because"], looked["closed_by"]) == ("withdrawn", "A mistake.", "ruth")
    assert (closed.status_code, closed.json()["detail"]) == (
        409,
        f"Incident {number} is withdrawn already, by Ruth Adeyemi.",
    )
    assert call(world, "anna", "GET", "?state=open").json()["incidents"] == []


def test_pages_go_on_from_each_other_and_hold_each_incident_once(world: World, task: str) -> None:
    for who in ("anna", "tomas", "kwame"):
        call(world, who, "POST", json={"task": task, "wrong": "x"})
    numbers = [row.number for row in world.house.rows("select number from incident order by number desc")]
    call(world, "mei", "POST", f"/{numbers[0]}/close", json={"cause": "data", "minutes": 1})

    first = call(world, "ruth", "GET", params={"limit": 2}).json()
    second = call(world, "ruth", "GET", params={"limit": 2, "before": first["next"]}).json()
    still_open = call(world, "ruth", "GET", params={"state": "open"}).json()

    assert [one["incident"] for page in (first, second) for one in page["incidents"]] == numbers
    assert second["next"] is None
    assert [one["incident"] for one in still_open["incidents"]] == numbers[1:]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"task": "1042", "wrong": "x"}, 422),
        ({"task": "T-99999", "wrong": "x"}, 404),
        ({"task": "T-1", "wrong": ""}, 422),
        ({"task": "T-1", "wrong": "x", "cause": "bad luck"}, 422),
        ({"task": "T-1", "wrong": "x", "minutes": -1}, 422),
        ({"task": "T-1", "wrong": "x", "more": 1}, 422),
        ([], 422),
    ],
)
def test_what_is_no_report_is_a_problem_with_a_sentence(shared_world: World, body: Any, status: int) -> None:
    answer = call(shared_world, "anna", "POST", json=body)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"task": "T-1", "wrong": "\\ud800"}'])
def test_bytes_that_are_no_json_are_a_problem_too(shared_world: World, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token(shared_world, 'anna')}", "Idempotency-Key": "k"}

    answer = shared_world.http.post(f"{shared_world.gateway}{PATH}", content=content, headers=headers)

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/0", "/x", "/99999999999999999999", "/7"])
def test_an_incident_that_is_not_here_is_a_problem(shared_world: World, path: str) -> None:
    assert call(shared_world, "anna", "GET", path).status_code in (404, 422)


def test_a_post_without_a_key_is_refused(world: World, task: str) -> None:
    said = call(world, "anna", "POST", key=None, json={"task": task, "wrong": "x"})

    assert (said.status_code, world.count("incident")) == (400, 0)


def test_who_does_not_answer_for_it_can_not_close_it(world: World, task: str) -> None:
    number = call(world, "anna", "POST", json={"task": task, "wrong": "x"}).json()["incident"]

    answer = call(world, "anna", "POST", f"/{number}/close", json={"cause": "data", "minutes": 1})

    assert answer.status_code == 403
    assert world.house.rows("select 1 from audit_entry where event = 'close_refused' and trail = 'person:anna'")


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer morning.anna.99999999999.xxx", "Basic YW5uYTp4", f"Bearer {'x' * 900}"],
)
def test_without_a_good_token_nobody_gets_in(shared_world: World, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}

    answer = shared_world.http.get(f"{shared_world.gateway}{PATH}", headers=headers)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_of_another_company_of_nobody_or_of_yesterday_gets_nobody_in(shared_world: World) -> None:
    far = 99_999_999_999
    bad = [Token("other", "anna", far), Token("morning", "nobody", far), Token("morning", "anna", 1)]

    for one in bad:
        headers = {"Authorization": f"Bearer {written(SECRET, one)}"}
        assert shared_world.http.get(f"{shared_world.gateway}{PATH}", headers=headers).status_code == 401


def test_a_token_says_what_was_put_in_until_it_ends_and_only_with_our_secret() -> None:
    made = written("s", Token("morning", "anna", 100))

    assert read("s", made, now=99) == Token("morning", "anna", 100)
    assert read("s", made, now=100) is None
    assert read("other", made, now=1) is None
    assert read("s", made.replace("anna", "mei"), now=1) is None


def test_every_cause_class_is_taken(world: World, task: str) -> None:
    for position, cause in enumerate(CauseClass):
        said = call(world, "anna", "POST", key=f"k{position}", json={"task": task, "wrong": "x", "cause": cause})
        ended = call(world, "mei", "POST", f"/{said.json()['incident']}/close", json={"minutes": 1})
        assert (ended.status_code, ended.json()["cause"]) == (200, cause)
