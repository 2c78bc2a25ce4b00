"""Makes every check that can be made, whatever is broken, and puts the worst first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url

from chargehand.business_files import load_folder, read
from chargehand.composition import runtimes
from chargehand.doctor import machine, online, services
from chargehand.doctor.diagnosis import Diagnosis, Health, bad, unknown, worst_first
from chargehand.doctor.record import record
from chargehand.doctor.services import Patient
from chargehand.settings import BadSettings, Settings
from contracts.business import COMPANY, BusinessMistakes
from contracts.company import Company
from contracts.loaded import Business
from contracts.loading.pages import read_page
from contracts.mistakes import Findings
from contracts.readings.declarations import parse_page
from engine.deployment import Deployment
from engine.wakeups import Wakeups, short_connection
from storage.database import Database

CONNECT_S = 5

OF_THE_MACHINE: tuple[Callable[[Settings], Iterator[Diagnosis]], ...] = (
    machine.files,
    machine.systems,
    machine.secrets,
    machine.disk,
    machine.tests_open,
)
OF_THE_PARTS: tuple[Callable[[Patient], Iterator[Diagnosis]], ...] = (
    services.parts,
    services.processes,
    services.runners,
    services.clocks,
    services.checkpoints,
)
OF_THE_OUTSIDE: tuple[Callable[[Patient], Iterator[Diagnosis]], ...] = (
    online.slack,
    online.mail,
    online.calendars,
    online.address,
)


def examine(*, ask_outside: bool = False, company: str | None = None) -> list[Diagnosis]:
    """What every check found, the worst first; with `ask_outside` Slack, the mail server and our address are asked."""
    try:
        settings = Settings.load()
    except (BadSettings, OSError) as mistake:
        return [bad("settings", str(mistake), "mend it in the environment or in .env; chargehand settings")]
    return worst_first(_examined(settings, ask_outside=ask_outside, company=company))


def _examined(settings: Settings, *, ask_outside: bool, company: str | None) -> Iterator[Diagnosis]:
    for of_the_machine in OF_THE_MACHINE:
        yield from of_the_machine(settings)
    with _patient(settings) as patient:
        for check in (*OF_THE_PARTS, *(OF_THE_OUTSIDE if ask_outside else ())):
            yield from check(patient)
        yield from _of_the_record(patient, company)


def _of_the_record(patient: Patient, wanted: str | None) -> Iterator[Diagnosis]:
    """Of the company that is named, or of all; one whose files can't be read is taken at its word."""
    all_known = len(patient.companies) == len(patient.settings.business_folders)
    if wanted and all_known and wanted not in patient.companies:
        yield bad("company", f"There is no company {wanted} here.", f"--company {' or '.join(patient.companies)}")
        return
    if not wanted and not all_known:
        yield unknown("record", "One whose company.yaml can't be read is left out: name it with --company.")
    for company in (wanted,) if wanted else patient.companies:
        for one in record(patient.deployment.database, company):
            yield replace(one, company=company)


@contextmanager
def _patient(settings: Settings) -> Iterator[Patient]:
    """The deployment with whatever of it can be loaded; no part has to answer."""
    businesses, ids = _declared(settings.business_folders)
    url = make_url(settings.database_url.get_secret_value())
    patient_url = url.update_query_dict({"connect_timeout": str(CONNECT_S)}).render_as_string(hide_password=False)
    redis = short_connection(settings.redis_url.get_secret_value())
    database = Database(patient_url, size=1)
    wakeups = Wakeups(redis, settings.runners)
    try:
        deployed = Deployment(database, businesses, {}, wakeups, settings.home, settings.artifacts)
        yield Patient(settings, deployed, ids, tuple(runtimes(businesses)))
    finally:
        database.close()
        redis.close()


def _declared(folders: tuple[Path, ...]) -> tuple[dict[str, Business], tuple[str, ...]]:
    """The businesses that load, and the ids of all companies, also of those whose lanes don't."""
    businesses: dict[str, Business] = {}
    ids: list[str] = []
    for folder in folders:
        try:
            business = load_folder(folder)
        except BusinessMistakes:
            ids += _id_of(folder)
            continue
        businesses[business.company.company] = business
        ids.append(business.company.company)
    return businesses, tuple(ids)


def _id_of(folder: Path) -> list[str]:
    try:
        found = parse_page(read_page(COMPANY, read(folder)[COMPANY]), Company, Findings())
    except (BusinessMistakes, KeyError):
        return []
    return [company.company for _, company in found[:1]]


def status_of(found: list[Diagnosis]) -> int:
    """0 when nothing is bad, 3 when a part can't be reached, else 1."""
    healths = {one.health for one in found}
    if Health.AWAY in healths:
        return 3
    return 1 if Health.BAD in healths else 0
