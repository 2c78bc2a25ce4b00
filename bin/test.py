"""Runs the checks and the whole suite, after seeing that the browser and the witnesses which it needs are there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEBIAN = {  # package and what it brings
    "chromium": "/usr/bin/chromium",
    "fonts-liberation": "/usr/share/fonts/truetype/liberation*",
    "nodejs": "/usr/bin/node",
    "npm": "/usr/bin/npm",
}
PYTEST = ("-n", "3", "--dist", "worksteal", "-q", "--no-header", "--inline-snapshot=disable")


def main(arguments: list[str]) -> int:
    """Exit status of the first part that fails, else 0."""
    os.chdir(ROOT)
    missing = missing_packages()
    if missing and not install(missing):
        print(f"Missing for the tests: {', '.join(missing)}. As root: apt-get install {' '.join(missing)}")
        return 1
    if failed := subprocess.run([sys.executable, "-I", "bin/witnesses.py"], check=False).returncode:
        return failed
    if not arguments and (failed := subprocess.run([sys.executable, "-I", "bin/check.py"], check=False).returncode):
        return failed
    return subprocess.run([sys.executable, "-m", "pytest", *PYTEST, *arguments], check=False).returncode


def missing_packages() -> list[str]:
    """Debian packages whose files are not there."""
    return [package for package, brings in DEBIAN.items() if not list(Path("/").glob(brings.removeprefix("/")))]


def install(packages: list[str]) -> bool:
    """Install them if we may; lists of packages are fetched only if those at hand don't do."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing {', '.join(packages)} …", file=sys.stderr, flush=True)
    return apt("install", packages) or (apt("update", []) and apt("install", packages))


def apt(verb: str, packages: list[str]) -> bool:
    """Run apt-get without questions; whether it went well."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", verb, *(["-y", "--no-install-recommends", *packages] if packages else [])]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
