"""A folder that is declared: texts are written whole, proven by their sha256, and nothing outside of it is touched."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.systems.files import FileCarrier
from contracts.authoring import Changed, Deterministic, Seen
from contracts.systems.files import FilesSystem
from contracts.vocabulary import TaskState
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_until_ended, survive
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner
from tests.integration.engine.yard import lane, step, wish, worker, yard_with

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
    systems = {"pages": {"title": "The pages", "files": {"root": "{home}/pages"}}}
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
