"""Holds the letters of each mailbox, kept as they came."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.config import Member, TeamConfig
from sandbox.keeping import Keeper
from sandbox.refusals import Json, Refused

_PLACE, _KIND = "mail", "letter"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in one mailbox: received, or `written` by its owner. `at` is epoch seconds."""

    id: str
    mailbox: str
    written: bool
    mail_from: str
    rcpt_to: tuple[str, ...]
    at: float
    raw: bytes


class Mailboxes:
    """Every person of every team has one, under their address."""

    def __init__(self, teams: Iterable[TeamConfig], keeper: Keeper, clock: Clock) -> None:
        self._keeper = keeper
        self._clock = clock
        self.owners: dict[str, Member] = {
            user.email.lower(): user for team in teams for user in team.users if not user.deleted
        }
        self._letters = [_letter(key, body) for key, body in keeper.kept(_PLACE, _KIND)]

    def add(
        self, mailbox: str, raw: bytes, *, mail_from: str, rcpt_to: tuple[str, ...], written: bool = False
    ) -> Letter:
        """Put a letter into a mailbox."""
        number = f"{len(self._letters) + 1:06d}"
        letter = Letter(number, mailbox.lower(), written, mail_from, rcpt_to, self._clock.now(), raw)
        self._letters.append(letter)
        self._keeper.keep(_PLACE, _KIND, key=number, body=_as_json(letter))
        return letter

    def of(self, mailbox: str | None = None) -> list[Letter]:
        """The letters of a mailbox, or of all, oldest first."""
        return [one for one in self._letters if mailbox is None or one.mailbox == mailbox.lower()]

    def letter(self, number: str) -> Letter:
        """Raises Refused (letter_not_found)."""
        for one in self._letters:
            if one.id == number:
                return one
        raise Refused("letter_not_found")

    def owner(self, address: str) -> Member:
        """Raises Refused (mailbox_not_found)."""
        found = self.owners.get(address.lower())
        if found is None:
            raise Refused("mailbox_not_found")
        return found


def _as_json(letter: Letter) -> Json:
    return {
        "mailbox": letter.mailbox,
        "written": letter.written,
        "mail_from": letter.mail_from,
        "rcpt_to": list(letter.rcpt_to),
        "at": letter.at,
        "raw": letter.raw.decode("latin-1"),  # every byte is a character of it
    }


def _letter(key: str, body: Json) -> Letter:
    raw = str(body["raw"]).encode("latin-1")
    return Letter(
        key, body["mailbox"], body["written"], body["mail_from"], tuple(body["rcpt_to"]), float(body["at"]), raw
    )
