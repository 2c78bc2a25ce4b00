"""A step that reads and a step that enters."""

from chargehand import Desk, Proposal, worker

from .models import Count, Entered, Known


@worker
def look(request: Count, desk: Desk) -> Known:
    """Read how full the ledger is."""
    return Known(size=desk.ledger.size())


@worker
def enter(request: Count, desk: Desk) -> Proposal[Entered]:
    """Enter the number."""
    return desk.ledger.enter(amount=request.number, because="measuring")
