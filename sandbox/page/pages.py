"""Serves the page: once whole, then in pieces as things change."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from sandbox.blockkit.inputs import chosen_options, chosen_texts, options_of
from sandbox.config import Member
from sandbox.page import mrkdwn, rich_text
from sandbox.page.looking import sight_of
from sandbox.refusals import Refused
from sandbox.team import Team, World

HERE = Path(__file__).parent
# Nothing from elsewhere runs or is loaded, but pictures that messages show.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: http: https:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PIECES = ("places", "messages", "home", "modal")


class Pages:
    """Renders what one person sees of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._templates = _environment()

    async def whole(self, request: Request) -> Response:
        """`/?team=…&as=…&channel=…&tab=…`; without `as`, the choice of whom to be."""
        asked = request.query_params
        team = self._team(asked.get("team"))
        member = _member(team, asked.get("as", ""))
        if member is None:
            return self._html("choose.html", teams=list(self._world.teams.values()), team=team)
        sight = sight_of(team, member, channel=asked.get("channel", ""), tab=asked.get("tab", ""))
        if sight.conversation.id != asked.get("channel"):
            address = request.url.include_query_params(team=team.config.id, channel=sight.conversation.id)
            return RedirectResponse(f"{address.path}?{address.query}", status_code=303)
        facts = {"teams": list(self._world.teams.values()), "revision": team.revision}
        commands = [command.model_dump() for command in team.config.app.commands]
        return self._html("page.html", sight=sight, commands=commands, **facts)

    async def news(self, team_id: str, request: Request) -> Response:
        """The pieces of the page, or 204 if nothing changed since `since`; `seen=1` marks the conversation read."""
        asked = request.query_params
        team = self._team(team_id)
        member = _member(team, asked.get("as", ""))
        if member is None:
            raise Refused("user_not_found")
        sight = sight_of(team, member, channel=asked.get("channel", ""), tab=asked.get("tab", ""))
        if asked.get("seen") == "1" and sight.tab == "messages":
            team.messages.mark_read(member.id, sight.conversation.id)
        if asked.get("since") == team.revision:
            return Response(status_code=204)
        sight = sight_of(team, member, channel=asked.get("channel", ""), tab=asked.get("tab", ""))
        pieces = {name: self._render(f"{name}.html", sight=sight) for name in _PIECES}
        return JSONResponse({"revision": team.revision, **pieces})

    def _team(self, team_id: str | None) -> Team:
        first = next(iter(self._world.teams.values()))
        return self._world.teams.get(team_id or "", first)

    def _html(self, name: str, **facts: object) -> HTMLResponse:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(self._render(name, **facts), headers=headers)

    def _render(self, name: str, **facts: object) -> str:
        return self._templates.get_template(name).render(**facts)


def routes(pages: Pages) -> APIRouter:
    """`/` and `/page/<team>/news`."""
    router = APIRouter()
    router.add_api_route("/", pages.whole, methods=["GET"], response_model=None)
    router.add_api_route("/page/{team_id}/news", pages.news, methods=["GET"], response_model=None)
    return router


def _member(team: Team, user: str) -> Member | None:
    return next((one for one in team.config.users if one.id == user and not one.deleted), None)


def _environment() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["mrkdwn"] = mrkdwn.as_html
    templates.filters["rich_text"] = rich_text.as_html
    templates.filters["options_of"] = options_of
    templates.filters["chosen"] = chosen_texts
    templates.filters["chosen_options"] = chosen_options
    templates.filters["initials"] = lambda name: "".join(word[0] for word in name.split()[:2]).upper()
    templates.filters["tint"] = lambda name: sum(name.encode()) % 6
    return templates
