"""Signing in without a password: a link that is made for a person, used once, and looked up again with every request."""

import secrets
from datetime import timedelta

from engine.deployment import Deployment
from storage import sign_ins
from storage.audit import Said, latest, note
from storage.database import Unit
from storage.directory import Person, person
from storage.sign_ins import SignIn

LINK = timedelta(minutes=15)
SESSION = timedelta(hours=12)
BY_LETTER = "letter"
MOST_LETTERS, A_WHILE = 3, timedelta(hours=1)
"""Letters to one address: a stranger who asks a hundred times fills nobody's mailbox."""
MOST_FORGOTTEN = 1000
"""In one round, so that a clock that stood still for a year holds up nothing."""

_MADE, _REFUSED = "page_link_made", "page_link_refused"


def make_link(unit: Unit, who: Person, *, via: str, by: str) -> str:
    """The id of a new link, inside the caller's transaction; that it was made stands on the person's trail."""
    link = secrets.token_urlsafe(16)
    sign_ins.keep(unit, link, person=who.id, via=via)
    note(unit, f"person:{who.id}", Said(_MADE, by, {"via": via}))
    return link


def make_link_for_a_letter(unit: Unit, who: Person) -> str | None:
    """The same for whoever gave an address; None when as many went there lately as may. The first refusal is noted."""
    if sign_ins.lately(unit, person=who.id, via=BY_LETTER, within=A_WHILE) < MOST_LETTERS:
        return make_link(unit, who, via=BY_LETTER, by="page")
    last = latest(unit, f"person:{who.id}", (_MADE, _REFUSED))
    if last is None or last[0] != _REFUSED:
        content = {"via": BY_LETTER, "why": f"{MOST_LETTERS} letters within an hour"}
        note(unit, f"person:{who.id}", Said(_REFUSED, "page", content))
    return None


def awaited(unit: Unit, link: str) -> Person | None:
    """Whom a link would sign in now; looking uses nothing up."""
    kept = sign_ins.find(unit, link)
    who = person(unit, kept.person) if kept is not None else None
    return who if kept is not None and why_not(unit, kept, who) is None else None


def sign_in(unit: Unit, link: str) -> Person | None:
    """Use a link up: its session begins. None when it is not good any more, which stands on its person's trail."""
    kept = sign_ins.find(unit, link, lock=True)
    if kept is None:
        return None
    who = person(unit, kept.person)
    refusal = why_not(unit, kept, who)
    if refusal is not None:
        note(unit, f"person:{kept.person}", Said("sign_in_refused", "page", {"via": kept.via, "why": refusal}))
        return None
    sign_ins.use(unit, link)
    note(unit, f"person:{kept.person}", Said("signed_in", f"person:{kept.person}", {"via": kept.via}))
    return who


def why_not(unit: Unit, kept: SignIn, who: Person | None) -> str | None:
    """Why a link signs nobody in now."""
    if who is None or not who.active:
        return "the person is not active"
    if kept.used_at is not None:
        return "the link was used before"
    return "the link is too old" if kept.made_at <= unit.now - LINK else None


def signed_in(unit: Unit, link: str) -> Person | None:
    """Whose session it is, if it has not ended and they are still active."""
    kept = sign_ins.find(unit, link)
    if kept is None or kept.used_at is None or kept.ended_at is not None or kept.used_at <= unit.now - SESSION:
        return None
    who = person(unit, kept.person)
    return who if who is not None and who.active else None


def sign_out(unit: Unit, link: str) -> None:
    """End a session, whoever still has its cookie."""
    kept = sign_ins.find(unit, link)
    if kept is not None and sign_ins.end(unit, link):
        note(unit, f"person:{kept.person}", Said("signed_out", f"person:{kept.person}", {}))


def forget(deployment: Deployment, company: str) -> int:
    """Take away rows of links that are over a month old, used or not; returns how many.

    Until then who tries one is told on the trail why not; who signed in when stands there for ever.
    """
    with deployment.database.transaction(company) as unit:
        return sign_ins.forget(unit, most=MOST_FORGOTTEN)
