"""A folder that is declared: texts are written whole, proven by their sha256, and nothing outside of it is touched."""

import fcntl
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Thread

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.settings import BadSettings
from chargehand.systems import files
from chargehand.systems.carriers import carrier_of
from chargehand.systems.files import FileCarrier
from contracts.authoring import Changed, Deterministic, Seen
from contracts.company import System
from contracts.systems.files import FilesSystem
from contracts.vocabulary import TaskState
from engine.failures import classify
from engine.reconciling import reconcile, report
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_until_ended, survive
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner
from tests.integration.engine.yard import lane, step, wish, worker, yard_again, yard_with

CODE = """
@worker
def look(request: Wish, desk: Desk) -> Page:
    page = desk.pages.file(path=f"{request.what}.md")
    return Page(version=page["version"] if page else "")


@worker
def put(request: Wish, page: Page, desk: Desk) -> Proposal[Put]:
    return desk.pages.write(path=f"{request.what}.md", text="# Shed", version=page.version, because="it is wanted")
"""
MODELS = """

class Page(BaseModel, frozen=True, extra="forbid", strict=True):
    version: str


class Put(BaseModel, frozen=True, extra="forbid", strict=True):
    reference: str
    path: str
"""


def version(text: str) -> str:
    """The version of a text."""
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def root(home: Path) -> Path:
    """The folder, with a text in a folder below."""
    (home / "pages" / "posts").mkdir(parents=True)
    (home / "pages" / "posts" / "old.md").write_text("# Old")
    return home / "pages"


@pytest.fixture
def carrier(root: Path) -> FileCarrier:
    """What reads and writes there, at most 100 bytes."""
    return FileCarrier(FilesSystem(root=str(root), longest=100), root)


@pytest.fixture
def keeper(root: Path, home: Path) -> FileCarrier:
    """The same with a file of keys beside the folder."""
    return FileCarrier(FilesSystem(root=str(root)), root, home / "keys")


@pytest.fixture
def office(root: Path, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """A yard whose pages lie in that folder; nothing of its tool is code."""
    files = lane(
        "pages",
        {
            "looker": worker("putter", "request", "page", reads=["pages.file"]),
            "putter": worker("requester", "request page", "put", reads=[], writes=["pages.write"]),
        },
        [step("look", "looker", "Page", "page"), step("put", "putter", "Put", "put", recheck=["look"])],
        CODE,
        models=MODELS,
    )
    declared = {"root": "{home}/pages", "keys": "{home}/pages.keys"}
    systems = {"pages": {"title": "The pages", "files": declared}}
    with yard_with(files, database_urls, valkey_server.url, home, systems=systems) as found:
        yield found


@pytest.mark.parametrize("place", ["", "effect.before_call", "effect.after_call", "verify.after_look"])
def test_a_text_is_written_once_and_read_back_whatever_dies(
    office: House, root: Path, reaper: Reaper, place: str
) -> None:
    task = wish(office, "pages")
    died = reaper.kill_in(place) if place else []

    live_until_ended(office, task)

    assert died == ([place] if place else [])
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert (root / "shed.md").read_text() == "# Shed"
    assert office.rows("select seen from effect")[0].seen["reference"] == f"sha256 {version('# Shed')}"
    assert_trail_is_whole(office, task)


def test_what_somebody_has_written_meanwhile_stands_until_it_was_read(
    office: House, root: Path, reaper: Reaper
) -> None:
    task = wish(office, "pages")
    reaper.kill_in("effect.before_call")
    survive(office.work)
    (root / "shed.md").write_text("# Hut")

    next_runner(office, "second")
    live_until_ended(office, task)

    assert office.task(task).state is TaskState.DONE
    assert [row.state for row in office.rows("select state from effect order by revision")] == ["disproved", "verified"]


def test_what_was_written_after_the_backup_is_reported_and_never_written_again(
    office: House, root: Path, backup: Callable[[House], DatabaseUrls], valkey_server: Valkey, home: Path
) -> None:
    known = wish(office, "pages")
    copy = backup(office)
    office.work()
    later = wish(office, "pages", "hut")
    office.work()
    written = {name: (root / name).stat().st_ino for name in ("shed.md", "hut.md")}

    with yard_again(copy, valkey_server.url, home) as again:
        found = reconcile(again.deployment, "yard", again.runner.systems["yard"], by="rosa", because="the disk broke")
        live_until_ended(again, known)

        assert {(one.tool, one.key): one.known.partition(",")[0] for one in found.surplus} == {
            ("pages.write", f"yard/T-{known}/put/1/1"): "the record has the task as ready",
            (
                "pages.write",
                f"yard/T-{later}/put/1/1",
            ): "the record has no such task: whoever asked for it has to be told by a person",
        }
        assert (found.silent, found.unlisted) == ((), ())
        assert again.task(known).state is TaskState.DONE
    assert {name: (root / name).stat().st_ino for name in written} == written


def test_a_file_of_keys_that_is_gone_is_no_sign_that_nothing_was_written(office: House, home: Path) -> None:
    wish(office, "pages")
    office.work()
    (home / "pages.keys").unlink()

    found = report(office.deployment, "yard", office.runner.systems["yard"])

    assert found.silent == ("pages.write",)
    assert (found.surplus, found.unlisted) == ((), ())


def test_a_key_is_kept_before_the_text_stands_and_once_for_each_try(keeper: FileCarrier, root: Path) -> None:
    keeper.perform("write", {"path": "a.md", "text": "# A", "version": ""}, "yard/T-1/put/1/1")
    with pytest.raises(Changed):
        keeper.perform("write", {"path": "a.md", "text": "# B", "version": ""}, "yard/T-2/put/1/1")
    for text in ("# B", "# C"):
        there = keeper.read("file", {"path": "a.md"})["version"]
        keeper.perform("write", {"path": "a.md", "text": text, "version": there}, "yard/T-3/put/1/1")

    assert keeper.keys("write") == ["yard/T-1/put/1/1", "yard/T-3/put/1/1"]
    assert sorted(one.name for one in root.iterdir()) == ["a.md", "posts"]


def test_what_can_not_be_listed_is_not_written(keeper: FileCarrier, root: Path, home: Path) -> None:
    (home / "keys").mkdir()

    with pytest.raises(IsADirectoryError):
        keeper.perform("write", {"path": "a.md", "text": "# A", "version": ""}, "yard/T-1/put/1/1")

    assert [one.name for one in root.iterdir()] == ["posts"]


def test_a_death_between_the_key_and_the_text_lists_a_write_that_never_was(
    keeper: FileCarrier, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def died(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(os, "rename", died)
    with pytest.raises(SystemExit):
        keeper.perform("write", {"path": "a.md", "text": "# A", "version": ""}, "yard/T-1/put/1/1")

    assert keeper.keys("write") == ["yard/T-1/put/1/1"]
    assert not (root / "a.md").exists()


def test_a_key_that_was_cut_off_is_none_and_the_next_stands_on_a_line_of_its_own(
    keeper: FileCarrier, home: Path
) -> None:
    (home / "keys").write_text("yard/T-1/put/1/1\nyard/T-2/pu")
    assert keeper.keys("write") == ["yard/T-1/put/1/1"]

    keeper.perform("write", {"path": "a.md", "text": "# A", "version": ""}, "yard/T-3/put/1/1")

    assert (home / "keys").read_text() == "yard/T-1/put/1/1\nyard/T-3/put/1/1\n"


@pytest.mark.parametrize("damage", [b"\0\0\0\n", b"\n", "é\n".encode(), b"\xff\n"])
def test_a_file_of_something_else_is_no_list(keeper: FileCarrier, home: Path, damage: bytes) -> None:
    (home / "keys").write_bytes(b"yard/T-1/put/1/1\n" + damage)

    with pytest.raises(Deterministic, match="keys holds something else than keys"):
        keeper.keys("write")


def test_many_writers_keep_every_key(keeper: FileCarrier, home: Path) -> None:
    def write(writer: int) -> None:
        other = FileCarrier(FilesSystem(root="pages"), home / "pages", home / "keys")
        for number in range(25):
            key = f"yard/T-{writer * 100 + number}/put/1/1"
            other.perform("write", {"path": f"{writer}-{number}.md", "text": "x", "version": ""}, key)

    threads = [Thread(target=write, args=(writer,)) for writer in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    wanted = {f"yard/T-{writer * 100 + number}/put/1/1" for writer in range(1, 5) for number in range(25)}
    assert set(keeper.keys("write")) == wanted


start: Barrier
"""Where writers in processes of their own wait for each other."""


def on_a_slow_disk(together: Barrier) -> None:
    """What such a process does first."""
    global start  # a barrier is only ever inherited
    start, written = together, os.fsync

    def slowly(opened: int) -> None:
        time.sleep(0.002)
        written(opened)

    os.fsync = slowly  # type: ignore[assignment]
    files._PATIENCE_S = 60.0  # a machine that stands still lets nobody give up


def rewrite(root: Path, keys: Path, writer: int) -> list[tuple[str, str]]:
    """Write a text in the place of whatever is there, until that was done 25 times: (what was there, what is there now)."""
    carrier = FileCarrier(FilesSystem(root=str(root)), root, keys)
    won: list[tuple[str, str]] = []
    start.wait(60)
    while len(won) < 25:
        there = carrier.read("file", {"path": "one.md"})["version"]
        args = {"path": "one.md", "text": f"{writer}: {len(won)}", "version": there}
        with suppress(Changed):
            won.append((there, carrier.perform("write", args, f"{writer}/{len(won)}")["version"]))
    return won


def test_of_many_writers_at_one_version_one_wins_and_no_text_is_lost(root: Path, home: Path) -> None:
    (root / "one.md").write_text("# One")
    spawning = multiprocessing.get_context("spawn")

    with spawning.Pool(4, on_a_slow_disk, [spawning.Barrier(4)]) as writers:
        won = writers.starmap(rewrite, [(root, home / "keys", writer) for writer in range(4)], chunksize=1)

    after = dict(pair for one in won for pair in one)
    assert len(after) == 100  # none was replaced by two
    way = [version("# One")]
    while way[-1] in after:
        way.append(after[way[-1]])
    assert len(way) == 101  # each stood in the place of the one before
    assert way[-1] == version((root / "one.md").read_text())


def test_a_writer_that_holds_the_folder_for_too_long_is_told_and_nothing_is_written(
    carrier: FileCarrier, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargehand.systems.files._PATIENCE_S", 0.0)
    held = os.open(root, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    with pytest.raises(TimeoutError) as late:
        carrier.perform("write", {"path": "a.md", "text": "# A", "version": ""}, "k")

    os.close(held)
    assert classify(late.value).case == "time_out"
    assert [one.name for one in root.iterdir()] == ["posts"]
    carrier.perform("write", {"path": "a.md", "text": "# A", "version": ""}, "k")
    assert (root / "a.md").read_text() == "# A"


def test_keys_that_would_lie_in_the_folder_by_way_of_a_link_are_refused(root: Path, home: Path) -> None:
    (home / "beside").symlink_to(root)
    declared = System.model_validate(
        {"title": "The pages", "files": {"root": "{home}/pages", "keys": "{home}/beside/keys"}}, strict=False
    )

    with pytest.raises(BadSettings, match=r"the keys of pages: it lies in .*pages, with what is written"):
        carrier_of("pages", declared, home)


def test_a_folder_without_a_file_of_keys_says_so(carrier: FileCarrier) -> None:
    with pytest.raises(LookupError, match="write does not say where its keys are kept"):
        carrier.keys("write")


def test_a_text_is_read_with_its_version_and_put_only_in_the_place_of_that_version(
    carrier: FileCarrier, root: Path
) -> None:
    old = carrier.read("file", {"path": "posts/old.md"})

    carrier.perform("write", {"path": "posts/old.md", "text": "# New", "version": old["version"]}, "k")

    assert old == {"path": "posts/old.md", "text": "# Old", "version": version("# Old"), "size": 5}
    assert (root / "posts" / "old.md").read_text() == "# New"
    for stale in ("", version("# Old")):
        with pytest.raises(Changed):
            carrier.perform("write", {"path": "posts/old.md", "text": "# Newer", "version": stale}, "k")
    assert [one.name for one in (root / "posts").iterdir()] == ["old.md"]


def test_a_look_finds_only_the_very_text(carrier: FileCarrier) -> None:
    args = {"path": "new.md", "text": "# New", "version": ""}
    assert carrier.look("write", args, "k") is None

    carrier.perform("write", args, "k")

    assert carrier.look("write", args, "k") == Seen(f"sha256 {version('# New')}", args)
    assert carrier.look("write", {**args, "text": "# Other"}, "k") is None
    assert carrier.look("write", {**args, "path": "nowhere/new.md"}, "k") is None


@pytest.mark.parametrize(
    "path",
    ["../out.md", "posts/../../out.md", "/etc/hostname", "", ".", "posts//old.md", "posts/./old.md", "a\x00b", "a\\b"],
)
def test_no_path_leads_out_of_the_folder(carrier: FileCarrier, path: str) -> None:
    with pytest.raises(Deterministic, match="no plain file below the folder"):
        carrier.read("file", {"path": path})
    with pytest.raises(Deterministic, match="no plain file below the folder"):
        carrier.perform("write", {"path": path, "text": "x", "version": ""}, "k")


@pytest.mark.parametrize("path", ["link.md", "linked/out.md", "pipe", "posts"])
def test_links_pipes_and_folders_are_refused(carrier: FileCarrier, root: Path, tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "out.md").write_text("secret")
    (root / "link.md").symlink_to(outside / "out.md")
    (root / "linked").symlink_to(outside)
    os.mkfifo(root / "pipe")

    for act in (
        lambda: carrier.read("file", {"path": path}),
        lambda: carrier.perform("write", {"path": path, "text": "x", "version": version("secret")}, "k"),
    ):
        with pytest.raises(Deterministic, match="no plain file"):
            act()
    assert (outside / "out.md").read_text() == "secret"


def test_what_is_too_large_is_neither_read_nor_written(carrier: FileCarrier, root: Path) -> None:
    (root / "large.md").write_text("x" * 101)

    with pytest.raises(Deterministic, match="more than 100 bytes"):
        carrier.read("file", {"path": "large.md"})
    with pytest.raises(Deterministic, match="would have 102 bytes"):
        carrier.perform("write", {"path": "new.md", "text": "é" * 51, "version": ""}, "k")
    assert not (root / "new.md").exists()


def test_a_write_that_breaks_off_leaves_the_old_text_and_nothing_beside_it(
    carrier: FileCarrier, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        carrier.perform("write", {"path": "posts/old.md", "text": "# New", "version": version("# Old")}, "k")

    assert [(one.name, one.read_text()) for one in (root / "posts").iterdir()] == [("old.md", "# Old")]


def test_a_folder_below_that_is_not_there_is_told(carrier: FileCarrier) -> None:
    assert carrier.read("file", {"path": "nowhere/a.md"}) is None
    with pytest.raises(Deterministic, match=r"There is no folder for nowhere/a\.md"):
        carrier.perform("write", {"path": "nowhere/a.md", "text": "x", "version": ""}, "k")
