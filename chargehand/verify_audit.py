"""Verifies an exported audit trail and imports nothing of ours: Python's own library and `cryptography` are enough.

Run alone: python verify_audit.py FILE [--key BASE64] [--checkpoint FILE]. It names the first wrong thing, and recomputes
- each entry's hash, that of its unerased content with its salt, and its link to the entry before it on its trail;
- the Merkle tree over the sealed entries in their order (RFC 9162), and so the root in every checkpoint;
- every checkpoint's Ed25519 signature, by the public key that you kept (--key, or that in a kept --checkpoint).
"""

import argparse
import base64
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "chargehand audit 1"
PURPOSE = b"chargehand audit checkpoint 1\n"
CLAIMS = ("company", "name", "size", "root", "previous", "at")
HASHED = ("trail", "seq", "at", "event", "actor", "source", "target", "version", "content_hash", "previous")

Document = Mapping[str, Any]


class Wrong(Exception):
    """The first thing that is wrong with the log, in a sentence."""


@dataclass(slots=True)
class Proof:
    """What was verified so far; `checkpoint` names the last one, `keys` are those that signed."""

    company: str = ""
    entries: int = 0
    size: int = 0
    unsealed: int = 0
    erased: int = 0
    begins_at: int = 0
    covered: int = 0
    checkpoints: int = 0
    checkpoint: str = ""
    root: str = ""
    at: str = ""
    peaks: list[bytes] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)


def verify(documents: Iterable[Document], *, keys: Sequence[str] = (), kept: Sequence[Document] = ()) -> Proof:
    """Verify a log: only checkpoints by `keys` count, if given; those `kept` elsewhere must fit in. Raises Wrong."""
    proof, lines = Proof(), iter(documents)
    try:
        trusted = tuple(keys) or tuple(one["key"] for one in kept)
        _begin(proof, next(lines, {}), trusted)
        for one in kept:
            _belongs(proof, one)
            _signed(one, trusted)
        _compare(proof, kept)
        for line in lines:
            _take(proof, line, trusted, kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Wrong(f"After {proof.entries} entries a line is not as it should be ({error!r}).") from error
    _end(proof, kept)
    return proof


def _begin(proof: Proof, head: Document, keys: Sequence[str]) -> None:
    if head.get("kind") != "log" or head.get("format") != FORMAT:
        raise Wrong(f"This is no exported audit trail: its first line does not say {FORMAT!r}.")
    proof.company, after = head["company"], head["after"]
    if not after:
        return
    _belongs(proof, after)
    _signed(after, keys)
    proof.peaks = [bytes.fromhex(peak) for peak in after["peaks"]]
    proof.size = proof.covered = proof.begins_at = after["size"]
    if _root(proof.peaks).hex() != after["root"] or len(proof.peaks) != proof.size.bit_count():
        raise Wrong(f"Checkpoint {after['name']}, behind which this begins, does not fit what stands for the rest.")
    proof.root, proof.at, proof.checkpoint = after["root"], after["at"], after["name"]


def _take(proof: Proof, line: Document, keys: Sequence[str], kept: Sequence[Document]) -> None:
    if line["kind"] == "checkpoint":
        _covered(proof, line, keys)
    elif line["kind"] == "entry":
        _placed(proof, line)
        _chained(proof, line)
        _compare(proof, kept)
    else:
        raise Wrong(f"After {proof.entries} entries stands a line of kind {line['kind']!r}, which there is not.")


def _placed(proof: Proof, entry: Document) -> None:
    """The entry is the next leaf, or one of those at the end that have no place yet."""
    position = entry["position"]
    proof.unsealed += position is None
    if position is None:
        return
    if proof.unsealed or position != proof.size:
        raise Wrong(f"Position {proof.size} of the log is missing: {_named(entry)} at {position} stands in its place.")
    _grow(proof.peaks, proof.size, bytes.fromhex(entry["hash"]))
    proof.size += 1


def _named(entry: Document) -> str:
    return f"entry {entry['seq']} of {entry['trail']} ({entry['event']})"


def _chained(proof: Proof, entry: Document) -> None:
    """Hash, content and link to the predecessor. A log that begins in the middle takes each trail as it finds it."""
    told = {"company": proof.company, **{name: entry[name] for name in HASHED}}
    if sha256(canonical(told)).hexdigest() != entry["hash"]:
        raise Wrong(f"{_named(entry).capitalize()} was changed: its hash is another.")
    _content(proof, entry)
    begin = (entry["seq"] - 1, entry["previous"]) if proof.begins_at else (0, "")
    seq, head = proof.heads.get(entry["trail"], begin)
    if entry["seq"] != seq + 1:
        raise Wrong(
            f"{_named(entry).capitalize()} stands where entry {seq + 1} should: one is missing or out of order."
        )
    if entry["previous"] != head:
        raise Wrong(f"{_named(entry).capitalize()} does not follow from the entry before it.")
    proof.heads[entry["trail"]] = entry["seq"], entry["hash"]
    proof.entries += 1


def _content(proof: Proof, entry: Document) -> None:
    if entry["salt"] is None or entry["content"] is None:
        proof.erased += 1
        if entry["salt"] == entry["content"]:
            return
        raise Wrong(f"Of {_named(entry)} the content or its salt is gone, but not both: that is no erasure.")
    salt = bytes.fromhex(entry["salt"])
    content_hash = sha256(salt + canonical(entry["content"])).hexdigest()
    if content_hash != entry["content_hash"] or salt.hex() != entry["salt"]:
        raise Wrong(f"The content of {_named(entry)} was changed.")


def _covered(proof: Proof, checkpoint: Document, keys: Sequence[str]) -> None:
    """The checkpoint says of exactly the entries so far what is so, follows from the one before, and is signed."""
    _belongs(proof, checkpoint)
    _signed(checkpoint, keys)
    name, size = checkpoint["name"], checkpoint["size"]
    if size > proof.size:
        raise Wrong(
            f"Checkpoint {name} covers {size} entries, and only {proof.size} are there: the others are missing."
        )
    if size != proof.size or size <= proof.covered:
        raise Wrong(f"Checkpoint {name} covers {size} entries and stands behind {proof.size}.")
    if checkpoint["previous"] != proof.root or checkpoint["at"] < proof.at:
        raise Wrong(f"Checkpoint {name} does not follow from {proof.checkpoint or 'nothing'}: one is missing between.")
    if checkpoint["root"] != _root(proof.peaks).hex():
        raise Wrong(f"Checkpoint {name} was made over other entries: one since the last was replaced or moved.")
    proof.root, proof.at, proof.checkpoint, proof.covered = checkpoint["root"], checkpoint["at"], name, size
    proof.checkpoints += 1
    proof.keys += [checkpoint["key"]] if checkpoint["key"] not in proof.keys else []


def _belongs(proof: Proof, checkpoint: Document) -> None:
    if checkpoint["company"] != proof.company:
        raise Wrong(f"Checkpoint {checkpoint['name']} is of another company: {checkpoint['company']}.")


def _signed(checkpoint: Document, keys: Sequence[str]) -> None:
    key = checkpoint["key"]
    if keys and key not in keys:
        raise Wrong(f"Checkpoint {checkpoint['name']} is signed with {key}, which is not the key that you keep.")
    claims = PURPOSE + canonical({name: checkpoint[name] for name in CLAIMS})
    try:
        Ed25519PublicKey.from_public_bytes(_base64(key)).verify(_base64(checkpoint["signature"]), claims)
    except (InvalidSignature, ValueError) as error:
        raise Wrong(f"The signature of checkpoint {checkpoint['name']} is wrong: not made with {key}.") from error


def _base64(text: str) -> bytes:
    """Its bytes; a text that only some readers take for the same raises ValueError."""
    found = base64.b64decode(text, validate=True)
    if base64.b64encode(found).decode() != text:
        raise ValueError(text)
    return found


def _compare(proof: Proof, kept: Sequence[Document]) -> None:
    for one in kept:
        if one["size"] == proof.size and one["root"] != _root(proof.peaks).hex():
            raise Wrong(f"The log is another than the kept checkpoint {one['name']} saw: it was written anew.")


def _end(proof: Proof, kept: Sequence[Document]) -> None:
    if proof.covered != proof.size:
        raise Wrong(f"No checkpoint covers positions {proof.covered} to {proof.size - 1}: the last ones are missing.")
    for one in kept:
        name, size = one["name"], one["size"]
        if size > proof.size:
            raise Wrong(f"The tail is cut: the kept checkpoint {name} covers {size} entries, here are {proof.size}.")
        if size < proof.begins_at:
            raise Wrong(f"The kept checkpoint {name} is older than where this file begins: export from there.")


def _grow(peaks: list[bytes], size: int, leaf: bytes) -> None:
    node = sha256(b"\x00" + leaf).digest()
    while size & 1:
        node = sha256(b"\x01" + peaks.pop() + node).digest()
        size >>= 1
    peaks.append(node)


def _root(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return sha256().digest()
    *left, found = peaks
    for peak in reversed(left):
        found = sha256(b"\x01" + peak + found).digest()
    return found


def canonical(value: Any) -> bytes:
    """One text for one JSON value (RFC 8785)."""
    return "".join(_written(value)).encode()


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        inside = (f"{''.join(_written(name))}:{''.join(_written(one))}" for name, one in pairs)
        yield f"{{{','.join(inside)}}}"
    elif isinstance(value, list | tuple):
        yield f"[{','.join(''.join(_written(one)) for one in value)}]"
    elif value is None or isinstance(value, bool):
        yield json.dumps(value)
    else:
        yield json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    """As ECMAScript writes it: the shortest digits that mean it, plain from 1e-6 up to 1e21."""
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    mantissa, _, exponent = f"{float(value)!r}".partition("e")
    whole, _, rest = mantissa.lstrip("-").partition(".")
    digits = (whole + rest).lstrip("0")
    point = int(exponent or 0) + len(digits) - len(rest)
    digits = digits.rstrip("0")
    return "-" * (value < 0) + _pointed(digits, point) if digits else "0"


def _pointed(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    return f"{digits[:1]}{'.' * (len(digits) > 1)}{digits[1:]}e{point - 1:+d}"


def read(file: Path) -> Iterator[Document]:
    """The documents of a file, one a line; raises Wrong and OSError."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise Wrong(f"Line {number} can't be read: the file was cut or changed there.") from error


def sentence(proof: Proof) -> str:
    """What was found whole, and what that does not say."""
    scope = f" from position {proof.begins_at} on" if proof.begins_at else ""
    tail = f" {proof.unsealed} entries at the end are not sealed yet, so not yet proven." if proof.unsealed else ""
    erased = f" Of {proof.erased} the content was erased." if proof.erased else ""
    return f"Whole{scope}: {proof.entries} entries of {proof.company}, sealed up to {proof.checkpoint or 'none'}.{erased}{tail}"


def main() -> int:
    """Verify the file that is named."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("file", type=Path, help="what `chargehand audit export` wrote")
    parser.add_argument("--key", action="append", default=[], help="public key that has to have signed, base64")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint kept elsewhere")
    asked = parser.parse_args()
    try:
        kept = [document for file in asked.checkpoint for document in read(file)]
        proof = verify(read(asked.file), keys=asked.key, kept=kept)
    except (Wrong, OSError) as error:
        sys.stderr.write(f"WRONG: {error}\n")
        return 1
    told = "" if asked.key or kept else f" Compare the key with the one that you keep: {', '.join(proof.keys)}"
    sys.stdout.write(f"{sentence(proof)}{told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
