"""Puts the gateway together: one ASGI application over the deployment that it is given."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import anyio
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from engine.auditor import ROUND_S, Auditor
from engine.deployment import Deployment
from gateway import checks
from gateway.api.incidents import Incidents
from gateway.clock import Clock
from gateway.counts import Counts, make_counts
from gateway.health import conditions
from gateway.mail.config import MailConfig
from gateway.mail.mailroom import Mailroom
from gateway.mail.webhook import Webhook
from gateway.pages.door import page_routes
from gateway.slack.bolt import make_bolt
from gateway.slack.dispatch import Dispatcher
from gateway.slack.edge import RETRY_AFTER_S, Edge
from gateway.slack.fields import fields_of
from gateway.slack.receive import Reception
from gateway.slack.signatures import SigningSecret
from gateway.slack.teams import Teams
from gateway.stuck import held_lines, unmoved_lines
from notifications.page_address import PageAddress
from storage.receipts import Receipts

log = structlog.get_logger()

REFRESH_S = 2.0
FIRST_LOOK_S = 2.0
"""How long the gateway waits with its first request for the database's time; with the database away it takes none anyway."""


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """How Slack is spoken to: its signing secrets (newest first), the Web API's base address (ending in "/"), and the
    deployment's secret, which unseals installations' tokens.
    """

    signing_secrets: tuple[SigningSecret, ...]
    slack_api_url: str
    secret: str


def _none(_: Deployment) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class GatewayParts:
    """What the gateway is made of; `url` is how people's browsers reach it (no slash at the end), `test` adds the routes for
    checks from outside, `mail` the door for letters. `restored` says in a line each which records wait to be reconciled.
    """

    deployment: Deployment
    slack: SlackConfig
    url: str
    test: bool = False
    mail: MailConfig | None = None
    restored: Callable[[Deployment], list[str]] = _none


@dataclass(frozen=True, slots=True)
class _Running:
    parts: GatewayParts
    clock: Clock
    teams: Teams
    receipts: Receipts
    counts: Counts
    dispatcher: Dispatcher
    mailroom: Mailroom | None
    auditor: Auditor


def create_app(parts: GatewayParts) -> FastAPI:
    """The application; it connects to nothing before it is started.

    Raises bolt.EnvironmentLeaks, and fields.NoInput for a lane whose request model no Slack form can stand for.
    """
    for business in parts.deployment.businesses.values():
        for lane in business.lanes.values():
            fields_of(lane.request_model)
    running = _assemble(parts)
    app = FastAPI(title="Chargehand", openapi_url=None, lifespan=_lifespan(running))
    _add_routes(app, running)
    app.add_exception_handler(SQLAlchemyError, _away)
    return app


def _assemble(parts: GatewayParts) -> _Running:
    deployment, clock = parts.deployment, Clock()
    teams = Teams(deployment.database)
    bolt = make_bolt(parts.slack.slack_api_url, parts.slack.secret)
    return _Running(
        parts=parts,
        clock=clock,
        teams=teams,
        receipts=Receipts(deployment.database.engine.url),
        counts=make_counts(deployment.database, deployment.businesses),
        dispatcher=Dispatcher(deployment, teams, clock, bolt, _address_of(parts)),
        mailroom=Mailroom(deployment, parts.mail) if parts.mail else None,
        auditor=Auditor(deployment),
    )


def _address_of(parts: GatewayParts) -> PageAddress:
    """The page's address, and what signs its links."""
    return PageAddress(parts.url, parts.slack.secret)


def _add_routes(app: FastAPI, running: _Running) -> None:
    deployment = running.parts.deployment
    reception = Reception(
        businesses=deployment.businesses,
        database=deployment.database,
        receipts=running.receipts,
        teams=running.teams,
        clock=running.clock,
        bolt=running.dispatcher.bolt,
        counts=running.counts,
    )
    app.include_router(Edge(reception, running.dispatcher, running.parts.slack.signing_secrets).routes())
    if running.mailroom is not None:
        webhook = Webhook(deployment, running.mailroom.config, running.mailroom, running.clock)
        app.include_router(webhook.routes())
    app.include_router(Incidents(deployment, running.clock, running.parts.slack.secret).routes())
    for router in page_routes(deployment, _address_of(running.parts)):
        app.include_router(router)
    app.add_api_route("/healthz", lambda: PlainTextResponse("alive"), response_model=None)
    app.add_api_route("/readyz", lambda: _readiness(running), response_model=None)
    app.add_api_route("/metrics", lambda: _metrics(running.counts), response_model=None)
    if running.parts.test:
        app.include_router(checks.routes(deployment.database, deployment.businesses, running.clock))


def _readiness(running: _Running) -> Response:
    """What is stuck is told, and changes nothing of whether this process can work."""
    deployment, unmoved = running.parts.deployment, running.auditor.unmoved
    found = conditions(deployment)
    wrong = {condition.name for condition in found if condition.wrong}
    stands = unmoved_lines(one for company in unmoved.values() for one in company)
    if "database" not in wrong:  # who has waited for it once is told so at once
        stands += [*running.parts.restored(deployment), *held_lines(deployment)]
    lines = "\n".join([*(condition.line for condition in found), *stands])
    headers = {"Retry-After": RETRY_AFTER_S} if wrong else None
    return PlainTextResponse(lines + "\n", status_code=503 if wrong else 200, headers=headers)


def _metrics(counts: Counts) -> Response:
    return Response(generate_latest(counts.registry), media_type=CONTENT_TYPE_LATEST)


async def _away(request: Request, error: Exception) -> Response:
    log.warning("database.away", path=request.url.path, error=type(error).__name__)
    return JSONResponse({"error": "the database is away"}, status_code=503, headers={"Retry-After": RETRY_AFTER_S})


def _lifespan(running: _Running) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            running.dispatcher.rows.start(group)
            looked = anyio.Event()
            group.start_soon(_keep_up, running, looked)
            with anyio.move_on_after(FIRST_LOOK_S):  # signatures are judged by the database's time
                await looked.wait()
            group.start_soon(_audit, running.auditor)
            if running.mailroom is not None:
                running.mailroom.rows.start(group)
            yield
            await running.dispatcher.rows.finish()
            if running.mailroom is not None:
                await running.mailroom.rows.finish()
            group.cancel_scope.cancel()
        running.receipts.close()

    return lifespan


async def _keep_up(running: _Running, looked: anyio.Event) -> None:
    """The time and the installations change rarely; the acknowledgement path reads what this last saw."""
    while True:
        await anyio.to_thread.run_sync(_look, running)
        looked.set()
        await anyio.sleep(REFRESH_S)


def _look(running: _Running) -> None:
    try:
        running.parts.deployment.wakeups.beat("web")
        running.clock.set_by(running.parts.deployment.database)
        running.teams.refresh(running.parts.deployment.businesses)
        running.receipts.fill()
    except SQLAlchemyError as error:
        log.warning("gateway.look_failed", error=type(error).__name__)


async def _audit(auditor: Auditor) -> None:
    """From here, and not from the clock: a dead clock tells nobody that it is dead."""
    while True:
        await anyio.to_thread.run_sync(_audit_once, auditor)
        await anyio.sleep(ROUND_S)


def _audit_once(auditor: Auditor) -> None:
    try:
        if auditor.look():
            auditor.deployment.wakeups.courier()
    except SQLAlchemyError as error:
        log.warning("gateway.audit_failed", error=type(error).__name__)
