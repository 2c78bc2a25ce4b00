"""Steps that are done for each item of a list: the type of an item, what is gathered, and how many are enough."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, get_args, get_origin

from pydantic import BaseModel


def item_type(path: str, request: type[BaseModel], state: Mapping[str, Any]) -> Any:
    """The type of the items of a list in the request or the state; None when there is no such list."""
    first, *rest = path.split(".")
    kind: Any = request if first == "request" else state.get(rest[0]) if first == "state" and rest else None
    for name in rest if first == "request" else rest[1:]:
        info = kind.model_fields.get(name) if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        kind = info.annotation if info is not None else None
    return get_args(kind)[0] if get_origin(kind) in (list, tuple) and get_args(kind) else None


def needed(enough: str, total: int) -> int:
    """How many of `total` items have to come out well; one of a list that is not empty, at the least, for `any`."""
    if enough == "all":
        return total
    if enough == "any":
        return min(1, total)
    return ceil(total * int(enough.rstrip("%")) / 100)


def gathered(done: Sequence[Any], left: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document of what was gathered."""
    return {"done": list(done), "left": [dict(one) for one in left]}
