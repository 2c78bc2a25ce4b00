"""Certificates of tasks: the right one passes offline, and whatever is altered, missing or of somebody else is refused."""

import ast
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargehand.verify_certificate import Wrong, read, sentence, verify
from storage.audit import GENESIS, Head, Said, chain
from storage.certifying import issued
from storage.checkpoints import Checkpoint, Signer
from storage.merkle import added, paths, root
from tests.architecture.sources import ROOT, Source
from tests.unit.chargehand.test_verify_audit import AT, FORGER, SIGNER

Certificate = dict[str, Any]
PROGRAM = ROOT / "chargehand" / "verify_certificate.py"
TRAILS = ("task:1001", "task:1002", "lane:refunds")
SIZE, MUTATIONS, OF_ACCEPTANCE = 23, 50, 500


def log(company: str) -> list[dict[str, Any]]:
    """The sealed log of a company: entries of three trails, told in turn, one of them erased."""
    heads = {trail: Head(0, GENESIS) for trail in TRAILS}
    found = []
    for i in range(SIZE):
        trail = TRAILS[i % len(TRAILS)]
        said = Said(f"event_{i}", "runner:r1", {"n": i, "words": "Zoë", "cost": 0.25}, source="ready", version=i)
        (row,), heads[trail] = chain(company, trail, heads[trail], [said], AT + timedelta(seconds=i))
        told = {name: row[name] for name in row if name != "company"} | {"salt": row["salt"].removeprefix("\\x")}
        found.append({"kind": "entry", "position": i, **told, **({"salt": None, "content": None} if i == 9 else {})})
    return found


def certified(task: int = 1001, company: str = "morning", signer: Signer = SIGNER, size: int = SIZE) -> Certificate:
    """What a company says of a task once so much of its log is sealed."""
    rows = log(company)[:size]
    leaves = [bytes.fromhex(row["hash"]) for row in rows]
    found = root(added((), 0, leaves)[0]).hex()
    checkpoint = signer.signed(company=company, name=f"2026-11-22#{size}", size=size, root=found, previous="", at=AT)
    return issued_of(rows, leaves, checkpoint, task, signer)


def issued_of(
    rows: list[dict[str, Any]], leaves: list[bytes], checkpoint: Checkpoint, task: int, signer: Signer
) -> Certificate:
    mine = [row for row in rows if row["trail"] == f"task:{task}"]
    proofs = paths(leaves, [row["position"] for row in mine])
    proven = [{**row, "path": [node.hex() for node in proofs[row["position"]]]} for row in mine]
    return json.loads(json.dumps(issued(signer, checkpoint, proven, task=f"T-{task}", at=AT)))  # type: ignore[no-any-return]


RIGHT = certified()


def asked(certificate: Certificate) -> Any:
    """As somebody verifies it who knows the key, and what it is to be about."""
    return verify(certificate, keys=[SIGNER.public], task="T-1001", company="morning")


def test_the_right_certificate_is_whole_and_says_what_it_is_about() -> None:
    claims = asked(RIGHT)

    assert (claims["company"], claims["task"], claims["length"], claims["erased"]) == ("morning", "T-1001", 8, 1)
    assert sentence(claims) == (
        "Whole: all 8 entries of T-1001 of morning until 2026-11-22T10:30:00.000000+00:00, "
        "in the log that checkpoint 2026-11-22#23 covers. Of 1 the content was erased."
    )


@pytest.mark.parametrize("size", range(1, SIZE + 1))
def test_every_entry_of_a_log_of_any_size_is_found_in_it(size: int) -> None:
    for task in (1001, 1002):
        if any(row["trail"] == f"task:{task}" for row in log("morning")[:size]):
            assert verify(certified(task, size=size), keys=[SIGNER.public])["task"] == f"T-{task}"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a document stands that holds no other."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, one in inside for found in places(one, (*path, name))] or [path]


def holder(document: Certificate, path: tuple[Any, ...]) -> Any:
    found: Any = document
    for name in path[:-1]:
        found = found[name]
    return found


def other_value(chance: random.Random, value: Any) -> Any:
    """Something else, as near as it can be."""
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        return value[:at] + chance.choice([one for one in "0aZ=# é" if one != value[at]]) + value[at + 1 :]
    if isinstance(value, int):
        return chance.choice([value + 1, value - 1, float(value), str(value), None])
    return chance.choice(["", "x", 0, [], {}] if value is None else ["x", None])


def alter(chance: random.Random, document: Certificate) -> Certificate:
    path = chance.choice(places(document))
    holder(document, path)[path[-1]] = other_value(chance, holder(document, path)[path[-1]])
    return document


def take_a_part(chance: random.Random, document: Certificate) -> Certificate:
    path = chance.choice([path for path in places(document) if isinstance(path[-1], str)])
    del holder(document, path)[path[-1]]
    return document


def add_a_part(chance: random.Random, document: Certificate) -> Certificate:
    path = chance.choice([path for path in places(document) if isinstance(path[-1], str)])
    holder(document, path)["more"] = "x"
    return document


def remove(chance: random.Random, document: Certificate) -> Certificate:
    del document["entries"][chance.randrange(len(document["entries"]))]
    return document


def cut(chance: random.Random, document: Certificate) -> Certificate:
    document["entries"] = document["entries"][: chance.randrange(len(document["entries"]))]
    return document


def cut_and_count(chance: random.Random, document: Certificate) -> Certificate:
    """The tail is gone, and what the certificate claims says so as if it were right."""
    left = cut(chance, document)["entries"] or RIGHT["entries"][:1]
    document["claims"] |= {"length": len(left), "head": left[-1]["hash"]}
    return {**document, "entries": left}


def double(chance: random.Random, document: Certificate) -> Certificate:
    entries = document["entries"]
    entries.insert(chance.randrange(len(entries)), deepcopy(chance.choice(entries)))
    return document


def swap(chance: random.Random, document: Certificate) -> Certificate:
    entries = document["entries"]
    one, other = chance.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]
    return document


def move(chance: random.Random, document: Certificate) -> Certificate:
    """An entry takes the place of another one in the log."""
    one, other = chance.sample(document["entries"], 2)
    one["position"], one["path"] = other["position"], other["path"]
    return document


def hide(chance: random.Random, document: Certificate) -> Certificate:
    """The content is taken away as an erasure does it."""
    entry = chance.choice([one for one in document["entries"] if one["content"] is not None])
    entry["salt"] = entry["content"] = None
    return document


def of_another_task(chance: random.Random, document: Certificate) -> Certificate:
    other = certified(1002)
    part = chance.choice([*document, "all"])
    return other if part in ("all", "format", "key", "checkpoint") else {**document, part: other[part]}


def of_another_company(chance: random.Random, document: Certificate) -> Certificate:
    other = certified(company="evening")
    part = chance.choice([*document, "all"])
    return other if part in ("all", "format", "key") else {**document, part: other[part]}


def by_another_key(chance: random.Random, document: Certificate) -> Certificate:
    forged = certified(signer=FORGER)
    return chance.choice(
        [forged, {**document, "checkpoint": forged["checkpoint"]}, {**forged, "checkpoint": document["checkpoint"]}]
    )


def cut_checkpoint(chance: random.Random, document: Certificate) -> Certificate:
    """The checkpoint of an earlier time, which is as genuine, or nothing of it."""
    earlier = certified(size=chance.randrange(1, SIZE))["checkpoint"]
    return {**document, "checkpoint": chance.choice([earlier, {}, None])}


MUTATION: tuple[Callable[[random.Random, Certificate], Certificate], ...] = (
    alter, take_a_part, add_a_part, remove, cut, cut_and_count, double, swap, move, hide, of_another_task,
    of_another_company, by_another_key, cut_checkpoint,
)  # fmt: skip


def test_whatever_is_done_to_a_certificate_is_refused_with_a_reason(acceptance: bool) -> None:
    accepted, reasons = [], list[str]()
    for number in range(OF_ACCEPTANCE if acceptance else MUTATIONS):
        chance, mutation = random.Random(number), MUTATION[number % len(MUTATION)]
        mutated = mutation(chance, deepcopy(RIGHT))
        assert json.dumps(mutated) != json.dumps(RIGHT)
        try:
            asked(mutated)
            accepted.append((number, mutation.__name__))
        except Wrong as wrong:
            reasons.append(str(wrong))

    assert accepted == []
    assert all(reason.endswith(".") for reason in reasons)
    assert len({" ".join(reason.split()[:3]) for reason in reasons}) > 5


def test_every_value_that_stands_in_a_certificate_is_held() -> None:
    held = []
    for path in places(RIGHT):
        mutated = alter_at(path)
        try:
            asked(mutated)
        except Wrong:
            held.append(path)

    assert held == places(RIGHT)


def alter_at(path: tuple[Any, ...]) -> Certificate:
    document = deepcopy(RIGHT)
    holder(document, path)[path[-1]] = other_value(random.Random(0), holder(document, path)[path[-1]])
    return document


@pytest.mark.parametrize(
    ("mutated", "said"),
    [
        (certified(1002), "is about T-1002, not about T-1001"),
        (certified(company="evening"), "is of another company: evening, not morning"),
        (certified(signer=FORGER), "is signed with"),
        ({**RIGHT, "entries": RIGHT["entries"][:-1]}, "covers 8 entries, and 7 are there"),
        ({**RIGHT, "entries": certified(1002)["entries"]}, "Entry 1 is of task:1002"),
        ({**RIGHT, "claims": {**RIGHT["claims"], "length": 7}}, "signature of the certificate is wrong"),
        ({**RIGHT, "checkpoint": certified(size=22)["checkpoint"]}, "the certificate names 2026-11-22#23"),
        ({**RIGHT, "format": "chargehand audit 1"}, "no certificate of a task"),
        ({}, "has not the parts"),
    ],
)
def test_the_reason_is_named(mutated: Certificate, said: str) -> None:
    with pytest.raises(Wrong) as caught:
        asked(mutated)

    assert said in str(caught.value)


def test_it_imports_nothing_of_ours_and_is_short() -> None:
    source = PROGRAM.read_text(encoding="utf-8")
    found = Source(PROGRAM.name, source, ast.parse(source))

    assert {name.partition(".")[0] for name in found.imports()} - set(sys.stdlib_module_names) == {"cryptography"}
    assert source.count("\n") < 300


def test_alone_it_says_whole_or_what_is_wrong(tmp_path: Path) -> None:
    program, file = shutil.copy(PROGRAM, tmp_path / "theirs.py"), tmp_path / "certificate.json"
    file.write_text(json.dumps(RIGHT))

    def alone(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-I", str(program), str(file), *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
        return done.returncode, done.stdout + done.stderr

    whole = sentence(asked(RIGHT))
    assert alone() == (0, f"{whole} Compare the key with the one that you keep: {SIGNER.public}\n")
    assert alone("--key", SIGNER.public, "--task", "T-1001", "--company", "morning") == (0, f"{whole}\n")
    assert alone("--task", "T-1002") == (1, "WRONG: The certificate is about T-1001, not about T-1002.\n")
    assert alone("--key", FORGER.public)[0] == 1


@pytest.mark.parametrize("text", ["", "{", json.dumps(RIGHT)[:-9], '{"claims": 1, "claims": 2}'])
def test_a_file_that_was_cut_or_says_a_thing_twice_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "certificate.json"
    file.write_text(text)

    with pytest.raises(Wrong, match="can't be read"):
        read(file)
