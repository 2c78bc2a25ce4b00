"""What people read in their mailboxes, carried by a real courier over real SMTP."""

from dataclasses import replace

import pytest

from contracts.vocabulary import Answer, Message
from escalation.decisions import Voice, decide
from escalation.questions import answer_question
from notifications.mail.card import INVITATION
from notifications.mail.tokens import is_open, read, token_in
from storage.outbox import Letter
from tests.integration.notifications.mail.mail_office import ASKED, DOMAIN, MailOffice
from tests.integration.notifications.post_office import SECRET, buttons, until


def test_a_task_asked_for_by_mail_is_accepted_and_ended_in_that_thread(mail_office: MailOffice) -> None:
    mail_office.asked_by_mail(order="1001", amount=4200)

    with mail_office.courier():
        until(lambda: mail_office.letters("anna"))
        mail_office.house.work()
        until(lambda: len(mail_office.letters("anna")) == 2 and mail_office.post.all_sent())

    accepted, result = mail_office.letters("anna")
    assert "Accepted: refund of 42.00 USD for order 1001" in accepted["text"]
    assert "Done: 42.00 USD refunded for order 1001" in result["text"]
    assert "order.json" in result["text"]
    for letter in (accepted, result):
        assert letter["subject"] == "Re: Refund please"
        assert letter["in_reply_to"] == ASKED
        assert letter["references"] == ASKED
        assert letter["reply_to"] == "refunds@morning.example"
        assert letter["auto_submitted"] == "auto-replied"
        assert "42.00 USD" in letter["html"]
    assert mail_office.post.messages("anna") == []
    assert {row.team for row in mail_office.post.rows()} == {"mail"}


def test_an_approver_who_prefers_mail_gets_the_card_by_mail_and_the_others_in_slack(mail_office: MailOffice) -> None:
    mail_office.house.asked(order="1234", amount=74000)

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.letters("mei") and mail_office.post.messages("priya") and mail_office.post.all_sent())

    (card,) = mail_office.letters("mei")
    assert card["subject"] == "Refund 740.00 USD for order 1234?"
    assert " ".join(card["text"].split()).endswith(INVITATION)
    assert "Decide by" in card["text"]
    assert mail_office.post.messages("mei") == []
    assert buttons(mail_office.post.messages("priya")[0])
    token = token_in(card["reply_to"]) or ""
    said = read(SECRET, token)
    assert said is not None
    assert (said.company, said.decision, said.person) == ("morning", mail_office.decision(), "mei")
    with mail_office.house.deployment.database.transaction("morning") as unit:
        assert is_open(unit, token)


def test_the_outcome_follows_the_card_in_its_thread(mail_office: MailOffice) -> None:
    mail_office.house.asked(order="1234", amount=74000)

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.letters("mei"))
        mail_office.answer(mail_office.decision(), "priya", Answer.APPROVE, "carrier was clear")
        until(lambda: len(mail_office.letters("mei")) == 2 and mail_office.post.all_sent())

    card, outcome = mail_office.letters("mei")
    assert outcome["in_reply_to"] == card["message_id"]
    assert outcome["subject"] == "Re: Refund 740.00 USD for order 1234?"
    assert "Priya Nair approved this at" in " ".join(outcome["text"].split())
    assert "carrier was clear" in outcome["text"]
    assert outcome["reply_to"] == ""
    assert outcome["message_id"] != card["message_id"]


def test_an_answered_question_comes_with_the_card_again_and_a_mere_question_does_not(mail_office: MailOffice) -> None:
    mail_office.asked_by_mail(order="1234", amount=74000)
    database = mail_office.house.deployment.database

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.letters("mei"))
        decision = mail_office.decision()
        with database.transaction("morning") as unit:
            decide(unit, Voice(decision, "mei", Answer.ASK, "Which claim?\nAnd when?", "mail", None))
        until(lambda: len(mail_office.letters("anna")) == 2)
        until(mail_office.post.all_sent)
        before = len(mail_office.letters("mei"))
        with database.transaction("morning") as unit:
            answer_question(unit, decision=decision, person_id="anna", answer="Claim 55.", via="mail")
        until(lambda: len(mail_office.letters("mei")) == 2 and mail_office.post.all_sent())

    question = mail_office.letters("anna")[1]
    assert before == 1
    assert "> Which claim?\n> And when?" in question["text"].replace("\r\n", "\n")
    assert question["in_reply_to"] == ASKED
    asked_of = read(SECRET, token_in(question["reply_to"]) or "")
    assert asked_of is not None
    assert asked_of.person == "anna"
    again = mail_office.letters("mei")[1]
    assert "> Claim 55." in again["text"]
    assert again["in_reply_to"] == mail_office.letters("mei")[0]["message_id"]
    assert again["reply_to"] == mail_office.letters("mei")[0]["reply_to"]


def test_a_reminder_is_a_letter_in_the_card_s_thread(mail_office: MailOffice) -> None:
    mail_office.house.asked(order="1234", amount=74000)

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.letters("mei") and mail_office.post.all_sent())
        mail_office.house.wait(3700)
        mail_office.house.sweep()
        until(lambda: len(mail_office.letters("mei")) == 2)

    card, reminder = mail_office.letters("mei")
    assert "Still waiting for you: Refund 740.00 USD for order 1234?" in reminder["text"]
    assert reminder["in_reply_to"] == card["message_id"]
    assert reminder["reply_to"] == card["reply_to"]


def test_a_sentence_answers_the_letter_that_it_is_about(mail_office: MailOffice) -> None:
    about = {"in_reply_to": "<2@x.example>", "references": ["<1@x.example>"], "subject": "re: RE: a refund"}
    details = {"sentence": "Which order?\n\norder: 1234\namount: 42.00", "mail": about}

    with mail_office.courier():
        mail_office.post.put(Letter(Message.NOTICE, "missing", person="anna", details=details))
        until(lambda: mail_office.letters("anna"))

    (letter,) = mail_office.letters("anna")
    assert letter["subject"] == "Re: a refund"
    assert letter["in_reply_to"] == "<2@x.example>"
    assert letter["references"] == "<1@x.example> <2@x.example>"
    assert "Which order?\n\norder: 1234\namount: 42.00" in letter["text"].replace("\r\n", "\n")


def test_what_has_a_button_or_is_meant_for_slack_goes_there_although_mail_is_preferred(mail_office: MailOffice) -> None:
    mail_office.house.asked(order="1234", amount=74000)
    button = {"sentence": "Open it.", "button": {"label": "Open", "action": "request.open", "value": "{}"}}

    with mail_office.courier():
        mail_office.post.put(Letter(Message.NOTICE, "button", person="mei", details=button))
        mail_office.house.work()
        until(lambda: mail_office.letters("mei"))
        row = mail_office.post.rows(message="card", person="mei")[0]
        again = Letter(Message.CARD, "card:slack", "mei", row.task, row.decision, {"surface": "slack"})
        mail_office.post.put(again)
        until(lambda: len(mail_office.post.messages("mei")) == 2)

    assert buttons(mail_office.post.messages("mei")[0]) == ["request.open"]
    assert "decision.approve" in buttons(mail_office.post.messages("mei")[1])
    assert len(mail_office.letters("mei")) == 1


def test_a_second_courier_sends_no_second_letter(mail_office: MailOffice) -> None:
    with mail_office.courier(), mail_office.courier():
        for number in range(12):
            mail_office.post.notice(f"Sentence {number}.", to="mei", name=f"notice-{number}")
        until(lambda: len(mail_office.letters("mei")) >= 12 and mail_office.post.all_sent())

    subjects = [letter["subject"] for letter in mail_office.letters("mei")]
    assert sorted(subjects) == sorted(f"Sentence {number}." for number in range(12))
    ids = {letter["message_id"] for letter in mail_office.letters("mei")}
    assert len(ids) == 12
    assert all(one.endswith(f".morning@{DOMAIN}>") for one in ids)


def test_text_from_people_adds_no_header_and_no_markup(mail_office: MailOffice) -> None:
    hostile = "Refund\r\nBcc: eve@evil.example\r\n\r\n<script>alert(1)</script>"
    mail_office.asked_by_mail(order="1001", amount=4200, subject=hostile, reason="<img src=x onerror=alert(1)>")

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: len(mail_office.letters("anna")) == 2)

    for letter in mail_office.letters("anna"):
        names = [name for name, _ in letter["headers"]]
        assert "Bcc" not in names
        assert len(names) == len(set(names))
        assert letter["rcpt_to"] == ["anna@morning.example"]
        assert "<script" not in letter["html"]
        assert len(letter["subject"]) <= 78


@pytest.mark.parametrize(
    ("of_company", "of_workspace", "name"),
    [("Morning", None, "Morning"), (None, "Care & Co", "Care & Co"), (None, None, "The morning company")],
)
def test_a_letter_comes_under_the_brand_that_holds_for_its_lane(
    mail_office: MailOffice,
    monkeypatch: pytest.MonkeyPatch,
    of_company: str | None,
    of_workspace: str | None,
    name: str,
) -> None:
    deployment = mail_office.house.deployment
    business = deployment.businesses["morning"]
    first, *others = business.company.workspaces
    assert business.lanes["refunds"].lane.portfolio in [one.id for one in first.portfolios]
    spaces = (first.model_copy(update={"brand": of_workspace}), *others)
    company = business.company.model_copy(update={"brand": of_company, "workspaces": spaces})
    monkeypatch.setitem(deployment.businesses, "morning", replace(business, company=company))
    mail_office.asked_by_mail(order="1001", amount=4200)

    with mail_office.courier():
        until(lambda: mail_office.letters("anna"))

    assert mail_office.letters("anna")[0]["from"].partition(" <")[0] == name
