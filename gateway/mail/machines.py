"""Knows letters that no person wrote: answering one could go on for ever (RFC 3834). Pure."""

from collections.abc import Callable

from gateway.mail.letter import Letter

MOST_RECEIVED = 50


def written_by_machine(letter: Letter, mail_from: str, is_ours: Callable[[str], bool]) -> str | None:
    """Why nobody is answered and nothing is decided by this letter; None when a person may have written it.

    `mail_from` is the envelope's sender; `is_ours` says whether an address is one of our own.
    """
    if letter.machine_marks:
        return f"a machine wrote it ({letter.machine_marks[0]})"
    if mail_from in {"", "<>"}:
        return "it wants no answer (no envelope sender)"
    if any(is_ours(address) for address in (*letter.senders, mail_from)):
        return "it comes from an address of our own"
    if letter.received > MOST_RECEIVED:
        return f"it went through {letter.received} mail servers: a loop"
    return None
