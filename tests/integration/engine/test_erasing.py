"""Personal content goes for good, from rows, trail, letters and artifacts; chains, numbers and the record of it stay."""

import json
import re
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, text
from typer.testing import CliRunner, Result

from chargehand.cli import app
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.verify_audit import verify
from contracts.answers import OutcomeKind
from engine.backtest import backtest
from engine.brief import brief
from engine.erasing import Erased, NotErased, erase
from engine.why import why
from storage.artifacts import Artifact, ArtifactNotFound, content_of, of_task, put, rows_of_kept
from storage.audit import broken_at, trail_of
from storage.checkpoints import Signer
from storage.erasing import holds_words
from storage.recordsets import as_json, inserting
from storage.sealed import documents
from storage.subjects import facts_of
from storage.tables import metadata
from storage.tables.work import artifacts, task_artifacts
from tests.builders import AUDIT_KEY, House
from tests.integration.engine.prospects import ask_for
from tests.integration.engine.second_thoughts import rethink
from tests.stores import keep_all_in_store

WORDS = "Zoe Papadaki asks us to stop"
ADDRESS = "p-17@people.example"
EVIDENCE = f"To {ADDRESS}"


@pytest.fixture(params=["in the store", "in the record"])
def kept_there(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all artifacts of the test lie."""
    if request.param == "in the store":
        keep_all_in_store(monkeypatch)


def kept_files(office: House) -> list[str]:
    return [path.read_text() for path in (office.deployment.home / "artifacts" / "prospects").glob("*/*")]


@pytest.fixture
def done(growth: House) -> list[int]:
    """Two ended tasks on one subject, with everything personal that they left, sealed."""
    numbers = []
    for lane, form, words in (("lookup", "one", ""), ("writing", "two", ""), ("lookup", "three", WORDS)):
        numbers.append(ask_for(growth, lane, form, words=words))
        growth.work()
    growth.seal()
    return numbers


def wipe(office: House, what: str) -> Erased:
    return erase(office.deployment, office.company, what, by="ola", because="They asked for it.")


def everything(urls: DatabaseUrls) -> str:
    """Every row of every table, as the owner reads it, and the text of all bytes in them."""
    engine = create_engine(urls.owner)
    with engine.connect() as owner:
        found = [
            str(owner.execute(text(f'select jsonb_agg(t) from "{one.name}" t')).scalar())
            for one in metadata.sorted_tables
        ]
    engine.dispose()
    rows = "\n".join(found)
    return rows + "".join(bytes.fromhex(raw).decode(errors="replace") for raw in re.findall(r"\\x([0-9a-f]+)", rows))


@pytest.mark.usefixtures("kept_there")
def test_nothing_personal_is_left_anywhere_after_a_subject_was_erased(
    growth: House, done: list[int], database_urls: DatabaseUrls
) -> None:
    before, files = everything(database_urls), kept_files(growth)
    assert ADDRESS in before
    assert WORDS in before
    assert (EVIDENCE in files, EVIDENCE in before) == (bool(files), not files)

    erased = wipe(growth, "prospect P-17")

    left = everything(database_urls)
    assert ADDRESS not in left
    assert WORDS not in left
    assert "Papadaki" not in left
    assert EVIDENCE not in left
    assert kept_files(growth) == []
    assert erased.tasks == tuple(f"T-{number}" for number in done)
    assert min(erased.rows, erased.entries, erased.artifacts) > 0


def test_an_artifact_that_is_anothers_evidence_too_goes_with_the_last_who_names_it(growth: House) -> None:
    first, second = (ended(growth, form) for form in ("one", "two"))
    named = {number: evidence(growth, number) for number in (first, second)}
    shared = Artifact("shared.txt", "text/plain", b"what both have seen", "find")
    alone = Artifact("alone.txt", "text/plain", b"what the first alone has seen", "find")
    keep(growth, first, [shared, alone])
    keep(growth, second, [shared])

    wipe(growth, f"T-{first}")

    assert readable(growth, shared.digest)
    assert not readable(growth, alone.digest)
    assert all(readable(growth, digest) for digest in named[second])

    wipe(growth, f"T-{second}")

    assert not readable(growth, shared.digest)
    assert not any(readable(growth, digest) for digest in named[second])


def ended(office: House, form: str) -> int:
    number = ask_for(office, "lookup", form)
    office.work()
    return number


def evidence(office: House, task: int) -> list[str]:
    with office.deployment.database.transaction(office.company) as unit:
        return [digest for _, digest in of_task(unit, task)]


def keep(office: House, task: int, kept: list[Artifact]) -> None:
    """As a step saves them."""
    with office.deployment.database.transaction(office.company) as unit:
        put(office.deployment.store, office.company, kept, at=unit.now)
        contents, evidence = rows_of_kept(office.company, task, kept, at=unit.now)
        naming = f"{inserting(artifacts, 'contents')} on conflict do nothing"
        unit.connection.execute(text(naming), {"contents": as_json(contents)})
        unit.connection.execute(insert(task_artifacts).values(evidence))


def readable(office: House, digest: str) -> bool:
    with office.deployment.database.transaction(office.company) as unit, suppress(ArtifactNotFound):
        return bool(content_of(unit, office.deployment.store, digest))
    return False


@pytest.mark.parametrize("other", ["", "Xanthe Markou wants a call"])
def test_what_was_asked_before_a_request_was_changed_goes_too(
    growth: House, database_urls: DatabaseUrls, other: str
) -> None:
    long = f"{'Call her neighbour Iason Dimas first. ' * 5}Then Zoe."
    task = ask_for(growth, "lookup", "one", words=WORDS)
    for words in (long, other):
        assert rethink(growth, task, words=words).kind is OutcomeKind.CHANGED_IT
    growth.work()
    there = everything(database_urls)

    wipe(growth, f"T-{task}")

    left = everything(database_urls)
    for words in (WORDS, "Iason Dimas", *([other] if other else [])):
        assert words in there
        assert words not in left


def test_chain_log_and_checkpoints_verify_after_an_erasure(growth: House, done: list[int]) -> None:
    wipe(growth, f"T-{done[0]}")
    growth.seal()

    proof = verify(documents(growth.deployment.database, growth.company), keys=[Signer.of(AUDIT_KEY).public], kept=[])

    assert proof.erased > 0
    with growth.deployment.database.transaction(growth.company) as unit:
        entries = trail_of(unit, f"task:{done[0]}")
    assert broken_at(entries) is None
    assert {entry["content"] for entry in entries} == {None}


def test_the_record_says_who_erased_what_and_why_and_nothing_of_it(growth: House, done: list[int]) -> None:
    wipe(growth, "prospect P-17")

    (row,) = growth.rows("select actor, content from audit_entry where trail = 'erasure'")

    assert row.actor == "person:ola"
    assert row.content["because"] == "They asked for it."
    assert row.content["tasks"] == [f"T-{number}" for number in done]
    assert "P-17" not in json.dumps(row.content)


def test_a_no_is_still_known_of_who_was_erased(growth: House, done: list[int]) -> None:
    wipe(growth, "prospect P-17")

    with growth.deployment.database.transaction(growth.company) as unit:
        assert facts_of(unit, "prospect P-17", task=0, contacts=[])["opted_out"] is True
    later = ask_for(growth, "writing", "four")
    growth.work()
    assert growth.task(later).state == "refused"


def test_why_brief_and_backtest_still_answer(growth: House, done: list[int]) -> None:
    wipe(growth, "prospect P-17")
    lane = growth.deployment.businesses[growth.company].lanes["writing"]

    with growth.deployment.database.transaction(growth.company) as unit:
        pages = [why(unit, number) for number in done]
        brief(unit, done[1])
        report = backtest(unit, lane, growth.task(done[0]).accepted_at)

    assert all("chain intact" in dict(page.rows)["Trail"][0] for page in pages)
    assert report.looked == report.erased > 0


def test_another_subject_keeps_all_of_its_content(growth: House, done: list[int], database_urls: DatabaseUrls) -> None:
    other = ask_for(growth, "lookup", "five", prospect="P-18")
    growth.work()

    wipe(growth, "prospect P-17")

    assert growth.task(other).facts == {"found": {"address": "p-18@people.example"}}
    assert "p-18@people.example" in everything(database_urls)


def test_who_is_under_way_is_named_and_nothing_is_erased(growth: House, done: list[int]) -> None:
    waiting = ask_for(growth, "lookup", "six")

    with pytest.raises(NotErased, match=f"Still at work: T-{waiting}"):
        wipe(growth, "prospect P-17")

    assert growth.task(done[0]).facts == {"found": {"address": ADDRESS}}


@pytest.mark.parametrize(
    ("what", "by", "because", "says"),
    [
        ("prospect P-17", "nobody", "x", "may not erase"),
        ("prospect P-17", "ola", "  ", "--because"),
        ("prospect P-99", "ola", "x", "no such task"),
        ("T-99", "ola", "x", "may not|no such task"),
        ("ola", "ola", "x", "still declared"),
    ],
)
def test_what_can_not_be_erased_is_said(
    growth: House, done: list[int], what: str, by: str, because: str, says: str
) -> None:
    with pytest.raises(NotErased, match=says):
        erase(growth.deployment, growth.company, what, by=by, because=because)


def test_a_person_who_left_is_forgotten_by_name_and_address(office: House) -> None:
    asker = office.asker
    task = office.asked(form="one")
    office.work()
    (who,) = office.rows("select name, email from person where id = :asker", asker=asker)
    office.rows("update person set active = false where id = :asker returning 1", asker=asker)
    last_resort = office.deployment.businesses["morning"].company.last_resort

    erase(office.deployment, "morning", asker, by=last_resort, because="They left.")

    (row,) = office.rows("select name, email from person where id = :asker", asker=asker)
    assert row.name == "Somebody who left"
    told = json.dumps(
        [str(one) for one in office.rows("select to_jsonb(t) as t from task t where number = :n", n=task)]
    )
    assert who.name not in told
    assert who.email not in told


def test_every_table_that_names_a_task_can_be_emptied_by_the_app(database_urls: DatabaseUrls) -> None:
    """A new table with words about tasks is swept by itself; it has to let the app's role update them."""
    engine = create_engine(database_urls.owner)
    with engine.connect() as owner:
        may = text("select has_column_privilege('chargehand_app', :table, :column, 'update')")
        for table in (one for one in metadata.sorted_tables if "task" in one.c or "decision" in one.c):
            for column in (one for one in table.columns if holds_words(table, one)):
                names = {"table": table.name, "column": column.name}
                assert owner.execute(may, names).scalar_one(), names
    engine.dispose()


@pytest.fixture
def say(growth: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line on this house."""
    opened: Any = lambda company: nullcontext((growth.deployment, growth.company))  # noqa: E731
    monkeypatch.setattr("chargehand.commands.opening.opened", opened)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_one_command_erases_and_says_how_much(growth: House, done: list[int], say: Callable[..., Result]) -> None:
    result = say("erase", f"T-{done[0]}", "--as", "ola", "--because", "They asked.")

    assert result.exit_code == 0
    assert f"Erased of T-{done[0]}:" in result.stdout
    assert "Slack and mailboxes" in result.stdout
