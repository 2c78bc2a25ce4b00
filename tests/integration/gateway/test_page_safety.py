"""What somebody tries at the page who may not, or comes with what is forged, stale or malformed."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from contracts.vocabulary import DecisionState
from gateway.app import create_app
from gateway.pages.sessions import Cookies
from gateway.pages.signing_in import MOST_LETTERS
from notifications.page_address import Link, PageAddress, onward_path
from sandbox.serving import served
from tests.integration.escalation.asking import noted
from tests.integration.gateway.page import ADDRESS, Browsing, link, path_of, signed_in, text_of
from tests.integration.gateway.test_page_answers import asked, state
from tests.integration.gateway.world import CHANNEL, PAGE, SECRET, World, eventually, parts

SEEN = "0" * 64


def trail(world: World, who: str) -> list[str]:
    """The events on somebody's trail, oldest first."""
    rows = world.house.rows("select event from audit_entry where trail = :t order by seq", t=f"person:{who}")
    return [row.event for row in rows]


def test_signing_in_and_out_is_on_the_persons_trail_and_ends_the_session_everywhere(world: World) -> None:
    browser = signed_in(world, "priya")
    copied = Browsing(world, cookies=dict(browser.cookies))

    assert browser.look("/").status_code == 200
    left = browser.send("/sign-out")

    assert (left.status_code, left.headers["location"], browser.cookies) == (303, "/sign-in", {})
    assert copied.look("/").status_code == 303
    assert trail(world, "priya")[-3:] == ["page_link_made", "signed_in", "signed_out"]


def test_looking_at_a_link_uses_nothing_up_and_pressing_does_once(world: World) -> None:
    path = link(world, "priya")
    browser, other = Browsing(world), Browsing(world)

    looked = [browser.look(path) for _ in range(3)]
    first = browser.send(path)
    second = other.send(path)
    looked_again = other.look(path)

    assert {answer.status_code for answer in looked} == {200}
    assert "You are about to sign in as Priya Nair" in text_of(looked[0])
    assert looked[0].headers.get("set-cookie") is None
    assert (first.status_code, second.status_code, looked_again.status_code) == (303, 410, 410)
    assert other.cookies == {}
    assert trail(world, "priya")[-1] == "sign_in_refused"


def test_of_many_who_press_one_link_at_once_one_is_signed_in(world: World) -> None:
    path = link(world, "priya")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: Browsing(world).send(path).status_code, range(8)))

    assert sorted(answers) == [303] + [410] * 7


@pytest.mark.usefixtures("test_clock")
def test_a_link_ends_after_a_quarter_of_an_hour_and_a_session_after_twelve_hours(world: World) -> None:
    path, browser = link(world, "priya"), signed_in(world, "kwame")

    world.house.wait(15 * 60 + 1)
    old = Browsing(world).send(path)
    still = browser.look("/")
    world.house.wait(12 * 3600)
    after = browser.look("/")

    assert (old.status_code, still.status_code, after.status_code) == (410, 200, 303)


def test_a_link_or_a_cookie_that_we_did_not_make_is_nobodys(shared_world: World) -> None:
    forged = PageAddress(PAGE, "another secret")
    good = path_of(link(shared_world, "priya") and ADDRESS.sign_in(Link("morning", "nothing")))
    other_company = path_of(ADDRESS.sign_in(Link("other", "nothing")))
    tampered = link(shared_world, "priya").replace("morning", "mourning")
    paths = [path_of(forged.sign_in(Link("morning", "x"))), good, other_company, tampered, "/sign-in/x"]

    for path in paths:
        for answer in (Browsing(shared_world).look(path), Browsing(shared_world).send(path)):
            assert answer.status_code in (404, 410)
            assert answer.headers.get("set-cookie") is None
    for cookie in ("", "x", "morning.priya", "morning.priya.sig", "a.b.c.d", "morning." + "x" * 3000):
        answer = Browsing(shared_world, cookies={"chargehand": cookie}).look("/")
        assert answer.status_code == 303


def test_a_links_token_is_no_session_and_a_sessions_no_link(shared_world: World) -> None:
    token = link(shared_world, "priya").removeprefix("/sign-in/")
    browser = signed_in(shared_world, "priya")

    assert Browsing(shared_world, cookies={"chargehand": token}).look("/").status_code == 303
    assert Browsing(shared_world).send(f"/sign-in/{browser.cookies['chargehand']}").status_code == 410


def test_whoever_is_deactivated_is_signed_out_with_the_next_request(world: World) -> None:
    (number,) = asked(world)
    browser, waiting = signed_in(world, "priya"), link(world, "priya")
    saw = browser.saw(number)
    _deactivate(world, "priya")

    pressed = browser.say(number, "approve", saw=saw)
    looked = browser.look("/")
    used = Browsing(world).send(waiting)

    assert (pressed.status_code, looked.status_code, used.status_code) == (401, 303, 410)
    assert "nothing was done" in text_of(pressed)
    assert state(world, number) == DecisionState.OPEN


def _deactivate(world: World, who: str) -> None:
    with world.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(f"update person set active = false where id = '{who}'")


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://page.invalid.evil.example", "", PAGE + "/"]
)
def test_no_form_of_another_page_is_taken(world: World, origin: str | None) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    saw, path = browser.saw(number), link(world, "kwame")

    answers = [
        browser.send(f"/decisions/{number}", origin, say="approve", saw=saw),
        browser.send("/together", origin, say="approve", which=f"{number}:{saw}"),
        browser.send("/sign-out", origin),
        browser.send("/sign-in", origin, address="priya@morning.example"),
        Browsing(world).send(path, origin),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert state(world, number) == DecisionState.OPEN
    assert browser.look("/").status_code == 200


def test_a_form_needs_the_proof_of_its_own_session(world: World) -> None:
    (number,) = asked(world)
    browser, other = signed_in(world, "priya"), signed_in(world, "kwame")
    saw = browser.saw(number)
    other.look("/")

    for proof in ("", "x", other.form, browser.form + "x"):
        browser.form = proof
        assert browser.send(f"/decisions/{number}", say="approve", saw=saw).status_code == 403
        assert browser.send("/together", say="approve", which=f"{number}:{saw}").status_code == 403
        assert browser.send("/sign-out").status_code == 403
    assert state(world, number) == DecisionState.OPEN


def test_what_is_not_theirs_not_here_or_of_another_company_is_the_same_page(world: World) -> None:
    (number,) = asked(world)
    tomas = signed_in(world, "tomas")

    there, nowhere = tomas.look(f"/decisions/{number}"), tomas.look("/decisions/987654321")
    odd = [tomas.look(f"/decisions/{one}").text for one in ("0", "x", "07", "-1", "9" * 40, "%00", "1%2F2")]
    tomas.look("/")
    pressed = tomas.send(f"/decisions/{number}", say="approve", saw=SEEN)
    missing = tomas.send("/decisions/987654321", say="approve", saw=SEEN)

    assert [answer.status_code for answer in (there, nowhere, pressed, missing)] == [404] * 4
    assert {there.text, nowhere.text, pressed.text, missing.text} == {there.text}
    assert set(odd[:6]) == {there.text}
    assert noted(world.house, number, "answer_refused") == [
        {"answered": "not_entitled", "state": "open", "actor": "person:tomas"}
    ]
    assert trail(world, "tomas").count("not_found") == 3
    assert state(world, number) == DecisionState.OPEN


def test_another_companys_decision_is_as_if_it_did_not_exist(two: World) -> None:
    (number,) = asked(two)
    stranger, own = signed_in(two, "priya", company="other"), signed_in(two, "priya")
    saw = own.saw(number)
    stranger.look("/")

    looked = [stranger.look(f"/decisions/{number}").text, stranger.look("/decisions/987654321").text]
    pressed = stranger.send(f"/decisions/{number}", say="approve", saw=saw)
    together = stranger.send("/together", say="approve", which=f"{number}:{saw}")

    assert {*looked, pressed.text} == {looked[0]}
    assert pressed.status_code == 404
    assert together.status_code == 303
    assert "One not: There is no such decision." in text_of(stranger.look("/"))
    assert "740.00" not in text_of(stranger.look("/"))
    assert state(two, number) == DecisionState.OPEN
    with two.deployment.database.transaction("other") as unit:
        query = "select 1 from audit_entry where trail = 'person:priya' and event = 'not_found'"
        assert len(list(unit.connection.exec_driver_sql(query))) == 4


def test_nobody_decides_on_their_own_request_on_the_page(world: World) -> None:
    (number,) = asked(world, by="kwame")
    kwame = signed_in(world, "kwame")
    kwame.look("/")

    for word in ("approve", "own approve", "reject", "hand_over", "change"):
        fields: dict[str, Any] = {"reason": "It can't wait any longer.", "to": "priya", "new_amount": "300.00"}
        answer = kwame.send(f"/decisions/{number}", say=word, saw=_digest(world, number), **fields)
        assert answer.status_code == 404
    assert state(world, number) == DecisionState.OPEN
    assert {one["answered"] for one in noted(world.house, number, "answer_refused")} == {"own_request"}


def _digest(world: World, number: int) -> str:
    found: str = world.house.rows("select proposal_digest as d from decision where number = :n", n=number)[0].d
    return found


def test_who_has_handed_it_over_may_look_and_decides_no_more(world: World) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    saw = browser.saw(number)
    browser.say(number, "hand_over", to="kwame")

    looked, pressed = browser.look(f"/decisions/{number}"), browser.say(number, "approve", saw=saw)

    assert looked.status_code == 200
    assert 'name="say"' not in looked.text
    assert (pressed.status_code, state(world, number)) == (403, DecisionState.OPEN)
    assert "You handed this over" in text_of(pressed)


def test_ten_presses_are_one(world: World) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    saw = browser.saw(number)

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: browser.say(number, "approve", saw=saw).status_code, range(10)))

    assert sorted(answers) == [303] + [409] * 9
    assert len(world.house.rows("select 1 from vote")) == 1


def test_every_answer_carries_the_headers_that_keep_others_out(shared_world: World) -> None:
    browser = signed_in(shared_world, "priya")
    answers = [
        browser.look("/"),
        browser.look("/decisions/77"),
        browser.send("/decisions/77", say="approve"),
        Browsing(shared_world).look("/sign-in"),
        Browsing(shared_world).look("/sign-in/x"),
        Browsing(shared_world).look("/"),
        browser.send("/together", "http://evil.example"),
    ]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "<script" not in answer.text
        assert " style=" not in answer.text


def test_the_session_is_a_cookie_that_no_script_and_no_other_site_has(world: World) -> None:
    entered = Browsing(world).send(link(world, "priya")).headers["set-cookie"]

    assert entered.startswith("chargehand=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"} <= set(entered.split("; "))
    assert "priya" not in entered
    assert Cookies(SECRET, secure=True).session_name == "__Host-chargehand"


@pytest.fixture
def secure_world(world: World) -> Iterator[World]:
    """The same company behind HTTPS."""
    url = PAGE.replace("http:", "https:")
    with served(create_app(replace(parts(world.deployment, "http://127.0.0.1:1/"), url=url))) as address:
        yield replace(world, gateway=address)


def test_behind_https_the_cookie_never_goes_over_http_and_a_host_header_changes_no_link(secure_world: World) -> None:
    path, secure = link(secure_world, "priya"), PAGE.replace("http:", "https:")

    entered = Browsing(secure_world).send(path, secure)
    shown = Browsing(secure_world).look(
        "/sign-in?next=/decisions/7", Host="evil.example", **{"X-Forwarded-Host": "evil.example"}
    )
    plain = Browsing(secure_world).send(link(secure_world, "priya"), PAGE)

    assert entered.headers["set-cookie"].startswith("__Host-chargehand=")
    assert "Secure" in entered.headers["set-cookie"].split("; ")
    assert "evil.example" not in shown.text
    assert plain.status_code == 403


@pytest.mark.parametrize(
    "given",
    [
        *(
            "http://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/decisions/7/../..",
            "javascript:alert(1)",
            "/x",
        ),
        *("/decisions/7\r\nSet-Cookie: a=b", "/decisions/7?x", "/decisions/0", "/decisions/" + "9" * 30, " /", "\n/"),
    ],
)
def test_signing_in_leads_nowhere_else(shared_world: World, given: str) -> None:
    assert onward_path(given) == "/"

    browser = Browsing(shared_world)
    answer = browser.send(link(shared_world, "priya"), next=given)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.look("/sign-in").headers["location"] == "/"


def test_signing_in_leads_back_to_the_decision_that_was_wanted(world: World) -> None:
    (number,) = asked(world)
    browser = Browsing(world)

    led = browser.look(f"/decisions/{number}").headers["location"]
    answer = browser.send(link(world, "priya"), next=f"/decisions/{number}")

    assert led == f"/sign-in?next=%2Fdecisions%2F{number}"
    assert answer.headers["location"] == f"/decisions/{number}"


def test_every_address_gets_the_same_answer_and_a_known_one_a_few_letters(world: World) -> None:
    browser = Browsing(world)
    wanted = [
        "priya@morning.example",
        "Priya@Morning.example",
        "nobody@elsewhere.example",
        "x",
        "",
        "'; drop table",
        "é@ü",
    ]

    answers = [browser.send("/sign-in", address=one) for one in wanted]
    for _ in range(20):
        browser.send("/sign-in", address="priya@morning.example")

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert eventually(lambda: len(_letters(world)) == MOST_LETTERS)
    assert {row.person for row in _letters(world)} == {"priya"}
    assert trail(world, "priya").count("page_link_refused") == 1
    kept = str([row.details for row in _letters(world)])
    assert "/sign-in/" not in kept


def test_whoever_is_not_active_gets_no_letter(world: World) -> None:
    _deactivate(world, "priya")
    browser = Browsing(world)

    for one in ("priya@morning.example", "kwame@morning.example"):
        browser.send("/sign-in", address=one)

    assert eventually(lambda: [row.person for row in _letters(world)] == ["kwame"])


def _letters(world: World) -> list[Any]:
    return [row for row in world.letters() if row.details.get("sign_in")]


def test_two_hundred_malformed_bodies_are_refused_in_words_and_decide_nothing(world: World) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    saw, form, chance = browser.saw(number), browser.form, random.Random(6)
    kinds = ["application/x-www-form-urlencoded"] * 6 + ["multipart/form-data; boundary=x", "application/json", "", "x"]
    paths = [f"/decisions/{number}", "/together", "/sign-in", link(world, "kwame") + "x", "/decisions/x"]

    for _ in range(200):
        body = _malformed(chance, f"form={form}&saw={saw}&say=".encode())
        answer = browser.raw(chance.choice(paths), body, chance.choice(kinds))
        assert answer.status_code < 500
        assert answer.status_code in (303, 405) or answer.headers["content-type"].startswith("text/html")
    assert state(world, number) == DecisionState.OPEN
    assert world.house.rows("select 1 from vote") == []


def _malformed(chance: random.Random, start: bytes) -> bytes:
    words = [
        b"appro",
        b"%00",
        b"%ff%fe",
        b"change&new_amount=%00",
        b"reject&reason=%ED%A0%80",
        b"own+approve",
        b"answer",
        b"\x00",
    ]
    noise = chance.randbytes(chance.randrange(0, 300))
    return chance.choice(
        [
            noise,
            start + noise,
            start + chance.choice(words),
            start + b"reject&" * chance.randrange(1, 300),
            start + b"snooze&pause=" + b"9" * 5000,
            b"a=" + b"x" * (70 * 1024),
            start.replace(b"saw=", b"saw=%00") + b"approve",
            start + b"hand_over&to=" + noise.hex().encode(),
        ]
    )


def test_a_form_that_is_too_long_or_none_of_ours_is_refused_before_it_is_read(shared_world: World) -> None:
    browser = Browsing(shared_world)
    form = "application/x-www-form-urlencoded"

    assert browser.raw("/sign-in", b"address=" + b"x" * 70_000, form).status_code == 413
    assert browser.raw("/sign-in", b"&".join(b"a=1" for _ in range(300)), form).status_code == 400
    assert browser.raw("/sign-in", b"{}", "application/json").status_code == 415
    assert browser.look("/together?lane=%00").status_code in (303, 400)
    assert signed_in(shared_world, "priya").look("/together?lane=%00").status_code == 400


def test_signing_in_again_ends_the_session_before(world: World) -> None:
    browser = signed_in(world, "priya")
    before = Browsing(world, cookies=dict(browser.cookies))

    browser.send(link(world, "kwame"))

    assert "Kwame Boateng" in text_of(browser.look("/"))
    assert before.look("/").status_code == 303
    assert trail(world, "priya")[-1] == "signed_out"


def test_the_link_in_slack_is_for_one_pair_of_eyes_and_stands_nowhere_in_the_record(world: World) -> None:
    world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", text="page")

    told = eventually(lambda: [said for said in world.heard("U0ANNA") if "good once, for 15 minutes" in said])
    shown = world.look("messages", channel=CHANNEL, user="U0ANNA")
    others = str(world.look("messages", channel=CHANNEL, user="U0TOMAS"))
    kept = str([dict(row._mapping) for row in [*world.rows(), *world.letters()]])

    assert told
    assert f"<{PAGE}/sign-in/morning." in str(shown)
    assert "/sign-in/" not in others
    assert "/sign-in/" not in kept


def test_where_slack_will_not_show_it_to_them_alone_nobody_gets_a_link(world: World) -> None:
    for method in ("response_url", "chat.postEphemeral"):
        world.fault(on="call", method=method, kind="error", error="channel_not_found", times=2)

    world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", text="page")

    (letter,) = eventually(world.letters)
    assert "Ask again in our direct messages." in letter.details["sentence"]
