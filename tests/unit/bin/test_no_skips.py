"""A run in which a test was skipped is a failed run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SKIPS_ITSELF = "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip('no browser')\n"
SKIPS_ITS_MODULE = "import pytest\npytest.skip('no browser', allow_module_level=True)\ndef test_one(): pass\n"


def run(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "--rootdir", str(folder), *words, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["alone", "spread"])
@pytest.mark.parametrize("text", [SKIPS_ITSELF, SKIPS_ITS_MODULE], ids=["test", "module"])
def test_a_skip_fails_the_run_and_says_what_was_missing(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    done = run(tmp_path, text, "-c", "/dev/null", *words)

    assert done.returncode != 0
    assert "was skipped" in done.stdout
    assert "no browser" in done.stdout


def test_a_run_without_skips_passes(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_one(): pass\n", "-c", "/dev/null")

    assert done.returncode == 0
