"""What is known of a system's tool, whether its company has written or declared it."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.authoring import Operation
from contracts.loaded import EffectSpec


@dataclass(frozen=True, slots=True)
class Tool:
    """A system's tool: its class, its operations by name and its effects by "system.operation".

    `answers` holds, by operation, the fields of the record (or of each record) that a read gives, where its type says;
    `code_hash` is the sha256 of its file, or of what is declared, in hex.
    """

    system: str
    kind: type
    operations: Mapping[str, Operation]
    effects: Mapping[str, EffectSpec]
    answers: Mapping[str, tuple[str, ...]]
    code_hash: str
