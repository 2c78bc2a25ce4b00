"""The stand-alone verifier: what is whole passes, and every changed byte, gap, swap, cut and rewriting is named."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from chargehand import verify_audit
from chargehand.verify_audit import Wrong, verify
from contracts import canonical as ours
from storage.audit import GENESIS, Head, Said, chain
from storage.checkpoints import Signer, next_name
from storage.merkle import added, root
from tests.architecture.sources import ROOT, Source

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FORGER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
SIZES = (3, 4, 9, 12)
Log = list[dict[str, Any]]


def entries(words: str = "Zoë") -> Log:
    """Twelve entries of three trails, each told in turn."""
    heads = {trail: Head(0, GENESIS) for trail in ("task:1001", "task:1002", "lane:refunds")}
    found = []
    for i in range(12):
        trail = list(heads)[i % 3]
        said = Said(f"event_{i}", "runner:r1", {"n": i, "words": words, "cost": 0.25}, source="ready", version=i)
        (row,), heads[trail] = chain("morning", trail, heads[trail], [said], AT + timedelta(seconds=i))
        told = {name: row[name] for name in row if name != "company"} | {"salt": row["salt"].removeprefix("\\x")}
        found.append({"kind": "entry", "position": i, **told})
    return found


def sealed(rows: Log, signer: Signer = SIGNER) -> Log:
    """The log with a checkpoint at each of SIZES."""
    log: Log = [{"kind": "log", "format": "chargehand audit 1", "company": "morning", "after": None}]
    name: str | None = None
    before, peaks = "", tuple[bytes, ...]()
    for size, row in enumerate(rows, start=1):
        peaks, _ = added(peaks, size - 1, [bytes.fromhex(row["hash"])])
        log.append(row)
        if size in SIZES:
            at, found = AT + timedelta(minutes=size), root(peaks).hex()
            name = next_name(name, at)
            made = signer.signed(company="morning", name=name, size=size, root=found, previous=before, at=at)
            log.append({"kind": "checkpoint", **made.document()})
            before = found
    return log


WHOLE = sealed(entries())
KEYS = (SIGNER.public,)
KEPT = [line for line in WHOLE if line.get("size") == 9]


def place(position: int) -> int:
    """The index in WHOLE of the entry at a position."""
    return next(i for i, line in enumerate(WHOLE) if line.get("position") == position)


def test_a_log_as_it_was_sealed_is_whole() -> None:
    proof = verify(WHOLE, keys=KEYS, kept=KEPT)

    assert (proof.entries, proof.size, proof.checkpoints, proof.checkpoint) == (12, 12, 4, "2026-11-22#4")
    assert proof.keys == [SIGNER.public]


LEAVES = [(i, name) for i, line in enumerate(WHOLE) for name in line]


@settings(max_examples=600)
@given(st.sampled_from(LEAVES), st.data())
def test_any_changed_byte_of_any_line_is_found(where: tuple[int, str], data: st.DataObject) -> None:
    """One bit of the text of one value, wherever it still is JSON."""
    i, name = where
    text = bytearray(json.dumps(WHOLE[i][name], ensure_ascii=False).encode())
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    text[bit // 8] ^= 1 << bit % 8
    try:
        value = json.loads(text.decode())
    except ValueError:
        return
    if value == WHOLE[i][name] and type(value) is type(WHOLE[i][name]):
        return
    log = [{**line, name: value} if at == i else line for at, line in enumerate(WHOLE)]

    with pytest.raises(Wrong):
        verify(log, keys=KEYS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"event": "other"}, "Entry 2 of task:1002 (other) was changed"),
        ({"content": {"n": 9}}, "The content of entry 2 of task:1002 (event_4) was changed"),
        ({"content": None}, "no erasure"),
        ({"salt": None}, "no erasure"),
        ({"position": 7}, "Position 4 of the log is missing"),
        ({"company": "other"}, None),
    ],
)
def test_a_changed_entry_is_named(change: dict[str, Any], said: str | None) -> None:
    log = [{**line, **change} if i == place(4) else line for i, line in enumerate(WHOLE)]

    if said is None:
        assert verify(log, keys=KEYS).entries == 12  # a word that is not part of the format says nothing
        return
    with pytest.raises(Wrong) as caught:
        verify(log, keys=KEYS)
    assert said in str(caught.value)


def without(*positions: int) -> Callable[[Log], Log]:
    """Take entries out."""
    return lambda log: [line for line in log if line.get("position") not in positions]


def renumbered(log: Log) -> Log:
    """Give the entries positions as if nothing had happened."""
    numbers = iter(range(len(log)))
    return [{**line, "position": next(numbers)} if line["kind"] == "entry" else line for line in log]


def swapped(first: int, second: int) -> Callable[[Log], Log]:
    """Exchange two entries."""

    def swap(log: Log) -> Log:
        log[place(first)], log[place(second)] = log[place(second)], log[place(first)]
        return log

    return swap


def told_twice(log: Log) -> Log:
    return [*log[: place(5)], log[place(5)], *log[place(5) :]]


def rehashed(log: Log) -> Log:
    """One entry with another content, its trail chained anew, the tree left as it is signed."""
    found = iter(entries("other words"))
    return [next(found) if line["kind"] == "entry" else line for line in log]


def without_checkpoint(size: int) -> Callable[[Log], Log]:
    return lambda log: [line for line in log if line.get("size") != size]


TAMPERED: dict[str, tuple[Callable[[Log], Log], str]] = {
    "an entry is missing": (without(5), "Position 5 of the log is missing"),
    "an entry is missing and the others moved up": (lambda log: renumbered(without(5)(log)), "one is missing"),
    "the last of a trail is missing, the others moved up": (lambda log: renumbered(without(11)(log)), "covers 12"),
    "two of one trail are swapped": (lambda log: renumbered(swapped(1, 4)(log)), "out of order"),
    "two of different trails are swapped": (lambda log: renumbered(swapped(4, 5)(log)), "replaced or moved"),
    "two are swapped with their positions": (swapped(4, 5), "Position 4"),
    "one is told twice": (told_twice, "Position 6"),
    "one is told twice and the others moved down": (lambda log: renumbered(told_twice(log)), "one is missing"),
    "all are chained anew": (rehashed, "Checkpoint 2026-11-22#1 was made over other entries"),
    "a checkpoint is missing": (without_checkpoint(4), "does not follow from 2026-11-22#1"),
    "the last checkpoint is missing": (without_checkpoint(12), "No checkpoint covers positions 9 to 11"),
    "the tail is cut, its checkpoint stays": (without(10, 11), "covers 12 entries, and only 10 are there"),
    "all checkpoints are missing": (lambda log: [one for one in log if one["kind"] != "checkpoint"], "No checkpoint"),
    "checkpoints are swapped": (lambda log: [*log[:4], log[6], log[5], log[4], *log[7:]], "covers 4"),
    "rewritten whole with another key": (lambda _: sealed(entries("other words"), FORGER), "not the key that you keep"),
    "rewritten whole, signed by another in our name": (
        lambda _: [
            {**line, "key": SIGNER.public} if "key" in line else line for line in sealed(entries("other"), FORGER)
        ],
        "signature of checkpoint 2026-11-22#1 is wrong",
    ),
    "another company's": (lambda log: [{**log[0], "company": "other"}, *log[1:]], "was changed"),
    "no log": (lambda log: log[1:], "no exported audit trail"),
    "nothing": (lambda _: [], "no exported audit trail"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_done_to_a_log_is_named(name: str) -> None:
    tamper, said = TAMPERED[name]

    with pytest.raises(Wrong) as caught:
        verify(tamper(deepcopy(WHOLE)), keys=KEYS)

    assert said in str(caught.value)


def test_a_tail_cut_with_its_checkpoints_is_found_by_a_checkpoint_kept_elsewhere() -> None:
    cut = WHOLE[: place(4)]

    assert verify(cut, keys=KEYS).size == 4
    with pytest.raises(Wrong, match="tail is cut: the kept checkpoint 2026-11-22#3 covers 9 entries, here are 4"):
        verify(cut, keys=KEYS, kept=KEPT)


def test_a_log_rewritten_by_who_has_the_key_is_found_by_a_checkpoint_kept_elsewhere() -> None:
    rewritten = sealed(entries("other words"))

    assert verify(rewritten, keys=KEYS).size == 12
    with pytest.raises(Wrong, match="another than the kept checkpoint"):
        verify(rewritten, keys=KEYS, kept=KEPT)


def test_a_kept_checkpoint_brings_its_key() -> None:
    with pytest.raises(Wrong, match="not the key that you keep"):
        verify(sealed(entries(), FORGER), kept=KEPT)


@given(st.sets(st.integers(0, 11)))
def test_erased_content_leaves_the_log_whole(erased: set[int]) -> None:
    log = [{**line, "salt": None, "content": None} if line.get("position") in erased else line for line in WHOLE]

    assert verify(log, keys=KEYS, kept=KEPT).erased == len(erased)


def test_entries_that_are_not_sealed_are_counted_as_not_proven() -> None:
    tail = [{**line, "position": None} if line.get("position", 0) >= 9 else line for line in WHOLE[:-1]]

    proof = verify(tail, keys=KEYS, kept=KEPT)

    assert (proof.size, proof.unsealed) == (9, 3)
    assert "3 entries at the end are not sealed yet" in verify_audit.sentence(proof)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)  # fmt: skip


@settings(max_examples=400)
@given(JSON)
def test_it_writes_json_as_we_do(value: Any) -> None:
    assert verify_audit.canonical(value) == ours.canonical(value)


def test_it_imports_nothing_of_ours_and_is_short() -> None:
    source = (ROOT / "chargehand" / "verify_audit.py").read_text(encoding="utf-8")
    found = Source("verify_audit.py", source, ast.parse(source))

    assert {name.partition(".")[0] for name in found.imports()} - set(sys.stdlib_module_names) == {"cryptography"}
    assert source.count("\n") < 300


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs the program by itself, out of a folder with nothing of ours; status and what it said."""
    program = shutil.copy(ROOT / "chargehand" / "verify_audit.py", tmp_path / "theirs.py")

    def run(log: Log, *words: str) -> tuple[int, str]:
        file = tmp_path / "trail.jsonl"
        file.write_text("".join(f"{json.dumps(line)}\n" for line in log))
        command = [sys.executable, "-I", str(program), str(file), *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
        return done.returncode, done.stdout + done.stderr

    return run


def test_alone_it_says_whole_or_what_is_wrong(alone: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(KEPT[0]))

    assert alone(WHOLE) == (
        0,
        f"{verify_audit.sentence(verify(WHOLE))} Compare the key with the one that you keep: {SIGNER.public}\n",
    )
    assert alone(WHOLE, "--key", SIGNER.public, "--checkpoint", str(kept))[0] == 0
    assert alone(WHOLE[: place(4)], "--checkpoint", str(kept))[0] == 1
    status, said = alone(WHOLE, "--key", FORGER.public)
    assert (status, said.startswith("WRONG: Checkpoint 2026-11-22#1 is signed with")) == (1, True)


def test_a_file_that_ends_in_the_middle_of_a_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in WHOLE)[:-9])

    with pytest.raises(Wrong, match="Line 17 can't be read"):
        verify(verify_audit.read(file), keys=KEYS)
