"""The code of the outreach lane's steps."""

import json

from chargehand import Desk, Deterministic, Proposal, worker

from .models import Lead, Letter, Outreach, Sent


@worker
def look(request: Outreach, desk: Desk) -> Lead:
    """Read what is known of the prospect."""
    prospect = desk.crm.prospect(number=request.prospect)
    if prospect is None:
        raise Deterministic(f"Prospect {request.prospect} does not exist.")
    desk.keep("prospect.json", json.dumps(prospect, indent=2), media_type="application/json")
    return Lead(**{name: prospect[name] for name in Lead.model_fields})


@worker
def write(request: Outreach, lead: Lead, desk: Desk) -> Letter:
    """Write the message from the template of the offer."""
    template = desk.crm.template(offer=request.offer)
    if template is None:
        raise Deterministic(f"There is no template for {request.offer}.")
    calls = template["calls_to_action"]
    text = f"Dear {lead.name}, a word about {request.offer} for {lead.company}. {' '.join(calls)}"
    desk.keep("message.txt", text)
    return Letter(
        template=template["name"],
        offer=template["offer"],
        offer_approved=template["offer_approved"],
        calls_to_action=calls,
        text=text,
    )


@worker
def send(lead: Lead, letter: Letter, desk: Desk) -> Proposal[Sent]:
    """Ask for the message to be sent."""
    because = f"{lead.company} is {lead.stage}, and the offer {letter.offer} fits."
    return desk.crm.send(prospect=lead.id, template=letter.template, text=letter.text, because=because)
