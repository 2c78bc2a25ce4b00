"""The code of the triage lane's steps."""

import json

from chargehand import Desk, Deterministic, Proposal, worker

from .models import Answer, Closed, Diagnosis, SecondOpinion, Ticket, Triage, Waiting

_SIGNS = (
    ("delivery", ("parcel", "deliver", "arrive")),
    ("damage", ("broken", "damaged", "scratch")),
    ("billing", ("invoice", "charged", "refund")),
    ("question", ("how ", "when ", "?")),
)
_ENOUGH = 3


@worker
def read(request: Triage, desk: Desk) -> Ticket:
    """Read the ticket and keep what was read."""
    ticket = desk.helpdesk.ticket(number=request.ticket)
    if ticket is None:
        raise Deterministic(f"Ticket {request.ticket} does not exist in the helpdesk.")
    desk.keep("ticket.json", json.dumps(ticket, indent=2), media_type="application/json")
    return Ticket(**ticket)


@worker
def look_after(request: Triage, desk: Desk) -> Waiting:
    """See what the ticket still waits for."""
    waits_for = desk.helpdesk.waits_for(number=request.ticket)
    desk.keep("waits-for.json", json.dumps(waits_for), media_type="application/json")
    return Waiting(dependencies=waits_for)


@worker
def diagnose(ticket: Ticket, desk: Desk) -> Diagnosis:
    """Say what it is about: by the words in it, the surer the more of them agree."""
    text = f"{ticket.subject} {ticket.body}".lower()
    counted = [(sum(sign in text for sign in signs), issue) for issue, signs in _SIGNS]
    hits, issue = max(counted)
    found = Diagnosis.model_validate(
        {
            "issue": issue if hits else "unknown",
            "root_cause": ticket.subject if hits else "",
            "confidence": min(99, 60 + 20 * hits) if hits else 0,
        }
    )
    desk.keep("diagnosis.json", found.model_dump_json(indent=2), media_type="application/json")
    return found


@worker
def compare(ticket: Ticket, diagnosis: Diagnosis, desk: Desk) -> SecondOpinion:
    """See how tickets about the same were closed before: three that agree, and none that does not, make it sure."""
    closings = desk.helpdesk.closings_about(subject=ticket.subject)
    desk.keep("closings.json", json.dumps(closings, indent=2), media_type="application/json")
    alike = [one for one in closings if one["issue"] == diagnosis.issue]
    agree = len(alike) == len(closings) and len(alike) >= _ENOUGH
    return SecondOpinion(alike=len(alike), confidence=max(diagnosis.confidence, 96 if agree else 0))


@worker
def answer(ticket: Ticket, diagnosis: Diagnosis, desk: Desk) -> Answer:
    """Draft the message to the customer and save it."""
    about = f"About “{ticket.subject}”: we have found the cause ({diagnosis.root_cause}) and set it right."
    message = about if diagnosis.root_cause else ""
    desk.keep("answer.txt", message)
    return Answer(message=message)


@worker
def close(ticket: Ticket, diagnosis: Diagnosis, answer: Answer, desk: Desk) -> Proposal[Closed]:
    """Ask for the ticket to be closed with the answer."""
    because = f"The cause is known: {diagnosis.root_cause}"
    return desk.helpdesk.close(ticket=ticket.number, issue=diagnosis.issue, message=answer.message, because=because)
