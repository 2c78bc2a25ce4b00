"""What is known from one task to the next: beliefs that are short, current and sourced, and one timeline per subject."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from contracts.authoring import Deterministic, Governance
from contracts.vocabulary import BeliefKind
from engine.pad import Pad
from engine.shift import take_up
from storage.memory import LARGEST_VALUE, MOST_IN_A_SCOPE, Belief, NotBelievable, current, remember
from storage.subjects import facts_of, timeline
from storage.transitions import Moved
from tests.builders import House
from tests.integration.engine.prospects import ask_for

P17 = "subject:prospect P-17"


def worked(office: House, lane: str, form: str, **request: str) -> int:
    task = ask_for(office, lane, form, **request)
    office.work()
    return task


def world(office: House) -> Any:
    return office.runner.systems[office.company]["world"]


def believed(office: House, scope: str = P17) -> dict[str, Any]:
    with office.deployment.database.transaction(office.company) as unit:
        return {one.topic: one.value for one in current(unit, [scope])}


def belief(topic: str, value: Any, *, kind: BeliefKind = BeliefKind.OBSERVATION) -> Belief:
    return Belief(P17, topic, kind, value, "ola", 1.0, None)


def test_a_repeated_run_reuses_what_is_known_and_pays_no_second_time(growth: House) -> None:
    first, second = worked(growth, "lookup", "one"), worked(growth, "lookup", "two")
    third = worked(growth, "writing", "three")

    assert [growth.task(task).state for task in (first, second, third)] == ["done"] * 3
    assert world(growth).bought == ["P-17"]
    reads = growth.rows("select reads from step_result where task = :task", task=second)
    assert [read["what"] for read in reads[0].reads] == ["memory.subject"]


def test_what_a_failed_try_has_paid_for_is_not_lost(growth: House) -> None:
    failed = worked(growth, "lookup", "one", words="fail")

    again = worked(growth, "lookup", "two")

    assert (growth.task(failed).state, growth.task(again).state) == ("failed", "done")
    assert world(growth).bought == ["P-17"]


def test_an_expired_finding_is_paid_for_again(growth: House) -> None:
    worked(growth, "lookup", "one")
    growth.wait(8 * 86400)

    worked(growth, "lookup", "two")

    assert world(growth).bought == ["P-17", "P-17"]


def test_another_subject_has_beliefs_of_its_own(growth: House) -> None:
    worked(growth, "lookup", "one")
    worked(growth, "lookup", "two", prospect="P-18")

    assert world(growth).bought == ["P-17", "P-18"]
    assert believed(growth, "subject:prospect P-18") == {"address": "p-18@people.example"}


def test_a_superseded_belief_is_never_read(growth: House) -> None:
    with growth.deployment.database.transaction(growth.company) as unit:
        remember(unit, belief("address", "old@people.example"))
        remember(unit, belief("address", "new@people.example"))

    task = worked(growth, "lookup", "one")

    assert growth.task(task).facts == {"found": {"address": "new@people.example"}}
    rows = growth.rows("select value, superseded_by is null as stands from belief order by id")
    assert [(row.value, row.stands) for row in rows][:2] == [
        ("old@people.example", False),
        ("new@people.example", False),
    ]


def test_a_full_pad_lets_the_oldest_observations_go_and_keeps_what_was_decided(growth: House) -> None:
    with growth.deployment.database.transaction(growth.company) as unit:
        remember(unit, belief("decided", "yes", kind=BeliefKind.DECISION))
        for number in range(MOST_IN_A_SCOPE + 5):
            remember(unit, belief(f"seen {number}", number))

    found = believed(growth)

    assert len(found) == MOST_IN_A_SCOPE
    assert "decided" in found
    assert "seen 5" not in found
    assert f"seen {MOST_IN_A_SCOPE + 4}" in found


@pytest.mark.parametrize(
    ("topic", "value", "confidence", "says"),
    [
        ("", 1, 1.0, "topic"),
        ("x" * 121, 1, 1.0, "topic"),
        ("x", 1, 1.5, "confidence"),
        ("x", "y" * LARGEST_VALUE, 1.0, "bytes"),
    ],
)
def test_what_is_no_belief_is_refused(topic: str, value: Any, confidence: float, says: str) -> None:
    with pytest.raises(NotBelievable, match=says):
        Belief(P17, topic, BeliefKind.OBSERVATION, value, "ola", confidence, None)


@pytest.fixture
def pad(growth: House) -> Iterator[Callable[[int], Pad]]:
    """The pad of a task as a runner has it that holds it."""
    take_up(growth.runner)
    bench: Any
    with growth.deployment.database.bound(growth.company) as connection:

        class Bench:
            def now(self) -> Any:
                return connection.now()

        bench = Bench()
        bench.connection = connection
        yield lambda number: Pad(bench, growth.task(number), "look")


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"about": "company"}, Governance, "for people"),
        ({"about": "elsewhere"}, Deterministic, "elsewhere"),
        ({"kind": "rumour"}, Deterministic, "rumour"),
        ({"value": "a\0b"}, Deterministic, "character"),
        ({"value": object()}, Deterministic, "remembered"),
        ({"confidence": 2}, Deterministic, "confidence"),
    ],
)
def test_a_worker_hears_why_something_can_not_be_remembered(
    growth: House, pad: Callable[[int], Pad], given: dict[str, Any], error: type[Exception], says: str
) -> None:
    task = ask_for(growth, "lookup", "one")
    wanted: dict[str, Any] = {
        "topic": "t",
        "value": 1,
        "about": "subject",
        "kind": "observation",
        "days": 1,
        "confidence": 1.0,
    } | given

    with pytest.raises(error, match=says):
        pad(task).remember(**wanted)

    assert believed(growth) == {}


def test_a_runner_that_has_lost_its_task_writes_nothing(growth: House, pad: Callable[[int], Pad]) -> None:
    task = ask_for(growth, "lookup", "one")
    old = pad(task)
    growth.work()

    with pytest.raises(Moved):
        old.remember("late", 1, about="subject", kind="observation", days=1, confidence=1.0)
    with pytest.raises(Moved):
        old.heard("opted_out", because="late", subject=None)

    assert "late" not in believed(growth)


def test_a_no_that_is_heard_in_one_lane_stops_another(growth: House) -> None:
    heard = worked(growth, "lookup", "one", words="Please stop writing to me")

    refused, other = worked(growth, "writing", "two"), worked(growth, "writing", "three", prospect="P-18")

    assert growth.task(heard).state == "done"
    assert (growth.task(refused).state, growth.task(refused).sentence) == ("refused", "P-17 has said no.")
    assert growth.task(other).state == "done"
    assert list(world(growth).letters.values()) == ["p-18@people.example"]


def test_a_no_is_not_heard_in_another_company(growth: House) -> None:
    worked(growth, "lookup", "one", words="stop")

    with growth.deployment.database.transaction("elsewhere") as unit:
        assert facts_of(unit, "prospect P-17", task=0, contacts=[])["opted_out"] is False
        assert timeline(unit, "prospect P-17") == []
        assert current(unit, [P17]) == []
    with growth.deployment.database.transaction(growth.company) as unit:
        assert facts_of(unit, "prospect P-17", task=0, contacts=[])["opted_out"] is True


def test_a_worker_can_not_take_back_a_no(growth: House, pad: Callable[[int], Pad]) -> None:
    task = ask_for(growth, "lookup", "one")

    with pytest.raises(Governance, match="for a person"):
        pad(task).heard("opted_in", because="surely", subject=None)
    with pytest.raises(Deterministic, match="no word"):
        pad(task).heard("shouted", because="loud", subject=None)


def test_rules_read_the_whole_timeline_as_it_is_when_they_are_judged(growth: House) -> None:
    worked(growth, "lookup", "one")
    written, again = worked(growth, "writing", "two"), worked(growth, "writing", "three")

    assert growth.task(written).state == "done"
    assert growth.task(again).sentence == "P-17 was written to before, after 2 requests."
    (row,) = growth.rows("select facts from judged_facts where task = :task", task=again)
    seen = row.facts["subject"]
    assert (seen["asked"], seen["changed"], seen["refused"], seen["corrected"]) == (2, 1, 0, 0)
    assert seen["last_contact_at"] == seen["last_changed_at"] is not None


def test_a_lane_that_reads_no_timeline_is_not_made_to_pay_for_it(growth: House) -> None:
    lanes = growth.deployment.businesses[growth.company].lanes

    assert (lanes["writing"].reads_subject, lanes["lookup"].reads_subject) == (True, False)


def test_the_timeline_tells_all_that_happened_in_order(growth: House) -> None:
    worked(growth, "lookup", "one", words="stop it")
    worked(growth, "writing", "two")

    with growth.deployment.database.transaction(growth.company) as unit:
        found = [moment.what for moment in timeline(unit, "prospect P-17")]

    assert found == ["asked", "opted_out", "asked", "refused"]


@pytest.fixture
def say(growth: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line on this house."""
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((growth.deployment, growth.company))
    )
    return lambda *words: CliRunner().invoke(app, list(words))


def test_people_remember_hear_and_look_from_the_command_line(growth: House, say: Callable[..., Result]) -> None:
    decided = say("remember", "writing", "tone=formal", "--as", "ola", "--because", "We agreed on it.")
    said_no = say("heard", "prospect P-17", "opted_out", "--as", "ola", "--because", "They phoned.")

    refused = worked(growth, "writing", "one")
    shown = json.loads(say("memory", "prospect P-17", "--json").stdout)

    assert (decided.exit_code, said_no.exit_code) == (0, 0)
    assert believed(growth, "lane:writing") == {"tone": "formal"}
    assert growth.task(refused).state == "refused"
    assert [moment["what"] for moment in shown["timeline"]] == ["opted_out", "asked", "refused"]
    assert "tone" in say("memory", "writing").stdout
    assert "Subjects like it: prospect P-17" in say("memory", "p-17").stdout
    (audited,) = growth.rows("select content from audit_entry where trail = 'person:ola' and event = 'heard'")
    assert audited.content["because"] == "They phoned."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("heard", "prospect P-17", "opted_out", "--as", "nobody", "--because", "x"), "no nobody"),
        (("heard", "prospect P-17", "shouted", "--as", "ola", "--because", "x"), "shouted"),
        (("remember", "writing", "t=v", "--as", "ola", "--because", " "), "--because"),
        (("remember", "writing", "t=v", "--as", "ola", "--because", "x", "--kind", "rumour"), "rumour"),
    ],
)
def test_what_can_not_be_said_is_refused_with_the_way_out(
    say: Callable[..., Result], words: tuple[str, ...], says: str
) -> None:
    result = say(*words)

    assert result.exit_code != 0
    assert says in result.output + str(result.exception)
