"""Every table of the record; each row carries its company and every unique key starts with it."""

from storage.tables import (
    absent,
    business,
    deciding,
    incidents,
    letters,
    limiting,
    memory,
    scoring,
    signing_in,
    standing,
    traffic,
    trail,
    trouble,
    work,
)
from storage.tables.columns import metadata

__all__ = [
    "absent",
    "business",
    "deciding",
    "incidents",
    "letters",
    "limiting",
    "memory",
    "metadata",
    "scoring",
    "signing_in",
    "standing",
    "traffic",
    "trail",
    "trouble",
    "work",
]
