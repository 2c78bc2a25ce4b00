"""Has a raw letter read in a child that can be killed: nothing that a letter holds can hang or end the gateway."""

import signal
import subprocess
import sys

from pydantic import ValidationError

from gateway.mail.letter import Letter

LATEST_S = 15.0
"""The child may use 3 s of processor time; on a busy machine that takes longer by the clock on the wall."""

_COMMAND = (sys.executable, "-P", "-m", "gateway.mail.child")
_TOO_LONG = {-signal.SIGXCPU, -signal.SIGKILL}


class Unreadable(ValueError):
    """This letter can't be read; `str()` is a sentence for the person who looks at it."""


def read_letter(raw: bytes) -> Letter:
    """The letter that the bytes make; raises Unreadable."""
    try:
        child = subprocess.run(_COMMAND, input=raw, capture_output=True, timeout=LATEST_S, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("Unreadable mail: reading it took too long.") from error
    if child.returncode != 0:
        raise Unreadable(f"Unreadable mail: {_why(child)}.")
    try:
        return Letter.model_validate_json(child.stdout)
    except ValidationError as error:
        raise Unreadable("Unreadable mail: what it holds is not shaped like a letter.") from error


def _why(child: subprocess.CompletedProcess[bytes]) -> str:
    if child.returncode in _TOO_LONG:
        return "reading it took too long"
    said = child.stderr.decode("utf-8", "replace").strip().splitlines()
    last = said[-1] if said else "nothing said why"
    return last[:200] if child.returncode == 2 else f"the parser broke on it ({last.partition(':')[0][:60]})"
