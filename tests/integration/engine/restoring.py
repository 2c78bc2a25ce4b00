"""A record that is restored from a backup, beside what was kept of the newer one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.heads import keep_head, was_restored
from engine.reconciling import reconcile
from storage.checkpoints import Signer
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House, house

Backup = Callable[[House], DatabaseUrls]


@contextmanager
def restored(urls: DatabaseUrls, valkey: Valkey, home: Path) -> Iterator[House]:
    """The company on the restored database, with the same shop as before."""
    with house(urls, valkey.url, home) as found:
        yield found


def outdated(office: House, backup: Backup) -> DatabaseUrls:
    """A backup from before a refund was paid; both, before and after, were sealed and their heads kept."""
    office.asked()
    seal(office)
    copy = backup(office)
    office.work()
    seal(office)
    return copy


def is_restored(office: House, home: Path) -> bool:
    """Whether the record is older than what is kept of it."""
    with office.deployment.database.transaction(office.company) as unit:
        return was_restored(home, unit)


def paid(office: House) -> list[Any]:
    """What the shop has paid back."""
    return office.shop("select order_number, amount, key from refunds where key like 'morning/%' order by id")


def seal(office: House) -> None:
    """Seal the company's trails and keep the head."""
    made = Sealer(office.deployment.database, Signer.of(AUDIT_KEY)).seal(office.company)
    assert made is not None
    keep_head(office.deployment.home, made)


def settle(office: House) -> Any:
    """Reconcile the record with the world."""
    return reconcile(
        office.deployment, office.company, office.runner.systems[office.company], by="ruth", because="Disk died."
    )
