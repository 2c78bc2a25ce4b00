"""The one place that reads the environment: every setting, its default, and where its value came from."""

import base64
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import parse_qs, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chargehand.embedded import addresses
from chargehand.kept import kept

SLACK_API = "https://slack.com/api/"
MAIL_PORTS = 8025, 8026
SLACK_OF_YOUR_OWN = ("slack_api_url", "slack_bot_token", "slack_client_id", "slack_app_token", "slack_signing_secret")
NOT_FOR_CHILDREN = ("DATABASE_OWNER_URL",)
KEPT_FROM_CHILDREN = ("database_owner_url", "sandbox", "secret", "audit_key", "mail_inbound_secret")
_CALENDAR = re.compile(r"(?P<company>[a-z0-9-]+)/(?P<person>[a-z0-9-]+)=(?P<scheme>https?|webcals?)://(?P<rest>\S+)")
_SECURE = {"webcal": "https", "webcals": "https"}
PASSWORD_IN_URL = re.compile(r"(?<=:)[^:/@]+(?=@)")
UNSAFE_TEST = (
    "CHARGEHAND_TEST is set, so tests may move the clock and kill processes, but DATABASE_URL points to {host}, "
    "which is not this machine. Unset one of the two."
)


class BadSettings(Exception):
    """A setting can't be used; the message says which and why, and shows no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of `chargehand settings`: secrets are masked in `shown`."""

    name: str
    shown: str
    origin: str
    meaning: str


def _seconds(value: object) -> object:
    return value.removesuffix("s").strip() if isinstance(value, str) else value


def _calendars(value: SecretStr) -> SecretStr:
    wrong = [at for at, one in enumerate(value.get_secret_value().split(), 1) if _CALENDAR.fullmatch(one) is None]
    if wrong:
        raise ValueError(f"entry {wrong[0]} is not COMPANY/PERSON=https://…; put spaces between entries")
    return value


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=86_400)]


def _setting(name: str, meaning: str, *, default: object = None, **limits: Any) -> Any:
    return Field(default=default, validation_alias=name, description=meaning, **limits)


class Settings(BaseSettings):
    """All settings, frozen. `Settings.load()` makes them; what is not set and not made is None.

    `chargehand settings` prints them with their meanings.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",  # .env may hold the settings of other programs
        env_ignore_empty=True,
        case_sensitive=True,
        hide_input_in_errors=True,
    )

    business: str = _setting(
        "CHARGEHAND_BUSINESS", "folders that declare companies, joined by ':'", default="examples/morning"
    )
    home: Path = _setting("CHARGEHAND_HOME", "where the embedded parts keep their data", default=Path(".chargehand"))
    artifacts: str = _setting(
        "CHARGEHAND_ARTIFACTS",
        "where artifacts of more than 4 KiB lie: a folder, or a store such as s3://bucket/folder",
        default="",
    )
    url: str = _setting(
        "CHARGEHAND_URL",
        "how browsers reach the gateway",
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^/\s]+/?$",
    )
    listen: str = _setting(
        "CHARGEHAND_LISTEN",
        "host:port on which the gateway listens; else the URL's port",
        default="",
        pattern=r"^(\S+:\d+)?$",
    )
    secret: SecretStr = _setting("CHARGEHAND_SECRET", "signs tokens and sessions", default=SecretStr(""))
    audit_key: SecretStr = _setting(
        "CHARGEHAND_AUDIT_KEY", "Ed25519 key that signs checkpoints, base64", default=SecretStr("")
    )
    lease: Duration = _setting("CHARGEHAND_LEASE", "lease of a claimed task, seconds", default=10.0)
    sweep: Duration = _setting("CHARGEHAND_SWEEP", "how often the clock sweeps, seconds", default=2.0)
    runners: int = _setting("CHARGEHAND_RUNNERS", "runners in one pool", default=2, ge=1, le=64)
    sandbox: bool = _setting(
        "CHARGEHAND_SANDBOX", "whether `up` plays Slack; not when SLACK_* are your own", default=True
    )
    sandbox_port: int = _setting("CHARGEHAND_SANDBOX_PORT", "port of the sandbox's page", default=8010, ge=1, le=65_535)
    test: bool = _setting("CHARGEHAND_TEST", "opens the checks from outside; never in earnest", default=False)
    failpoint: str | None = _setting("CHARGEHAND_FAILPOINT", "name[:n], where a process kills itself")
    database_url: SecretStr = _setting("DATABASE_URL", "PostgreSQL, the app's plain role", default=SecretStr(""))
    database_owner_url: SecretStr | None = _setting("DATABASE_OWNER_URL", "same server, owner role; for migrate")
    redis_url: SecretStr = _setting("REDIS_URL", "Redis or Valkey that wakes the runners", default=SecretStr(""))
    slack_bot_token: SecretStr | None = _setting("SLACK_BOT_TOKEN", "Slack app: bot token")
    slack_signing_secret: SecretStr | None = _setting("SLACK_SIGNING_SECRET", "Slack app: signing secret")
    slack_app_token: SecretStr | None = _setting("SLACK_APP_TOKEN", "Slack app: app token, means Socket Mode")
    slack_client_id: str | None = _setting("SLACK_CLIENT_ID", "Slack app: client id for installs")
    slack_client_secret: SecretStr | None = _setting("SLACK_CLIENT_SECRET", "Slack app: client secret")
    slack_api_url: str = _setting(
        "SLACK_API_URL", "base address of Slack's Web API", default=SLACK_API, pattern="^https?://"
    )
    smtp_url: SecretStr | None = _setting("SMTP_URL", "mail out: smtp://user:pass@host:587?tls=starttls")
    imap_url: SecretStr | None = _setting("IMAP_URL", "mail in: imaps://user:pass@host/INBOX")
    mail_from: str | None = _setting("MAIL_FROM", "sender of our mail")
    mail_domain: str | None = _setting("MAIL_DOMAIN", "domain of reply addresses")
    mail_listen: str | None = _setting("MAIL_LISTEN", "host:port for the LMTP or SMTP listener")
    mail_authserv_id: str | None = _setting("MAIL_AUTHSERV_ID", "whose Authentication-Results count")
    mail_trusted_relays: str | None = _setting("MAIL_TRUSTED_RELAYS", "from which networks or socket they count")
    mail_inbound_secret: SecretStr = _setting("MAIL_INBOUND_SECRET", "signs POST /email/inbound", default=SecretStr(""))
    calendars: Annotated[SecretStr, AfterValidator(_calendars)] | None = _setting(
        "CHARGEHAND_CALENDARS", "who is away: COMPANY/PERSON=https://… of each calendar's feed, spaces between"
    )
    llm_model: str | None = _setting("LLM_MODEL", "an OpenAI-compatible model, or a pydantic-ai model name")
    llm_base_url: str | None = _setting("LLM_BASE_URL", "where that model answers")
    llm_api_key: SecretStr | None = _setting("LLM_API_KEY", "its key")
    sentry_dsn: SecretStr | None = _setting("SENTRY_DSN", "where errors go")
    otlp_endpoint: str | None = _setting("OTEL_EXPORTER_OTLP_ENDPOINT", "where traces go")

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, root: Path | None = None) -> Self:
        """Settings from the environment, else `root/.env`, else kept in the home folder (made there the first time).

        `root` is the checkout unless given; defaults that are relative paths start there, given ones where we stand.

        Raises:
            BadSettings: a value can't be used.
            OSError: the home folder can't be written.
        """
        start = root or _checkout()
        try:
            given = cls(_env_file=start / ".env")
        except ValidationError as error:
            raise BadSettings(_sentence(error)) from error
        return given.filled(start)

    @property
    def business_folders(self) -> tuple[Path, ...]:
        """The folders that declare companies, absolute."""
        return tuple(Path(part) for part in self.business.split(":") if part)

    @property
    def listens_on(self) -> tuple[str, int]:
        """Host and port of the gateway's own socket; a public URL without port means a proxy in front of port 8000."""
        if self.listen:
            host, _, port = self.listen.rpartition(":")
            return host, int(port)
        return "127.0.0.1", urlsplit(self.url).port or 8000

    def calendars_of(self, company: str) -> dict[str, str]:
        """The addresses of the calendars of a company's people, by person."""
        given = self.calendars.get_secret_value() if self.calendars is not None else ""
        found = [one.groupdict() for one in map(_CALENDAR.fullmatch, given.split()) if one is not None]
        return {
            one["person"]: f"{_SECURE.get(one['scheme'], one['scheme'])}://{one['rest']}"
            for one in found
            if one["company"] == company
        }

    @property
    def sandbox_url(self) -> str:
        """Where the sandbox's page is, with a slash at the end."""
        return f"http://127.0.0.1:{self.sandbox_port}/"

    @property
    def database_is_embedded(self) -> bool:
        """Whether `up` starts the PostgreSQL that comes with us."""
        return self.origin("database_url") == "embedded"

    @property
    def redis_is_embedded(self) -> bool:
        """Whether `up` starts the Valkey that comes with us."""
        return self.origin("redis_url") == "embedded"

    @property
    def plays_mail(self) -> bool:
        """Whether the sandbox is the mail server."""
        return self.is_played("smtp_url")

    def is_played(self, field: str) -> bool:
        """Whether a value is that of the sandbox."""
        return self.origin(field) == "sandbox"

    def origin(self, field: str) -> str:
        """Where the value of a field came from."""
        return self._origins.get(field, "default")

    def sources(self) -> list[Setting]:
        """Every setting with its value, secrets masked, and where the value came from."""
        return [
            Setting(
                name=str(field.validation_alias),
                shown=_shown(getattr(self, name)),
                origin=self.origin(name),
                meaning=field.description or "",
            )
            for name, field in type(self).model_fields.items()
        ]

    def for_children(self) -> dict[str, str]:
        """What a process that we start reads instead of working it out again, as environment variables."""
        told = [name for name in ("home", "business", "sandbox_port", *self._origins) if name not in KEPT_FROM_CHILDREN]
        values = {str(type(self).model_fields[name].validation_alias): getattr(self, name) for name in told}
        return {alias: _plain(value) for alias, value in values.items() if value is not None}

    def with_sandbox_at(self, port: int) -> Self:
        """The same settings with the sandbox on another port."""
        return self.model_copy(update={"sandbox_port": port, "slack_api_url": f"http://127.0.0.1:{port}/api/"})

    def with_mail_at(self, smtp_port: int, listen_port: int) -> Self:
        """The same settings with the sandbox's mail server, and our listener behind it, on other ports."""
        moved = {name: value for name, value in _mail_at(smtp_port, listen_port).items() if self.is_played(name)}
        return self.model_copy(update=moved)

    def filled(self, root: Path) -> Self:
        """The same settings with what was not given: made and kept in the home folder, embedded, or played."""
        self._refuse_unsafe_test()
        home = self._from(root, "home", str(self.home))
        folders = [str(self._from(root, "business", part)) for part in self.business.split(":") if part]
        defaults = {**_made(home), **self._embedded(home), **self._played(home)}
        missing = {name: found for name, found in defaults.items() if name not in self.model_fields_set}
        self._origins.update(self._given_origins() | {name: origin for name, (_, origin) in missing.items()})
        values = {name: value for name, (value, _) in missing.items()}
        return self.model_copy(update={**values, "home": home, "business": ":".join(folders)})

    def _given_origins(self) -> dict[str, str]:
        aliases = {name: str(field.validation_alias) for name, field in type(self).model_fields.items()}
        return {name: "environment" if aliases[name] in os.environ else ".env" for name in self.model_fields_set}

    def _from(self, root: Path, field: str, path: str) -> Path:
        return Path(path).absolute() if field in self.model_fields_set else root / path

    def _embedded(self, home: Path) -> "Defaults":
        parts: Defaults = {}
        if "database_url" not in self.model_fields_set:
            urls = addresses.database(home)
            parts["database_url"] = (SecretStr(urls.app), "embedded")
            parts["database_owner_url"] = (SecretStr(urls.owner), "embedded")
        if "redis_url" not in self.model_fields_set:
            parts["redis_url"] = (SecretStr(addresses.valkey(home)), "embedded")
        return parts

    def _played(self, home: Path) -> "Defaults":
        if not self.sandbox or self.model_fields_set.intersection(SLACK_OF_YOUR_OWN):
            return {"sandbox": (False, "your own Slack")}
        token = kept(home, "sandbox-bot-token", lambda: f"xoxb-{secrets.token_hex(16)}")
        signing = kept(home, "sandbox-signing-secret", lambda: secrets.token_hex(16))
        return {
            "slack_api_url": (f"http://127.0.0.1:{self.sandbox_port}/api/", "sandbox"),
            "slack_bot_token": (SecretStr(token), "sandbox"),
            "slack_signing_secret": (SecretStr(signing), "sandbox"),
            **self._played_mail(),
        }

    def _played_mail(self) -> "Defaults":
        """The sandbox's mail server, unless another one is named."""
        if "smtp_url" in self.model_fields_set:
            return {}
        values = {
            **_mail_at(*MAIL_PORTS),
            "mail_from": "chargehand@chargehand.example",
            "mail_domain": "chargehand.example",
            "mail_authserv_id": "mailboxes.example",
            "mail_trusted_relays": "127.0.0.0/8",
        }
        return {name: (value, "sandbox") for name, value in values.items()}

    def _refuse_unsafe_test(self) -> None:
        url = self.database_url.get_secret_value()
        strangers = [host for host in _hosts(url) if url and not _is_local(host)]
        if self.test and strangers:
            raise BadSettings(UNSAFE_TEST.format(host=strangers[0]))


Defaults = dict[str, tuple[object, str]]
"""Field name to its value and where that came from."""


def variable(name: str) -> str | None:
    """The value of a variable that a company's file names, from the environment, else from the checkout's `.env`."""
    return os.environ.get(name) or dotenv_values(_checkout() / ".env").get(name)


def slack_api() -> str:
    """The base address of Slack's Web API that declared systems speak to: the one of this deployment."""
    return variable("SLACK_API_URL") or SLACK_API


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that we start: ours without the owner's database URL, and with `changes`."""
    return {**{name: value for name, value in os.environ.items() if name not in NOT_FOR_CHILDREN}, **changes}


def forget_slack_environment() -> None:
    """Take SLACK_* out of the environment, from which Bolt would build an OAuth flow with a store of files."""
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        del os.environ[name]


def _checkout() -> Path:
    place = Path(__file__).resolve().parents[1]
    return place if (place / "pyproject.toml").exists() else Path.cwd()


def _mail_at(smtp_port: int, listen_port: int) -> dict[str, object]:
    return {
        "smtp_url": SecretStr(f"smtp://127.0.0.1:{smtp_port}?tls=none"),
        "mail_listen": f"127.0.0.1:{listen_port}",
    }


def _made(home: Path) -> Defaults:
    makers = {
        "secret": lambda: secrets.token_urlsafe(32),
        "audit_key": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),  # any 32 bytes: RFC 8032, 5.1.5
        "mail_inbound_secret": lambda: secrets.token_urlsafe(32),
    }
    return {name: (SecretStr(kept(home, name, make)), "kept in home") for name, make in makers.items()}


def _sentence(error: ValidationError) -> str:
    return "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, SecretStr):
        return str(value)
    plain = value.get_secret_value()
    return PASSWORD_IN_URL.sub("***", plain) if urlsplit(plain).username is not None else "***"


def _hosts(url: str) -> list[str]:
    """Every host a PostgreSQL URL may reach, as libpq reads it (PGHOST counts when the URL names none)."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    named = [parts.netloc.rpartition("@")[2], *asked.get("host", []), *asked.get("hostaddr", [])]
    hosts = [host for name in named for host in name.split(",") if host]
    return hosts or [os.environ.get("PGHOST", "/")]


def _is_local(host: str) -> bool:
    name = host if host.startswith("/") else (urlsplit(f"//{host}").hostname or "")
    if name.startswith("/") or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
