"""Makes the virtual environment with the standard library alone, because nothing else is there yet."""

import argparse
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": "requirements.lock", "development": "requirements-development.lock"}
UV = "uv==0.13.9"
NO_VENV = (
    "This Python can't make a virtual environment: its part 'ensurepip' is missing.\n"
    "On Debian or Ubuntu: apt-get install python3-venv. Then start again."
)


class SetupFailed(Exception):
    """A step failed; the message says which, and what to do."""


def main() -> int:
    """Set up unless it was done; exit status 1 with a sentence when it can't be."""
    options = parsed_options()
    kind = "development" if options.development else "run"
    if is_done(kind):
        return 0
    try:
        set_up(kind, quiet=options.quiet)
    except SetupFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parsed_options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="bin/setup", description=__doc__)
    parser.add_argument("--development", action="store_true", help="also what tests and linters need")
    parser.add_argument("--quiet", action="store_true", help="say nothing but mistakes")
    return parser.parse_args()


def is_done(kind: str) -> bool:
    """Whether the locks as they are now were installed here; those for development hold those for running."""
    return any(stamp(wanted).exists() for wanted in {kind, "development"})


def stamp(kind: str) -> Path:
    """The file that says so: named by what was installed, and where, for a moved environment is broken."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in (LOCKS[kind], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return VENV / f"set-up-{kind}-{digest.hexdigest()}"


def set_up(kind: str, *, quiet: bool) -> None:
    """Make the environment and install; one at a time, however many ask."""
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    if is_done(kind):
        return
    began = time.monotonic()
    say(f"Setting up {VENV.name} from {LOCKS[kind]} …", quiet=quiet)
    make_environment()
    install(kind)
    for old in VENV.glob("set-up-*"):
        old.unlink()
    stamp(kind).touch()
    say(f"Set up in {time.monotonic() - began:.0f} s.", quiet=quiet)


def make_environment() -> None:
    """A fresh environment, unless one of this very place works already."""
    if is_ours():
        return
    if subprocess.run([sys.executable, "-I", "-c", "import ensurepip"], capture_output=True, check=False).returncode:
        raise SetupFailed(NO_VENV)
    run(base_python(), "-m", "venv", "--clear", str(VENV), failing=f"The virtual environment {VENV} can't be made")


def is_ours() -> bool:
    """Whether the environment runs and was made in this folder (scripts and links in it hold its path)."""
    try:
        said = subprocess.run(
            [PYTHON, "-I", "-c", "import pip, sys; print(sys.prefix)"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    activate = VENV / "bin" / "activate"
    return Path(said.stdout.strip()) == VENV and str(VENV) in activate.read_text(encoding="utf-8")


def base_python() -> str:
    """The Python under the one that runs us, which may lie in the environment that we are about to clear."""
    return getattr(sys, "_base_executable", sys.executable) or sys.executable


def install(kind: str) -> None:
    """Install by uv if pip can get it and it reaches what pip reaches (it brings certificates of its own), else by pip."""
    pip = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "--quiet"]
    uv = [str(PYTHON), "-I", "-m", "uv", "--quiet", "pip"]
    if subprocess.run([*pip, "install", UV], capture_output=True, check=False).returncode == 0:
        with suppress(SetupFailed):
            return install_by([*uv, "install", "--compile-bytecode"], kind)
    return install_by([*pip, "install"], kind)


def install_by(installer: list[str], kind: str) -> None:
    """Install the lock with its hashes, then this folder itself; modules compiled now start three times as fast."""
    lock = ["--require-hashes", "-r", str(ROOT / LOCKS[kind])]
    run(*installer, *lock, failing=f"{LOCKS[kind]} can't be installed")
    run(*installer, "--no-deps", "-e", str(ROOT), failing="This folder can't be installed")


def run(*command: str, failing: str) -> None:
    """Run a command from the checkout, quietly; what it said counts only when it fails."""
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupFailed(f"{failing}:\n{(done.stdout + done.stderr).strip()}")


def say(sentence: str, *, quiet: bool) -> None:
    """Tell the person at the terminal; answers of commands stay clean on the other stream."""
    if not quiet:
        print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
