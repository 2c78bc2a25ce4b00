"""Reads what strangers wrote in a child process with hard limits: nothing in it can hang or end ours."""

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable

CPU_S = 3
MEMORY_BYTES = 512 * 1024 * 1024
LATEST_S = 15.0
"""The child may use 3 s of processor time; on a busy machine that takes longer by the clock on the wall."""

_TOO_LONG = {-signal.SIGXCPU, -signal.SIGKILL}


class Unread(ValueError):
    """The child did not read it; `str()` says why, as the second half of a sentence."""


def read_in_child(module: str, raw: bytes, *words: str) -> bytes:
    """What the child gives of `raw`, as JSON; `module` calls `answer`, `words` are its arguments. Raises Unread."""
    command = (sys.executable, "-P", "-m", module, *words)
    try:
        child = subprocess.run(command, input=raw, capture_output=True, timeout=LATEST_S, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unread("reading it took too long") from error
    if child.returncode != 0:
        raise Unread(_why(child))
    return child.stdout


def _why(child: subprocess.CompletedProcess[bytes]) -> str:
    if child.returncode in _TOO_LONG:
        return "reading it took too long"
    said = child.stderr.decode("utf-8", "replace").strip().splitlines()
    last = said[-1] if said else "nothing said why"
    return last[:200] if child.returncode == 2 else f"the parser broke on it ({last.partition(':')[0][:60]})"


def answer(read: Callable[[bytes], object], *, refusal: type[Exception]) -> int:
    """The child's side: exit status 0 with what was read, 2 with the sentence of a refusal; anything else broke the parser."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    raw = sys.stdin.buffer.read()
    try:
        found = read(raw)
    except refusal as error:
        sys.stderr.write(str(error))
        return 2
    sys.stdout.write(json.dumps(found))
    return 0
