"""Chooses what speaks to a declared system, and gives it what its file only names: an address, a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from chargehand.settings import BadSettings, slack_api, variable
from chargehand.systems.api import HttpCarrier, NoAddress
from chargehand.systems.copies import BadMailbox, Mailbox, read_mailbox
from chargehand.systems.files import FileCarrier
from chargehand.systems.sql import NoDatabase, SqlCarrier
from contracts.company import Company, System
from contracts.systems.building import Carrier, DatedCarrier
from contracts.systems.files import FilesSystem
from contracts.systems.mail import Copies, MailSystem
from notifications.mail.server import BadAddress, read_server

if TYPE_CHECKING:
    from chargehand.systems.mail import MailCarrier


def carrier_of(system: str, declared: System, home: Path) -> Carrier | DatedCarrier:
    """The carrier of a system that is declared by its kind; raises BadSettings, which shows no secret."""
    if declared.sql is not None:
        try:
            return SqlCarrier(system, declared.sql, _value(system, declared.sql.url))
        except NoDatabase as error:
            raise BadSettings(f"{declared.sql.url}, the database of {system}: {error}.") from error
    if declared.http is not None:
        secret = _value(system, declared.http.token) if declared.http.token is not None else ""
        try:
            return HttpCarrier(system, declared.http, _value(system, declared.http.url), secret)
        except NoAddress as error:
            raise BadSettings(f"{declared.http.url}, the address of {system}: {error}.") from error
    if declared.files is not None:
        return _files(system, declared.files, home)
    if declared.mail is not None:
        return _mail(system, declared.mail)
    if declared.slack is not None:
        from chargehand.systems.slack import SlackCarrier  # noqa: PLC0415 - its client loads slowly, and few declare one

        return SlackCarrier(system, declared.slack, api=slack_api(), token=_value(system, declared.slack.token))
    raise LookupError(f"{system} has a tool of its own")


def _files(system: str, declared: FilesSystem, home: Path) -> FileCarrier:
    root = _in_home(declared.root, home)
    keys = None if declared.keys is None else _in_home(declared.keys, home)
    if keys is not None and keys.resolve().is_relative_to(root.resolve()):  # by way of a link, which a file can't show
        raise BadSettings(f"{keys}, the keys of {system}: it lies in {root}, with what is written. Move it elsewhere.")
    return FileCarrier(declared, root, keys)


def _in_home(path: str, home: Path) -> Path:
    return Path(path.replace("{home}", str(home.absolute())))


def _mail(system: str, declared: MailSystem) -> "MailCarrier":
    from chargehand.systems.mail import MailCarrier  # noqa: PLC0415 - as above

    try:
        server = read_server(_value(system, declared.url), variable=declared.url)
    except BadAddress as error:
        raise BadSettings(f"{error}; company.yaml names it for {system}.") from error
    copies = None if declared.copies is None else _copies(system, declared.copies)
    return MailCarrier(system, declared, server, copies)


def _copies(system: str, declared: Copies) -> Mailbox:
    try:
        return read_mailbox(_value(system, declared.url))
    except BadMailbox as error:
        raise BadSettings(f"{declared.url}, the mailbox of {system}: {error}.") from error


def carriers_of(company: Company, home: Path) -> Iterator[tuple[str, Carrier | DatedCarrier | BadSettings]]:
    """Every declared system of a company with its carrier, or with what is missing for one."""
    for name, declared in company.systems.items():
        if declared.tool is None:
            try:
                yield name, carrier_of(name, declared, home)
            except BadSettings as missing:
                yield name, missing


def _value(system: str, name: str) -> str:
    found = variable(name)
    if not found:
        raise BadSettings(
            f"{name} is not set, and company.yaml names it for {system}. Set it in the environment or .env."
        )
    return found
