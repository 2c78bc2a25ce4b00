"""How to reach this home's embedded parts, running or not; light to import, because every command asks."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from chargehand.embedded.places import socket_folder
from chargehand.kept import kept

ADMINISTRATOR = "chargehand_launcher"
OWNER = "chargehand_owner"
APP = "chargehand_app"
DATABASE = "chargehand"
POSTGRES_PORT = 5432  # only names the socket file: nothing listens on the network
VALKEY_SOCKET = "valkey.sock"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrls:
    """SQLAlchemy URLs of one database: for the role that owns it (it migrates), and for the app's plain role."""

    owner: str
    app: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """One password per role of the embedded PostgreSQL."""

    administrator: str
    owner: str
    app: str


def database(home: Path, name: str = DATABASE) -> DatabaseUrls:
    """The URLs of a database of this home's PostgreSQL; passwords and socket folder are made when missing."""
    form = "postgresql+psycopg://{role}:{password}@/{name}?host={sockets}&port={port}"
    known, common = passwords(home), {"name": name, "sockets": socket_folder(home), "port": POSTGRES_PORT}
    return DatabaseUrls(
        owner=form.format(role=OWNER, password=known.owner, **common),
        app=form.format(role=APP, password=known.app, **common),
    )


def valkey(home: Path) -> str:
    """The URL of this home's Valkey, in the form that redis-py reads."""
    return f"unix://:{valkey_password(home)}@{socket_folder(home) / VALKEY_SOCKET}?db=0"


def passwords(home: Path) -> Passwords:
    """The passwords of the three roles."""
    return Passwords(
        administrator=kept(home, "postgres-administrator", secrets.token_urlsafe),
        owner=kept(home, "postgres-owner", secrets.token_urlsafe),
        app=kept(home, "postgres-app", secrets.token_urlsafe),
    )


def valkey_password(home: Path) -> str:
    """The password that Valkey asks for."""
    return kept(home, "valkey-password", secrets.token_urlsafe)
