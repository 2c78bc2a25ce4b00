"""What every declared operation says, whatever its kind: what it takes, how long it may take, and of an effect its class."""

from typing import Any, Literal

from pydantic import Field

from contracts.authoring import Operation
from contracts.declared import Declared, DurationS, FieldName
from contracts.misdeclared import LONGEST_CALL_S, LONGEST_LAG_S
from contracts.systems.words import TypeWord
from contracts.vocabulary import BlastRadius, EffectClass

REFERENCE, AT, KEY = "reference", "at", "key"
"""What a look gives beside the arguments: what the world calls the effect, and when it was made; and what finds it."""
SINCE = "since"
"""What a dated effect and its look are told beside the arguments."""


class DeclaredRead(Declared):
    """A read: it changes nothing outside."""

    takes: dict[FieldName, TypeWord] = {}
    """What it is asked with, by name."""
    gives: dict[FieldName, TypeWord] = Field(min_length=1)
    """The fields of its answer; rights can name them one by one."""
    rows: Literal["one", "many"] = "one"
    """Whether it gives one record, or null, or a list of records."""
    at_most: int = Field(default=100, ge=1, le=1000)
    """How many records there may be; more are an error and never cut off."""
    personal: tuple[FieldName, ...] = Field(default=(), strict=False)
    """The fields that say something of a person."""
    as_of: FieldName | None = None
    """The field that holds the instant at which what was read was true, for a copy that lags; unsaid, it is as old as its read."""
    timeout_s: DurationS = Field(default=5, alias="timeout", gt=0, le=int(LONGEST_CALL_S))
    """How long a call may take."""


class DeclaredEffect(Declared):
    """An effect: it changes the world under a key, and is read back."""

    blast: BlastRadius = Field(strict=False)
    """Whom it touches."""
    takes: dict[FieldName, TypeWord] = Field(min_length=1)
    """What a proposal of it says, by name."""
    defaults: dict[FieldName, Any] = {}
    """What is taken where a proposal does not say it."""
    personal: tuple[FieldName, ...] = Field(default=(), strict=False)
    """The arguments that say something of a person."""
    timeout_s: DurationS = Field(default=5, alias="timeout", gt=0, le=int(LONGEST_CALL_S))
    """How long a call may take."""
    lag_s: DurationS = Field(default=60, alias="lag", le=int(LONGEST_LAG_S))
    """The longest that what was done may take to show; nothing is done a second time before."""
    amount: FieldName | None = None
    """The argument that is money, for caps."""
    records: int | FieldName = 1
    """How many records it changes, or the argument that counts them."""
    recipients: int | FieldName | None = None
    """How many people it reaches, or the argument that counts them; unsaid one if it reaches customers."""


def read_operation(name: str, declared: DeclaredRead) -> Operation:
    """How the engine knows a declared read."""
    return Operation(name, is_effect=False, timeout_s=float(declared.timeout_s))


def effect_operation(
    name: str,
    declared: DeclaredEffect,
    kind: EffectClass,
    *,
    version: str | None = None,
    lag_s: float | None = None,
    dated: bool = False,
) -> Operation:
    """How the engine knows a declared effect; all but one of class neither are looked for by key."""
    recipients = declared.recipients
    return Operation(
        name,
        is_effect=True,
        effect_class=kind,
        blast=declared.blast,
        timeout_s=float(declared.timeout_s),
        settle_s=float(declared.lag_s if lag_s is None else lag_s),
        look=None if kind is EffectClass.NEITHER else f"{name}_by_key",
        amount=declared.amount,
        records=declared.records,
        recipients=int(declared.blast is BlastRadius.CUSTOMER) if recipients is None else recipients,
        version=version,
        dated=dated,
    )
