"""Serves the mailboxes: as a page for people, and as JSON for tests."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from sandbox.mail.mailboxes import Mailboxes
from sandbox.mail.reading import Opened, opened
from sandbox.mail.relay import Relay
from sandbox.mail.writing import Answered, Written, answer_of
from sandbox.refusals import Json, Refused

HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A letter's own HTML runs nothing and loads nothing, whatever it says.
_LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class MailPages:
    """Shows mailboxes, and lets their owners write."""

    def __init__(self, mailboxes: Mailboxes, relay: Relay | None) -> None:
        self._mailboxes = mailboxes
        self._relay = relay
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True)
        self._templates.filters["clock"] = _clock
        self._templates.filters["initials"] = lambda name: "".join(word[0] for word in name.split()[:2]).upper()
        self._templates.filters["tint"] = lambda name: sum(name.encode()) % 6

    async def whole(self, request: Request) -> Response:
        """`/mail?as=address&letter=id&view=text|headers&write=1`; without `as`, the choice of whom to be."""
        asked = request.query_params
        owner = self._mailboxes.owners.get(asked.get("as", "").lower())
        if owner is None:
            return self._html("choose_mailbox.html", owners=list(self._mailboxes.owners.values()))
        letters = [opened(one) for one in reversed(self._mailboxes.of(owner.email))]
        shown = next((one for one in letters if one.letter.id == asked.get("letter")), None)
        facts = {"view": asked.get("view", "html"), "writing": asked.get("write") == "1", "said": asked.get("said", "")}
        owners = list(self._mailboxes.owners.values())
        return self._html("mail.html", owner=owner, owners=owners, letters=letters, shown=shown, **facts)

    async def letter_html(self, number: str) -> Response:
        """The letter's own HTML, alone."""
        html = opened(self._mailboxes.letter(number)).html
        headers = {"Content-Security-Policy": _LETTER_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(html or "<p>This letter has no HTML.</p>", headers=headers)

    async def letter_raw(self, number: str) -> Response:
        """The letter as it came."""
        return Response(self._mailboxes.letter(number).raw, media_type="text/plain; charset=utf-8")

    async def submit(self, request: Request) -> Response:
        """What a person wrote on the page: a new letter, or (with `letter`) an answer."""
        _refuse_strangers(request)
        form = {name: str(value) for name, value in (await request.form()).items()}
        written = self._written(form)
        answer = await self._posting().post(written)
        refused = [one for one in answer["answers"] if one["code"] != 250]
        said = f"Not delivered: {refused[0]['code'] or ''} {refused[0]['message']}" if refused else "Sent."
        back = {"as": written.sender, "letter": answer["letter"], "said": said}
        return RedirectResponse(f"/mail?{urlencode(back)}", status_code=303)

    def _written(self, form: dict[str, str]) -> Written:
        text = form.get("text", "").replace("\r\n", "\n")
        if form.get("letter"):
            answered = Answered(letter=form["letter"], text=text)
            return answer_of(answered, self._opened(answered.letter))
        fields = {name: form.get(name, "") for name in ("from", "to", "subject")}
        return Written.model_validate({**fields, "text": text})

    async def letters(self, address: str | None = None) -> list[Json]:
        """The letters of a mailbox, or of all, oldest first."""
        return [opened(one).as_json() for one in self._mailboxes.of(address)]

    async def write(self, request: Request) -> JSONResponse:
        """A letter from a person."""
        _refuse_strangers(request)
        return JSONResponse(await self._posting().post(Written.model_validate_json(await request.body())))

    async def answer(self, request: Request) -> JSONResponse:
        """A person's answer to a letter in their mailbox."""
        _refuse_strangers(request)
        answered = Answered.model_validate_json(await request.body())
        return JSONResponse(await self._posting().post(answer_of(answered, self._opened(answered.letter))))

    def _opened(self, number: str) -> Opened:
        return opened(self._mailboxes.letter(number))

    def _posting(self) -> Relay:
        if self._relay is None:
            raise Refused("no_mail_server")
        return self._relay

    def _html(self, name: str, **facts: object) -> HTMLResponse:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(self._templates.get_template(name).render(**facts), headers=headers)


def routes(pages: MailPages) -> APIRouter:
    """`/mail` for people, `/sandbox/mail/…` for tests."""
    router = APIRouter()
    router.add_api_route("/mail", pages.whole, methods=["GET"], response_model=None)
    router.add_api_route("/mail", pages.submit, methods=["POST"], response_model=None)
    router.add_api_route("/mail/letters/{number}/html", pages.letter_html, methods=["GET"], response_model=None)
    router.add_api_route("/mail/letters/{number}/raw", pages.letter_raw, methods=["GET"], response_model=None)
    router.add_api_route("/sandbox/mail/letters", pages.letters, methods=["GET"])
    router.add_api_route("/sandbox/mail/write", pages.write, methods=["POST"])
    router.add_api_route("/sandbox/mail/answer", pages.answer, methods=["POST"])
    return router


def _refuse_strangers(request: Request) -> None:
    """Another site's page must not write letters as our people."""
    origin = request.headers.get("origin")
    if origin not in (None, f"{request.url.scheme}://{request.url.netloc}"):
        raise Refused("foreign_page")


def _clock(at: float, zone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%-d %b, %H:%M")
