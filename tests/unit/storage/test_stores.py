"""Content in a store: written through, in place whole or not at all, and taken away only when nobody wants it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage.artifacts import MOST_IN_RECORD, Artifact, NotKept, put, rows_of_kept
from storage.stores import FileStore, NoStore, RemoteStore, Store, store_at
from tests.stores import AWAY, ClientError, take_away

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)
CONTENT = b"what was read"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["files", "elsewhere"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind, empty."""
    return FileStore(tmp_path / "kept") if request.param == "files" else RemoteStore(f"memory://{uuid4().hex}")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_was_put_can_be_got_and_removed_twice(store: Store) -> None:
    store.put("morning", DIGEST, CONTENT, at=NOW)
    store.put("morning", DIGEST, CONTENT, at=NOW)

    assert store.get("morning", DIGEST) == CONTENT

    store.remove("morning", DIGEST)
    store.remove("morning", DIGEST)

    with pytest.raises(FileNotFoundError):
        store.get("morning", DIGEST)


def test_another_company_has_nothing_of_it(store: Store) -> None:
    store.put("morning", DIGEST, CONTENT, at=NOW)

    with pytest.raises(FileNotFoundError):
        store.get("evening", DIGEST)


def test_only_what_is_old_is_taken_away(store: Store) -> None:
    store.put("morning", DIGEST, CONTENT, at=datetime.now(UTC))  # a store elsewhere dates by its own clock

    soon, later = datetime.now(UTC) - DAY, datetime.now(UTC) + DAY

    assert list(store.kept_before("morning", soon)) == []
    assert not store.remove_if_kept_before("morning", DIGEST, soon)
    assert list(store.kept_before("morning", later)) == [DIGEST]
    assert store.remove_if_kept_before("morning", DIGEST, later)
    assert not store.remove_if_kept_before("morning", DIGEST, later)


def test_a_file_that_was_put_again_is_as_young_as_that(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put("morning", DIGEST, CONTENT, at=NOW - 2 * DAY)
    assert list(store.kept_before("morning", NOW - DAY)) == [DIGEST]

    store.put("morning", DIGEST, CONTENT, at=NOW)

    assert not store.remove_if_kept_before("morning", DIGEST, NOW - DAY)
    assert store.get("morning", DIGEST) == CONTENT


def test_a_file_that_has_changed_is_written_anew_by_the_next_put(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put("morning", DIGEST, CONTENT, at=NOW)
    (tmp_path / "morning" / DIGEST[:2] / DIGEST).write_bytes(b"what was rEad")

    store.put("morning", DIGEST, CONTENT, at=NOW)

    assert store.get("morning", DIGEST) == CONTENT
    assert files(tmp_path) == [DIGEST]


def test_what_a_crash_left_half_written_goes_and_what_it_left_aside_comes_back(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put("morning", DIGEST, CONTENT, at=NOW)
    file = tmp_path / "morning" / DIGEST[:2] / DIGEST
    file.rename(file.with_name(f".aside-{DIGEST}"))
    file.with_name(".draft-x").write_bytes(b"half")

    found = list(store.kept_before("morning", datetime.now(UTC) + DAY))

    assert found == [DIGEST]
    assert files(tmp_path) == [DIGEST]


def test_an_address_says_which_kind_of_store_it_is(tmp_path: Path) -> None:
    by_default, named, by_url = (
        store_at("", tmp_path),
        store_at(f"{tmp_path}/a", tmp_path),
        store_at(f"file://{tmp_path}/a", tmp_path),
    )
    by_default.put("morning", DIGEST, CONTENT, at=NOW)
    named.put("morning", DIGEST, CONTENT, at=NOW)

    assert (tmp_path / "artifacts" / "morning" / DIGEST[:2] / DIGEST).read_bytes() == CONTENT
    assert by_url.get("morning", DIGEST) == CONTENT
    assert isinstance(store_at("memory://x", tmp_path), RemoteStore)


@pytest.mark.parametrize("address", ["nosuchstore://bucket/folder"])
def test_a_store_that_nobody_knows_is_named(address: str, tmp_path: Path) -> None:
    with pytest.raises(NoStore, match=r"CHARGEHAND_ARTIFACTS: .*nosuchstore"):
        store_at(address, tmp_path)


@pytest.fixture
def away() -> Store:
    """A store whose client raises errors of its own."""
    take_away()
    return RemoteStore(AWAY)


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.put("morning", DIGEST, CONTENT, at=NOW),
        lambda store: store.get("morning", DIGEST),
        lambda store: store.remove("morning", DIGEST),
        lambda store: list(store.kept_before("morning", NOW)),
        lambda store: store.remove_if_kept_before("morning", DIGEST, NOW),
    ],
)
def test_a_store_that_is_away_is_told_as_a_disk_would_be(away: Store, act: Callable[[Store], object]) -> None:
    with pytest.raises(OSError, match="the store failed with ClientError") as failed:
        act(away)

    assert isinstance(failed.value.__cause__, ClientError)
    assert "secret" not in str(failed.value)


def test_content_that_a_store_elsewhere_does_not_take_is_not_kept(away: Store) -> None:
    with pytest.raises(NotKept, match="the store failed with ClientError"):
        put(away, "morning", [Artifact("order.txt", "text/plain", bytes(MOST_IN_RECORD + 1), "check")], at=NOW)


def test_only_what_is_too_long_for_the_record_goes_to_a_store(tmp_path: Path) -> None:
    kept = [
        Artifact(f"{size}.bin", "application/octet-stream", bytes(size), "check") for size in (0, 4096, 4097, 5_000_000)
    ]

    put(FileStore(tmp_path), "morning", kept, at=NOW)
    contents, links = rows_of_kept("morning", 1001, kept, at=NOW)

    assert {row["size"]: row["content"] for row in contents} == {
        0: "\\x",
        4096: "\\x" + "00" * 4096,
        4097: None,
        5_000_000: None,
    }
    assert files(tmp_path) == sorted(one.digest for one in kept[2:])
    assert {row["digest"] for row in links} == {one.digest for one in kept}


def test_a_store_that_is_away_while_it_is_looked_for_is_no_wrong_address() -> None:
    take_away(at_once=True)
    store = store_at(AWAY, Path())

    with pytest.raises(OSError, match="the store failed with ClientError"):
        store.get("morning", DIGEST)
