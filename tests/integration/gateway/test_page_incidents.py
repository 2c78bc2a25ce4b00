"""What was said to be wrong, on the page: who answers for it finds and closes it there, who said it takes it back."""

from typing import Any

import pytest

from contracts.vocabulary import CauseClass
from notifications.page_address import onward_path
from tests.integration.engine.test_incidents import done, end, say
from tests.integration.gateway.page import Browsing, signed_in, text_of
from tests.integration.gateway.test_page_safety import trail
from tests.integration.gateway.world import World

WORDS = "The wrong <b>customer</b>."
CLOSED = {"cause": "data", "minutes": "12", "because": "Two with one name."}


@pytest.fixture
def number(world: World) -> int:
    """A paid refund of which Anna says that it is wrong."""
    return say(world.house, done(world.house, by="anna"), words=WORDS).incident or 0


def row(world: World, number: int) -> Any:
    (found,) = world.house.rows("select * from incident where number = :n", n=number)
    return found


def send(browser: Browsing, number: int, word: str, **fields: Any) -> Any:
    """Look at an incident and say something to it."""
    browser.look(f"/incidents/{number}")
    return browser.send(f"/incidents/{number}", say=word, **fields)


def test_who_answers_for_it_finds_it_with_what_is_known_and_others_do_not(world: World, number: int) -> None:
    mei, ruth, priya = (signed_in(world, who).look("/") for who in ("mei", "ruth", "priya"))
    page = text_of(signed_in(world, "mei").look(f"/incidents/{number}"))

    for shown in (text_of(mei), page):
        assert "Anna Kowalczyk says that this is wrong" in shown
        assert WORDS in shown
        assert "42.00 USD refunded for order 1234" in shown
        assert "refunds/refund-payer" in shown
        assert f"· incident {number}" in shown
    assert "<b>customer" not in mei.text
    assert "Nothing waits for you." in text_of(ruth)
    assert "Nothing waits for you." in text_of(priya)


def test_it_is_closed_there_with_its_cause_and_its_messages_say_so(world: World, number: int) -> None:
    browser = signed_in(world, "mei")

    answer = send(browser, number, "close", **CLOSED)
    after = text_of(browser.look(f"/incidents/{number}"))

    found = row(world, number)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{number}")
    assert (found.cause, found.correction_s, found.because, found.closed_by) == ("data", 720, CLOSED["because"], "mei")
    assert f"Incident {number} is closed: data, 12 min to put right." in after
    assert "Mei-Lin Zhao closed it: data, 12 min to put right." in after
    assert 'name="say"' not in browser.look(f"/incidents/{number}").text
    assert "Nothing waits for you." in text_of(browser.look("/"))
    notice = world.house.rows("select details from outbox where message = 'notice' and person = 'anna'")[0]
    assert "Mei-Lin Zhao closed it" in notice.details["sentence"]


def test_what_was_known_when_it_was_said_stands_in_the_fields(world: World) -> None:
    task = done(world.house)
    number = say(world.house, task, cause=CauseClass.STALE_FACTS, minutes=5).incident or 0

    page = signed_in(world, "mei").look(f"/incidents/{number}")

    assert '<option value="stale_facts" selected>stale facts</option>' in page.text
    assert 'name="minutes" type="text" value="5"' in page.text
    assert "Known so far stale facts 5 min to put right" in text_of(page)


@pytest.mark.parametrize(
    ("who", "word", "fields", "beside"),
    [
        ("mei", "close", {"cause": "", "minutes": "1"}, "Please fill this in."),
        ("mei", "close", {"cause": "bad luck", "minutes": "1"}, "Choose one of the list."),
        ("mei", "close", {"cause": "data", "minutes": ""}, "Please fill this in."),
        ("mei", "close", {"cause": "data", "minutes": "-1"}, "be at least 0."),
        ("anna", "withdraw", {"because": ""}, "Please fill this in."),
        ("anna", "withdraw", {"because": "no"}, "At least 3 characters."),
    ],
)
def test_a_mistake_stands_beside_its_field_and_nothing_is_done(
    world: World, number: int, who: str, word: str, fields: dict[str, str], beside: str
) -> None:
    answer = send(signed_in(world, who), number, word, **fields)

    assert (answer.status_code, row(world, number).closed_at) == (422, None)
    assert beside in text_of(answer)


def test_who_said_it_finds_it_there_and_takes_it_back(world: World, number: int) -> None:
    browser = signed_in(world, "anna")
    listed = text_of(browser.look("/"))

    answer = send(browser, number, "withdraw", because="I looked at the wrong order.")
    after = text_of(browser.look(f"/incidents/{number}"))

    found = row(world, number)
    assert "You said that this is wrong" in listed
    assert WORDS in listed
    assert (answer.status_code, found.withdrawn, found.closed_by) == (303, True, "anna")
    assert f"Incident {number} is withdrawn. It stays on record, and counts no more." in after
    assert "Anna Kowalczyk withdrew it: “I looked at the wrong order.”" in after
    assert "You said that this is wrong" not in text_of(browser.look("/"))
    assert "withdrew it" in text_of(signed_in(world, "mei").look(f"/incidents/{number}"))


def test_each_is_offered_what_they_may(world: World, number: int) -> None:
    offered = {
        who: [word for word in ("close", "withdraw") if f'value="{word}"' in page.text]
        for who in ("anna", "mei", "ruth", "jonas")
        for page in [signed_in(world, who).look(f"/incidents/{number}")]
    }

    assert offered == {"anna": ["withdraw"], "mei": ["close"], "ruth": ["close", "withdraw"], "jonas": ["close"]}


@pytest.mark.parametrize(
    ("who", "word", "event"), [("anna", "close", "close_refused"), ("mei", "withdraw", "withdraw_refused")]
)
def test_what_is_not_offered_is_refused_by_the_door_and_on_record(
    world: World, number: int, who: str, word: str, event: str
) -> None:
    answer = send(signed_in(world, who), number, word, **CLOSED)

    assert (answer.status_code, row(world, number).closed_at) == (403, None)
    assert f"incident {number}; your try is on record." in text_of(answer)
    assert event in trail(world, who)


def test_a_second_word_is_told_what_is_so(world: World, number: int) -> None:
    browser = signed_in(world, "ruth")
    browser.look(f"/incidents/{number}")
    end(world.house, number, cause=CauseClass.TOOL, minutes=0)

    answers = [send(browser, number, "close", **CLOSED), send(browser, number, "withdraw", because="A mistake.")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert f"Incident {number} is closed already, by Mei-Lin Zhao." in text_of(answers[0])
    assert row(world, number).cause == "tool"


def test_what_is_not_theirs_or_not_there_is_the_same_page_and_on_their_trail(world: World, number: int) -> None:
    tomas = signed_in(world, "tomas")
    tomas.look("/")

    there, nowhere = tomas.look(f"/incidents/{number}"), tomas.look("/incidents/987654321")
    odd = [tomas.look(f"/incidents/{one}").text for one in ("0", "x", "07", "-1", "9" * 40)]
    sent = [tomas.send(f"/incidents/{one}", say="close", **CLOSED) for one in (number, 987654321)]

    assert {there.status_code, nowhere.status_code, *(one.status_code for one in sent)} == {404}
    assert {there.text, nowhere.text, *odd, *(one.text for one in sent)} == {there.text}
    assert trail(world, "tomas").count("not_found") == 4
    assert row(world, number).closed_at is None


def test_another_company_finds_nothing(two: World) -> None:
    number = say(two.house, done(two.house, by="anna")).incident or 0

    stranger = signed_in(two, "mei", company="other")
    stranger.look("/")

    assert stranger.look(f"/incidents/{number}").status_code == 404
    assert send(stranger, number, "close", **CLOSED).status_code == 404
    assert row(two, number).closed_at is None


def test_a_form_from_elsewhere_of_another_session_or_of_no_word_does_nothing(world: World, number: int) -> None:
    browser, other = signed_in(world, "mei"), signed_in(world, "mei")
    browser.look(f"/incidents/{number}")
    path = f"/incidents/{number}"

    elsewhere = browser.send(path, "https://evil.example", say="close", **CLOSED)
    stolen = other.send(path, say="close", **{**CLOSED, "form": browser.form})
    nothing = send(browser, number, "approve")

    assert (elsewhere.status_code, stolen.status_code, nothing.status_code) == (403, 403, 400)
    assert row(world, number).closed_at is None


def test_who_is_signed_out_is_led_to_the_way_in_and_back(world: World, number: int) -> None:
    path = f"/incidents/{number}"

    led = Browsing(world).look(path)

    assert (led.status_code, led.headers["location"]) == (303, f"/sign-in?next=%2Fincidents%2F{number}")
    assert onward_path(path) == path
    assert [onward_path(f"/incidents/{one}") for one in ("", "0", "x", "7/..", "7?x")] == ["/"] * 5
