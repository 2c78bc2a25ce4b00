"""Judgement on a business that is good in itself: what would work, and still is not wise; each says what to do."""

from collections.abc import Callable, Iterator

from contracts.lint.approvals import early_edges, missing_managers, needless_edges, own_approvals
from contracts.lint.effects import shared_writes, unused_rights, unverified_effects, unverified_undos
from contracts.lint.kpis import activity_numbers, dear_runs, numbers_without_place, unmoved_numbers
from contracts.lint.ladders import ladders_without_people
from contracts.lint.limits import unreachable_limits
from contracts.lint.sentences import cut_sentences
from contracts.lint.taking_over import overlooked_failures, takeovers_in_vain, takeovers_never_asked
from contracts.lint.work import idle_workers, unproven_work, unread_inputs
from contracts.loaded import Business
from contracts.mistakes import Mistake

LINTS: tuple[Callable[[Business], Iterator[Mistake]], ...] = (
    *(needless_edges, early_edges, own_approvals, missing_managers),
    *(unverified_effects, unverified_undos, shared_writes, unused_rights),
    *(ladders_without_people, takeovers_never_asked, takeovers_in_vain, overlooked_failures),
    *(unmoved_numbers, activity_numbers, numbers_without_place, dear_runs),
    unreachable_limits,
    *(idle_workers, unread_inputs, unproven_work),
    cut_sentences,
)


def warnings(business: Business) -> tuple[Mistake, ...]:
    """Everything to think about, in the order of the files; the hint of each is its remedy."""
    found = {warning for lint in LINTS for warning in lint(business)}
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.column, one.message)))
