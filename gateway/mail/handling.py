"""Decides what becomes of a kept letter, in this order: can it be read, did a person write it, who, and what for."""

from typing import Any

from sqlalchemy import select

from contracts.vocabulary import Became
from engine.deployment import Deployment
from gateway.mail.absence import on_absence
from gateway.mail.addressing import Purpose, chosen, purpose_of
from gateway.mail.asking import on_request
from gateway.mail.bounces import on_report
from gateway.mail.case import Case, first_of
from gateway.mail.config import MailConfig
from gateway.mail.deciding import on_reply
from gateway.mail.deciding_several import on_list_reply
from gateway.mail.machines import written_by_machine
from gateway.mail.parsing import Unreadable, read_letter
from gateway.mail.proof import Envelope, Proven, Unproven, prove
from gateway.mail.waiting import asks_what_waits, on_what_waits
from storage import deliveries
from storage.database import Unit
from storage.deliveries import Delivery
from storage.directory import Person, person_by_email
from storage.letters import raw_letter
from storage.tables.traffic import deliveries as rows

NOBODY_READS = (
    "Nobody reads this address, so nothing came of your letter. To ask for work, write to a lane's address: {lanes}."
)


def handle(deployment: Deployment, config: MailConfig, delivery: Delivery) -> None:
    """Handle one letter, once; raises NamesAway and what storage raises, and then it is looked at again."""
    raw = _to_read(deployment, delivery)
    if raw is None:
        return
    try:
        letter = read_letter(raw)
    except Unreadable as error:
        _set_aside(deployment, delivery, str(error))
        return
    purpose = _purpose(deployment, config, delivery)
    if purpose is None:
        _set_aside(deployment, delivery, "it is addressed to two things at once, or to nothing of ours any more")
        return
    _sort(Case(deployment, config, delivery, letter, purpose), raw)


def _to_read(deployment: Deployment, delivery: Delivery) -> bytes | None:
    """The letter's bytes, unless it is handled or is a copy of one that was taken (or will be, within seconds)."""
    with deployment.database.transaction(delivery.company) as unit:
        if not deliveries.begin_handling(unit, delivery.key):
            return None
        copied = first_of(delivery.key) != delivery.key and _goes_with_the_first(unit, delivery)
        return None if copied else raw_letter(unit, delivery.body["letter"])


def _goes_with_the_first(unit: Unit, delivery: Delivery) -> bool:
    """Settle a copy of a letter that was taken; False when the first copy was nobody's, so that this one counts."""
    first = (rows.c.company == unit.company) & (rows.c.key == first_of(delivery.key))
    found = unit.connection.execute(select(rows).where(first)).one()
    if found.handled_at is not None and found.became != Became.QUARANTINE:
        why = "a copy of a letter that came before"
        deliveries.handled(unit, delivery.key, became=Became.IGNORED, reference=found.reference, why=why)
    return bool(found.became != Became.QUARANTINE)


def _set_aside(deployment: Deployment, delivery: Delivery, why: str) -> None:
    with deployment.database.transaction(delivery.company) as unit:
        if deliveries.begin_handling(unit, delivery.key):
            deliveries.handled(unit, delivery.key, became=Became.QUARANTINE, why=why)


def _purpose(deployment: Deployment, config: MailConfig, delivery: Delivery) -> Purpose | None:
    found = [purpose_of(config, deployment.businesses, one) for one in delivery.body["rcpt_to"]]
    return chosen([one for one in found if one is not None and one.company == delivery.company])


def _sort(case: Case, raw: bytes) -> None:
    envelope = _envelope(case.delivery.body)
    if case.letter.is_report:
        on_report(case)
        return
    machine = written_by_machine(case.letter, envelope.mail_from, lambda address: _is_ours(case, address))
    if machine is not None:
        if not on_absence(case, raw, envelope):
            case.settle_alone(Became.IGNORED, machine)
        return
    proof = prove(case.letter, raw, envelope, case.config.trust, case.config.names)
    person = _person(case, proof) if isinstance(proof, Proven) else None
    if person is None or not person.active:
        case.settle_alone(Became.QUARANTINE, _why(proof, person))
        return
    _bring(case, person)


def _envelope(body: Any) -> Envelope:
    return Envelope(body["mail_from"], body["relay"], helo=body["helo"], by_smtp=body["by_smtp"])


def _is_ours(case: Case, address: str) -> bool:
    return purpose_of(case.config, case.deployment.businesses, address) is not None


def _person(case: Case, proof: Proven) -> Person | None:
    with case.deployment.database.transaction(case.company) as unit:
        return person_by_email(unit, proof.address)


def _why(proof: Proven | Unproven, person: Person | None) -> str:
    if isinstance(proof, Unproven):
        return f"nobody knows who sent it: {proof.why}"
    return "its sender is not active any more" if person else "nobody of the company has its sender's address"


def _bring(case: Case, person: Person) -> None:
    purpose = case.purpose
    if asks_what_waits(case):
        on_what_waits(case, person)
    elif purpose.token is not None and purpose.token.letter is not None:
        on_list_reply(case, person, purpose.token)
    elif purpose.token is not None:
        on_reply(case, person, purpose.token)
    elif purpose.lane is not None:
        on_request(case, person, case.business.lanes[purpose.lane])
    else:
        _nobody_reads(case, person)


def _nobody_reads(case: Case, person: Person) -> None:
    lanes = ", ".join(
        f"{lane}@{case.business.company.mail_domain}"
        for lane, loaded in case.business.lanes.items()
        if not loaded.only_observes
    )
    with case.deployment.database.transaction(case.company) as unit:
        if deliveries.begin_handling(unit, case.delivery.key):
            case.answer_seldom(unit, person, NOBODY_READS.format(lanes=lanes))
            case.settle(unit, Became.IGNORED, why="it came to the address that our own letters come from")
    case.deployment.wakeups.courier()
