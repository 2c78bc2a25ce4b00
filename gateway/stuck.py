"""Says what is stuck and why, in numbers and in words of ours: who asks shows no token, so nothing that people wrote."""

from collections.abc import Iterable, Iterator, Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.wording import duration
from engine.auditor import IN_WORDS
from engine.deployment import Deployment
from engine.trouble import kind_of
from storage.held import MOST, Held, given_up, held
from storage.overdue import Kind, Overdue

log = structlog.get_logger()

_WHY: Mapping[Kind, str] = {
    Kind.TIMER: "`clock` does not fire them",
    Kind.DECISION: "no timer would end them, which is a fault of ours",
    Kind.LADDER: "`runner` does not take them up",
    Kind.TASK: "`runner` does not begin them",
    Kind.DELIVERY: "`web` (`mail` for letters) does not deal with them",
    Kind.OUTBOX: "`courier` does not send them",
}


def unmoved_lines(unmoved: Iterable[Overdue]) -> list[str]:
    """A line for each thing that the auditor saw unmoved at its last look; the database is not asked."""
    return [f"stuck: {_unmoved(one)}" for one in unmoved]


def held_lines(deployment: Deployment) -> list[str]:
    """A line for each thing that waits for a person, of all companies; none from where the database goes away."""
    lines: list[str] = []
    try:
        for company in deployment.businesses:
            with deployment.database.transaction(company) as unit:
                found, left = held(unit), given_up(unit)
            lines += [f"stuck: {_held(one)}" for one in found]
            lines += [f"stuck: {line}" for line in _left(left)]
    except SQLAlchemyError as error:
        log.warning("stuck.not_told", error=kind_of(error))
    return lines


def _unmoved(one: Overdue) -> str:
    late = f"the oldest {duration(int(one.seconds))} late"
    return f"{one.amount} {IN_WORDS[one.kind][one.amount != 1]}, {late}: {_WHY[one.kind]}"


def _held(one: Held) -> str:
    waits = f"{_counted(one.tasks, 'task waits', 'tasks wait')}, the oldest blocker {duration(int(one.seconds))} old"
    if one.system is not None:
        return f"{waits}: {one.system} does not answer; chargehand doctor"
    return f"{waits}: {_counted(one.blockers, 'blocker', 'blockers')} of {one.lane} for a person; chargehand doctor"


def _left(amount: int) -> Iterator[str]:
    if amount:
        yield f"{_counted(amount, 'delivery', 'deliveries')} given up: what handles them failed; chargehand deliveries"


def _counted(amount: int, one: str, many: str) -> str:
    return f"{amount} {one}" if amount == 1 else f"{amount}{'+' if amount >= MOST else ''} {many}"
