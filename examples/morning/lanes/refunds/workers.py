"""The code of the refund lane's two steps."""

import json

from chargehand import Desk, Proposal, worker

from .models import Checked, Paid, Refund


@worker
def check(request: Refund, desk: Desk) -> Checked:
    """Read the order from the shop and keep what was read."""
    order = desk.shop.order(number=request.order)
    desk.keep("order.json", json.dumps(order, indent=2), media_type="application/json")
    if order is None:
        desk.note(f"Order {request.order} does not exist in the shop.")
        return Checked(found=False, number=request.order, customer="", status="missing", paid=0, paid_at=0, refunded=0)
    desk.note(f"Read order {request.order} from the shop.")
    return Checked(found=True, **order)


@worker
def pay(request: Refund, checked: Checked, desk: Desk) -> Proposal[Paid]:
    """Ask for the refund of the order that was checked."""
    return desk.shop.refund(order=checked.number, amount=request.amount, reason=request.reason, because=request.reason)
