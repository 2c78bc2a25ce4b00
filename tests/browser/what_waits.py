"""A morning on which everything that asks a person for something waits at once: decisions, a question, doubts, a wrong result."""

from contracts.vocabulary import Answer
from engine.incidents import Report, report
from tests.builders import House
from tests.integration.engine.test_silent_peers import handed_to_the_peer
from tests.integration.engine.worlds import Shop, decision_of, open_shop
from tests.integration.escalation.asking import speak

CHANGES = {
    "company.yaml": ("touching: customer\n    demands: [verification]", "touching: customer\n    demands: [cap]"),
    "lanes/enrichment/lane.yaml": ("stage: 1\n", "stage: 3\n"),
    "tools/crm.py": ('@effect("readable", look="message_by_key"', '@effect("neither", look=None'),
}
"""The example with a lane more that people may ask for, and a customer database that can't be asked what it has sent."""

SILENT, UNREAD, PAID = "4001", "4002", "4003"
OPEN, ALIKE, ASKED_BACK, OWN = "4011", "4012", "4013", "4014"
"""Orders: of a peer that said nothing, of a payment that can't be read back, of one that was paid; and those decided on."""
PROSPECT = "P-17"
QUESTION = "Which claim of the carrier do you mean, the one of 3 November or the one that they have reopened since?"
WRONG = "That's the wrong customer: it was order 1243, and the parcel had come after all, says the carrier."


def everything_waits(office: House) -> None:
    """Bring all of it about; time passes meanwhile, and no more afterwards."""
    _can_not_be_read_back(office)
    handed_to_the_peer(office, order=SILENT, form=SILENT)
    office.wait(601)
    office.sweep()
    open_shop(office)
    office.wanted("outreach", by="tomas", prospect=PROSPECT, offer="assessment")
    tasks = {order: office.asked(order=order, form=order, amount=74000) for order in (OPEN, ALIKE, ASKED_BACK, OWN)}
    paid = office.asked(order=PAID, form=PAID)
    office.work()
    speak(office, decision_of(office, tasks[ASKED_BACK]), Answer.ASK, "kwame", reason=QUESTION)
    said = Report(paid, "anna", WRONG, "slack", "said:1")
    with office.deployment.database.transaction(office.company) as unit:
        report(unit, office.deployment.businesses[office.company], said)


def _can_not_be_read_back(office: House) -> Shop:
    """A refund that was paid, and that the shop never shows."""
    shop = open_shop(office)
    shop.blind_looks = 10_000
    office.asked(order=UNREAD, form=UNREAD)
    office.work()
    for _ in range(12):
        office.wait(700)
        office.work()
    return shop
