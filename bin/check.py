"""Runs every check that a machine can make of the code, shows only what it found, and fails if it found anything."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent


def main() -> int:
    """Run all checks, also after one has failed; exit status 1 if any did."""
    began = time.monotonic()
    findings = {name: found for name, check in CHECKS.items() if (found := check())}
    for name, found in findings.items():
        print(f"--- {name}\n{found}\n")
    verdict = f"not clean: {', '.join(findings)}" if findings else "clean"
    print(f"{', '.join(CHECKS)}: {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if findings else 0


def program(*words: str) -> Callable[[], str]:
    """A check by a program of the environment: what it said, if it failed."""

    def check() -> str:
        command = [str(PROGRAMS / words[0]), *words[1:]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip() if done.returncode else ""

    return check


def addresses_in_locks() -> str:
    """Lines of lock files that hold an address: a lock names versions and hashes, not the place they came from."""
    return "\n".join(
        f"{lock.name}:{number}: {line}"
        for lock in (
            *ROOT.glob("*.lock"),
            *ROOT.glob("benchmarks/peers/*/*.lock"),
            *ROOT.glob("tests/*/package-lock.json"),
        )
        for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1)
        if "://" in line
    )


CHECKS: dict[str, Callable[[], str]] = {
    "ruff": program("ruff", "check", "--quiet", "--output-format", "concise", "."),
    "format": program("ruff", "format", "--check", "--quiet", "--output-format", "concise", "."),
    "types": program("mypy", "--no-error-summary"),
    "floors": program("lint-imports"),
    "locks": addresses_in_locks,
}

if __name__ == "__main__":
    sys.exit(main())
