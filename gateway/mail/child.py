"""The child process in which one raw letter is taken apart: letter on stdin, JSON on stdout, under hard limits."""

import json
import resource
import sys

from gateway.mail.dissecting import TooMuch, dissect

CPU_S = 3
MEMORY_BYTES = 512 * 1024 * 1024


def main() -> int:
    """Exit status 0 with the letter, 2 with a sentence on stderr; anything else is a letter that broke the parser."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    raw = sys.stdin.buffer.read()
    try:
        found = dissect(raw)
    except TooMuch as error:
        sys.stderr.write(str(error))
        return 2
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
