"""A letter in the thread of a task that has ended: perhaps its writer says that the result is wrong."""

from contracts.vocabulary import ENDED, Became
from engine.incidents import Report, report
from escalation.wrongness import Word, read
from gateway.mail.case import Case
from gateway.mail.wording import own_words
from storage.database import Unit
from storage.directory import Person
from storage.tasks import load

WHAT_TO_WRITE = (
    "Do you mean that the result of T-{task} is wrong? Then answer with what is wrong, such as:\n\n"
    "this is wrong, it was another customer"
)


def says_wrong(case: Case, unit: Unit, person: Person, task: int) -> bool:
    """Take such a letter, in the caller's transaction; False when it says nothing of the result.

    A doubtful one is asked back, thanks are left alone.
    """
    if load(unit, task).state not in ENDED:
        return False
    word = _word(case)
    if word is Word.WRONG:
        said = Report(task, person.id, own_words(case.letter.text), "mail", case.first_key)
        heard = report(unit, case.business, said)
        case.answer(unit, person, heard.sentence)
        case.settle(unit, Became.TASK, reference=f"T-{task}", why=heard.kind)
    elif word is Word.DOUBT:
        case.answer_seldom(unit, person, WHAT_TO_WRITE.format(task=task))
        case.settle(unit, Became.IGNORED, why="whether the result is wrong could not be told")
    elif word is Word.CONTENT:
        case.settle(unit, Became.IGNORED, why="no word that a result is wrong")
    return word is not Word.NOTHING


def _word(case: Case) -> Word:
    """What both parts of the letter say; parts that differ are a doubt."""
    word = read(own_words(case.letter.text))
    if case.letter.html_text is None:
        return word
    return word if read(own_words(case.letter.html_text)) is word else Word.DOUBT
