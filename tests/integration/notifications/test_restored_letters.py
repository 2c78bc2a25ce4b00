"""What a restored record would send waits until somebody reconciles it, and what had gone out is not sent a second time."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.heads import lost_until, may_send, set_aside
from engine.reconciling import Report, reconcile
from storage.database import Unit
from tests.builders import House, house
from tests.integration.engine.restoring import Backup, seal
from tests.integration.notifications.mail.conftest import mail_office
from tests.integration.notifications.mail.mail_office import MailOffice
from tests.integration.notifications.post_office import DOUBT_S, PostOffice, until, words

__all__ = ["mail_office"]


@contextmanager
def restored(post: PostOffice, copy: DatabaseUrls, valkey: Valkey) -> Iterator[PostOffice]:
    """The company on the restored database, with the same Slack as before; what it has to tell is old by then."""
    with house(copy, valkey.url, post.house.deployment.home) as again:
        again.wait(DOUBT_S + 1)
        yield replace(post, house=again)


def bound(office: House) -> AbstractContextManager[Unit]:
    """One transaction on the record."""
    return office.deployment.database.transaction(office.company)


def reconciled(office: House) -> Report:
    """Settle the record with the world, as the command does."""
    deployed, company = office.deployment, office.company
    with bound(office) as unit:
        lost = lost_until(deployed.home, unit)
    systems = office.runner.systems[company]
    found = reconcile(deployed, company, systems, by="ruth", because="Disk died.", lost_until=lost)
    set_aside(deployed.home, company, stamp="then")
    return found


def sealed_anew(office: House) -> None:
    """Something that the backup does not know is sealed, and its head kept."""
    office.asked(form="later", order="1122", amount=100)
    seal(office)


def carried(post: PostOffice) -> None:
    """Let a courier send all that waits."""
    with post.courier():
        until(post.all_sent)


def test_a_message_waits_for_the_reconciliation_and_is_then_found_where_it_stands(
    post_office: PostOffice, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    post_office.notice("The shop is closed.")
    copy = backup(post_office.house)
    carried(post_office)
    sealed_anew(post_office.house)
    asked = list[bool]()

    def may(unit: Unit) -> bool:
        asked.append(may_send(home, unit))
        return asked[-1]

    with restored(post_office, copy, valkey_server) as again, again.courier(may_send=may, sweep_s=0.1):
        until(lambda: len(asked) > 2)
        assert not any(asked)
        assert [(row.state, row.tries) for row in again.rows()] == [("pending", 0)]

        assert reconciled(again.house).letters == 1
        until(again.all_sent)

        (row,) = again.rows()
        (message,) = again.messages("anna")
        assert (row.state, row.ts) == ("sent", message["ts"])
        (entry,) = again.house.rows("select content from audit_entry where trail = 'restore'")
        assert entry.content["letters"] == 1


def test_a_message_that_had_not_gone_out_is_sent_once_it_was_looked_for(
    post_office: PostOffice, backup: Backup, valkey_server: Valkey
) -> None:
    post_office.notice("The shop is closed.")
    copy = backup(post_office.house)
    sealed_anew(post_office.house)

    with restored(post_office, copy, valkey_server) as again:
        reconciled(again.house)
        carried(again)

        assert [row.state for row in again.rows()] == ["sent"]
    assert len(post_office.messages("anna")) == 1
    assert len(post_office.calls("conversations.history")) == 1


def test_a_post_that_may_stand_in_a_channel_is_told_to_who_asked_and_its_doubt_stays_on_record(
    post_office: PostOffice, backup: Backup, valkey_server: Valkey
) -> None:
    task = post_office.house.asked()
    copy = backup(post_office.house)
    carried(post_office)
    seal(post_office.house)
    assert len(post_office.messages()) == 1

    with restored(post_office, copy, valkey_server) as again:
        reconciled(again.house)
        carried(again)

        assert len(again.messages()) == 1
        assert [f"T-{task}" in words(one) for one in again.messages(again.house.asker)] == [True]
        assert sorted(row.state for row in again.rows(message="task")) == ["sent", "unknown"]


def test_what_was_written_since_the_restore_is_in_no_doubt(
    post_office: PostOffice, backup: Backup, valkey_server: Valkey
) -> None:
    """It goes where it belongs, without a look."""
    copy = backup(post_office.house)
    sealed_anew(post_office.house)

    with restored(post_office, copy, valkey_server) as again:
        again.house.asked()
        assert reconciled(again.house).letters == 0
        carried(again)

        assert [row.state for row in again.rows()] == ["sent"]
        assert len(again.messages()) == 1


def test_a_letter_that_may_have_gone_out_is_not_sent_again_even_if_it_is_wanted_anew(
    mail_office: MailOffice, backup: Backup, valkey_server: Valkey
) -> None:
    mail_office.asked_by_mail()
    copy = backup(mail_office.house)
    with mail_office.courier():
        until(mail_office.post.all_sent)
    sealed_anew(mail_office.house)
    assert len(mail_office.letters("anna")) == 1

    with restored(mail_office.post, copy, valkey_server) as post:
        again = replace(mail_office, post=post)
        reconciled(again.house)
        again.house.work()
        with again.courier():
            until(post.all_sent)

        (accepted,), (result,) = post.rows(message="task"), post.rows(message="result")
        assert (accepted.state, accepted.wanted > 1, result.state) == ("unknown", True, "sent")
        assert len(again.letters("anna")) == 2


def test_beside_a_file_that_was_cut_nothing_is_known_to_be_written_since(
    post_office: PostOffice, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    copy = backup(post_office.house)
    sealed_anew(post_office.house)

    with restored(post_office, copy, valkey_server) as again, bound(again.house) as unit:
        whole = lost_until(home, unit)
        (home / "checkpoints" / "morning" / "2020-01-01.json").write_bytes(b"")
        cut = lost_until(home, unit)

    assert (whole is not None, cut) == (True, None)


@pytest.mark.parametrize("times", [1, 3])
def test_who_sends_is_told_what_mends_it_and_a_whole_record_is_asked_once_for_each_connection(
    post_office: PostOffice, backup: Backup, valkey_server: Valkey, home: Path, times: int
) -> None:
    copy = backup(post_office.house)
    sealed_anew(post_office.house)
    may = partial(may_send, home)

    with bound(post_office.house) as unit, capture_logs() as whole:
        assert [may(unit) for _ in range(times)] == [True] * times
    with restored(post_office, copy, valkey_server) as again, bound(again.house) as unit, capture_logs() as said:
        assert not may(unit)

    assert whole == []
    (told,) = said
    assert (told["event"], told["mend"], told["company"]) == ("courier.waits", "chargehand reconcile", "morning")
