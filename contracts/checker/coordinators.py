"""Checks coordinators: they place work that is handed to peers, and neither change nor read anything of the business."""

from collections.abc import Iterator

from contracts.contract import Lane, WorkerDeclaration
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer
from contracts.placing import PACKET, PLACEMENT
from contracts.rights import COORDINATES

_NONE_OF = ("reads", "writes", "only", "evidence")
"""What a coordinator declares none of."""
_WAY_OUT = (
    "A coordinator is told roles, scopes and load as it is asked; whoever works with the business is another worker."
)


def coordinator_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """Everything in which a coordinator is more than that, and whatever else is there twice or without use."""
    found = coordinators_of(lane)
    for name in found:
        at: Pointer = ("workers", name)
        yield from _rights(page, at, lane.workers[name])
        yield from _place(lane, page, at)
    for name in found[1:]:
        message = f"{found[0]} places this lane's work already"
        yield page.mistake(("workers", name, "coordinates"), message, "A lane has one coordinator.")
    if found and not any(lane.peers(step.name) for step in lane.steps if step.worker in lane.workers):
        message, hint = "no step of this lane has a peer to be handed to", "Name peers in `peer` or `escalates`."
        yield page.mistake(("workers", found[0], "coordinates"), message, hint)


def coordinators_of(lane: Lane) -> list[str]:
    """The workers whose job is to place work."""
    return [name for name, worker in lane.workers.items() if worker.coordinates is not None]


def _rights(page: Page, at: Pointer, worker: WorkerDeclaration) -> Iterator[Mistake]:
    for part in _NONE_OF:
        if getattr(worker, part):
            hint = f"Write {part}: {'{}' if part == 'only' else '[]'}. {_WAY_OUT}"
            yield page.mistake((*at, part), f"a coordinator has no {part}: it places work and nothing else", hint)
    if worker.tier != COORDINATES:
        message = f"a coordinator has tier {COORDINATES}, not {worker.tier}"
        yield page.mistake((*at, "tier"), message, f"Write tier: {COORDINATES}.")
    for part, whole in (("takes", PACKET), ("gives", PLACEMENT)):
        if getattr(worker, part) != (whole,):
            message = f"a coordinator {part} the {whole} and nothing else"
            yield page.mistake((*at, part), message, f"Write {part}: [{whole}].")


def _place(lane: Lane, page: Page, at: Pointer) -> Iterator[Mistake]:
    """A coordinator does no step and is nobody's peer: else it would place work with itself."""
    name = str(at[1])
    for index, step in enumerate(lane.steps):
        for part in ("worker", "peer"):
            if getattr(step, part) == name:
                hint = "Name the worker who does it."
                yield page.mistake(("steps", index, part), f"{name} coordinates, it does no step", hint)
    for other, worker in lane.workers.items():
        if other != name and worker.job == lane.workers[name].job and worker.coordinates is None:
            hint = f"Give it a job of its own, or take `coordinates` away: {other} has this one."
            yield page.mistake((*at, "job"), f"{name} coordinates, so it is no peer of {other}", hint)
