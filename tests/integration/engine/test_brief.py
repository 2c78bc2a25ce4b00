"""Rebirth: a new instance goes on from one bounded document, and repeats no effect and no paid call."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from engine.brief import LARGEST, Brief, brief
from engine.intake import Accepted, Draft, accept
from tests.builders import House, house
from tests.integration.engine.prospects import campaign, company
from tests.integration.engine.worlds import next_runner

DIES = '''
@worker
def write(request: Whom, found: Found, desk: Desk) -> Proposal[Sent]:
    """Die before anything was asked for."""
    raise Transient("The first instance died.")
'''
READS_THE_BRIEF = '''
@worker
def write(request: Whom, found: Found, desk: Desk) -> Proposal[Sent]:
    """Know nothing but the brief."""
    told = desk.brief()
    address = re.search(r'state.found = {"address": "([^"]+)"}', told)[1]
    desk.keep("letter.txt", told)
    return desk.world.send(address=address, because="The brief says who it is.")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The company's files, with a lane of two steps whose second worker dies."""
    return campaign(company(tmp_path / "prospects"), DIES)


@pytest.fixture
def growth(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, folder: Path) -> Iterator[House]:
    """The company at work."""
    with house(database_urls, valkey_server.url, home, folder=folder) as found:
        found.company = "prospects"
        yield found


def asked(office: House) -> int:
    answer = accept(office.deployment, office.company, Draft("campaign", "ola", {"prospect": "P-17"}, {}, "one", None))
    assert isinstance(answer, Accepted)
    return answer.task


def told(office: House, task: int) -> Brief:
    with office.deployment.database.transaction(office.company) as unit:
        return brief(unit, task)


def forget_the_worker(urls: DatabaseUrls) -> None:
    """Take away all that the first instance left of itself: its tries and its transcripts."""
    engine = create_engine(urls.owner)
    with engine.begin() as owner:
        owner.execute(text("delete from attempt"))
        owner.execute(text("delete from step_result"))
    engine.dispose()


def test_a_new_instance_finishes_with_the_brief_alone(
    growth: House, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, folder: Path
) -> None:
    task = asked(growth)
    growth.work()
    world = growth.runner.systems[growth.company]["world"]
    assert growth.task(task).state == "waiting"
    forget_the_worker(database_urls)
    campaign(folder, READS_THE_BRIEF)

    with house(database_urls, valkey_server.url, home, folder=folder) as fresh:
        fresh.company = growth.company
        next_runner(fresh, "reborn")
        fresh.runner.systems[fresh.company]["world"] = world
        fresh.wait(700)
        fresh.work()

        assert fresh.task(task).state == "done"
    assert world.bought == ["P-17"]
    assert list(world.letters.values()) == ["p-17@people.example"]
    assert world.sends == 1


def test_the_brief_says_what_stands_what_is_known_and_what_is_next(growth: House) -> None:
    task = asked(growth)
    growth.work()

    found = told(growth, task)
    document = found.document()

    assert document["task"] == f"T-{task}"
    assert document["Known"] == ['state.found = {"address": "p-17@people.example"}']
    assert any("address" in line for line in document["Believed"])
    assert any("changes world.send" in line for line in document["Next"])
    assert "The first instance died." in document["Tried"][0]
    assert document["Saved"][0].startswith("found.txt sha256 ")


def test_what_was_done_is_said_never_to_be_done_again_and_what_is_in_doubt_to_be_looked_at_before(
    growth: House, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, folder: Path
) -> None:
    task = asked(growth)
    growth.work()
    world = growth.runner.systems[growth.company]["world"]
    assert "Changed" not in told(growth, task).document()
    campaign(folder, READS_THE_BRIEF)

    with house(database_urls, valkey_server.url, home, folder=folder) as fresh:
        fresh.company = growth.company
        fresh.runner.systems[fresh.company]["world"] = world
        fresh.wait(700)
        fresh.work()
    (done,) = told(growth, task).document()["Changed"]
    growth.rows("update effect set state = 'intended' returning 1")
    (doubted,) = told(growth, task).document()["Changed"]

    assert world.sends == 1
    assert done.startswith("done, never again: world.send")
    assert doubted.startswith("intended, look before anything: world.send")
    assert "p-17@people.example" in doubted


def test_a_brief_never_passes_four_kilobytes_and_keeps_what_is_needed_most(
    growth: House, database_urls: DatabaseUrls
) -> None:
    task = asked(growth)
    growth.work()
    engine = create_engine(database_urls.owner)
    with engine.begin() as owner:
        large = json.dumps({f"field_{number}": {"words": "“wörter” " * 200} for number in range(30)})
        owner.execute(text("update task set facts = cast(:large as jsonb)"), {"large": large})
    engine.dispose()

    found = told(growth, task)

    assert len(found.text().encode()) <= LARGEST
    assert len(json.dumps(found.document(), ensure_ascii=False).encode()) <= LARGEST
    assert [title for title, _ in found.parts][:3] == ["Stands", "Asked for", "Next"]
