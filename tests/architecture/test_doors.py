"""One place each for the environment, the clock and the catching of everything; every exception has its reason here."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import FLOORS, OURS, Function, Source, last_word, sources

ENVIRONMENT = {"environ", "environb", "getenv", "putenv"}
READS_THE_ENVIRONMENT = {"chargehand/settings.py"}

CLOCKS = {
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "func.now"),
}
SQL_CLOCK = re.compile(
    r"(?<!chargehand_)\bnow\(\)|clock_timestamp|current_timestamp|statement_timestamp", re.IGNORECASE
)
ASKS_A_CLOCK = {
    "chargehand/doctor/online.py": "compares this machine's clock with Slack's",
    "chargehand/doctor/services.py": "compares this machine's clock with the database's",
    "gateway/clock.py": "has no other time until the database was asked for the first time",
    "notifications/standing.py": "asks since when a message can stand in Slack, whose clock no test moves",
    "storage/migrations/versions/v0001_first.py": "defines chargehand_now() itself",
}

CATCHES_EVERYTHING = {
    "chargehand/systems/deadlines.py _connect": "whoever waits for the connection raises what kept it from coming about",
    "chargehand/cli.py main": "turns what people can mend into a sentence and a status; raises the rest",
    "chargehand/embedded/postgres.py _wait_and_provision": "stops the server that it started, then raises",
    "chargehand/embedded/valkey.py begin": "stops the server that it started, then raises",
    "contracts/loading/modules.py _run": "a lane's code raises whatever it likes while it is loaded: a mistake",
    "engine/driving.py _guarded": "an error nobody foresaw parks its task, where its owner sees it, and spares the shift",
    "engine/intake.py _accept_together": "requests that can't be accepted together are accepted one by one, each by its own caller",
    "engine/moving_together.py _together": "ends that can't be written together are written one by one, each behind that door",
    "engine/failures.py _pause": "a stranger's error may raise when it is asked: then nothing was asked of us",
    "engine/failures.py _recognised": "a stranger's error may raise when it is asked: then it is unknown",
    "engine/comparing.py _pair": "a worker's code raises whatever it likes: that is how it differs",
    "engine/coordinating.py _asked": "a coordinator raises whatever it likes: the contract's own choice stands",
    "engine/effects.py _perform": "a tool raises whatever it likes: the outcome is left to a look",
    "engine/looking.py look": "a look that fails is no answer: it is looked at again",
    "engine/pool.py _work": "a shift's door: the runner goes on, and the tasks that it had are another's when their leases end",
    "engine/prerequisites.py _asked": "a tool raises whatever it likes: it has not answered",
    "engine/corrections.py overwritten": "a tool raises whatever it likes: a failure of the step that would overwrite",
    "engine/isolation.py _answer": "a tool raises whatever it likes: the worker's code in its own process meets it",
    "engine/isolation.py _heard": "a stranger's object raises whatever it likes when it is read: a failure of its step",
    "engine/isolation.py _portable": "a stranger's error raises whatever it likes when it is taken apart: our own kind stands for it",
    "engine/isolation.py _work": "a worker's code raises whatever it likes: the runner's side raises it",
    "engine/probing.py _one": "a tool raises whatever it likes: a failure of the step whose rules need it",
    "engine/reconciling.py _world": "a tool's list of keys raises whatever it likes: it is told, and the others are asked",
    "engine/steps.py run": "a worker's code raises whatever it likes: a failure of its step",
    "engine/strangers.py call": "what would end the process becomes an error; everything is raised again",
    "engine/sweep.py _fire_next": "one decision's door: its timer stays due, so the next round tries again",
    "engine/trouble.py tried": "the clock's door: one company's trouble keeps no other from its turn, and is tried again",
    "gateway/mail/listener.py handle_DATA": "the SMTP edge: nothing was answered with yes, so the letter comes again",
    "gateway/mail/mailroom.py _try": "the letter's row stays unhandled, and the sweep takes it again",
    "gateway/mail/webhook.py _kept": "the HTTP edge: nothing was answered with yes, so the provider posts it again",
    "gateway/slack/dispatch.py _try": "the row stays unhandled, and the sweep brings it again",
    "gateway/slack/edge.py _received": "the HTTP edge: nothing was answered with yes, so Slack sends it again",
    "notifications/courier.py _carry_now": "one letter's door: its row stays `sending`, and is looked up when taken again",
    "storage/pipeline.py _whole": "closes a connection whose answers were not all read, then raises",
    "storage/stores.py _told_as_ours": "a store's client raises whatever it likes: it is told as an OSError, chained",
    "notifications/courier.py work": "the courier's door: whatever goes wrong with a claim, the next one is tried",
}


def test_one_file_reads_the_environment() -> None:
    readers = {source.path for source in sources(*OURS) if _names(source) & ENVIRONMENT}

    assert readers == READS_THE_ENVIRONMENT


def test_time_comes_from_the_database() -> None:
    askers = {source.path for source in sources(*FLOORS) if _asks_a_clock(source)}

    assert askers == set(ASKS_A_CLOCK)


def test_everything_is_caught_at_named_doors_only() -> None:
    catching = {f"{source.path} {function.name}" for source in sources(*OURS) for function in _catching(source)}

    assert catching == set(CATCHES_EVERYTHING)


def test_every_queue_speaks_json() -> None:
    """RQ pickles unless told otherwise: a write to Redis would be code that runs here."""
    kinds = {"Queue", "WakeUpQueue", "Worker", "SimpleWorker", "ShiftWorker"}
    pickling = {
        f"{source.path}:{call.lineno}"
        for source in sources("engine")
        for word, call in source.calls()
        if word in kinds and _given(call, "serializer") != "JSONSerializer"
    }

    assert pickling == set()


def test_no_client_of_slack_tries_again_by_itself() -> None:
    """Its retries post a message twice when a connection breaks after Slack took it."""
    clients = {"WebClient", "AsyncWebClient", "WebhookClient", "AsyncWebhookClient"}
    retrying = {
        f"{source.path}:{call.lineno}"
        for source in sources(*FLOORS)
        for word, call in source.calls()
        if word in clients and _given(call, "retry_handlers") != "[]"
    }

    assert retrying == set()


def _names(source: Source) -> set[str]:
    attributes = {node.attr for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)}
    return attributes | {name.rpartition(".")[2] for name in source.imports()}


def _asks_a_clock(source: Source) -> bool:
    dotted = {_dotted(node) for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)}
    texts = (node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant))
    imported = {name for name in source.imports() if name in CLOCKS}
    return bool(dotted & CLOCKS or imported or any(isinstance(one, str) and SQL_CLOCK.search(one) for one in texts))


def _dotted(node: ast.Attribute) -> str:
    return f"{last_word(node.value)}.{node.attr}"


def _catching(source: Source) -> Iterator[Function]:
    for function in source.functions():
        handlers = (node for node in ast.walk(function) if isinstance(node, ast.ExceptHandler))
        if any(_is_wide(handler.type) for handler in handlers):
            yield function


def _is_wide(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or last_word(kind) in {"Exception", "BaseException"} for kind in kinds)


def _given(call: ast.Call, keyword: str) -> str:
    return next((ast.unparse(given.value) for given in call.keywords if given.arg == keyword), "")
