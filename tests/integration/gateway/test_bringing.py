"""Kept rows are handled beside the answer to whoever brought them, a few at a time, and none at the end."""

import threading
from collections.abc import Callable

import anyio
import pytest

from gateway import bringing
from gateway.bringing import Bringing
from gateway.slack import edge
from gateway.slack.dispatch import Dispatcher
from storage.deliveries import Delivery
from tests.integration.gateway.world import World

LONG_S = 20.0
UNHEEDED = {"type": "user_change", "user": "U0ANNA"}


def test_what_slack_brings_is_begun_before_slack_is_answered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, answer, seen = threading.Event(), edge._response, list[bool]()

    def answering(*given: object) -> object:
        seen.append(begun.wait(LONG_S))  # on the loop, which begins nothing meanwhile
        return answer(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Dispatcher, "dispatch", lambda *_: begun.set())
    monkeypatch.setattr(edge, "_response", answering)

    world.event("Ev1", UNHEEDED)

    assert seen == [True]


def brought(world: World, handle: Callable[[Delivery], None], keys: str) -> None:
    """Have rows of these keys brought to `handle` one at a time, and stop once the first of them is begun."""

    async def bring() -> None:
        begun = anyio.Event()

        def handling(delivery: Delivery) -> None:
            anyio.from_thread.run_sync(begun.set, token=token)
            handle(delivery)

        token = anyio.lowlevel.current_token()
        rows = Bringing(world.deployment.database, "test", handling, at_once=1)
        async with anyio.create_task_group() as group:
            rows.start(group)
            rows.begin(*(Delivery("morning", key, "test", "letter", {}) for key in keys))
            await begun.wait()
            await rows.finish()
            rows.begin(Delivery("morning", "late", "test", "letter", {}))
            group.cancel_scope.cancel()

    anyio.run(bring)


def test_a_row_under_way_is_not_begun_again_and_a_stop_waits_for_it(world: World) -> None:
    handled: list[str] = []

    brought(world, lambda row: handled.append(row.key), "abab")

    assert handled == ["a", "b"]


def test_what_is_not_begun_in_time_before_a_stop_is_left_to_the_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "LAST_S", 0.1)
    handled, stopped = list[str](), threading.Event()

    def handle(row: Delivery) -> None:
        stopped.wait(LONG_S)
        handled.append(row.key)

    brought(world, handle, "abc")
    stopped.set()
    for thread in threading.enumerate():
        if thread.name.startswith("test-rows"):
            thread.join(LONG_S)

    assert handled == ["a"]
