"""Breaking the glass: somebody decides on their own request; it is marked for ever, and everybody who might have is told."""

from typing import Any

from sqlalchemy import Row, update

from contracts.vocabulary import Message
from escalation.admitting import lock
from escalation.voices import Voice
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person
from storage.outbox import Letter
from storage.tables.deciding import decisions


def broken(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Row[Any]:
    """Mark a locked decision and tell everybody who is asked; returns it as it is then."""
    mine = (decisions.c.company == unit.company) & (decisions.c.number == row.number)
    unit.connection.execute(update(decisions).where(mine).values(broken_glass=True))
    content = {"answer": voice.answer, "via": voice.via, "reason": voice.reason}
    note(unit, f"decision:{row.number}", Said("glass_broken", f"person:{who.id}", content))
    sentence = (
        f"{who.name} said {voice.answer} to their own request T-{row.task} (decision {row.number}), "
        f"as the contract allows in an emergency: “{voice.reason}”"
    )
    letters = [
        Letter(Message.NOTICE, f"glass:{row.number}:{one}", person=one, task=row.task, details={"sentence": sentence})
        for one in row.entitled
    ]
    outbox.put(unit, *letters)
    return lock(unit, row.number) or row
