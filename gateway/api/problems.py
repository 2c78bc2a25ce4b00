"""Errors of the API as problem details (RFC 9457), the same shape for all of them."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "Not understood",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    409: "Not possible now",
    422: "Not complete",
}


class Problem(Exception):
    """A request that can't be carried out; `str()` is a sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def problem(status: int, sentence: str) -> Response:
    """The answer: title, status, and what is wrong in a sentence."""
    document = {"title": _TITLES.get(status, "Refused"), "status": status, "detail": sentence}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(document, status_code=status, media_type=MEDIA_TYPE, headers=headers)


_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A route whose errors, ours and the framework's, are problem details."""

    def get_route_handler(self) -> _Handler:
        """The framework's handler, with its errors put into that shape."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as error:
                return problem(error.status, str(error))
            except RequestValidationError as error:
                return problem(422, _mistakes(error))
            except HTTPException as error:
                return problem(error.status_code, str(error.detail))

        return handled


def _mistakes(error: RequestValidationError) -> str:
    """Where each mistake is and what is wrong there; never what was given."""
    told = (f"{'.'.join(map(str, one['loc'][1:])) or one['loc'][0]}: {one['msg']}" for one in error.errors())
    return "; ".join(told)
