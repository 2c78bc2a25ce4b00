"""`chargehand up`: every process of one machine under one parent, and the few lines that a newcomer reads."""

import random
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event
from types import FrameType

import structlog
from sqlalchemy.exc import OperationalError

from chargehand import parts, worlds
from chargehand.embedded import postgres, valkey
from chargehand.embedded.places import InUse, held, log_file
from chargehand.embedded.tether import DidNotStart
from chargehand.logs import lines_to
from chargehand.settings import MAIL_PORTS, Settings
from chargehand.supervisor import Supervisor
from contracts.loaded import Business
from storage import migrate

READY_WITHIN = 60.0  # seconds, on a slow machine with everything cold
PORT_FREE_WITHIN = 5.0  # seconds; the children of a parent that was just killed need a moment
OTHER_PORTS = range(20_000, 32_768)
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ALREADY = "Chargehand is already up in {home}. Stop that one first, or set CHARGEHAND_HOME to another folder."
CANT_WRITE = "Chargehand can't keep its files in {home}: {why}. Make room there, then start it again."
TAKEN = "Port {port} is taken by another program, and {what} needs it. Set {setting} to a free one."


class PortTaken(Exception):
    """A port that we need belongs to another program; the message says which setting chooses another."""


def up(settings: Settings, businesses: Sequence[Business]) -> int:
    """Bring everything up, keep it up, take it down on SIGINT, SIGTERM or SIGHUP. Call it from the main thread.

    The exit status: 0, or 3 when something can't start, after a sentence on stderr. When we are killed, each child
    ends by itself: chargehand.embedded.tether.
    """
    began = time.monotonic()
    try:
        with ExitStack() as stack:
            asked = stack.enter_context(_interruptible())
            _hold(stack, settings)
            settings = _with_free_ports(settings)
            supervisor = stack.enter_context(_supervised(settings))
            _start_all(supervisor, settings, businesses=businesses)
            print(welcome(settings, businesses, seconds=time.monotonic() - began), flush=True)  # noqa: T201
            supervisor.watch(until=asked)
    except KeyboardInterrupt:
        return 0
    except (DidNotStart, InUse, PortTaken) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 3
    except OSError as error:
        print(CANT_WRITE.format(home=settings.home, why=error), file=sys.stderr)  # noqa: T201
        return 3
    return 0


def welcome(settings: Settings, businesses: Sequence[Business], *, seconds: float) -> str:
    """What the terminal says when everything is ready."""
    lines = [f"Chargehand is up ({seconds:.1f} s).  {' '.join(_inventory(business) for business in businesses)}"]
    if settings.sandbox:
        asker = _asker(businesses[0])
        lines.append(f"  Slack, as anyone   {settings.sandbox_url}")
        lines += [f"  Mailboxes          {settings.sandbox_url}mail"] if settings.plays_mail else []
        lines.append(f"  What waits for you {settings.url.rstrip('/')}/")
        lines.append(f"Try: open it, be {asker}, type /chargehand.       Ctrl-C stops everything.")
    else:
        lines.append(f"  Slack sends to     {settings.url.rstrip('/')}/slack/events")
        lines.append("Ctrl-C stops everything.")
    return "\n".join(lines)


def _asker(business: Business) -> str:
    """Somebody who has something to ask for: the first in the file who may ask any lane, if anybody may."""
    company = business.company
    people = [one for one in company.people if one.active]
    wanted = {who for loaded in business.lanes.values() if not loaded.only_observes for who in loaded.lane.may_ask}
    groups = {
        one.id: {f"group:{name}" for name, members in company.groups.items() if one.id in members} for one in people
    }
    asking = (one for one in people if wanted & {"everyone", f"person:{one.id}", *groups[one.id]})
    return next(asking, people[0]).name


def _inventory(business: Business) -> str:
    lanes, people = business.lanes.values(), len(business.company.people)
    workers = sum(len(loaded.lane.workers) for loaded in lanes)
    counts = (_counted(len(lanes), "lane", "lanes"), _counted(workers, "worker", "workers"))
    return f"{business.company.name}: {', '.join(counts)}, {_counted(people, 'person', 'people')}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


@contextmanager
def _interruptible() -> Iterator[Event]:
    """All ways to stop us become KeyboardInterrupt, also SIGINT that a shell told its background job to ignore.

    The event is set, too: an interrupt that comes while an object is cleared away is lost to everybody.
    """
    asked = Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.default_int_handler(number, frame)

    was_deaf = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN  # nohup: the terminal may go
    previous = {number: signal.getsignal(number) for number in INTERRUPTS}
    for number in INTERRUPTS:
        if not (number == signal.SIGHUP and was_deaf):
            signal.signal(number, interrupt)
    try:
        yield asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _hold(stack: ExitStack, settings: Settings) -> None:
    """Keep a second `up`, and other launchers of the embedded parts, out of this home."""
    stack.enter_context(held(settings.home, "up", ALREADY.format(home=settings.home)))
    if settings.database_is_embedded:
        stack.enter_context(postgres.holding(settings.home))
    if settings.redis_is_embedded:
        stack.enter_context(valkey.holding(settings.home))


def _with_free_ports(settings: Settings) -> Settings:
    """The settings with ports that are free; a test's sandbox moves, everything else is as people were told."""
    _insist_on_free(settings.listens_on, what="the gateway", setting="CHARGEHAND_URL")
    if not settings.sandbox:
        return settings
    if settings.test and settings.origin("sandbox_port") == "default":
        taken = not _is_free(("127.0.0.1", settings.sandbox_port))
        return _with_mail_ports(settings.with_sandbox_at(_free_port()) if taken else settings)
    address = ("127.0.0.1", settings.sandbox_port)
    _insist_on_free(address, what="the sandbox", setting="CHARGEHAND_SANDBOX_PORT")
    return _with_mail_ports(settings)


def _with_mail_ports(settings: Settings) -> Settings:
    """Nobody types the ports of the played mail server: beside another `up` they are any that are free."""
    usual = not settings.test and settings.origin("sandbox_port") == "default"
    if not settings.plays_mail or (usual and all(_is_free(("127.0.0.1", port)) for port in MAIL_PORTS)):
        return settings
    return settings.with_mail_at(_free_port(), _free_port())


def _insist_on_free(address: tuple[str, int], *, what: str, setting: str) -> None:
    end = time.monotonic() + PORT_FREE_WITHIN
    while not _is_free(address):
        if time.monotonic() > end:
            raise PortTaken(TAKEN.format(port=address[1], what=what, setting=setting))
        time.sleep(0.1)


def _is_free(address: tuple[str, int]) -> bool:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a listener
        try:
            door.bind(address)
        except OSError:
            return False
    return True


def _free_port() -> int:
    """A port that nobody has: of those below the ones that outgoing connections take, so that none takes it yet."""
    return next(port for port in random.sample(OTHER_PORTS, len(OTHER_PORTS)) if _is_free(("127.0.0.1", port)))


@contextmanager
def _supervised(settings: Settings) -> Iterator[Supervisor]:
    with log_file(settings.home, "up").open("a", encoding="utf-8") as file:
        stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
        record = structlog.wrap_logger(
            lines_to(file)(),
            processors=[structlog.processors.add_log_level, stamp, structlog.processors.JSONRenderer()],
        )
        supervisor = Supervisor(record)
        try:
            yield supervisor
        finally:
            for number in INTERRUPTS:  # a second Ctrl-C must not cut the stopping short: it is short
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()


def _start_all(supervisor: Supervisor, settings: Settings, *, businesses: Sequence[Business]) -> None:
    if settings.sandbox:
        supervisor.start(parts.sandbox(settings, [business.company for business in businesses]))
    for server in parts.servers(settings):
        supervisor.start(server)
    _migrate(settings)
    if settings.sandbox:
        for folder in settings.business_folders:
            worlds.build(folder, settings.home)
    for names in parts.in_turn(settings):
        for name in names:
            supervisor.start(parts.ours(settings, name))
        supervisor.wait_until_ready(READY_WITHIN)


def _migrate(settings: Settings) -> None:
    if settings.database_owner_url is None:
        return
    try:
        migrate.upgrade(settings.database_owner_url.get_secret_value(), test_clock=settings.test)
    except OperationalError as error:
        why = str(error.orig).strip().splitlines()[0]
        raise DidNotStart(f"The database of DATABASE_OWNER_URL can't be migrated: {why}") from error
