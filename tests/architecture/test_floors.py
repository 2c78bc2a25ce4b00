"""Imports go down only, contracts stay pure, and nothing of ours knows what stands apart."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.sources import FLOORS, OURS, ROOT, sources

IMPURE = {
    *("os", "time", "random", "secrets", "socket", "subprocess", "pathlib", "shutil", "tempfile", "threading"),
    *("urllib", "http", "smtplib", "imaplib", "sqlite3", "asyncio", "anyio", "logging", "structlog"),
    *("sqlalchemy", "psycopg", "redis", "rq", "fastapi", "starlette", "slack_bolt", "slack_sdk", "aiohttp"),
}
SURFACES = ("slack", "smtp", "imap", "discord")


def test_imports_go_down_only() -> None:
    program = Path(sys.executable).parent / "lint-imports"

    said = subprocess.run([str(program), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr
    assert "0 broken" in said.stdout


def test_every_package_has_its_floor() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages == set(OURS) == set(linter["root_packages"])
    assert layers == list(reversed(FLOORS))


def test_contracts_import_nothing_that_does_input_or_output_or_knows_the_time() -> None:
    impure = {
        f"{source.path}: {name}"
        for source in sources("contracts")
        for name in source.imports()
        if name.partition(".")[0] in IMPURE
    }

    assert impure == set()


def test_escalation_and_engine_name_no_surface() -> None:
    named = {
        source.path
        for source in sources("escalation", "engine")
        if any(word in source.text.lower() for word in SURFACES)
    }

    assert named == set()


def test_only_the_command_line_knows_that_a_sandbox_exists() -> None:
    named = {source.path for source in sources(*FLOORS[:-1]) if "sandbox" in source.text.lower()}

    assert named == set()


def test_a_lane_imports_nothing_of_ours_but_what_authors_are_given() -> None:
    foreign = {
        f"{source.path}: {name}"
        for source in sources("examples")
        for name in source.imports()
        if name.partition(".")[0] in OURS and not name.startswith("chargehand")
    }

    assert foreign == set()


def test_authors_are_given_the_words_of_authoring_and_nothing_else() -> None:
    (front,) = [source for source in sources("chargehand") if source.path == "chargehand/__init__.py"]

    assert {
        name for name in front.imports() if not name.startswith(("contracts.authoring", "contracts.parts"))
    } == set()
