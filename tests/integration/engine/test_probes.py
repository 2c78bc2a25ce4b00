"""Derived facts and probes in the engine: looked up when a rule's turn comes, dated, kept, and never believed blindly."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from contracts.authoring import Seen, Transient, effect, reads
from contracts.vocabulary import TaskState, WaitingFor
from engine import probing, shift
from engine.why import why
from storage import circuits
from storage.circuits import MOST_FAILURES, PROBE_S
from tests.builders import House
from tests.integration.engine.worlds import (
    Trouble,
    _next,
    assert_trail_is_whole,
    next_runner,
    press,
    raising,
    stuck,
)

GOOD = {
    "id": "71",
    "slug": "",
    "title": "A refund in a day",
    "description": "What to do, what it costs and how long it takes, told by those who do it.",
    "text": "word " * 320 + "/book a call",
    "image": "https://morning.example/a.jpg",
    "target": "returns",
    "status": "draft",
    "sources": ["https://law.example"],
    "links": [],
}


class Died(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


@dataclass(slots=True)
class Blog:
    """A blog in memory: what it answers can be changed, and each read can be troubled by its name."""

    post_: dict[str, Any] = field(default_factory=lambda: dict(GOOD))
    taken: set[str] = field(default_factory=set)
    dead: object = 0
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    published: list[dict[str, str]] = field(default_factory=list)

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        _next(self.troubles.get(name, []))

    @reads()
    def post(self, *, number: str) -> dict[str, Any]:
        """The post."""
        self._called("post")
        return {**self.post_, "id": number}

    @reads()
    def slug_taken(self, *, slug: str, post: str) -> bool:
        """Whether the slug is taken."""
        self._called("slug_taken")
        return slug in self.taken

    @reads()
    def free_slug(self, *, wish: str) -> str:
        """Another slug."""
        self._called("free_slug")
        return f"{wish}-2"

    @reads()
    def dead_links(self, *, post: str) -> object:
        """How many links are dead."""
        self._called("dead_links")
        return self.dead

    @reads()
    def image_reachable(self, *, url: str) -> bool:
        """Whether the image is there."""
        self._called("image_reachable")
        return True

    @effect("readable", look="publication_by_key", blast="public")
    def publish(self, *, post: str, slug: str, key: str) -> dict[str, Any]:
        """Publish."""
        self.published.append({"post": post, "slug": slug, "key": key})
        return {"reference": str(len(self.published)), "at": 1793491200}

    def publication_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The publication of a key."""
        found = [one for one in self.published if one["key"] == key]
        return Seen("1", {"post": found[0]["post"], "slug": found[0]["slug"]}, 1793491200) if found else None


@pytest.fixture
def blog(office: House) -> Blog:
    """The blog in memory in the place of the one on disk."""
    made = Blog()
    office.runner.systems[office.company]["blog"] = made
    return made


def publish(office: House, slug: str = "a-refund-in-a-day") -> int:
    return office.wanted("publishing", by="tomas", post="71", slug=slug)


def rows(office: House, task: int, what: str) -> list[Any]:
    return office.rows(f"select * from {what} where task = :task", task=task)


def test_rules_read_what_was_derived_and_looked_up_and_the_record_keeps_it(office: House, blog: Blog) -> None:
    task = publish(office)

    office.work()

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert blog.calls == {"post": 1, "slug_taken": 1, "image_reachable": 1, "dead_links": 1}
    (facts,) = [row.facts for row in rows(office, task, "judged_facts") if row.step == "publish"]
    assert facts["derived"]["words"] == 323
    assert facts["probe"]["dead_links"]["value"] == 0
    assert facts["probe"]["dead_links"]["at"] == pytest.approx(facts["now"], abs=10)
    verdicts = {row.rule: dict(row.reads) for row in rows(office, task, "verdict")}
    assert verdicts["internal links are alive"] == {"probe.dead_links.value": 0}
    (kept,) = [row.reads for row in rows(office, task, "step_result") if row.step == "publish"]
    assert [read["what"] for read in kept] == ["blog.image_reachable", "blog.slug_taken", "blog.dead_links"]
    calls = {(row.step, row.outcome): row.tool_calls for row in rows(office, task, "attempt")}
    assert calls[("publish", "probed")] == 3


def test_why_shows_what_was_looked_up_and_the_rule_that_read_it(office: House, blog: Blog) -> None:
    task = publish(office)
    office.work()

    with office.deployment.database.transaction(office.company) as unit:
        page = dict(why(unit, task).rows)

    assert any(line.startswith("blog.dead_links 71 (") for line in page["Read"])
    assert "internal links are alive: dead links is 0 → holds" in " ".join(page["Rules"]), page["Rules"]


def test_nothing_is_looked_up_for_a_rule_whose_turn_does_not_come(office: House, blog: Blog) -> None:
    blog.post_["status"] = "published"
    task = publish(office)

    office.work()

    assert office.task(task).state is TaskState.REFUSED
    assert office.task(task).sentence == "Post 71 is published, and only drafts are published."
    assert set(blog.calls) == {"post"}


def test_a_gate_that_fails_on_what_was_looked_up_says_so_and_keeps_the_read(office: House, blog: Blog) -> None:
    blog.dead = 2
    task = publish(office)

    office.work()

    assert office.task(task).state is TaskState.REFUSED
    assert office.task(task).sentence == "2 of the internal links lead nowhere."
    assert blog.published == []
    (kept,) = [row for row in rows(office, task, "step_result") if row.step == "publish"]
    assert "blog.dead_links" in [read["what"] for read in kept.reads]


def test_a_probe_that_fails_is_tried_again_and_never_passes(office: House, blog: Blog) -> None:
    blog.troubles["dead_links"] = [raising(Transient("The blog is down.", cause="blog"))]
    task = publish(office)

    office.work()
    waiting = office.task(task)
    office.wait(120)
    office.work()

    assert (waiting.state, waiting.waiting_on) == (TaskState.WAITING, "blog")
    assert waiting.sentence.startswith("The blog is down. Trying again in")
    assert office.task(task).state is TaskState.DONE
    failed = [row for row in rows(office, task, "attempt") if row.outcome == "failed"]
    assert [(row.step, row.cause, row.tool_calls) for row in failed] == [("publish", "blog", 3)]
    assert_trail_is_whole(office, task)


def test_a_probe_that_stays_away_ends_in_one_blocker_with_an_owner(office: House, blog: Blog) -> None:
    blog.troubles["dead_links"] = [raising(Transient("The blog is down.", cause="blog"))] * 9
    task = publish(office)

    for _ in range(5):
        office.work()
        office.wait(200)

    assert office.task(task).waiting_for == "blocker"
    assert office.rows("select cause, owner from blocker") == [("blog", "jonas")]
    assert blog.published == []
    assert stuck(office) == []


def test_an_answer_of_another_kind_than_promised_is_a_failure_and_no_fact(office: House, blog: Blog) -> None:
    blog.dead = "none"
    task = publish(office)

    office.work()

    assert office.task(task).state is TaskState.FAILED
    assert "blog.dead_links gave no integer, which the probe dead_links promises." in office.task(task).sentence
    assert blog.published == []


def test_a_death_after_a_probe_looks_it_up_again_and_publishes_once(
    office: House, blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    died: list[int] = []

    def look_up_and_die(*given: Any) -> Any:
        found = judged(*given)
        if blog.calls["dead_links"] and not died:
            died.append(1)
            raise Died
        return found

    judged = probing.look_up
    monkeypatch.setattr("engine.judging.look_up", look_up_and_die)
    task = publish(office)

    with suppress(Died):
        office.work()
    next_runner(office, "second")
    office.wait(15)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert blog.calls == {"post": 2, "slug_taken": 2, "image_reachable": 2, "dead_links": 2}
    assert len(blog.published) == 1
    assert_trail_is_whole(office, task)


def test_after_an_approval_the_world_is_looked_up_again(office: House, blog: Blog) -> None:
    blog.post_["target"] = "assessment"
    task = publish(office)
    office.work()
    asked = dict(blog.calls)
    blog.dead = 1

    press(office, task, "ruth")
    office.work()

    assert asked["dead_links"] == 1
    assert blog.calls["dead_links"] == 2
    assert office.task(task).state is TaskState.REFUSED
    assert office.task(task).sentence == "1 of the internal links lead nowhere."
    notices = [row.details["sentence"] for row in office.rows("select details from outbox where message = 'notice'")]
    assert notices == [f"T-{task} was approved, but not carried out: 1 of the internal links lead nowhere."]


def test_a_probe_that_fails_when_an_approval_is_carried_out_is_retried_under_the_same_approval(
    office: House, blog: Blog
) -> None:
    blog.post_["target"] = "assessment"
    task = publish(office)
    office.work()
    blog.troubles["dead_links"] = [raising(Transient("The blog is down.", cause="blog"))]

    press(office, task, "ruth")
    office.work()  # the retry may be due by chance before the shift ends
    office.wait(120)
    office.work()

    assert [row.move for row in office.rows("select move from tried where task = :task", task=task)] == ["retry"]
    assert office.task(task).state is TaskState.DONE
    assert len(office.rows("select 1 from decision")) == 1
    assert len(blog.published) == 1


def test_the_card_shows_what_was_derived(office: House, blog: Blog) -> None:
    blog.post_["target"] = "assessment"
    task = publish(office)

    office.work()

    (card,) = [row.card for row in office.rows("select card from decision where task = :task", task=task)]
    assert "323 words, 1 sources" in card["facts"]


def test_a_slug_that_is_taken_is_amended_and_tried_again_once(office: House, blog: Blog) -> None:
    blog.taken = {"a-refund-in-a-day"}
    task = publish(office)

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert [one["slug"] for one in blog.published] == ["a-refund-in-a-day-2"]
    assert office.task(task).told["tried"] == [
        "Another post is published as a-refund-in-a-day. It is amended, and tried again once."
    ]
    assert_trail_is_whole(office, task)


def test_what_falls_again_after_it_was_amended_stops_the_task(office: House, blog: Blog) -> None:
    blog.taken = {"a-refund-in-a-day", "a-refund-in-a-day-2"}
    task = publish(office)

    office.work()

    assert office.task(task).state is TaskState.REFUSED
    assert office.task(task).sentence == "Another post is published as a-refund-in-a-day-2."
    assert blog.calls["free_slug"] == 1
    assert blog.published == []


def test_an_approval_of_what_had_to_be_amended_since_is_asked_for_anew(office: House, blog: Blog) -> None:
    blog.post_["target"] = "assessment"
    task = publish(office)
    office.work()
    blog.taken = {"a-refund-in-a-day"}

    press(office, task, "ruth")
    office.work()
    asked_again = office.task(task)
    press(office, task, "jonas")
    office.work()

    assert (asked_again.state, asked_again.waiting_for) == (TaskState.WAITING, "decision")
    assert office.task(task).state is TaskState.DONE
    assert [one["slug"] for one in blog.published] == ["a-refund-in-a-day-2"]


def test_nothing_is_looked_up_in_a_system_that_is_known_to_be_down_before_it_may_be_tried(
    office: House, blog: Blog
) -> None:
    """Others have found it down while this task waited to try again; that it was not called is no failure to be counted."""
    blog.troubles["image_reachable"] = [raising(Transient("The blog is down.", cause="blog"))]
    task = publish(office)
    runner = replace(office.runner, chance=lambda: 1.0)  # its retry is not due in the shift in which it failed
    shift._work(runner, office.company)
    with office.deployment.database.transaction(office.company) as unit:
        for _ in range(MOST_FAILURES):
            circuits.failed(unit, "blog", "default", "The blog is down.")
    counted = office.rows("select failures from circuit where system = 'blog'")
    asked = blog.calls["image_reachable"]

    office.wait(PROBE_S - 20)
    shift._work(runner, office.company)
    waiting, held = office.task(task), blog.calls["image_reachable"]
    unchanged = office.rows("select failures from circuit where system = 'blog'")
    office.wait(700)
    office.work()

    assert (asked, held) == (1, 1)
    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert waiting.sentence == "The blog is down. It was not called again, because it is known to be down."
    assert unchanged == counted
    assert office.task(task).state is TaskState.DONE
    assert office.rows("select 1 from circuit where opened_at is not null") == []
    assert_trail_is_whole(office, task)
