"""Reads what a reply decides: its writer's own words, when both of its parts say the same. Pure."""

from escalation.phrases import Meaning
from escalation.plain_words import Said, read
from gateway.mail.letter import Letter
from gateway.mail.wording import own_words

WHAT_TO_WRITE = (
    "I could not tell what you decided, so nothing was decided. Answer the card's mail once more, with a first line "
    "that is one of these:\n\napprove\nreject, because …\na question, ending with a question mark"
)


def read_reply(letter: Letter) -> Said:
    """What a letter decides; when its two parts say different things, nothing."""
    said = meaning_of(letter.text)
    if letter.html_text is None:
        return said
    shown = meaning_of(letter.html_text)
    same = (shown.meaning, shown.amount, shown.who) == (said.meaning, said.amount, said.who)
    return said if same else Said(Meaning.NOTHING, said.words)


def meaning_of(text: str) -> Said:
    """What a text decides, quotes and signature left out."""
    return read(own_words(text))
