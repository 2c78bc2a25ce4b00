"""bin/setup works once per lock file and place, and says what a machine lacks."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bin/setup.py on a checkout of its own that holds locks and no environment."""
    spec = importlib.util.spec_from_file_location("bin_setup", ROOT / "bin" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.lock", "requirements-development.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    (tmp_path / ".venv").mkdir()
    return module


def test_what_was_installed_is_not_installed_again(setup: ModuleType) -> None:
    assert not setup.is_done("run")

    setup.stamp("run").touch()

    assert setup.is_done("run")
    assert not setup.is_done("development")


def test_what_tests_need_holds_what_running_needs(setup: ModuleType) -> None:
    setup.stamp("development").touch()

    assert setup.is_done("run")


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_asks_for_another_setup(setup: ModuleType, name: str) -> None:
    setup.stamp("run").touch()

    (setup.ROOT / name).write_text("changed", encoding="utf-8")

    assert not setup.is_done("run")


def test_a_checkout_that_was_moved_asks_for_another_setup(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.stamp("run").touch()
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    monkeypatch.setattr(setup, "ROOT", moved)
    monkeypatch.setattr(setup, "VENV", moved / ".venv")

    assert not setup.is_done("run")


def test_a_python_without_ensurepip_is_told_which_package_is_missing(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.run
    command = ["python3", "-I", "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(setup.subprocess, "run", lambda _, **words: real(command, **(words | {"check": False})))
    monkeypatch.setattr(setup, "is_ours", lambda: False)

    with pytest.raises(setup.SetupFailed, match="apt-get install python3-venv"):
        setup.make_environment()


def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("dirname", "sh"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    script = tmp_path / "bin" / "setup"
    script.parent.mkdir()
    script.write_bytes((ROOT / "bin" / "setup").read_bytes())

    done = subprocess.run(
        ["/bin/sh", str(script)], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
