"""Answers views.*: the app opens, changes, stacks and publishes views."""

from sandbox.blockkit.check import check_view
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.webapi.arguments import required


def open_view(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/views.open.

    A refused view leaves the trigger unused, so that a corrected one can still be opened in time.
    """
    trigger_id = required(args, "trigger_id")
    definition = check_view(args.get("view"), kind="modal")
    trigger = team.tickets.exchange(trigger_id)
    return {"view": team.views.as_slack(team.views.open(trigger.user, definition))}


def push(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/views.push."""
    trigger_id = required(args, "trigger_id")
    definition = check_view(args.get("view"), kind="modal")
    trigger = team.tickets.exchange(trigger_id)
    return {"view": team.views.as_slack(team.views.push(trigger.user, definition))}


def update(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/views.update."""
    if not args.get("view_id") and not args.get("external_id"):
        raise Refused("invalid_arguments", "missing required field: view_id")
    view = team.views.find(view_id=args.get("view_id"), external_id=args.get("external_id"))
    definition = check_view(args.get("view"), kind=view.definition["type"])
    team.views.check_hash(view, args.get("hash"))
    return {"view": team.views.as_slack(team.views.update(view, definition))}


def publish(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/views.publish."""
    user = team.person(required(args, "user_id")).id
    definition = check_view(args.get("view"), kind="home")
    return {"view": team.views.as_slack(team.views.publish(user, definition, expected_hash=args.get("hash")))}
