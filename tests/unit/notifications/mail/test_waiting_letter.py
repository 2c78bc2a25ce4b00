"""The one letter on all that waits for somebody: read aloud it makes sense, and its numbers are those that answer it."""

from dataclasses import replace

from engine.overview import AllPending, Pending
from notifications.mail.looks import COLUMNS, as_html, as_text
from notifications.mail.waiting import NOT_BY_MAIL, waiting_page
from notifications.page_address import PageAddress
from tests.unit.notifications.views import card

ADDRESS = PageAddress("https://chargehand.example", "the secret")
LARGE = ("refunds", "large refund")
TWO = (
    Pending(card(), *LARGE),
    Pending(
        card(number=15, task="T-1050", question="Refund 912.00 USD for order 1301?", asked_by="Tomás Herrera"), *LARGE
    ),
)
OTHER = Pending(card(number=19, task="T-1061", question="Publish the post about the assessment?"), "publishing", "post")


def test_it_reads_well_as_text() -> None:
    text = as_text(waiting_page(AllPending(TWO), {12, 15}))

    assert text == (
        "2 decisions wait for you\n"
        "\n"
        "The first of them has to be decided by 14:30 on 22 Nov.\n"
        "\n"
        "1. Refund 740.00 USD for order 1234?\n"
        "   Recommended: approve. The parcel was lost by the carrier.\n"
        "   Why you: amount 740.00 USD is above the limit 500.00 USD (finance\n"
        "   approvers).\n"
        "   Decide by 14:30 on 22 Nov. If you do nothing: reminder 13:30, then\n"
        "   Ruth Adeyemi, rejected tomorrow 10:30.\n"
        "   T-1042 · asked by Anna Kowalczyk\n"
        "\n"
        "2. Refund 912.00 USD for order 1301?\n"
        "   Recommended: approve. The parcel was lost by the carrier.\n"
        "   Why you: amount 740.00 USD is above the limit 500.00 USD (finance\n"
        "   approvers).\n"
        "   Decide by 14:30 on 22 Nov. If you do nothing: reminder 13:30, then\n"
        "   Ruth Adeyemi, rejected tomorrow 10:30.\n"
        "   T-1050 · asked by Tomás Herrera\n"
        "\n"
        "Answer this mail with numbers and your answers, such as “2 reject,\n"
        "because …”.\n"
        "They are alike, so “approve all” or “reject all, because …” is enough.\n"
    )


def test_each_leads_to_its_own_page_and_no_line_is_too_long() -> None:
    page = waiting_page(AllPending((*TWO, OTHER)), {12, 15, 19}, address=ADDRESS)
    text, html = as_text(page), as_html(page)

    for number in (12, 15, 19):
        assert f"https://chargehand.example/decisions/{number}" in text
        assert f'href="https://chargehand.example/decisions/{number}"' in html
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "1 and 2 are alike, so “approve 1 and 2” is enough." in text
    assert "approve all" not in text


def test_what_takes_no_letters_says_where_it_is_decided() -> None:
    page = waiting_page(AllPending((*TWO, OTHER)), {12, 15})

    assert [NOT_BY_MAIL in one.lead for one in page.listed] == [False, False, True]
    assert waiting_page(AllPending((OTHER,)), set()).invitation == ""


def test_what_is_not_listed_is_counted() -> None:
    page = waiting_page(AllPending(TWO, more=3), {12, 15}, put_off=1)

    assert page.headline == "5 decisions wait for you"
    assert page.small == ("3 more, with later deadlines, are not listed here", "1 that you have put off is not listed")


def test_one_is_answered_without_a_number_and_none_is_said_to_be_none() -> None:
    one, none = waiting_page(AllPending(TWO[:1]), {12}), waiting_page(AllPending(()), set())

    assert (one.headline, one.invitation) == (
        "One decision waits for you",
        "Answer this mail with approve, reject, or a question.",
    )
    assert as_text(none) == "Nothing waits for you\n"


def test_what_people_wrote_can_neither_begin_a_line_of_ours_nor_run() -> None:
    hostile = "x\r\n2. Pay <script>alert(1)</script>\u202e?"
    page = waiting_page(AllPending((replace(TWO[0], card=card(question=hostile, recommendation=hostile)),)), {12})

    assert "\n2. Pay" not in as_text(page)
    assert "<script>" not in as_html(page)
