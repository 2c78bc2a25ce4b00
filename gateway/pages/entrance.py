"""The way in and out: an address asks for a letter, a link shows whom it signs in, and only its button does."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask

from contracts.vocabulary import Message
from engine.deployment import Deployment
from gateway.pages import signing_in
from gateway.pages.doorstep import OwnForms, PageRoute, Posted
from gateway.pages.rendering import page
from gateway.pages.visitors import Visitors
from notifications.page_address import HOME, Link, PageAddress, onward_path
from storage import outbox
from storage.directory import Person, person_by_email
from storage.outbox import Letter

log = structlog.get_logger()

_LONGEST_ADDRESS = 254
"""https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3, less the brackets."""
_NO_LETTERS = (
    "Somebody asked for a letter with a link to your page, but letters don't reach you. Write /chargehand page here."
)
_Onward = Annotated[str, Query(alias="next", max_length=200)]


@dataclass(frozen=True, slots=True)
class Entrance:
    """The routes; they are plain functions, so that the framework runs them in its own threads."""

    deployment: Deployment
    address: PageAddress
    visitors: Visitors

    def routes(self) -> APIRouter:
        """Ask for a link, use it, leave."""
        router = APIRouter(route_class=PageRoute)
        form = Depends(OwnForms(self.address.url))

        def asked(request: Request, onward: _Onward = HOME) -> Response:
            return self.ask(request, onward_path(onward))

        def wanted(posted: Posted = form) -> Response:
            return self.write(posted.one("address", longest=_LONGEST_ADDRESS), onward_path(posted.one("next")))

        def shown(token: str, onward: _Onward = HOME) -> Response:
            return self.confirm(token, onward_path(onward))

        def used(token: str, request: Request, posted: Posted = form) -> Response:
            return self.enter(token, request, onward_path(posted.one("next")))

        def left(request: Request, posted: Posted = form) -> Response:
            return self.leave(request, posted)

        add = partial(router.add_api_route, response_model=None)
        add("/sign-in", asked)
        add("/sign-in", wanted, methods=["POST"])
        add("/sign-in/{token}", shown)
        add("/sign-in/{token}", used, methods=["POST"])
        add("/sign-out", left, methods=["POST"])
        return router

    def ask(self, request: Request, onward: str) -> Response:
        """The form for an address; whoever is signed in goes on."""
        if self.visitors.known(request) is not None:
            return RedirectResponse(onward, status_code=303)
        return page("sign_in.html", onward=onward)

    def write(self, address: str, onward: str) -> Response:
        """The same answer for every address, given before anybody looks whose it is."""
        response = page("letter_sent.html")
        response.background = BackgroundTask(self._write_to, address.strip(), onward)
        return response

    def _write_to(self, address: str, onward: str) -> None:
        try:
            for company in self.deployment.businesses:
                self._write_in(company, address, onward)
        except SQLAlchemyError as error:
            log.warning("page.no_letter", error=type(error).__name__)

    def _write_in(self, company: str, address: str, onward: str) -> None:
        with self.deployment.database.transaction(company) as unit:
            who = person_by_email(unit, address)
            link = signing_in.make_link_for_a_letter(unit, who) if who is not None and who.active else None
            if who is None or link is None:
                return
            details = {"sentence": _NO_LETTERS, "sign_in": link, "next": onward}
            outbox.put(unit, Letter(Message.NOTICE, f"sign_in:{link}", person=who.id, details=details))
        self.deployment.wakeups.courier()

    def confirm(self, token: str, onward: str) -> Response:
        """Whom a link would sign in, with the button that does: programs that follow links press none."""
        link = self._link(token)
        who = self._awaited(link) if link is not None else None
        if link is None or who is None:
            return _not_good(onward)
        name = self.deployment.businesses[link.company].company.name
        return page("confirm.html", person=who, company=name, token=token, onward=onward)

    def enter(self, token: str, request: Request, onward: str) -> Response:
        """Use the link up: a session begins, and the one before it in this browser ends."""
        link = self._link(token)
        if link is None or not self._used(link):
            return _not_good(onward)
        self._end(request)
        response = RedirectResponse(onward, status_code=303)
        self.visitors.cookies.begin(response, link)
        return response

    def leave(self, request: Request, posted: Posted) -> Response:
        """End the session, in the record and in the browser."""
        self.visitors.from_their_form(self.visitors.must_be_known(request), posted)
        self._end(request)
        response = RedirectResponse("/sign-in", status_code=303)
        self.visitors.cookies.end(response)
        return response

    def _link(self, token: str) -> Link | None:
        link = self.address.read(token)
        if link is None or link.company not in self.deployment.businesses:
            log.warning("page.link_refused")
            return None
        return link

    def _awaited(self, link: Link) -> Person | None:
        with self.deployment.database.transaction(link.company) as unit:
            return signing_in.awaited(unit, link.id)

    def _used(self, link: Link) -> bool:
        with self.deployment.database.transaction(link.company) as unit:
            return signing_in.sign_in(unit, link.id) is not None

    def _end(self, request: Request) -> None:
        before = self.visitors.known(request)
        if before is not None:
            with self.deployment.database.transaction(before.company) as unit:
                signing_in.sign_out(unit, before.session.id)


def _not_good(onward: str) -> Response:
    """A link that was used, is too old, is nobody's any more or was never ours: the same for all."""
    return page("link_over.html", status=410, onward=onward)
