"""Named places where a test can kill the process, to see what a restart finds."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

NAMES = (
    "gateway.before_receipt",
    "gateway.after_receipt",
    "intake.before_commit",
    "intake.after_commit",
    "claim.before_commit",
    "claim.after_commit",
    "step.before_commit",
    "step.after_commit",
    "intend.before_commit",
    "intend.after_commit",
    "effect.before_call",
    "effect.after_call",
    "verify.after_look",
    "verify.before_commit",
    "verify.after_commit",
    "ask.before_commit",
    "ask.after_commit",
    "decide.before_commit",
    "decide.after_commit",
    "timer.before_commit",
    "timer.after_commit",
    "digest.before_commit",
    "digest.after_commit",
    "seal.before_commit",
    "seal.after_commit",
    "wake.before_enqueue",
    "wake.after_enqueue",
    "courier.after_claim",
    "courier.before_send",
    "courier.after_send",
    "courier.after_commit",
)


class UnknownFailpoint(ValueError):
    """No place has that name."""


@dataclass(slots=True)
class _Armed:
    name: str = ""
    nth: int = 1
    folder: Path | None = None


_armed = _Armed()


def arm(spec: str | None, folder: Path) -> None:
    """Arm `name` or `name:n`; passes are counted in `folder` over all processes. Raises UnknownFailpoint."""
    if not spec:
        _armed.name = ""
        return
    name, _, nth = spec.partition(":")
    if name not in NAMES or (nth and not nth.isdigit()):
        raise UnknownFailpoint(f"there is no failpoint {spec!r}; `chargehand failpoints` lists them")
    folder.mkdir(parents=True, exist_ok=True)
    _armed.name, _armed.nth, _armed.folder = name, int(nth or 1), folder


def passing(name: str) -> None:
    """Say that the process is at a named place; if that is the armed pass, it dies here, once per folder."""
    if name == _armed.name:
        _count_and_kill()


def _count_and_kill() -> None:
    if _armed.folder is None:
        return
    passes = _armed.folder / f"failpoint-{_armed.name}"
    descriptor = os.open(passes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, b".")
    count = os.lseek(descriptor, 0, os.SEEK_CUR)  # where this pass was written: the size may hold later ones already
    os.fsync(descriptor)
    os.close(descriptor)
    if count == _armed.nth:
        os.kill(os.getpid(), signal.SIGKILL)
