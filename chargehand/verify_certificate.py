"""Verifies the certificate of a task and imports nothing of ours: Python's own library and `cryptography` are enough.

Run alone: python verify_certificate.py FILE [--task T-1042] [--company NAME] [--key BASE64]. It names the first wrong
thing, and recomputes
- the Ed25519 signatures of the certificate's claims and of the checkpoint, by the public key that you kept (--key);
- each entry's hash, that of its unerased content with its salt, and its link to the entry before it, from the first
  to the last that the claims name;
- each entry's path through the Merkle tree (RFC 9162) up to the root in the checkpoint.
"""

import argparse
import base64
import json
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "chargehand certificate 1"
PURPOSE = b"chargehand certificate 1\n"
OF_CHECKPOINT = b"chargehand audit checkpoint 1\n"
PARTS = {"format", "claims", "key", "signature", "checkpoint", "entries"}
CLAIMS = {"company", "task", "length", "head", "erased", "checkpoint", "at"}
SIGNED = {"company", "name", "size", "root", "previous", "at"}
HASHED = {"trail", "seq", "at", "event", "actor", "source", "target", "version", "content_hash", "previous"}
BESIDE = {"hash", "position", "path", "salt", "content"}

Document = Mapping[str, Any]


class Wrong(Exception):
    """The first thing that is wrong with a certificate, in a sentence."""


def verify(document: Document, *, keys: Sequence[str] = (), task: str = "", company: str = "") -> Document:
    """Verify a certificate and give its claims: signed by one of `keys`, and about that task and company, if these are
    given. Raises Wrong.
    """
    try:
        _has(document, PARTS, "The certificate")
        if document["format"] != FORMAT:
            raise Wrong(f"This is no certificate of a task: it does not say {FORMAT!r}.")
        claims, checkpoint, entries = document["claims"], document["checkpoint"], document["entries"]
        _signed("certificate", document, claims, CLAIMS, PURPOSE, keys)
        _has(checkpoint, SIGNED | {"key", "signature"}, "The checkpoint")
        of_checkpoint = {name: checkpoint[name] for name in SIGNED}
        _signed("checkpoint", checkpoint, of_checkpoint, SIGNED, OF_CHECKPOINT, keys)
        _about(claims, checkpoint, task, company)
        _whole(claims, checkpoint, entries)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Wrong(f"Something in the certificate is not as it should be ({error!r}).") from error
    return {name: claims[name] for name in sorted(CLAIMS)}


def _has(document: Document, names: set[str], what: str) -> None:
    if set(document) != names:
        raise Wrong(f"{what} has not the parts that it should: {', '.join(sorted(set(document) ^ names))}.")


def _signed(
    what: str, document: Document, claims: Document, names: set[str], purpose: bytes, keys: Sequence[str]
) -> None:
    _has(claims, names, f"What the {what} claims")
    key = document["key"]
    if keys and key not in keys:
        raise Wrong(f"The {what} is signed with {key}, which is not the key that you keep.")
    try:
        public = Ed25519PublicKey.from_public_bytes(_base64(key))
        public.verify(_base64(document["signature"]), purpose + _canonical(claims))
    except (InvalidSignature, ValueError) as error:
        raise Wrong(f"The signature of the {what} is wrong: it was changed, or not made with {key}.") from error


def _about(claims: Document, checkpoint: Document, task: str, company: str) -> None:
    """It is about the task and company that are asked for, and so is its checkpoint."""
    if task and claims["task"] != task:
        raise Wrong(f"The certificate is about {claims['task']}, not about {task}.")
    if company and claims["company"] != company:
        raise Wrong(f"The certificate is of another company: {claims['company']}, not {company}.")
    if checkpoint["company"] != claims["company"]:
        raise Wrong(f"The checkpoint is of another company: {checkpoint['company']}, not {claims['company']}.")
    if checkpoint["name"] != claims["checkpoint"]:
        raise Wrong(f"The checkpoint is {checkpoint['name']}, and the certificate names {claims['checkpoint']}.")


def _whole(claims: Document, checkpoint: Document, entries: Sequence[Document]) -> None:
    """All entries are there, in their order, each as it was, and each in the log that the checkpoint covers."""
    if len(entries) != claims["length"]:
        raise Wrong(f"The certificate covers {claims['length']} entries, and {len(entries)} are there.")
    trail, previous = f"task:{claims['task'].removeprefix('T-')}", ""
    for seq, entry in enumerate(entries, start=1):
        _has(entry, HASHED | BESIDE, f"Entry {seq}")
        if entry["trail"] != trail:
            raise Wrong(f"Entry {seq} is of {entry['trail']}, and the certificate is about {trail}.")
        if entry["seq"] != seq or entry["previous"] != previous:
            raise Wrong(f"Entry {seq} does not follow from the one before: one is missing, doubled or out of order.")
        _unchanged(claims["company"], entry, seq)
        _included(entry, seq, checkpoint)
        previous = entry["hash"]
    if previous != claims["head"]:
        raise Wrong("The last entry is not the one that the certificate ends with.")
    if sum(entry["content"] is None for entry in entries) != claims["erased"]:
        raise Wrong(f"Of {claims['erased']} entries the content was erased; here it is gone of others, too.")


def _unchanged(company: str, entry: Document, seq: int) -> None:
    told = {"company": company, **{name: entry[name] for name in HASHED}}
    if sha256(_canonical(told)).hexdigest() != entry["hash"]:
        raise Wrong(f"Entry {seq} ({entry['event']}) was changed: its hash is another.")
    if entry["salt"] is None and entry["content"] is None:
        return
    if sha256(_bytes(entry["salt"]) + entry["content"].encode()).hexdigest() != entry["content_hash"]:
        raise Wrong(f"The content of entry {seq} ({entry['event']}) was changed.")


def _included(entry: Document, seq: int, checkpoint: Document) -> None:
    """The entry is the leaf at its position of the tree with that root (RFC 9162, section 2.1.3.2)."""
    at, last, node = entry["position"], checkpoint["size"] - 1, sha256(b"\x00" + _bytes(entry["hash"])).digest()
    is_inside = type(at) is int and 0 <= at <= last
    for step in entry["path"] if is_inside else ():
        is_inside = is_inside and last > 0
        if at & 1 or at == last:
            node = sha256(b"\x01" + _bytes(step) + node).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + _bytes(step)).digest()
        at, last = at >> 1, last >> 1
    if not is_inside or last or node.hex() != checkpoint["root"]:
        raise Wrong(f"Entry {seq} ({entry['event']}) is not in the log that checkpoint {checkpoint['name']} covers.")


def _bytes(text: str) -> bytes:
    """Its bytes; a text that only some readers take for the same raises ValueError."""
    found = bytes.fromhex(text)
    if found.hex() != text:
        raise ValueError(text)
    return found


def _base64(text: str) -> bytes:
    found = base64.b64decode(text, validate=True)
    if base64.b64encode(found).decode() != text:
        raise ValueError(text)
    return found


def _canonical(flat: Document) -> bytes:
    """One text for a document of texts, whole numbers and nulls (RFC 8785)."""
    return json.dumps(flat, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read(file: Path) -> Document:
    """The document in a file; raises Wrong and OSError."""
    try:
        found: Document = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_each_once)
    except ValueError as error:
        raise Wrong("The file can't be read: it was cut or changed.") from error
    return found


def is_one(file: Path) -> bool:
    """Whether a file says of itself that it is a certificate; raises OSError."""
    with file.open("rb") as begun:
        return FORMAT.encode() in begun.read(200)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def sentence(claims: Document) -> str:
    """What was found whole, and until when it says anything."""
    erased = f" Of {claims['erased']} the content was erased." if claims["erased"] else ""
    until = f"all {claims['length']} entries of {claims['task']} of {claims['company']} until {claims['at']}"
    return f"Whole: {until}, in the log that checkpoint {claims['checkpoint']} covers.{erased}"


def main() -> int:
    """Verify the file that is named."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("file", type=Path, help="what `chargehand audit certify` wrote")
    parser.add_argument("--task", default="", help="the task that it has to be about, such as T-1042")
    parser.add_argument("--company", default="", help="the company that it has to be of")
    parser.add_argument("--key", action="append", default=[], help="public key that has to have signed, base64")
    asked = parser.parse_args()
    try:
        document = read(asked.file)
        claims = verify(document, keys=asked.key, task=asked.task, company=asked.company)
    except (Wrong, OSError) as error:
        sys.stderr.write(f"WRONG: {error}\n")
        return 1
    told = "" if asked.key else f" Compare the key with the one that you keep: {document['key']}"
    sys.stdout.write(f"{sentence(claims)}{told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
