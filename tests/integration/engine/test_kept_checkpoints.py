"""A kept checkpoint that was cut stops nobody: it is named, the others are used, and it proves nothing."""

import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chargehand.embedded.valkey import Valkey
from chargehand.heads import heads, keep_head, kept_of, may_work
from chargehand.processes import clock
from storage.checkpoints import Signer
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House
from tests.integration.engine.restoring import Backup, is_restored, outdated, restored, seal

CUT = [b"", b'{"kind": "checkpoint", "si', b"\0" * 512, b"[]", b'{"size": "many"}', b"\xff\xfe"]


def cut(home: Path, content: bytes = b"", day: str = "2020-01-01") -> Path:
    """A file of another day that holds no checkpoint."""
    path = home / "checkpoints" / "morning" / f"{day}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", CUT)
def test_what_can_not_be_read_is_named_and_the_others_are_used(office: House, home: Path, content: bytes) -> None:
    office.asked()
    seal(office)
    torn = cut(home, content)

    found = kept_of(home, "morning")

    assert found.unreadable == (torn,)
    assert [one["kind"] for one in found.documents] == ["checkpoint"]
    assert found.size > 0


def test_a_restored_record_is_still_known_beside_a_file_that_was_cut(
    office: House, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    copy = outdated(office, backup)
    cut(home)

    with restored(copy, valkey_server, home) as again:
        assert is_restored(again, home)


def test_a_runner_says_which_file_was_cut_and_works(office: House, home: Path) -> None:
    for runner in (office.runner, office.peer):
        runner.may_work = partial(may_work, home)
    office.asked()
    seal(office)
    (head,) = heads(home, "morning")
    head.write_bytes(b"")

    with capture_logs() as said:
        assert office.work()

    told = [(one["event"], one["log_level"], one.get("file")) for one in said]
    assert ("checkpoint.unreadable", "error", str(head)) in told
    assert ("checkpoint.none_kept", "warning", None) in told


def test_the_clock_seals_beside_a_file_that_was_cut_and_puts_a_whole_one_in_its_place(
    office: House, home: Path
) -> None:
    office.asked()
    seal(office)
    (head,) = heads(home, "morning")
    head.write_bytes(b"")
    office.work()

    clock.go_round(office.deployment, Sealer(office.deployment.database, Signer.of(AUDIT_KEY)))

    found = kept_of(home, "morning")
    assert found.unreadable == ()
    assert not is_restored(office, home)
    assert found.size == office.rows("select max(size) as size from audit_checkpoint")[0].size


def test_two_clocks_keep_their_checkpoints_in_drafts_of_their_own_and_write_them_through(
    office: House, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.asked()
    made = Sealer(office.deployment.database, Signer.of(AUDIT_KEY)).seal("morning")
    assert made is not None
    drafts, written = list[str](), list[bool]()
    replace, through = Path.replace, os.fsync

    def interrupted(self: Path, target: Path) -> Path:
        """The other clock writes its own between the draft and its place."""
        drafts.append(self.name)
        if len(drafts) == 1:
            keep_head(home, made)
        return replace(self, target)

    def noted(descriptor: int) -> None:
        written.append(Path(f"/proc/self/fd/{descriptor}").resolve().is_dir())
        through(descriptor)

    monkeypatch.setattr(Path, "replace", interrupted)
    monkeypatch.setattr(os, "fsync", noted)

    keep_head(home, made)

    assert len(set(drafts)) == 2
    assert kept_of(home, "morning").documents == ({"kind": "checkpoint", **made.document()},)
    assert written.count(False) == 2
    assert written.count(True) >= 2
    assert [path.name for path in (home / "checkpoints" / "morning").glob(".*")] == []


class Died(BaseException):
    """Stands for a power cut: nothing of ours may catch it."""


@pytest.mark.parametrize(("nth", "stands"), [(1, "earlier"), (2, "earlier"), (3, "later"), (0, "later")])
def test_a_power_cut_while_a_head_is_written_leaves_a_whole_one_the_earlier_or_the_later(
    office: House, home: Path, monkeypatch: pytest.MonkeyPatch, nth: int, stands: str
) -> None:
    """It is written through before it is put in place, and its folder after that: no head of ours is ever torn."""
    sealer, done = Sealer(office.deployment.database, Signer.of(AUDIT_KEY)), list[str]()
    made = {}
    for name, order in (("earlier", "1234"), ("later", "1122")):
        office.asked(form=name, order=order, amount=100)
        made[name] = sealer.seal("morning")
    earlier, later = made["earlier"], made["later"]
    assert earlier is not None
    assert later is not None
    keep_head(home, earlier)
    through, replace = os.fsync, Path.replace

    def reached(step: str) -> None:
        done.append(step)
        if len(done) == nth:
            raise Died

    def noted(descriptor: int) -> None:
        reached("folder" if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir() else "content")
        through(descriptor)

    def put(self: Path, target: Path) -> Path:
        reached("place")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", put)
    with suppress(Died):
        keep_head(home, later)

    assert done == ["content", "place", "folder"][: nth or 3]
    found = kept_of(home, "morning")
    assert found.unreadable == ()
    assert [one["size"] for one in found.documents] == [{"earlier": earlier, "later": later}[stands].size]
