"""What every request of the page passes: forms of limited size from our own pages, and answers that no other site can use."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import structlog
from fastapi import Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError

from gateway.pages.rendering import page
from notifications.page_address import HOME, onward_path

log = structlog.get_logger()

LARGEST_FORM = 64 * 1024
MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would have browsers send `Origin: null` with our own forms, which other sites can send as well.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class TurnedAway(Exception):
    """A request that comes to nothing: its status, and a heading and a sentence for whoever sent it."""

    def __init__(self, status: int, heading: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.heading = status, heading


class SignInFirst(Exception):
    """Nobody is signed in: who looks is led to the way in, a form is refused."""


def nothing_here() -> TurnedAway:
    """What does not exist, belongs to another company or to other people: the same for all."""
    return TurnedAway(404, "Nothing here for you", "There is no such page, or it is not for you to see.")


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form, in the order in which they came; a name may come several times."""

    fields: Sequence[tuple[str, str]]

    def one(self, name: str, *, longest: int = 4000) -> str:
        """The first value of a field, "" when it was not sent."""
        return next((value[:longest] for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.fields if key == name]

    def first_of_each(self) -> Mapping[str, str]:
        """The first value of each field, by name."""
        return dict(reversed(self.fields))


def _no_form() -> TurnedAway:
    return TurnedAway(400, "Not understood", "That is no form of these pages.")


async def read_form(request: Request) -> Posted:
    """The form that was posted; raises TurnedAway for what is none, or larger than any of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise TurnedAway(415, "Not understood", "Only the forms of these pages are taken here.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise TurnedAway(413, "Too long", "That is more than this page takes. Say it in fewer words.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise _no_form() from error
    if any("\x00" in value for _, value in pairs):
        raise _no_form()
    return Posted([(name, value.replace("\r\n", "\n")) for name, value in pairs])


class OwnForms:
    """Takes a form only from a page of ours: a browser says with each form from where it came."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, request: Request) -> Posted:
        """The form; raises TurnedAway."""
        if request.headers.get("origin") != self._url:
            sentence = f"Forms are taken from {self._url} alone. Open the page there and try again; nothing was done."
            raise TurnedAway(403, "Not from this page", sentence)
        return await read_form(request)


_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose answers carry our headers, and whose errors are pages with a sentence."""

    def get_route_handler(self) -> _Handler:
        """The framework's handler, with its errors made into pages."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            response = await _answer(handle, request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handled


async def _answer(handle: _Handler, request: Request) -> Response:
    try:
        return await handle(request)
    except SignInFirst:
        return _way_in(request)
    except TurnedAway as error:
        return _turned_away(error)
    except SQLAlchemyError as error:
        log.warning("database.away", path=request.url.path, error=type(error).__name__)
        return _turned_away(
            TurnedAway(503, "Not just now", "The record can't be reached. Nothing was done; try again soon.")
        )
    except (RequestValidationError, HTTPException):
        return _turned_away(_no_form())


def _turned_away(error: TurnedAway) -> Response:
    return page("turned_away.html", status=error.status, heading=error.heading, sentence=str(error), onward=HOME)


def _way_in(request: Request) -> Response:
    onward = onward_path(request.url.path)
    asked = f"?{urlencode({'next': onward})}" if onward != HOME else ""
    if request.method == "GET":
        return RedirectResponse(f"/sign-in{asked}", status_code=303)
    sentence = "You are signed out, so nothing was done. Sign in again and look at it once more."
    return page("turned_away.html", status=401, heading="Signed out", sentence=sentence, onward=f"/sign-in{asked}")
