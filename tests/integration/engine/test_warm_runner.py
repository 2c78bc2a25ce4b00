"""A runner that has just started: what takes it long the first time is done before anybody's task waits for it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import event

from contracts.vocabulary import TaskState
from engine.shift import warm_up
from storage.database import Database
from tests.builders import House


def test_the_first_claim_of_a_warm_runner_is_compiled_already(office: House) -> None:
    task, known = office.asked(), []

    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if "candidates" in statement:
            known.append(context.cache_hit.name)

    event.listen(office.deployment.database.engine, "after_cursor_execute", listen)
    warm_up(office.runner)

    assert office.task(task).state is TaskState.READY
    assert office.work() == 1
    assert known[0] == "CACHE_MISS"
    assert set(known[1:]) == {"CACHE_HIT"}


def test_a_runner_that_starts_while_the_record_is_away_warms_up_at_nothing(office: House) -> None:
    away = Database("postgresql+psycopg://nobody@/nothing?host=/nowhere&port=1")

    warm_up(replace(office.runner, deployment=replace(office.deployment, database=away)))

    away.close()
