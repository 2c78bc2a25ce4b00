"""The code of the enrichment lane's steps."""

import json

from chargehand import Desk, Deterministic, Placement, Proposal, Routing, worker

from .models import Enrich, Found, Lead, Recorded


@worker
def look(request: Enrich, desk: Desk) -> Lead:
    """Read what is known of the prospect."""
    prospect = desk.crm.prospect(number=request.prospect)
    if prospect is None:
        raise Deterministic(f"Prospect {request.prospect} does not exist.")
    desk.keep("prospect.json", json.dumps(prospect, indent=2), media_type="application/json")
    return Lead(**{name: prospect[name] for name in Lead.model_fields})


@worker
def search(lead: Lead, desk: Desk) -> Found:
    """Search what is public, and keep what was found as it was found."""
    found = desk.search.person(number=lead.id) or {"profile": "", "company": "", "email": ""}
    desk.keep("search.json", json.dumps(found, indent=2), media_type="application/json")
    if not found["email"]:
        desk.note(f"No address was found for {lead.id}.")
    return Found(**found)


@worker
def record(lead: Lead, found: Found, desk: Desk) -> Proposal[Recorded]:
    """Ask for what was found to be kept; what a person has put right is known better than by searching."""
    because = "What the search recovered is worth keeping, with or without an address."
    kept = {name: getattr(lead if name in lead.corrected else found, name) for name in ("profile", "company", "email")}
    return desk.crm.record(prospect=lead.id, **kept, version=lead.version, because=because)


@worker
def place(routing: Routing) -> Placement:
    """Hand a search on to the host with the least to do; of those with the same, to the one that the contract names first."""
    least = min(routing.candidates, key=lambda one: one.load)
    tasks = ", ".join(f"{one.runtime} {one.load}" for one in routing.candidates)
    return Placement(least.name, f"The {least.runtime} host has the least to do (tasks there: {tasks}).")
