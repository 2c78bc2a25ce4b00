"""x"""

from tests.builders import House
from engine.scorecard.digests import content_of, make_due
from engine.scorecard.weeks import week_of
from notifications.mail.digest import digest_page
from notifications.mail.looks import as_text
from notifications.slack.digest import render_digest


def test_x(office: House) -> None:
    office.asked(order="1236")
    office.asked(amount=74000, form="f2")
    office.asked(order="9999", form="f3")
    office.work()
    b = office.deployment.businesses["morning"]
    with office.deployment.database.transaction("morning") as unit:
        d = content_of(unit, b, b.company.portfolios[0], week_of(unit.now, "America/New_York"))
    print(as_text(digest_page(d)))
    print(render_digest(d))
    office.wait(7 * 86400)
    office.sweep()
    office.sweep()
    print(
        office.rows("select name, manager, made_at from digest"),
        office.rows("select message, dedupe, person from outbox where message='digest'"),
    )
    assert 0
