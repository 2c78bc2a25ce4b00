"""The words in a reply address that say which decision (or which list of them) a letter answers, and for whom it was made.

A token is `company.decision.person.proof`, with "l" and the number of our letter in place of a decision where it lists
several: the local part `reply+<token>` may have at most 64 octets (RFC 5321
4.5.3.1.1), so the proof is an HMAC-SHA256 cut to 80 bits, and the token alone decides nothing: the sender must be
proven too, it must have been handed out (storage keeps its hash) and not be used up.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

from storage.database import Unit
from storage.letters import keep_token, token_is_open, use_up_token

LONGEST_LOCAL_PART = 64
_PROOF_BYTES = 10
_PURPOSE = b"chargehand mail reply 1"
_PREFIX = "reply+"
_LIST = "l"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says; rights are looked up again when it is used.

    `letter` is the outbox row of a letter that lists several decisions; it is answered by their numbers there, and
    `decision` is 0 then.
    """

    company: str
    decision: int
    person: str
    letter: int | None = None


class _Short(HMACAlgorithm):
    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_PROOF_BYTES]


def make(unit: Unit, secret: str, *, decision: int, person: str) -> str:
    """The token of a person for a decision, always the same; kept (as its hash) as handed out."""
    token = signed(secret, Token(unit.company, decision, person))
    keep_token(unit, _hash(token), decision=decision, person=person)
    return token


def signed(secret: str, token: Token) -> str:
    """A token in words."""
    about = token.decision if token.letter is None else f"{_LIST}{token.letter}"
    return _signer(secret).sign(f"{token.company}.{about}.{token.person}").decode()


def read(secret: str, token: str) -> Token | None:
    """What a token says, upper and lower case as written; None when we did not make it."""
    try:
        company, about, person = _signer(secret).unsign(token).decode().split(".")
        if about.startswith(_LIST):
            return Token(company, 0, person, letter=int(about.removeprefix(_LIST)))
        return Token(company, int(about), person)
    except (BadSignature, ValueError):
        return None


def is_open(unit: Unit, token: str) -> bool:
    """Whether it was handed out and no final vote has used it up."""
    return token_is_open(unit, _hash(token))


def use_up(unit: Unit, token: str) -> bool:
    """Use it up with the final vote; False when it was used up before."""
    return use_up_token(unit, _hash(token))


def reply_address(token: str, domain: str) -> str | None:
    """Where an answer with this token goes; None when it would be too long for a mail server to take."""
    local_part = f"{_PREFIX}{token}"
    return f"{local_part}@{domain}" if len(local_part) <= LONGEST_LOCAL_PART else None


def token_in(address: str) -> str | None:
    """The token in a reply address; None for every other address."""
    local_part = address.rpartition("@")[0]
    return local_part[len(_PREFIX) :] if local_part.lower().startswith(_PREFIX) else None


def _signer(secret: str) -> Signer:
    digest: Any = hashlib.sha256
    return Signer(secret, salt=_PURPOSE, key_derivation="hmac", digest_method=digest, algorithm=_Short(digest))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
