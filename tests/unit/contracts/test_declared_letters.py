"""Letters and messages in Slack that are declared without code: what is told of those that can't be, and what comes of the others."""

import pytest

from contracts.authoring import lists_of, operations_of
from contracts.systems.mail import domain_of, sender_of
from contracts.vocabulary import BlastRadius, EffectClass
from tests.unit.contracts.small_business import small_business, told
from tests.unit.contracts.test_declared_systems import TILL, declared

POST = (
    TILL
    + """\
  post:
    title: Letters to customers
    mail:
      url: POST_SMTP
      sender: The corner <care@corner.example>
      copies: {url: POST_IMAP, to: copies@corner.example}
      effects:
        tell:
          blast: customer
          takes: {customer: text, sale: text}
          personal: [customer]
          to: "{customer}"
          domains: [mail.example]
          subject: Your sale {sale}
          body: "It is on its way."
          reply_to: help@corner.example
          lag: 20s
"""
)
TEAM = (
    TILL
    + """\
  team:
    title: Our Slack
    slack:
      token: TEAM_TOKEN
      effects:
        note:
          blast: record
          takes: {sale: text}
          channel: C0COUNTER
          text: Sale {sale} has a discount.
      deletes:
        retract: {of: note}
"""
)


def test_a_letter_is_readable_where_its_copies_are_kept() -> None:
    business = small_business(company=declared(till=POST))

    tell = operations_of(business.tools["post"])["tell"]
    assert (tell.effect_class, tell.look, tell.blast) == (EffectClass.READABLE, "tell_by_key", BlastRadius.CUSTOMER)
    assert (tell.settle_s, tell.timeout_s, tell.recipients, tell.dated) == (20.0, 20.0, 1, True)
    assert lists_of(business.tools["post"]) == {"tell": "tell_keys"}


def test_a_letter_reaches_one_person_whatever_it_touches() -> None:
    post = POST.replace("blast: customer\n          takes: {customer", "blast: record\n          takes: {customer")

    assert operations_of(small_business(company=declared(till=post)).tools["post"])["tell"].recipients == 1


def test_a_letter_that_nobody_can_look_for_is_never_repeated() -> None:
    blind = POST.replace("      copies: {url: POST_IMAP, to: copies@corner.example}\n", "").replace(
        "          lag: 20s\n", ""
    )

    tell = operations_of(small_business(company=declared(till=blind)).tools["post"])["tell"]

    assert (tell.effect_class, tell.look) == (EffectClass.NEITHER, None)


def test_a_message_is_readable() -> None:
    note = operations_of(small_business(company=declared(till=TEAM)).tools["team"])["note"]

    assert (note.effect_class, note.look, note.settle_s) == (EffectClass.READABLE, "note_by_key", 10.0)


def test_a_message_is_taken_back_by_an_effect_that_takes_its_reference() -> None:
    tool = small_business(company=declared(till=TEAM)).tools["team"]

    retract = operations_of(tool)["retract"]
    assert (retract.effect_class, retract.look, retract.records) == (EffectClass.READABLE, "retract_by_key", 1)
    assert tool.retract.__annotations__["reference"] is str  # type: ignore[attr-defined]


MISTAKES = [
    pytest.param('to: "{customer}"', 'to: "{custmer}"', "{custmer} is not taken. Did you mean customer?", id="to"),
    pytest.param("Your sale {sale}", "Your sale", "{sale} is not sent", id="an argument that is not sent"),
    pytest.param("Your sale {sale}", '"Your sale\\n{sale}"', "a subject is one line", id="a subject of two lines"),
    pytest.param(
        "          domains: [mail.example]\n",
        "",
        "it could go to anybody. Name the domains that it may go to",
        id="letters to anybody",
    ),
    pytest.param(
        "domains: [mail.example]",
        "domains: [care@mail.example]",
        "care@mail.example is no domain. Write what stands behind the @",
        id="an address as a domain",
    ),
    pytest.param(
        'to: "{customer}"',
        'to: "{customer}, {sale}"',
        "{customer}, {sale} is no address. Write one address, or one argument that is an address",
        id="two readers",
    ),
    pytest.param(
        'to: "{customer}"', "to: boss@corner.example", "it goes to one address only. Leave the domains out.", id="both"
    ),
    pytest.param(
        "{customer: text,", "{customer: text?,", "an address is a text. Type it so: text.", id="a null address"
    ),
    pytest.param("{customer: text,", "{customer: integer,", "an address is a text", id="a number as an address"),
    pytest.param("{customer: text,", "{since: text, customer: text,", "since is a name of ours", id="a name of ours"),
    pytest.param("{url: POST_IMAP, to: copies@corner.example}", "null", "nobody looks, so nothing lags", id="lag"),
    pytest.param(
        "url: POST_SMTP",
        "url: smtp://me:secret@mail.example",
        "this is no name of an environment variable",
        id="a secret in the file",
    ),
    pytest.param(
        "sender: The corner <care@corner.example>", "sender: The corner", "The corner is no sender", id="no sender"
    ),
    pytest.param("reply_to: help@corner.example", "reply_to: Help", "Help is no address. Write it bare", id="answers"),
    pytest.param("to: copies@corner.example", "to: copies", "copies is no address", id="copies to nobody"),
    pytest.param("personal: [customer]", "personal: [custmer]", "there is no custmer", id="a personal field"),
    pytest.param("blast: customer\n          takes: {customer", "takes: {customer", "blast", id="no blast"),
    pytest.param("lag: 20s", "class: keyed", "class", id="a class that is not to be chosen"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES)
def test_a_letter_that_can_not_be_as_it_is_declared_is_told_at_its_place(old: str, new: str, expected: str) -> None:
    found = told(company=declared(old, new, till=POST))

    assert any(expected in one for one in found), found
    assert all("secret" not in one for one in found)


SLACK_MISTAKES = [
    pytest.param("{of: note}", "{of: nte}", "there is no effect nte. Did you mean note?", id="a deletion of nothing"),
    pytest.param("retract:", "note:", "note is the name of an effect. Name it otherwise.", id="a name twice"),
    pytest.param(
        "channel: C0COUNTER",
        'channel: "#counter"',
        "#counter is no id of a channel. Write the id of a channel or a person",
        id="a name of a channel",
    ),
    pytest.param("Sale {sale}", "Sale {sle}", "{sle} is not taken. Did you mean sale?", id="a place of nothing"),
    pytest.param("Sale {sale}", "A sale", "{sale} is not sent", id="an argument that is not sent"),
    pytest.param("{sale: text}", "{sale: text, since: instant}", "since is a name of ours", id="a name of ours"),
    pytest.param(
        "token: TEAM_TOKEN", "token: xoxb-secret", "this is no name of an environment variable", id="a secret"
    ),
    pytest.param(
        "    slack:\n", "    files: {root: /srv}\n    slack:\n", "declared by files and slack", id="two kinds"
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), SLACK_MISTAKES)
def test_a_message_that_can_not_be_as_it_is_declared_is_told_at_its_place(old: str, new: str, expected: str) -> None:
    found = told(company=declared(old, new, till=TEAM))

    assert any(expected in one for one in found), found
    assert all("secret" not in one for one in found)


def test_a_mistake_of_a_letter_stands_at_its_line() -> None:
    found = told(company=declared("domains: [mail.example]", "domains: [mail]", till=POST))

    assert len(found) == 1
    assert found[0].startswith(
        "company.yaml:54:21 systems › post › mail › effects › tell › domains › #1 | mail is no domain"
    )


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("care@corner.example", "corner.example"),
        ("Care.Of+x@Corner.EXAMPLE", "corner.example"),
        ("care@corner", None),
        (".care@corner.example", None),
        ("care.@corner.example", None),
        ("ca..re@corner.example", None),
        ("care@corner.example\n", None),
        ("care@-corner.example", None),
        ("a@b@corner.example", None),
        ("cäre@corner.example", None),
        (f"{'a' * 65}@corner.example", None),
        (f"a@{'b' * 250}.example", None),
        ("", None),
    ],
)
def test_only_what_mail_takes_is_an_address(address: str, domain: str | None) -> None:
    assert domain_of(address) == domain


def test_a_sender_has_a_name_or_none() -> None:
    assert sender_of("The corner <care@corner.example>") == ("The corner", "care@corner.example")
    assert sender_of("care@corner.example") == ("", "care@corner.example")
