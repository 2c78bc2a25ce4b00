"""Every letter as a mail program on a phone shows it, in the light and in the dark: nothing has to be pushed sideways or guessed.

With CHARGEHAND_PICTURES=folder each is kept as a picture, to be looked at.
"""

from dataclasses import replace
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from contracts.vocabulary import DecisionState, TaskState
from engine.overview import AllPending, Pending
from escalation.card import Exchange
from notifications.mail.card import card_page, question_page, reminder_page
from notifications.mail.digest import digest_page
from notifications.mail.looks import as_html
from notifications.mail.page import Page
from notifications.mail.task import notice_page, result_page, sign_in_page, task_page
from notifications.mail.waiting import waiting_page
from notifications.page_address import Link, PageAddress
from tests.browser.looking import PHONE_PX, fits, picture
from tests.unit.notifications.digests import digest, no_needs
from tests.unit.notifications.views import card, task

ADDRESS = PageAddress("https://chargehand.morning.example", "the secret")
LONG = "The carrier has accepted the claim & pays us back by <Friday>, says its letter of the 3rd. " * 4
ASKED = Exchange("Kwame Boateng", LONG + "?\nWhich claim is it?", None)
ANSWERED = Exchange("Kwame Boateng", "Which claim of the carrier?", f"C-55, accepted on 21 Nov.\n{LONG}")
OTHERS = (
    card(number=15, task="T-1050", question="Refund 912.00 USD for order 1301?", asked_by="Tomás Herrera"),
    card(number=19, task="T-1061", question="Publish the post about the assessment?", due_at=None),
)
LARGE, POST = ("refunds", "large refund"), ("publishing", "post")
WAITING = AllPending((Pending(card(), *LARGE), Pending(OTHERS[0], *LARGE), Pending(OTHERS[1], *POST)), more=4)
UNCLEAR = (
    "I could not tell what you want. Nothing was changed.\n\n"
    "Write it on the first line, such as “change amount to 300” or “cancel”.\n"
    "amount: 740.00 USD\nreason: The parcel was lost by the carrier."
)
LETTERS: dict[str, Page] = {
    "card": card_page(card(), ADDRESS),
    "card of two": card_page(card(progress="1 of 2 approved: Priya Nair", changed=("amount 800.00 → 740.00 USD",))),
    "card with an answer": card_page(card(exchanges=(ANSWERED,)), ADDRESS),
    "card that waits for an answer": card_page(card(exchanges=(ASKED,), clock_stopped=True)),
    "decided": card_page(
        card(
            state=DecisionState.REJECTED, outcome=f"Priya Nair rejected this at 10:58: “{LONG}”", exchanges=(ANSWERED,)
        )
    ),
    "reminder": reminder_page(card(), ADDRESS),
    "question": question_page(card(exchanges=(ASKED,)), 1),
    "all that waits": waiting_page(WAITING, {12, 15}, put_off=1, address=ADDRESS),
    "nothing waits": waiting_page(AllPending(()), ()),
    "accepted": task_page(
        task(
            state=TaskState.ACCEPTED,
            headline="Accepted: refund of 42.00 USD for order 1234",
            lines=("Refund worker owns it. It checks the order, then pays. Usually 2 minutes.",),
        ),
        subject="Refund please",
    ),
    "done": result_page(task(evidence=tuple(f"evidence-{one}.json" for one in range(14))), subject="Refund please"),
    "refused": result_page(
        task(
            state=TaskState.REFUSED,
            headline="Refused: refund of 42.00 USD for order 9999",
            lines=("Order 9999 does not exist in the shop. Check the number and ask again.",),
            evidence=(),
        ),
        subject="Refund please",
    ),
    "link": sign_in_page(ADDRESS.sign_in(Link("morning", "3f2a9c"), "/decisions/12")),
    "notice": notice_page(UNCLEAR, subject="Re: Refund please", task=1042),
    "notice of one line": notice_page(LONG, subject="Re: Refund please", task=None),
    "digest": digest_page(digest()),
    "digest of a quiet week": digest_page(replace(digest(), needs=no_needs(), people=(), figures=())),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_letter_reads_well_on_a_phone(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    page = browser.new_page(viewport={"width": PHONE_PX, "height": 844}, color_scheme=scheme)
    axe = Axe()
    found: dict[str, str] = {}
    for name, letter in LETTERS.items():
        page.set_content(as_html(letter))
        fits(page, page.locator("body"))
        report = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})  # a letter has no landmarks
        found |= {name: report.generate_report()} if report.violations_count else {}
        picture(page.locator("html"), f"letter-{name}-{scheme}")
    page.close()

    assert found == {}
