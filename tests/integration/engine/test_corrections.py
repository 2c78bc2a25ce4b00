"""What a person has corrected stands: no effect overwrites it unless its step may, whoever comes first."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from contracts.authoring import Changed
from contracts.vocabulary import TaskState
from examples.morning.tools.crm import Crm
from storage.claims import Claimant
from tests.builders import House, build_world
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, deploy

ROUNDS = 1000
CAREFUL = "{name: getattr(lead if name in lead.corrected else found, name)"
CARELESS = "{name: getattr(found, name)"
STAGE = {"lanes/enrichment/lane.yaml": ("stage: 1", "stage: 3")}
Changes = dict[str, tuple[str, str]]


def correct(path: Path, prospect: str, company: str) -> None:
    """A person puts a prospect's company right, in the customer database itself."""
    with closing(sqlite3.connect(path, timeout=30)) as crm, crm:
        crm.execute("update prospects set company = ? where id = ?", (company, prospect))
        crm.execute("insert into corrections values (?, 'company', 'ruth')", (prospect,))


def seen(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as crm:
        return crm.execute(query).fetchall()


def crm_of(office: House) -> Path:
    return office.deployment.home / "crm.sqlite"


def look_up(office: House, *, changes: Changes, prospect: str = "P-101") -> int:
    deploy(office, changed_company(office.deployment.home, changes))
    office.peer.claimant = Claimant("test-browser", "browser")
    task = office.wanted("enrichment", by="tomas", prospect=prospect)
    for _ in range(3):
        office.work()
    return task


def test_what_is_found_fills_in_what_nobody_has_corrected(office: House) -> None:
    task = look_up(office, changes=STAGE)

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    ((company, version),) = seen(crm_of(office), "select company, version from prospects where id = 'P-101'")
    assert (company != "", version) == (True, 2)


def test_a_worker_that_would_overwrite_a_correction_is_refused_by_the_fields_name(office: House) -> None:
    correct(crm_of(office), "P-101", "Right & Sons")

    task = look_up(office, changes={**STAGE, "lanes/enrichment/workers.py": (CAREFUL, CARELESS)})

    assert office.task(task).state is TaskState.REFUSED
    assert office.task(task).sentence.startswith(
        "A person has corrected company of prospect P-101, and crm.record would overwrite it. "
        "Keep it, or let the lane say record overwrites: [company]."
    )
    assert seen(crm_of(office), "select company from prospects where id = 'P-101'") == [("Right & Sons",)]
    assert office.rows("select 1 from effect") == []


def test_a_worker_that_keeps_the_correction_goes_on(office: House) -> None:
    correct(crm_of(office), "P-101", "Right & Sons")

    task = look_up(office, changes=STAGE)

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert seen(crm_of(office), "select company from prospects where id = 'P-101'") == [("Right & Sons",)]


def test_a_step_that_says_so_overwrites_what_a_person_has_corrected(office: House) -> None:
    correct(crm_of(office), "P-101", "Right & Sons")
    folder = changed_company(office.deployment.home, {**STAGE, "lanes/enrichment/workers.py": (CAREFUL, CARELESS)})
    lane = folder / "lanes/enrichment/lane.yaml"
    lane.write_text(
        lane.read_text().replace("    recheck: [look]\n", "    recheck: [look]\n    overwrites: [company]\n")
    )
    deploy(office, folder)
    office.peer.claimant = Claimant("test-browser", "browser")

    task = office.wanted("enrichment", by="tomas", prospect="P-101")
    for _ in range(3):
        office.work()

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert seen(crm_of(office), "select company from prospects where id = 'P-101'") != [("Right & Sons",)]


def test_a_correction_between_the_look_and_the_write_is_read_and_kept(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(office, changed_company(office.deployment.home, STAGE))
    kind = type(office.runner.systems[office.company]["crm"])
    plainly = kind.corrected
    corrected: list[str] = []

    def corrected_just_after(tool: Any, **given: Any) -> Any:
        found = plainly(tool, **given)
        if not corrected:
            corrected.append(given["prospect"])
            correct(crm_of(office), given["prospect"], "Right & Sons")
        return found

    monkeypatch.setattr(kind, "corrected", corrected_just_after)
    office.peer.claimant = Claimant("test-browser", "browser")
    task = office.wanted("enrichment", by="tomas", prospect="P-101")
    for _ in range(6):
        office.work()

    assert corrected == ["P-101"]
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert seen(crm_of(office), "select company from prospects where id = 'P-101'") == [("Right & Sons",)]
    states = [row.state for row in office.rows("select state from effect order by revision")]
    assert states == ["disproved", "verified"]
    assert_trail_is_whole(office, task)


def keep_found(crm: Crm, prospect: str) -> str:
    """What the engine does around the effect: read, ask what was corrected, write what is left, read anew when it moved."""
    for revision in (1, 2):
        read = crm.prospect(number=prospect)
        assert read is not None
        args = {"profile": "", "company": "Found Ltd", "email": ""} | crm.corrected(prospect=prospect)
        try:
            crm.record(prospect=prospect, **args, version=read["version"], key=f"{prospect}/{revision}")
        except Changed:
            continue
        return "at once" if revision == 1 else "read anew"
    return "given up"


def test_of_a_thousand_corrections_that_race_with_a_write_none_is_lost(tmp_path: Path) -> None:
    build_world(tmp_path)
    path = tmp_path / "crm.sqlite"
    with closing(sqlite3.connect(path)) as crm, crm:
        crm.execute("pragma journal_mode = wal")
        blank = "insert into prospects (id, name, stage, opted_out, tier, profile, company, email, email_status)"
        values = [(f"R-{number}",) for number in range(ROUNDS)]
        crm.executemany(f"{blank} values (?, 'Racer', 'new', 0, 3, '', '', '', 'missing')", values)
    tool, together, outcomes = Crm(path=str(path)), Barrier(2), Counter[str]()

    def person() -> None:
        for number in range(ROUNDS):
            together.wait(30)
            correct(path, f"R-{number}", f"Right {number}")

    def worker() -> None:
        for number in range(ROUNDS):
            together.wait(30)
            outcomes[keep_found(tool, f"R-{number}")] += 1

    threads = [Thread(target=person), Thread(target=worker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = dict(seen(path, "select id, company from prospects where id like 'R-%'"))
    lost = [number for number in range(ROUNDS) if found[f"R-{number}"] != f"Right {number}"]
    assert lost == []
    assert outcomes.total() == ROUNDS
    assert outcomes["given up"] == 0
    assert outcomes["read anew"] > 0, outcomes
