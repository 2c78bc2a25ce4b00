"""Checks of this machine: files, secrets, disk, and what the settings open."""

import ipaddress
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from chargehand.business_files import load_folder
from chargehand.business_report import business_size
from chargehand.doctor.diagnosis import Diagnosis, bad, counted, good, some
from chargehand.settings import BadSettings, Settings
from chargehand.systems.carriers import carriers_of
from contracts.business import BusinessMistakes
from contracts.company import Company
from storage.room import lacks_room, nearest
from storage.stores import folder_at

LEAST_FREE = 1 << 30
LEAST_SECRET = 16
_LEAST_KINDS = 8
SECRETS = {
    "secret": "CHARGEHAND_SECRET",
    "audit_key": "CHARGEHAND_AUDIT_KEY",
    "mail_inbound_secret": "MAIL_INBOUND_SECRET",
}


def files(settings: Settings) -> Iterator[Diagnosis]:
    """Whether every declared business loads."""
    for folder in settings.business_folders:
        yield _folder(folder)


def _folder(folder: Path) -> Diagnosis:
    try:
        return good("files", business_size(load_folder(folder)))
    except BusinessMistakes as found:
        first = found.mistakes[0]
        said = f"{counted(len(found.mistakes), 'mistake')} in {folder.name}: {first.file}:{first.line} {first.message}."
        return bad("files", f"{said} No process starts anew with them.", f"chargehand check {folder}")


def systems(settings: Settings) -> Iterator[Diagnosis]:
    """Whether what is declared of outside systems can be spoken to, as far as this machine's settings go."""
    found = [one for company in _companies(settings) for one in carriers_of(company, settings.home)]
    lacking = [carrier for _, carrier in found if isinstance(carrier, BadSettings)]
    for missing in lacking:
        yield bad("systems", str(missing), "set it for every runner; none starts without")
    if found and not lacking:
        yield good("systems", f"{counted(len(found), 'declared system')} can be spoken to.")


def _companies(settings: Settings) -> Iterator[Company]:
    """Those whose files load; the others are told of by `files`."""
    for folder in settings.business_folders:
        with suppress(BusinessMistakes):
            yield load_folder(folder).company


def disk(settings: Settings) -> Iterator[Diagnosis]:
    """Whether the home folder has room, and so has the folder of artifacts where that lies elsewhere."""
    home, artifacts = settings.home, folder_at(settings.artifacts, settings.home)
    yield _disk(home, "an embedded PostgreSQL takes nothing more once the disk is full")
    if artifacts is not None and _device(artifacts) != _device(home):
        yield _disk(artifacts, "a step whose evidence can't be kept is blocked")


def _disk(folder: Path, what_else: str) -> Diagnosis:
    if (why := lacks_room(folder)) is not None:
        mend = "mount it for writing" if "read-only" in why else "make room"
        return bad("disk", f"The disk of {folder} {why}.", f"{mend}: {what_else}")
    free = shutil.disk_usage(nearest(folder)).free
    said = f"{free / (1 << 30):.1f} GiB are free for {folder}."
    return good("disk", said) if free >= LEAST_FREE else bad("disk", said, f"make room: {what_else}")


def _device(folder: Path) -> int:
    return nearest(folder).stat().st_dev


def secrets(settings: Settings) -> Iterator[Diagnosis]:
    """Whether nobody else on this machine can read the secrets that are kept in home, and none is easily guessed."""
    place = settings.home / "secrets"
    open_ones = [path for path in [place, *sorted(place.glob("*"))] if _others_may_read(path)]
    if open_ones:
        said = f"Others on this machine can read {some([path.name for path in open_ones])} in {settings.home}."
        yield bad("secrets", said, f"chmod -R go= {place}")
    weak = [name for field, name in SECRETS.items() if _is_weak(getattr(settings, field).get_secret_value())]
    for name in weak:
        said = f"{name} is easily guessed: shorter than {LEAST_SECRET} characters, or of few different ones."
        yield bad("secrets", said, f'{name}="$(openssl rand -base64 32)", the same for every process')
    if not open_ones and not weak:
        yield good("secrets", "Ours alone, and long enough.")


def _others_may_read(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _is_weak(secret: str) -> bool:
    return len(secret) < LEAST_SECRET or len(set(secret)) < _LEAST_KINDS


def tests_open(settings: Settings) -> Iterator[Diagnosis]:
    """Whether the checks from outside are open to others than this machine."""
    if not settings.test:
        yield good("test", "CHARGEHAND_TEST is not set.")
    elif _is_local(settings.listens_on[0]) and _is_local(urlsplit(settings.url).hostname or ""):
        yield good("test", "CHARGEHAND_TEST is set, and the gateway can be reached from this machine alone.")
    else:
        said = "CHARGEHAND_TEST is set: whoever reaches the gateway can move its clock and read its state."
        yield bad("test", said, "unset CHARGEHAND_TEST, and start the processes anew")


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
