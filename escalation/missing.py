"""Keeps on a person's trail that they named what is not here: perhaps another company's, which they are told in the same words."""

from storage.audit import Said, note
from storage.database import Unit

_LONGEST = 200


def in_vain(unit: Unit, person_id: str, what: str) -> None:
    """Note that a person asked for something that this company does not have."""
    named = "".join(one if one.isprintable() else " " for one in what[:_LONGEST])
    note(unit, f"person:{person_id[:_LONGEST]}", Said("not_found", f"person:{person_id[:_LONGEST]}", {"named": named}))
