"""Answers users.* and auth.*: who is who, and who the app is."""

from sandbox.config import Member
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.webapi.arguments import required


def auth_test(team: Team, _: Json) -> Json:
    """https://docs.slack.dev/reference/methods/auth.test."""
    app = team.config.app
    return {
        "url": f"https://{team.config.domain}.slack.com/",
        "team": team.config.name,
        "team_id": team.config.id,
        "user": app.name.lower(),
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def api_test(_: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/api.test."""
    if args.get("error"):
        raise Refused(str(args["error"]))
    return {"args": args}


def info(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/users.info."""
    wanted = required(args, "user")
    if wanted == team.config.app.bot_user_id:
        return {"user": _bot(team)}
    return {"user": _described(team, team.person(wanted))}


def lookup_by_email(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/users.lookupByEmail: deactivated people are not found."""
    wanted = required(args, "email").lower()
    for member in team.config.users:
        if member.email.lower() == wanted and not member.deleted:
            return {"user": _described(team, member)}
    raise Refused("users_not_found")


def list_people(team: Team, _: Json) -> Json:
    """https://docs.slack.dev/reference/methods/users.list."""
    shown = [_described(team, member) for member in team.config.users]
    return {"members": [*shown, _bot(team)], "response_metadata": {"next_cursor": ""}}


def _described(team: Team, member: Member) -> Json:
    """https://docs.slack.dev/reference/objects/user-object."""
    common: Json = {"id": member.id, "team_id": team.config.id, "name": member.name, "deleted": member.deleted}
    profile = {"real_name": member.real_name, "display_name": member.name, "email": member.email}
    common |= {"profile": profile, "is_bot": False, "is_app_user": False}
    if member.deleted:
        return common
    return common | {"real_name": member.real_name, "tz": member.tz, "is_admin": False, "is_restricted": False}


def _bot(team: Team) -> Json:
    app = team.config.app
    profile = {"real_name": app.name, "display_name": "", "bot_id": app.bot_id, "api_app_id": app.id}
    common: Json = {"id": app.bot_user_id, "team_id": team.config.id, "name": app.name.lower(), "deleted": False}
    return common | {"real_name": app.name, "profile": profile, "is_bot": True, "is_app_user": False, "tz": "UTC"}
