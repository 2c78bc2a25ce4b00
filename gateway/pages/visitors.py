"""Who is at the page: the cookie names a session, and the record says with every request whose it is and whether it goes on."""

from dataclasses import dataclass

from fastapi import Request

from engine.deployment import Deployment
from gateway.pages import signing_in
from gateway.pages.doorstep import Posted, SignInFirst, TurnedAway
from gateway.pages.sessions import Cookies
from notifications.page_address import Link
from storage.directory import Person


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in; `form` is what their forms carry, `said` a sentence that the next page owes them."""

    person: Person
    session: Link
    form: str
    said: str

    @property
    def company(self) -> str:
        """The company that they are at."""
        return self.session.company


@dataclass(frozen=True, slots=True)
class Visitors:
    """Knows them by their cookies."""

    deployment: Deployment
    cookies: Cookies

    def known(self, request: Request) -> Visitor | None:
        """Who sent a request; None for everybody who is not signed in."""
        session = self.cookies.session(request.cookies.get(self.cookies.session_name))
        if session is None or session.company not in self.deployment.businesses:
            return None
        with self.deployment.database.transaction(session.company) as unit:
            who = signing_in.signed_in(unit, session.id)
        if who is None:
            return None
        said = self.cookies.said(session, request.cookies.get(self.cookies.said_name))
        return Visitor(who, session, self.cookies.form_token(session), said)

    def must_be_known(self, request: Request) -> Visitor:
        """The same; raises SignInFirst."""
        visitor = self.known(request)
        if visitor is None:
            raise SignInFirst
        return visitor

    def from_their_form(self, visitor: Visitor, posted: Posted) -> None:
        """Raise TurnedAway unless a page of this very session sent the form."""
        if not self.cookies.is_our_form(visitor.session, posted.one("form")):
            sentence = "That form is of another session. Open the page again; nothing was done."
            raise TurnedAway(403, "Not from this page", sentence)
