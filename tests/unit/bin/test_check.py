"""bin/check sees an address in a lock file."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_an_address_in_a_lock_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("bin_check", ROOT / "bin" / "check.py")
    assert spec is not None
    assert spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    (tmp_path / "clean.lock").write_text("attrs==26.1.0\n", encoding="utf-8")
    (tmp_path / "dirty.lock").write_text("attrs==26.1.0\n--index-url https://example.com\n", encoding="utf-8")
    monkeypatch.setattr(check, "ROOT", tmp_path)

    assert check.addresses_in_locks() == "dirty.lock:2: --index-url https://example.com"
