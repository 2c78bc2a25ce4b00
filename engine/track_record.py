"""How fit the workers of a lane are, as those who place work ask it: computed once a shift, for it is of thirty days."""

from engine.course import Course
from engine.scorecard.results import results
from storage.database import Unit


def fitness_of_workers(course: Course, unit: Unit) -> dict[str, float | None]:
    """The fitness of the lane's workers by name, from 0 to 1; None while nothing is known."""
    known = course.bench.fitness
    if course.task.lane not in known:
        found = results(unit, course.bench.business)
        known.update(
            {
                name: {one.worker: one.fitness.score for one in found if one.lane == name}
                for name in course.bench.business.lanes
            }
        )
        known.setdefault(course.task.lane, {})
    return known[course.task.lane]
