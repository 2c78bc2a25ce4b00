"""A mail server on loopback: letters in by SMTP as the sandbox takes them, and out of their mailboxes by IMAP (RFC 3501)."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults, MailFault
from sandbox.keeping import Keeper
from sandbox.mail import server
from sandbox.mail.mailboxes import Letter, Mailboxes
from tests.ports import free_port

COPIES, PASSWORD = "copies@yard.example", 'hu"sh'
_COMMAND = re.compile(r"(?P<tag>\S+) (?P<words>.*)")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|\(.*\)|[^\s"(]+')


@dataclass(slots=True)
class Postbox:
    """`blind` looks show nothing of what is there, `deaf` ones are never answered; `heard` are the commands of IMAP."""

    mailboxes: Mailboxes
    faults: Faults
    smtp_port: int
    imap_port: int
    imaps_port: int
    certificate: Path
    blind: int = 0
    deaf: bool = False
    heard: list[str] = field(default_factory=list)

    @property
    def smtp(self) -> str:
        """The address letters are handed over at."""
        return f"smtp://127.0.0.1:{self.smtp_port}?tls=none"

    @property
    def imap(self) -> str:
        """The address of the mailbox of copies."""
        return f"imap://copies%40yard.example:hu%22sh@127.0.0.1:{self.imap_port}/All%20copies?tls=none"

    @property
    def imaps(self) -> str:
        """The address of the same over TLS, with a certificate that nobody trusts by itself."""
        return f"imaps://copies%40yard.example:hu%22sh@127.0.0.1:{self.imaps_port}/All%20copies"

    def fault(self, at: str, kind: str, **more: object) -> None:
        """Have the mail server misbehave."""
        self.faults.add([MailFault.model_validate({"on": "mail", "at": at, "kind": kind, **more})])

    def letters(self, who: str) -> list[Message]:
        """What is in somebody's mailbox, oldest first."""
        return [message_from_bytes(one.raw) for one in self.mailboxes.of(who)]


@contextmanager
def postbox(folder: Path, *people: str) -> Iterator[Postbox]:
    """The mail server of these addresses, and of the copies, in a thread of its own; its certificate lies in the folder."""
    opening = _open(_certificate(folder), (*people, COPIES))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opening) as found:
        yield found


def _certificate(folder: Path) -> Path:
    """A key and a certificate of this machine, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "yard")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    begun = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
    dated = begun.serial_number(1).not_valid_before(since).not_valid_after(until)
    made = dated.add_extension(here, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "yard.pem").write_bytes(private + made.public_bytes(Encoding.PEM))
    return folder / "yard.pem"


@asynccontextmanager
async def _open(certificate: Path, people: tuple[str, ...]) -> AsyncIterator[Postbox]:
    users = [{"id": f"U{number}", "name": one, "real_name": one, "email": one} for number, one in enumerate(people)]
    team = {"id": "T0", "domain": "yard", "name": "Yard", "signing_secret": "s", "bot_token": "t", "request_url": "u"}
    app = {"id": "A0", "name": "Yard", "bot_id": "B0", "bot_user_id": "U"}
    config = Config.model_validate({"teams": [{**team, "app": app, "users": users, "channels": []}]}, strict=False)
    clock, before = Clock(), asyncio.all_tasks()
    mailboxes, faults = Mailboxes(config.teams, Keeper(None), clock), Faults(clock)
    found = Postbox(mailboxes, faults, free_port(), free_port(), free_port(), certificate)
    smtp = await server.listen(found.smtp_port, mailboxes=mailboxes, faults=faults)
    imap = await asyncio.start_server(lambda *line: _Talk(found, *line).run(), "127.0.0.1", found.imap_port)
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(certificate)
    imaps = await asyncio.start_server(
        lambda *line: _Talk(found, *line).run(), "127.0.0.1", found.imaps_port, ssl=trust
    )
    try:
        yield found
    finally:
        smtp.close()
        imap.close()
        imaps.close()
        found.deaf = False
        while talks := asyncio.all_tasks() - before:  # clients have hung up: each talk ends when it hears of it
            await asyncio.wait(talks)
        await asyncio.sleep(0)


class _Talk:
    """One conversation with a client that reads the copies."""

    def __init__(self, box: Postbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._box, self._reader, self._writer = box, reader, writer
        self._stage = "greeted"

    async def run(self) -> None:
        """Answer each command until the client hangs up."""
        self._say("* OK [CAPABILITY IMAP4rev1] ready")
        while line := await self._heard():
            found = _COMMAND.fullmatch(line)
            assert found is not None, line
            words = [_bare(one) for one in _WORD.finditer(found["words"])]
            self._box.heard.append(" ".join(words[:2]))
            while self._box.deaf:
                self._writer.write(b"* OK still here\r\n")
                await asyncio.sleep(0.05)
            self._say(f"{found['tag']} {self._answer(words)}")
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _heard(self) -> str:
        try:
            return (await self._reader.readline()).decode("ascii").rstrip("\r\n")
        except ConnectionError:
            return ""

    def _say(self, line: str) -> None:
        self._writer.write(f"{line}\r\n".encode())

    def _answer(self, words: list[str]) -> str:
        """What it says at the end; a command that is unknown, or out of its turn, is BAD."""
        known: dict[str, tuple[str, Callable[..., str]]] = {
            "CAPABILITY": ("greeted", self._tell_what_it_can),
            "LOGIN": ("greeted", self._log_in),
            "EXAMINE": ("known", self._open),
            "UID SEARCH": ("open", self._search),
            "UID FETCH": ("open", self._fetch),
        }
        length = 2 if words[0] == "UID" else 1
        stage, act = known.get(" ".join(words[:length]), ("never", self._tell_what_it_can))
        return act(*words[length:]) if stage == self._stage else "BAD not now"

    def _tell_what_it_can(self) -> str:
        self._say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def _log_in(self, user: str, password: str) -> str:
        if (user, password) != (COPIES, PASSWORD):
            return "NO [AUTHENTICATIONFAILED] who are you?"
        self._stage = "known"
        return "OK done"

    def _open(self, folder: str) -> str:
        if folder != "All copies":
            return "NO no such folder"
        self._say(f"* {len(self._letters())} EXISTS")
        self._stage = "open"
        return "OK [READ-ONLY] done"

    def _search(self, kind: str, header: str, value: str) -> str:
        assert kind == "HEADER"
        shown = [] if self._is_blind() else self._letters()
        numbers = [str(7 + at) for at, one in enumerate(shown) if value.lower() in _header(one, header).lower()]
        self._say(" ".join(["* SEARCH", *numbers]))
        return "OK done"

    def _fetch(self, numbers: str, what: str) -> str:
        for number in numbers.split(","):
            self._show(int(number) - 7, what)
        return "OK done"

    def _letters(self) -> list[Letter]:
        return self._box.mailboxes.of(COPIES)

    def _is_blind(self) -> bool:
        self._box.blind -= 1
        return self._box.blind >= 0

    def _show(self, place: int, what: str) -> None:
        asked = re.fullmatch(r"\(INTERNALDATE BODY\.PEEK\[HEADER\.FIELDS \(([^)]*)\)\]\)", what)
        assert asked is not None, what
        letter = self._letters()[place]
        lines = "".join(f"{name}: {_header(letter, name)}\r\n" for name in asked[1].split() if _header(letter, name))
        text, at = f"{lines}\r\n".encode(), datetime.fromtimestamp(letter.at, UTC)
        day = f'"{at.day:2d}-{_MONTHS[at.month - 1]}-{at:%Y %H:%M:%S} +0000"'
        head = f"* {place + 1} FETCH (UID {place + 7} INTERNALDATE {day} BODY[HEADER.FIELDS ({asked[1]})] "
        self._writer.write(f"{head}{{{len(text)}}}\r\n".encode() + text + b")\r\n")


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _bare(word: re.Match[str]) -> str:
    """A word without its quotes; one in parentheses stays together."""
    return re.sub(r"\\(.)", r"\1", word[1]) if word[1] is not None else word[0]


def _header(letter: Letter, name: str) -> str:
    return str(message_from_bytes(letter.raw).get(name, ""))


def readers(letter: Message) -> tuple[str, str | None]:
    """Whom a letter says that it is for, and whether it names anybody beside them."""
    return parseaddr(letter["To"])[1], letter["Cc"] or letter["Bcc"]
