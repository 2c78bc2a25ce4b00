"""A letter that asks what waits for its writer is answered with one that lists it all."""

from contracts.vocabulary import Became, Message
from escalation.list_words import asks_for_list
from gateway.mail.case import Case
from gateway.mail.wording import own_words
from storage import deliveries, outbox
from storage.directory import Person
from storage.outbox import Letter


def asks_what_waits(case: Case) -> bool:
    """Whether all that the letter says is that question, in both of its parts; an empty one asks by its subject."""
    letter = case.letter
    words = own_words(letter.text)
    if not words:
        return not letter.thread and asks_for_list(letter.subject)
    return asks_for_list(words) and (letter.html_text is None or asks_for_list(own_words(letter.html_text)))


def on_what_waits(case: Case, person: Person) -> None:
    """Have the list sent in the letter's thread; it is read when it is sent, so that it shows what waits then."""
    with case.deployment.database.transaction(case.company) as unit:
        if deliveries.begin_handling(unit, case.delivery.key):
            mail = {**case.thread()["mail"], "reply_to": None}
            asked = Letter(Message.REMINDER, f"waiting:{case.delivery.key}", person=person.id, details={"mail": mail})
            outbox.put(unit, asked)
            case.settle(unit, Became.ANSWER, reference="waiting", why="asked what waits")
    case.deployment.wakeups.courier()
