"""An API that is declared by its calls: a real server on loopback that takes keys, breaks off, lags, redirects and floods."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.settings import BadSettings
from chargehand.systems.api import HttpCarrier, NoAddress
from chargehand.systems.carriers import carrier_of
from contracts.authoring import Changed, Deterministic, Governance, Seen, Transient
from contracts.company import System
from contracts.systems.api import HttpSystem
from contracts.vocabulary import TaskState
from engine.failures import classify
from engine.reconciling import reconcile
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_until_ended
from tests.integration.engine.worlds import assert_trail_is_whole
from tests.integration.engine.yard import lane, step, wish, worker, yard_again, yard_with

DECLARED: Mapping[str, Any] = {
    "url": "YARD_API",
    "token": "YARD_TOKEN",
    "longest": 2000,
    "reads": {
        "look": {
            "get": "/spots/{what}",
            "takes": {"what": "text"},
            "gives": {"what": "text", "says": "text", "size": "number?", "seen": "instant"},
            "at": {"what": "name", "size": "measure.size"},
        },
        "all": {
            "get": "/spots",
            "query": {"like": "{like}"},
            "takes": {"like": "text?"},
            "list": "data.spots",
            "rows": "many",
            "at_most": 3,
            "gives": {"name": "text"},
        },
        "odd": {"get": "/odd/{how}", "timeout": "1s", "takes": {"how": "text"}, "gives": {"name": "text"}},
    },
    "effects": {
        "place": {
            "class": "keyed",
            "blast": "record",
            "lag": "10s",
            "timeout": "2s",
            "takes": {"what": "text", "size": "integer"},
            "defaults": {"size": 3},
            "path": "/spots/{what}/placings",
            "body": {"measure": {"size": "{size}"}, "note": "placed by {key}", "of": ["{what}"]},
            "look": {
                "get": "/placings",
                "list": "items",
                "at": {"reference": "id", "what": "of", "size": "measure.size", "at": "at", "key": "meta.key"},
            },
            "keys": {"get": "/placings", "list": "items", "at": {"key": "meta.key"}},
        },
        "say": {
            "class": "readable",
            "blast": "record",
            "method": "PUT",
            "takes": {"what": "text", "says": "text", "version": "text"},
            "version": "version",
            "path": "/spots/{what}",
            "headers": {"If-Match": "{version}"},
            "body": {"says": "{says}", "version": "{version}"},
            "look": {"get": "/spots/{what}", "at": {"reference": "name", "what": "name", "version": "was"}},
        },
    },
}
CODE = """
@worker
def look(request: Wish, desk: Desk) -> Found:
    spot = desk.spots.look(what=request.what)
    return Found(what=spot["what"], says=spot["says"])


@worker
def place(request: Wish, found: Found, desk: Desk) -> Proposal[Placed]:
    return desk.spots.place(what=found.what, because="it is wanted")
"""
ARGS = {"what": "shed", "size": 3}
SHED = {"name": "shed", "says": "fine", "measure": {"size": 12}, "seen": "2026-11-01T10:00:00Z", "was": "7"}


@dataclass(slots=True)
class Server:
    """The API: `trouble` is done to the next calls of placings before they are taken, `after` once they were.

    `odd` is how the next ones are answered that were taken, and so many `blind` looks show nothing of what was.
    """

    address: str = ""
    placed: list[dict[str, Any]] = field(default_factory=list)
    heard: list[tuple[str, str, str | None]] = field(default_factory=list)
    trouble: list[int] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    blind: int = 0
    spot: dict[str, Any] = field(default_factory=lambda: dict(SHED))


def app_of(server: Server) -> FastAPI:
    """The API's routes."""
    app = FastAPI()
    add_spots(app, server)
    add_placings(app, server)
    add_odd_answers(app)
    return app


def add_spots(app: FastAPI, server: Server) -> None:
    """Spots are read, and put at the version that was read."""

    @app.get("/v1/spots/{what:path}")
    async def spot(what: str, request: Request) -> Response:
        server.heard.append((request.method, request.url.path, request.headers.get("authorization")))
        known = {"shed": server.spot, **{name: {**SHED, "name": name} for name in ("a/b", "hut")}}
        return JSONResponse(known[what]) if what in known else JSONResponse({}, 404)

    @app.get("/v1/spots")
    async def spots(request: Request) -> Any:
        return {"data": {"spots": [{"name": name} for name in request.query_params.get("like", "shed,hut").split(",")]}}

    @app.put("/v1/spots/{what}")
    async def say(what: str, request: Request) -> Response:
        if request.headers["if-match"] != server.spot["was"]:
            return JSONResponse({}, 412)
        server.spot |= await request.json()
        return JSONResponse({})


def add_placings(app: FastAPI, server: Server) -> None:
    """Placings are taken once for each key, and listed."""

    @app.post("/v1/spots/{what}/placings")
    async def place(what: str, request: Request) -> Response:
        server.heard.append(("POST", request.url.path, request.headers["idempotency-key"]))
        if server.trouble:
            return JSONResponse({}, server.trouble.pop(), headers={"Retry-After": "7"})
        body, key = await request.json(), request.headers["idempotency-key"]
        if all(one["meta"]["key"] != key for one in server.placed):
            made = {"id": len(server.placed) + 1, "of": body["of"][0], "measure": body["measure"], "note": body["note"]}
            server.placed.append({**made, "meta": {"key": key}, "at": 1793527200})
        if server.after:
            await asyncio.sleep(server.after.pop())
        return odd_answer(server.odd.pop()) if server.odd else JSONResponse({"id": 1}, 201)

    @app.get("/v1/placings")
    async def placings() -> Any:
        server.blind -= 1
        return {"items": [] if server.blind >= 0 else server.placed}


def add_odd_answers(app: FastAPI) -> None:
    """Answers that no declaration fits."""

    @app.get("/v1/odd/{how}")
    async def odd(how: str) -> Response:
        return odd_answer(how)


def odd_answer(how: str) -> Response:
    """Such an answer."""
    answers: dict[str, Callable[[], Response]] = {
        "elsewhere": lambda: RedirectResponse("http://127.0.0.2:1/secret"),
        "seen elsewhere": lambda: RedirectResponse("http://127.0.0.2:1/secret", 303),
        "flood": lambda: StreamingResponse(b"x" * 1000 for _ in range(1000)),
        "refusing flood": lambda: StreamingResponse((b"x" * 1000 for _ in range(1000)), 422),
        "drip": lambda: StreamingResponse(dripping()),
        "page": lambda: Response("<html>", media_type="text/html"),
        "nan": lambda: Response('{"name": NaN}', media_type="application/json"),
        "typed": lambda: JSONResponse({"name": 7}),
        "text": lambda: JSONResponse("name"),
        "coded": lambda: Response(b"x", headers={"Content-Encoding": "gzip"}),
        "two": lambda: JSONResponse([{"name": "a"}, {"name": "b"}]),
    }
    return answers[how]()


async def dripping() -> AsyncIterator[bytes]:
    """A byte now and then, for as long as somebody listens."""
    while True:
        yield b" "
        await asyncio.sleep(0.2)


@pytest.fixture
def server() -> Iterator[Server]:
    """The API on loopback, in a thread of its own."""
    found = Server()
    listening = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app_of(found), log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    found.address = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    yield found
    running.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def carrier(server: Server) -> HttpCarrier:
    """What speaks to it."""
    return HttpCarrier("spots", HttpSystem.model_validate(DECLARED, strict=False), server.address, "hush")


def spots_lane(**placing: Any) -> dict[str, str]:
    """The lane; `placing` is what more its last step says."""
    return lane(
        "spots",
        {
            "looker": worker("placer", "request", "found", reads=["spots.look"], only={"spots.look": ["what", "says"]}),
            "placer": worker("requester", "request found", "placed", reads=[], writes=["spots.place"]),
        },
        [step("look", "looker", "Found", "found"), step("place", "placer", "Placed", "placed", **placing)],
        CODE,
    )


@pytest.fixture
def unhurried() -> dict[str, Any]:
    """The same declared with time enough for a busy machine, where a call that takes long would be told as one that failed."""
    place = {**DECLARED["effects"]["place"], "timeout": "30s"}
    look = {**DECLARED["reads"]["look"], "timeout": "30s"}
    return {**DECLARED, "reads": {"look": look}, "effects": {**DECLARED["effects"], "place": place}}


@pytest.fixture
def office(
    server: Server, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A yard whose spots lie behind that API; nothing of its tool is code."""
    monkeypatch.setenv("YARD_API", server.address)
    monkeypatch.setenv("YARD_TOKEN", "hush")
    systems = {"spots": {"title": "The spots", "http": DECLARED}}
    with yard_with(spots_lane(), database_urls, valkey_server.url, home, systems=systems) as found:
        yield found


def assert_placed_once(office: House, server: Server, task: int) -> None:
    """Done, verified, and taken once by the API."""
    key = f"yard/T-{task}/place/1/1"
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert [(one["of"], one["measure"], one["note"]) for one in server.placed] == [
        ("shed", {"size": 3}, f"placed by {key}")
    ]
    assert {key for method, _, key in server.heard if method == "POST"} == {key}
    assert_trail_is_whole(office, task)


def test_a_task_reads_calls_and_reads_back_without_a_line_of_code(office: House, server: Server) -> None:
    task = wish(office, "spots")

    office.work()

    assert_placed_once(office, server, task)
    assert server.heard[0] == ("GET", "/v1/spots/shed", "Bearer hush")


@pytest.mark.parametrize("place", ["effect.before_call", "effect.after_call", "verify.after_look"])
def test_a_death_anywhere_round_the_call_places_once(office: House, server: Server, reaper: Reaper, place: str) -> None:
    task = wish(office, "spots")
    died = reaper.kill_in(place)

    live_until_ended(office, task)

    assert died == [place]
    assert_placed_once(office, server, task)


@pytest.mark.parametrize("status", [500, 503, 429, 408, 301, 307])
def test_a_call_that_the_api_could_not_take_is_made_again_under_its_key(
    office: House, server: Server, status: int
) -> None:
    server.trouble = [status]
    task = wish(office, "spots")

    live_until_ended(office, task)

    assert_placed_once(office, server, task)


def test_a_call_that_was_taken_and_not_answered_in_time_is_found_and_not_made_again(
    office: House, server: Server
) -> None:
    server.after = [3.0]
    task = wish(office, "spots")

    live_until_ended(office, task)

    assert_placed_once(office, server, task)
    assert len([one for one in server.heard if one[0] == "POST"]) == 1


@pytest.mark.parametrize("blind", [0, 1])
@pytest.mark.parametrize("how", ["flood", "coded", "elsewhere", "seen elsewhere", "page"])
def test_a_call_that_was_taken_and_answered_oddly_is_no_refusal_and_is_waited_for(
    office: House, server: Server, how: str, blind: int
) -> None:
    server.odd, server.blind = [how], blind
    task = wish(office, "spots")

    live_until_ended(office, task)

    assert_placed_once(office, server, task)
    assert [row.state for row in office.rows("select state from effect")] == ["verified"]


def test_a_refusal_stays_one_however_much_is_said_with_it(unhurried: dict[str, Any], server: Server) -> None:
    carrier = HttpCarrier("spots", HttpSystem.model_validate(unhurried, strict=False), server.address, "hush")
    server.odd = ["refusing flood"]

    with pytest.raises(Deterministic, match="did not accept it"):
        carrier.perform("place", ARGS, "k1")


def test_what_the_api_took_after_the_backup_is_reported_and_never_asked_for_again(
    unhurried: dict[str, Any],
    server: Server,
    database_urls: DatabaseUrls,
    backup: Callable[[House], DatabaseUrls],
    valkey_server: Valkey,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YARD_API", server.address)
    monkeypatch.setenv("YARD_TOKEN", "hush")
    systems = {"spots": {"title": "The spots", "http": unhurried}}
    with yard_with(spots_lane(), database_urls, valkey_server.url, home, systems=systems) as office:
        known = wish(office, "spots")
        copy = backup(office)
        office.work()
        later = wish(office, "spots", "hut")
        office.work()

    with yard_again(copy, valkey_server.url, home) as again:
        found = reconcile(again.deployment, "yard", again.runner.systems["yard"], by="rosa", because="the disk broke")
        live_until_ended(again, known)

        assert {(one.tool, one.key): one.known.partition(",")[0] for one in found.surplus} == {
            ("spots.place", f"yard/T-{known}/place/1/1"): "the record has the task as ready",
            (
                "spots.place",
                f"yard/T-{later}/place/1/1",
            ): "the record has no such task: whoever asked for it has to be told by a person",
        }
        assert (found.silent, found.unlisted) == ((), ("spots.say",))
        assert again.task(known).state is TaskState.DONE
        assert again.rows("select state from effect") == [("verified",)]
    assert sorted(one["of"] for one in server.placed) == ["hut", "shed"]
    assert len([one for one in server.heard if one[0] == "POST"]) == 2


@pytest.mark.parametrize(("status", "told"), [(422, "did not accept it (422)"), (403, "has no right to do this (403)")])
def test_what_the_api_refuses_fails_with_its_status_and_is_not_repeated(
    office: House, server: Server, status: int, told: str
) -> None:
    server.trouble = [status] * 5
    task = wish(office, "spots")

    live_until_ended(office, task)

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert told in row.sentence
    assert "nothing was changed" in row.sentence
    assert len([one for one in server.heard if one[0] == "POST"]) == 1


def test_an_answer_that_is_old_changes_nothing_until_there_is_a_newer_one(
    unhurried: dict[str, Any],
    server: Server,
    database_urls: DatabaseUrls,
    valkey_server: Valkey,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YARD_API", server.address)
    monkeypatch.setenv("YARD_TOKEN", "hush")
    dated = {"look": {**unhurried["reads"]["look"], "as_of": "seen"}}
    systems = {"spots": {"title": "The spots", "http": {**unhurried, "reads": dated}}}

    with yard_with(
        spots_lane(fresh={"found": "10m"}), database_urls, valkey_server.url, home, systems=systems
    ) as office:
        server.spot["seen"] = time_of(office, behind_s=3600)
        task = wish(office, "spots")
        office.work()

        assert (office.task(task).waiting_for, server.placed) == ("time", [])
        told = "Found is 1 h old although it was just read again from spots.look, and place needs it"
        assert office.task(task).sentence.startswith(told)

        server.spot["seen"] = time_of(office, behind_s=60)
        office.wait(120)
        office.work()

        assert_placed_once(office, server, task)


def time_of(office: House, *, behind_s: int) -> str:
    """An instant so long before the record's time, as the API writes it."""
    now: datetime = office.rows("select chargehand_now() as at")[0].at
    return (now - timedelta(seconds=behind_s)).isoformat()


def test_a_read_gives_what_lies_where_it_is_declared(carrier: HttpCarrier) -> None:
    assert carrier.read("look", {"what": "shed"}) == {
        "what": "shed",
        "says": "fine",
        "size": 12.0,
        "seen": 1793527200,
    }
    assert carrier.read("look", {"what": "pond"}) is None
    assert carrier.read("look", {"what": "a/b"})["what"] == "a/b"
    assert carrier.read("all", {"like": None}) == [{"name": "shed"}, {"name": "hut"}]
    assert carrier.read("all", {"like": "a&b=c,d"}) == [{"name": "a&b=c"}, {"name": "d"}]


@pytest.mark.parametrize("what", ["..", ".", ""])
def test_no_argument_leads_to_another_path(carrier: HttpCarrier, server: Server, what: str) -> None:
    with pytest.raises(Deterministic, match="no path for such an argument"):
        carrier.read("look", {"what": what})
    assert server.heard == []


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("elsewhere", r"answered by a redirect \(307\)"),
        ("flood", "more than 2,000 bytes"),
        ("page", "not answered in JSON"),
        ("nan", "not answered in JSON"),
        ("typed", "no text for name"),
        ("text", "not answered by records"),
        ("coded", "a coding that was not asked for"),
        ("two", "more than 1 records"),
    ],
)
def test_an_answer_that_is_not_as_declared_is_told_and_not_taken(carrier: HttpCarrier, how: str, told: str) -> None:
    with pytest.raises(Deterministic, match=told):
        carrier.read("odd", {"how": how})


def test_an_answer_that_drips_is_cut_off_in_time(carrier: HttpCarrier) -> None:
    """It never ends by itself, and no single pause of it is too long."""
    with pytest.raises(TimeoutError) as late:
        carrier.read("odd", {"how": "drip"})

    assert classify(late.value).case == "time_out"


def test_more_records_than_are_declared_are_an_error(carrier: HttpCarrier) -> None:
    with pytest.raises(Deterministic, match="more than 3 records"):
        carrier.read("all", {"like": "a,b,c,d"})


def test_a_limit_is_told_with_the_time_after_which_to_come_back(carrier: HttpCarrier, server: Server) -> None:
    server.trouble = [429]

    with pytest.raises(Exception, match="429") as limited:
        carrier.perform("place", ARGS, "k1")

    failed = classify(limited.value)
    assert (failed.case, failed.retry_after_s) == ("rate_limit", 7.0)


def test_a_look_takes_only_the_record_that_carries_the_key(carrier: HttpCarrier, server: Server) -> None:
    carrier.perform("place", {"what": "shed", "size": 1}, "k1")
    carrier.perform("place", {"what": "shed", "size": 2}, "k2")

    assert carrier.look("place", {"what": "shed", "size": 2}, "k2") == Seen(
        "2", {"what": "shed", "size": 2}, 1793527200
    )
    assert carrier.look("place", ARGS, "k3") is None
    assert len(server.placed) == 2


def test_a_put_is_proven_by_what_it_put_and_respects_the_version(carrier: HttpCarrier, server: Server) -> None:
    args = {"what": "shed", "says": "wet", "version": "7"}
    assert carrier.look("say", args, "k1") is None

    carrier.perform("say", args, "k1")

    assert carrier.look("say", args, "k1") == Seen("shed", args)
    server.spot["was"] = "8"
    with pytest.raises(Changed):
        carrier.perform("say", {**args, "says": "dry"}, "k2")
    with pytest.raises(Deterministic, match="no header for such an argument"):
        carrier.perform("say", {**args, "version": "7\r\nX-Admin: 1"}, "k3")


def test_what_the_api_forbids_is_no_right(carrier: HttpCarrier, server: Server) -> None:
    server.trouble = [401]

    with pytest.raises(Governance, match="401"):
        carrier.perform("place", ARGS, "k1")


def test_a_call_that_never_reached_the_api_says_so() -> None:
    away = HttpCarrier("spots", HttpSystem.model_validate(DECLARED, strict=False), "http://127.0.0.1:1", "hush")

    with pytest.raises(Transient) as unreached:
        away.perform("place", ARGS, "k1")

    failed = classify(unreached.value, system="spots")
    assert (failed.case, failed.cause, failed.nothing_done) == ("network", "spots", True)


def test_a_call_that_reached_the_api_says_nothing_of_the_kind(unhurried: dict[str, Any], server: Server) -> None:
    carrier = HttpCarrier("spots", HttpSystem.model_validate(unhurried, strict=False), server.address, "hush")
    server.trouble = [503]

    with pytest.raises(Exception, match="503") as answered:
        carrier.perform("place", ARGS, "k1")

    failed = classify(answered.value, system="spots")
    assert (failed.kind, failed.nothing_done) == ("transient", False)


def test_an_api_that_is_away_is_tried_again() -> None:
    away = HttpCarrier("spots", HttpSystem.model_validate(DECLARED, strict=False), "http://127.0.0.1:1", "hush")

    with pytest.raises(Exception, match="onnect") as refused:
        away.read("all", {"like": None})

    assert classify(refused.value).case == "network"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("api.shop.example", "no address"),
        ("ftp://api.shop.example", "no address"),
        ("https://olu:hush@api.shop.example", "without a password"),
        ("https://api.shop.example/v1?key=hush", "without a password or a question"),
        ("http://api.shop.example", "begin it with https"),
    ],
)
def test_an_address_that_can_not_be_used_is_told_without_showing_it(
    address: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YARD_API", address)
    monkeypatch.setenv("YARD_TOKEN", "hush")
    declared = System.model_validate({"title": "The spots", "http": DECLARED}, strict=False)

    with pytest.raises(BadSettings, match=f"YARD_API, the address of spots: .*{told}") as refused:
        carrier_of("spots", declared, tmp_path)

    assert "hush" not in str(refused.value)
    assert isinstance(refused.value.__cause__, NoAddress)
