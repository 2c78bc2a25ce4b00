"""Reads a business's folder from the disk, within limits, for the loader that takes bytes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import available_timezones

from contracts.business import COMPANY, Business, BusinessMistakes, Mistake, load

PATTERNS = ("company.yaml", "lanes/*/*.yaml", "lanes/*/*.yml", "lanes/*/*.py", "tools/*.py")
LARGEST_FILE = 256 * 1024
LARGEST_COMPANY = 1024 * 1024  # 5,000 people are 500 KiB, and a company.yaml can't be split
_NAME_ONE = f"Name a folder with a {COMPANY}, on the command line or in CHARGEHAND_BUSINESS."
MOST_FILES = 2000  # 200 lanes are 600


def read(folder: Path) -> dict[str, bytes]:
    """The files of a business by path relative to `folder`; everything that is not part of one stays unread.

    Raises BusinessMistakes for a folder that is not there or can't be read, for more than MOST_FILES files and for one
    above LARGEST_FILE bytes (company.yaml: LARGEST_COMPANY).
    """
    if not folder.is_dir():
        raise BusinessMistakes([_no_folder(folder)])
    found = sorted(path for pattern in PATTERNS for path in folder.glob(pattern) if path.is_file())
    if len(found) > MOST_FILES:
        raise BusinessMistakes([_mistake(str(folder), f"{len(found)} files are more than {MOST_FILES}", None)])
    mistakes = list(_unreadable(folder, found))
    if mistakes:
        raise BusinessMistakes(mistakes)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def load_folder(folder: Path) -> Business:
    """The business in a folder, with the time zones that this machine knows; raises BusinessMistakes."""
    return load(read(folder), timezones=frozenset(available_timezones()))


def load_folders(folders: Sequence[Path]) -> dict[str, Business]:
    """The businesses of several folders by company; raises BusinessMistakes, also when two share id or Slack team."""
    businesses: dict[str, Business] = {}
    teams: dict[str, str] = {}
    for folder in folders:
        business = load_folder(folder)
        company, team = business.company.company, business.company.slack_team
        first = company if company in businesses else teams.get(team or "")
        if first:
            message = f"the company {company} has id or Slack team in common with {first}"
            raise BusinessMistakes([_mistake(str(folder / "company.yaml"), message, "Give each its own.")])
        businesses[company] = business
        teams |= {team: company} if team else {}
    return businesses


def lanes_in(folder: Path) -> int:
    """How many lanes a folder declares, well or not."""
    return len({path.parent for path in folder.glob("lanes/*/*") if path.suffix in {".yaml", ".yml", ".py"}})


def _no_folder(folder: Path) -> Mistake:
    if folder.is_file():
        hint = f"Name the folder that it lies in, {folder.parent}." if folder.name == COMPANY else _NAME_ONE
        return _mistake(str(folder), "this is a file, and a business is a folder", hint)
    return _mistake(str(folder), "there is no such folder", _NAME_ONE)


def _unreadable(folder: Path, found: list[Path]) -> Iterator[Mistake]:
    for path in found:
        name = path.relative_to(folder).as_posix()
        try:
            size = path.stat().st_size
            path.open("rb").close()
        except OSError as error:
            yield _mistake(name, f"can't be read: {error.strerror}", None)
            continue
        most, hint = (LARGEST_COMPANY, None) if name == COMPANY else (LARGEST_FILE, "Split it.")
        if size > most:
            yield _mistake(name, f"{size:,} bytes are more than {most:,}", hint)


def _mistake(name: str, message: str, hint: str | None) -> Mistake:
    return Mistake(name, 1, 1, "", message, hint)
