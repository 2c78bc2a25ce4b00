"""Facts that plain JSONLogic can't say: derived from typed fields, or probed in the world and dated."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.declared import Declared, FieldName, Line, Slug

Path = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=200)]
"""A fact, such as `state.post.title`."""


class Derived(Declared):
    """A fact that is computed of another one; rules read it as `derived.NAME`."""

    take: Literal["length", "words", "count", "host", "address", "age"]
    """`length` (characters) and `words` of text, `count` of a list, `host` of an address ("" when it is none), `address`
    (whether text is a whole http or https address), `age` of an instant, in seconds."""
    of: Path
    """The fact that it is computed of."""


class Probe(Declared):
    """A read of the world before a rule is asked; rules read `probe.NAME.value`, and `probe.NAME.at` says when it was."""

    before: Slug
    """The step whose rules need it."""
    read: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z_][a-z0-9_]*$")]
    """The read, as the step's worker has it among its `reads`."""
    given: dict[FieldName, Path] = {}
    """The read's arguments, each from a fact."""
    gives: Literal["boolean", "integer", "text"]
    """What the read answers."""
    because: Line
    """What is found out, for people."""
