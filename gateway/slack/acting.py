"""Says who acts in Slack, and turns away whom the company does not know."""

from slack_sdk import WebClient

from gateway.identity import Stranger, identify
from gateway.slack.case import Case
from gateway.slack.telling import tell
from storage.directory import Person


def acting(case: Case, client: WebClient) -> Person | None:
    """The person who acts; None for a stranger, who is told so, and whose delivery is settled with that."""
    person = identify(case.deployment, case.actor, client)
    if isinstance(person, Stranger):
        case.ignore("nobody whom the company knows")
        tell(case, client, person.sentence, person=None)
        return None
    return person
