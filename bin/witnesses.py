"""Installs what tests/witness/package-lock.json names, by npm and without running its scripts; once for each lock."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "witness"
LOCK = FOLDER / "package-lock.json"
NO_NPM = "The witnesses of tests/witness need npm. On Debian or Ubuntu: apt-get install nodejs npm"


def main() -> int:
    """Install unless it was done; exit status 1 with a sentence when it can't be."""
    if stamp().exists():
        return 0
    if shutil.which("npm") is None:
        print(NO_NPM, file=sys.stderr)
        return 1
    folder = os.open(FOLDER, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    return 0 if stamp().exists() else install()


def stamp() -> Path:
    """The file that says so; npm clears its folder before it installs."""
    return FOLDER / "node_modules" / f".set-up-{hashlib.sha256(LOCK.read_bytes()).hexdigest()}"


def install() -> int:
    """What the lock names and nothing else; npm's answer counts only when it fails."""
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"The witnesses can't be installed:\n{(done.stdout + done.stderr).strip()}", file=sys.stderr)
        return 1
    stamp().touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
