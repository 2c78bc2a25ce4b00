"""Has a raw letter read in a child that can be killed: nothing that a letter holds can hang or end the gateway."""

from pydantic import ValidationError

from gateway.confined import Unread, read_in_child
from gateway.mail.letter import Letter


class Unreadable(ValueError):
    """This letter can't be read; `str()` is a sentence for the person who looks at it."""


def read_letter(raw: bytes) -> Letter:
    """The letter that the bytes make; raises Unreadable."""
    try:
        return Letter.model_validate_json(read_in_child("gateway.mail.child", raw))
    except Unread as error:
        raise Unreadable(f"Unreadable mail: {error}.") from error
    except ValidationError as error:
        raise Unreadable("Unreadable mail: what it holds is not shaped like a letter.") from error
