"""A list of what waits for somebody, written as the courier writes it and handed over to nobody."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from contracts.vocabulary import Message
from notifications.mail.desk import Desk, MailConfig
from notifications.mail.preparing import Mailing, prepare_letter
from notifications.mail.tokens import Token, reply_address, signed
from notifications.views import RecordViews
from storage import outbox
from storage.outbox import Letter
from tests.integration.gateway.mail.mail_door import SECRET, SENDER, MailDoor, letter

DOMAIN = "morning.example"
_NAMES = count(1)


@dataclass(frozen=True, slots=True)
class SentList:
    """A list that one person has; `decisions` are in the order of their numbers."""

    door: MailDoor
    person: str
    row: int
    decisions: tuple[int, ...]

    @property
    def address(self) -> str:
        """Where its answers go."""
        found = reply_address(signed(SECRET, Token("morning", 0, self.person, letter=self.row)), DOMAIN)
        assert found is not None
        return found

    def reply(self, text: str, *, name: str = "", **changed: Any) -> None:
        """Answer it in a letter."""
        by = f"{changed.pop('by', self.person)}@{DOMAIN}"
        name = name or f"<list-{next(_NAMES)}@{DOMAIN}>"
        raw = letter(text, by=by, to=changed.pop("to", self.address), name=name, **changed)
        self.door.send(raw, self.address, sender=by)

    def states(self) -> list[str]:
        """The states of what it lists, by number."""
        return [self.door.decision(one).state for one in self.decisions]


def sent_list(door: MailDoor, person: str = "mei") -> SentList:
    """The list of what waits for somebody now."""
    desk = Desk(door.house.deployment, MailConfig(SENDER, DOMAIN, SECRET), RecordViews())
    database = door.house.deployment.database
    with database.transaction("morning") as unit:
        outbox.put(unit, Letter(Message.REMINDER, f"waiting:{next(_NAMES)}", person=person))
    with database.transaction("morning") as unit:
        claimed = [one for one in outbox.take(unit, limit=200) if one.message is Message.REMINDER]
        assert isinstance(prepare_letter(unit, claimed[-1], desk), Mailing)
    (row,) = door.house.rows("select * from outbox where id = :id", id=claimed[-1].id)
    return SentList(door, person, row.id, tuple(one["decision"] for one in row.details["listed"]))
