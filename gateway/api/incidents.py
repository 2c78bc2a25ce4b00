"""Incidents by HTTP: say that a result is wrong, see what was said, close it with its cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from contracts.answers import OutcomeKind
from contracts.vocabulary import CauseClass
from engine.deployment import Deployment
from engine.incidents import LONGEST, MOST_MINUTES, Closing, Heard, Report, close, report
from escalation.missing import in_vain
from gateway.api.problems import ApiRoute, Problem
from gateway.api.tokens import read
from gateway.clock import Clock
from storage import incidents as kept
from storage.directory import person
from storage.incidents import Incident, IncidentNotFound

PREFIX = "/api/v1/incidents"
_LARGEST = 2**63 - 1
_Number = Annotated[int, Path(ge=1, le=_LARGEST)]
_Minutes = Annotated[int, Field(ge=0, le=MOST_MINUTES)]
_Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
_Bearer = Annotated[str | None, Header(alias="Authorization", max_length=1000)]
_STATUS: Mapping[OutcomeKind, int] = {
    OutcomeKind.UNKNOWN: 404,
    OutcomeKind.INACTIVE: 403,
    OutcomeKind.NOT_ENTITLED: 403,
    OutcomeKind.NOT_OFFERED: 409,
    OutcomeKind.BUSY: 409,
    OutcomeKind.INCOMPLETE: 422,
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wrong(_Body):
    """That a task's result is wrong: `wrong` in words, `cause` and `minutes` as far as they are known."""

    task: str = Field(pattern=r"^T-[0-9]{1,15}$", examples=["T-1042"])
    wrong: str = Field(min_length=1, max_length=LONGEST)
    cause: CauseClass | None = None
    minutes: _Minutes | None = None


class Ending(_Body):
    """Why it was wrong, and how many minutes it took people to put right."""

    cause: CauseClass | None = None
    minutes: _Minutes | None = None
    because: str = Field(default="", max_length=LONGEST)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, proven by their token."""

    company: str
    person: str


@dataclass(frozen=True, slots=True)
class Incidents:
    """The routes; they are plain functions, so that the framework runs them in its own threads."""

    deployment: Deployment
    clock: Clock
    secret: str

    def routes(self) -> APIRouter:
        """Report, list, look and close."""
        router = APIRouter(prefix=PREFIX, route_class=ApiRoute)
        known = Depends(self.caller)

        def said(wrong: Wrong, key: _Key = None, caller: Caller = known) -> Response:
            return self.report(wrong, _given(key), caller)

        def listed(
            state: Literal["open", "all"] = "all",
            before: Annotated[int | None, Query(ge=1, le=_LARGEST)] = None,
            limit: Annotated[int, Query(ge=1, le=200)] = 50,
            caller: Caller = known,
        ) -> Response:
            return self.list(caller, only_open=state == "open", before=before, limit=limit)

        def looked(number: _Number, caller: Caller = known) -> Response:
            return self.look(number, caller)

        def closed(number: _Number, ending: Ending, key: _Key = None, caller: Caller = known) -> Response:
            _given(key)
            return self.close(number, ending, caller)

        add = partial(router.add_api_route, response_model=None)
        add("", said, methods=["POST"], status_code=201, summary="Say that a result is wrong")
        add("", listed, summary="What was said, the newest first")
        add("/{number}", looked, summary="One incident")
        add("/{number}/close", closed, methods=["POST"], summary="Close one with its cause")
        return router

    def caller(self, authorization: _Bearer = None) -> Caller:
        """Who the token is for, if they are active; raises Problem."""
        scheme, _, given = (authorization or "").partition(" ")
        token = read(self.secret, given.strip(), now=self.clock.now()) if scheme.lower() == "bearer" else None
        if token is None or token.company not in self.deployment.businesses:
            raise Problem(401, "Send a token: Authorization: Bearer …. `chargehand token PERSON` makes one.")
        with self.deployment.database.transaction(token.company) as unit:
            who = person(unit, token.person)
        if who is None or not who.active:
            raise Problem(401, "The token is for nobody who is active here.")
        return Caller(token.company, who.id)

    def report(self, wrong: Wrong, key: str, caller: Caller) -> Response:
        """201 with the incident; 200 for a copy, or more words on one that is open."""
        task, delivery = int(wrong.task.removeprefix("T-")), f"api:{key}"
        said = Report(task, caller.person, wrong.wrong, "api", delivery, wrong.cause, wrong.minutes)
        business = self.deployment.businesses[caller.company]
        with self.deployment.database.transaction(caller.company) as unit:
            before = kept.of_delivery(unit, person=caller.person, delivery=delivery)
            if before is not None and (before.task, before.sentence) != (task, wrong.wrong.strip()):
                raise Problem(422, "This Idempotency-Key came before, with another report.")
            heard = report(unit, business, said)
        return self._told(caller, heard, made=201)

    def list(self, caller: Caller, *, only_open: bool, before: int | None, limit: int) -> Response:
        """The newest first; `next` goes on from there."""
        with self.deployment.database.transaction(caller.company) as unit:
            found = kept.newest(unit, only_open=only_open, before=before, limit=limit + 1)
        page = found[:limit]
        following = page[-1].number if len(found) > limit else None
        return JSONResponse({"incidents": [document(one) for one in page], "next": following})

    def look(self, number: int, caller: Caller) -> Response:
        """One incident; raises Problem."""
        return JSONResponse(document(self._find(caller, number)))

    def close(self, number: int, ending: Ending, caller: Caller) -> Response:
        """200 with the incident, also for a copy; 409 when it was closed otherwise."""
        closing = Closing(number, caller.person, "api", ending.cause, ending.minutes, ending.because)
        with self.deployment.database.transaction(caller.company) as unit:
            heard = close(unit, self.deployment.businesses[caller.company], closing)
        if heard.kind is OutcomeKind.ALREADY and not _is_copy(self._find(caller, number), closing):
            raise Problem(409, heard.sentence)
        return self._told(caller, heard, made=200)

    def _told(self, caller: Caller, heard: Heard, *, made: int) -> Response:
        if heard.kind in _STATUS or heard.incident is None:
            raise Problem(_STATUS.get(heard.kind, 409), heard.sentence)
        self.deployment.wakeups.courier()
        status = 200 if heard.kind is OutcomeKind.ALREADY else made
        found = document(self._find(caller, heard.incident))
        return JSONResponse({**found, "says": heard.sentence}, status_code=status)

    def _find(self, caller: Caller, number: int) -> Incident:
        try:
            with self.deployment.database.transaction(caller.company) as unit:
                return kept.find(unit, number)
        except IncidentNotFound as error:
            with self.deployment.database.transaction(caller.company) as unit:
                in_vain(unit, caller.person, f"incident {number}")
            raise Problem(404, str(error)) from error


def _given(key: str | None) -> str:
    if key is None:
        raise Problem(400, "Send an Idempotency-Key, a new one for each thing that you say.")
    return key


def _is_copy(found: Incident, closing: Closing) -> bool:
    minutes = None if found.correction_s is None else found.correction_s // 60
    given = (closing.cause or found.cause, closing.minutes if closing.minutes is not None else minutes)
    same = (found.closed_by, found.because) == (closing.person, closing.because) and given == (found.cause, minutes)
    return same and not found.withdrawn


def document(one: Incident) -> dict[str, Any]:
    """An incident as JSON; moments in UTC, minutes whole."""
    return {
        "incident": one.number,
        "task": f"T-{one.task}",
        "lane": one.lane,
        "worker": one.worker,
        "state": _state(one),
        "wrong": one.sentence,
        "reported_by": one.reported_by,
        "reported_at": one.reported_at.isoformat(),
        "cause": one.cause,
        "minutes": None if one.correction_s is None else one.correction_s // 60,
        "because": one.because,
        "recurs": one.recurs,
        "closed_by": one.closed_by,
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
    }


def _state(one: Incident) -> str:
    if one.withdrawn:
        return "withdrawn"
    return "open" if one.closed_at is None else "closed"
