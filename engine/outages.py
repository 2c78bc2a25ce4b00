"""Says when a failure is the outage of a system, which every lane shares, and who is asked about it."""

from dataclasses import dataclass

from contracts.failed import Failed
from contracts.vocabulary import FailureClass
from engine.course import Course
from engine.routing import people_asked
from escalation.asked import Asked, about_system


@dataclass(frozen=True, slots=True)
class Outage:
    """A system that does not answer: its name, its title, and whom a contract or the company wants to be asked first."""

    system: str
    title: str
    asked: Asked

    @property
    def asks(self) -> str:
        """Whom, as contracts name them: lanes that ask the same people share one card."""
        return self.asked.steps[0].who


def outage_of(course: Course, failure: Failed) -> Outage | None:
    """The outage that a failure is a part of; None for any other trouble, and where the contract names a cause of its own.

    It is one when nothing but the system itself is named as what is broken, or when it is known to be down by now.
    """
    declared = course.bench.business.company.systems.get(failure.system)
    if failure.kind is not FailureClass.TRANSIENT or declared is None or course.stand_in:
        return None
    own_words = failure.case in {one.name for one in course.lane.lane.failures}
    if own_words or (failure.cause != failure.system and failure.system not in course.bench.down):
        return None
    last_resort = course.bench.business.company.last_resort
    asked = about_system(declared.title, declared.owner, people_asked(course), last_resort)
    return Outage(failure.system, declared.title, asked)
