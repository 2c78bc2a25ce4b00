"""Gives each worker's version one hash: its code, its model, its tools and what it calls its version itself."""

from collections.abc import Mapping

from contracts.canonical import digest
from contracts.contract import Lane, WorkerDeclaration
from contracts.loading.tool import Tool


def versions_of(lane: Lane, code_hash: str, tools: Mapping[str, Tool]) -> dict[str, str]:
    """By worker, the sha256 in hex; whatever of these is swapped, it is another version."""
    return {name: digest(_made_of(lane, name, code_hash, tools)) for name in lane.workers}


def _made_of(lane: Lane, name: str, code_hash: str, tools: Mapping[str, Tool]) -> dict[str, object]:
    worker = lane.workers[name]
    systems = {right.partition(".")[0] for right in (*worker.reads, *worker.writes)}
    return {
        "version": worker.version,
        "model": worker.model,
        "code": code_hash,
        "runs": [*sorted(step.run for step in lane.steps if name in (step.worker, step.peer)), *_places(worker)],
        "tools": {system: tools[system].code_hash for system in sorted(systems) if system in tools},
    }


def _places(worker: WorkerDeclaration) -> list[str]:
    return [] if worker.coordinates is None else [worker.coordinates]
