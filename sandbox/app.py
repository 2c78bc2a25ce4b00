"""Puts the sandbox together as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import driver, observing, team
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.deliveries import Courier, Pace
from sandbox.faults import Faults
from sandbox.keeping import Keeper
from sandbox.mail import pages as pages_of_mail
from sandbox.mail import server
from sandbox.mail.mailboxes import Mailboxes
from sandbox.mail.relay import Relay
from sandbox.page import pages
from sandbox.refusals import Refused
from sandbox.webapi import door


def create_app(
    config: Config,
    *,
    state_path: Path | None = None,
    clock: Clock | None = None,
    pace: Pace | None = None,
    smtp_port: int | None = None,
) -> ASGIApp:
    """The sandbox for these teams; `state_path` is where messages are kept, `pace` how long things may take.

    With a `smtp_port` its mail server listens there.
    """
    ticking, keeper = clock or Clock(), Keeper(state_path)
    pacing = pace or Pace()
    world = team.build(config, keeper=keeper, clock=ticking, trigger_lives_s=pacing.trigger_lives_s)
    faults = Faults(ticking)
    courier = Courier(clock=ticking, faults=faults, pace=pacing)

    mailboxes = Mailboxes(config.teams, keeper, ticking)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if smtp_port is not None:
                post = await server.listen(smtp_port, mailboxes=mailboxes, faults=faults)
                stack.callback(post.close)
            yield
        await courier.stop()
        keeper.close()

    app = FastAPI(title="Slack, played locally", openapi_url=None, lifespan=lifespan)
    app.include_router(door.routes(door.Door(world=world, faults=faults, courier=courier)))
    app.include_router(driver.routes(driver.Driver(world=world, courier=courier)))
    app.include_router(observing.routes(observing.Observer(world, courier=courier, faults=faults)))
    app.include_router(pages.routes(pages.Pages(world)))
    relay = Relay(config.mail, mailboxes, ticking) if config.mail else None
    app.include_router(pages_of_mail.routes(pages_of_mail.MailPages(mailboxes, relay)))
    app.mount("/static", StaticFiles(directory=pages.HERE / "static"))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(ValidationError, _misused)
    return _WithTransport(app)


class _WithTransport:
    """Leaves the connection's transport in the scope, so that a fault can break the connection itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with uvicorn's transport if `send` belongs to one of its cycles."""
        cycle = getattr(send, "__self__", None)
        scope["sandbox.transport"] = getattr(cycle, "transport", None)
        await self._app(scope, receive, send)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    body = error.as_slack() if isinstance(error, Refused) else {"ok": False, "error": str(error)}
    return JSONResponse(body, status_code=404)


async def _misused(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"ok": False, "error": "invalid_arguments", "why": str(error)}, status_code=422)
