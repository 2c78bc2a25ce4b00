"""A runner that has just started: what takes it long the first time is done before anybody's task waits for it."""

from dataclasses import replace

from contracts.vocabulary import TaskState
from engine.shift import warm_up
from storage.claiming import CLAIM
from storage.database import Database
from storage.pipeline import known_by
from tests.builders import House


def test_a_warm_runner_has_its_first_claim_prepared_already_and_has_claimed_nothing(office: House) -> None:
    task = office.asked()

    warm_up(office.runner)

    with office.deployment.database.engine.connect() as connection:
        assert known_by(connection)[CLAIM.name]
    assert office.task(task).state is TaskState.READY
    assert office.work() == 1


def test_a_runner_that_starts_while_the_record_is_away_warms_up_at_nothing(office: House) -> None:
    away = Database("postgresql+psycopg://nobody@/nothing?host=/nowhere&port=1")

    warm_up(replace(office.runner, deployment=replace(office.deployment, database=away)))

    away.close()
