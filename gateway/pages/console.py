"""The pages of who is signed in: what waits for them, a decision, several alike, an incident. GET shows; only forms decide."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from engine.deployment import Deployment
from engine.overview import overview
from gateway.pages import deciding, incidents, several, telling
from gateway.pages.deciding import Sight
from gateway.pages.doorstep import OwnForms, PageRoute, Posted, nothing_here
from gateway.pages.rendering import page, stylesheet
from gateway.pages.several import Chosen
from gateway.pages.visitors import Visitor, Visitors
from notifications.page_address import HOME, PageAddress, decision_path, incident_path
from storage.directory import Person

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_Name = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, slots=True)
class Console:
    """The routes; they are plain functions, so that the framework runs them in its own threads."""

    deployment: Deployment
    address: PageAddress
    visitors: Visitors

    def routes(self) -> APIRouter:
        """The list, a decision, several alike, an incident, and what they all look like."""
        router = APIRouter(route_class=PageRoute)
        form, here = Depends(OwnForms(self.address.url)), Depends(self.visitors.must_be_known)

        def listed(visitor: Visitor = here) -> Response:
            return self.list(visitor)

        def shown(number: str, visitor: Visitor = here) -> Response:
            return self.show(visitor, _number(number))

        def answered(number: str, posted: Posted = form, visitor: Visitor = here) -> Response:
            return self.answer(visitor, _number(number), posted)

        def offered(lane: _Name = "", edge: _Name = "", visitor: Visitor = here) -> Response:
            return self.several(visitor, lane, edge)

        def decided(posted: Posted = form, visitor: Visitor = here) -> Response:
            return self.together(visitor, posted)

        def looked(number: str, visitor: Visitor = here) -> Response:
            return self.incident(visitor, incidents.look(self.deployment, *_of(visitor), _number(number)))

        def ended(number: str, posted: Posted = form, visitor: Visitor = here) -> Response:
            return self.end(visitor, _number(number), posted)

        add = partial(router.add_api_route, response_model=None)
        add("/", listed)
        add("/decisions/{number}", shown)
        add("/decisions/{number}", answered, methods=["POST"])
        add("/together", offered)
        add("/together", decided, methods=["POST"])
        add("/incidents/{number}", looked)
        add("/incidents/{number}", ended, methods=["POST"])
        add("/page.css", _looks)
        return router

    def list(self, visitor: Visitor) -> Response:
        """What waits, the nearest deadline first, what they called wrong, and what was decided lately."""
        with self.deployment.database.transaction(visitor.company) as unit:
            view, said = overview(self.deployment, unit, visitor.person), incidents.said_by(unit, visitor.person)
        groups = telling.groups_of(view)
        return self._page("list.html", visitor, view=view, groups=groups, called_wrong=said, link=_together)

    def show(self, visitor: Visitor, number: int) -> Response:
        """A decision as it is now."""
        begins = not visitor.said
        found = deciding.look(self.deployment, visitor.company, visitor.person, number, begins=begins)
        return self._decision(visitor, found)

    def answer(self, visitor: Visitor, number: int, posted: Posted) -> Response:
        """Take an answer; one that was taken is shown at the decision's own address, so that it is not sent twice."""
        self.visitors.from_their_form(visitor, posted)
        found = deciding.take(self.deployment, visitor.company, visitor.person, number, posted)
        return (
            self._saying(visitor, decision_path(number), found.said)
            if found.is_taken
            else self._decision(visitor, found)
        )

    def incident(self, visitor: Visitor, found: incidents.Sight) -> Response:
        """An incident as it is now."""
        told = {"notice": found.said} if found.said else {}
        facts = incidents.facts_of(found.view)
        return self._page("incident.html", visitor, status=found.status, sight=found, facts=facts, **told)

    def end(self, visitor: Visitor, number: int, posted: Posted) -> Response:
        """Close an incident or take it back; what was done is shown at its own address, so that it is not sent twice."""
        self.visitors.from_their_form(visitor, posted)
        found = incidents.take(self.deployment, *_of(visitor), number, posted)
        return (
            self._saying(visitor, incident_path(number), found.said)
            if found.is_taken
            else self.incident(visitor, found)
        )

    def several(self, visitor: Visitor, lane: str, edge: str) -> Response:
        """Those that wait at one edge of a lane, all of them ticked."""
        return self._several(visitor, lane, edge, None, status=200)

    def together(self, visitor: Visitor, posted: Posted) -> Response:
        """Decide those that are ticked, each alone."""
        self.visitors.from_their_form(visitor, posted)
        said = several.chosen(posted)
        if said.mistakes:
            return self._several(visitor, posted.one("lane"), posted.one("edge"), said, status=422)
        return self._saying(
            visitor, HOME, several.decide_together(self.deployment, visitor.company, visitor.person, said)
        )

    def _several(self, visitor: Visitor, lane: str, edge: str, said: Chosen | None, *, status: int) -> Response:
        cards = several.waiting(self.deployment, visitor.company, visitor.person, lane, edge)
        if not cards:
            return self._saying(visitor, HOME, "Nothing of this waits for you any more.")
        return self._page("together.html", visitor, status=status, cards=cards, lane=lane, edge=edge, said=said)

    def _decision(self, visitor: Visitor, found: Sight) -> Response:
        told = {"notice": found.said} if found.said else {}
        facts, behind = telling.facts_of(found.card), telling.behind(found.card)
        return self._page(
            "decision.html", visitor, status=found.status, sight=found, facts=facts, behind=behind, **told
        )

    def _page(self, template: str, visitor: Visitor, *, status: int = 200, **told: object) -> Response:
        name = self.deployment.businesses[visitor.company].company.name
        given = {"visitor": visitor, "company": name, "notice": visitor.said, "deadline": telling.deadline, **told}
        response = page(template, status=status, **given)
        if visitor.said:
            self.visitors.cookies.hush(response)
        return response

    def _saying(self, visitor: Visitor, path: str, sentence: str) -> Response:
        response = RedirectResponse(path, status_code=303)
        self.visitors.cookies.say(response, visitor.session, sentence)
        return response


def _of(visitor: Visitor) -> tuple[str, Person]:
    return visitor.company, visitor.person


def _number(given: str) -> int:
    """A decision's or an incident's number; what is none is as if it did not exist. Raises TurnedAway."""
    if not _NUMBER.fullmatch(given):
        raise nothing_here()
    return int(given)


def _together(group: telling.Group) -> str:
    return f"/together?lane={quote(group.lane)}&edge={quote(group.edge)}"


def _looks() -> Response:
    return PlainTextResponse(stylesheet(), media_type="text/css", headers={"Cache-Control": "public, max-age=300"})
