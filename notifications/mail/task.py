"""A task as its requester reads it in the thread of their letter, and plain sentences to one person."""

from itertools import dropwhile
from operator import not_

from contracts.vocabulary import TaskState
from engine.telling import TaskView
from notifications.mail.page import Door, Page, facts_of, one_line

_PIECES, _LINES = 10, 6
_SENTENCE, _HEADLINE = 1500, 90
_IF_WRONG = "If this is wrong, answer with what is wrong."


def task_page(view: TaskView, *, subject: str) -> Page:
    """What was accepted and what happens next."""
    return _page(view, subject, evidence=(), small=())


def result_page(view: TaskView, *, subject: str) -> Page:
    """How it ended, with its evidence, and what to do if it is wrong."""
    left = len(view.evidence) - _PIECES
    shown = (*view.evidence[:_PIECES], *([f"… {left} more"] if left > 0 else []))
    small = () if view.state is TaskState.CANCELLED else (_IF_WRONG,)
    return _page(view, subject, evidence=shown, small=small)


def _page(view: TaskView, subject: str, *, evidence: tuple[str, ...], small: tuple[str, ...]) -> Page:
    return Page(
        subject=subject,
        headline=one_line(view.headline),
        lead=tuple(one_line(told) for told in view.lines[:_LINES]),
        facts=facts_of(("Evidence", evidence)),
        small=(one_line(view.name), *small),
    )


def sign_in_page(address: str) -> Page:
    """The link that somebody asked for with their address."""
    return Page(
        subject="Your link to the page",
        headline="Your link to the page",
        lead=("It signs you in once, within 15 minutes.", "Did you not ask for it? Then do nothing."),
        door=Door("Sign in", address),
    )


def notice_page(sentence: str, *, subject: str, task: int | None) -> Page:
    """A plain sentence, or several lines of them; empty lines between stay empty."""
    lines = [one_line(line, _SENTENCE) for line in sentence.strip().splitlines()] or ["…"]
    small = (f"T-{task}",) if task else ()
    if len(lines[0]) > _HEADLINE:
        return Page(subject, "", tuple(lines), small=small)
    return Page(subject, lines[0], tuple(dropwhile(not_, lines[1:])), small=small)
