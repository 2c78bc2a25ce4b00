"""Turns whatever a step raised into a failure that the ladder understands: known errors by table, the rest plainly."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from contracts.authoring import Failure
from contracts.failed import Failed
from contracts.known_failures import BY_NAME, PROTOCOLS, RETRY_AFTER, TABLE, Replies, known
from contracts.vocabulary import FailureCase, FailureClass
from engine.strangers import Escaped

_LONGEST_CAUSE = 80


def classify(error: BaseException, *, system: str = "", now: datetime | None = None) -> Failed:
    """The class, case, cause and sentence of an error; one that nobody knows is never retried blindly.

    `system` is the outside system that was being called. `now` is what a date in Retry-After is counted from.
    """
    if issubclass(type(error), Failure):  # the type is asked, not the error: isinstance would ask a hostile one
        return _said(error, system)
    case, status = _recognised(error)
    if case is None:
        name = str(error) if type(error) is Escaped else type(error).__name__
        return Failed(
            FailureClass.DETERMINISTIC,
            FailureCase.WORKER,
            f"The worker stopped with {plain(name)}.",
            case=FailureCase.WORKER,
            system=system,
        )
    is_transient = TABLE[case].kind is FailureClass.TRANSIENT
    pause, cause = (_pause(error, now), system or case) if is_transient else (None, case)
    return Failed(TABLE[case].kind, cause, _sentence(case, status), pause, case, status, system)


def _said(error: Any, system: str) -> Failed:
    """A failure as its author put it, whatever they put there."""
    pause = error.retry_after_s if isinstance(error.retry_after_s, int | float) and error.retry_after_s > 0 else None
    case = plain(error.case, longest=_LONGEST_CAUSE) if error.case else ""
    cause = plain(error.cause or case or type(error).__name__.lower(), longest=_LONGEST_CAUSE)
    kind = getattr(error, "kind", FailureClass.DETERMINISTIC)
    line = known(case)
    otherwise = line.otherwise if line is not None and line.kind is kind else None
    nothing = error.nothing_done is True
    sentence = plain(error.sentence)
    return Failed(kind, cause, sentence, pause, case, system=system, otherwise=otherwise, nothing_done=nothing)


def _recognised(error: BaseException) -> tuple[FailureCase | None, int]:
    """The case of an error that is not ours, and the number that the other side gave; asking it may fail as well."""
    try:
        names = [kind.__name__ for kind in type(error).__mro__]
        for protocol in PROTOCOLS:
            reply = _reply(error, protocol, names)
            if reply and (case := protocol.case_of(reply)) is not None:
                return case, int(reply) if reply.isdecimal() else 0
        return next((BY_NAME[name] for name in names if name in BY_NAME), None), 0
    except Exception:  # noqa: BLE001 - a stranger's error may raise when it is asked: then it is unknown
        return None, 0


def _reply(error: BaseException, protocol: Replies, names: list[str]) -> str:
    if protocol.marks and not protocol.marks & set(names):
        return ""
    for place in protocol.places:
        found = _at(error, place)
        if isinstance(found, Mapping) and found:  # one answer for each recipient: the worst of them
            found = max(code for code, *_ in found.values())
        reply = str(int(found)) if isinstance(found, int) else found  # http.HTTPStatus is one, too
        if isinstance(reply, str) and len(reply) == protocol.length:
            return reply
    return ""


def _at(error: object, path: str) -> Any:
    found = error
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def _sentence(case: FailureCase, status: int) -> str:
    sentence = TABLE[case].sentence
    return f"{sentence.removesuffix('.')} ({status})." if status else sentence


def _pause(error: BaseException, now: datetime | None) -> float | None:
    """How long the other side asks us to stay away (RFC 9110, 10.2.3): seconds, or a date."""
    try:
        found = next(filter(None, (_at(error, place) for place in RETRY_AFTER)), None)
        text = str(found.get("Retry-After") or found.get("retry-after") or "").strip() if found is not None else ""
        if text.isdecimal() and text.isascii():
            return float(text[:12])
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds()) if text and now else None
    except Exception:  # noqa: BLE001 - a stranger's error may raise when it is asked: then nothing was asked of us
        return None


def plain(text: object, *, longest: int = 300) -> str:
    """One line that the record can keep: no control characters (PostgreSQL keeps no NUL), cut at `longest`."""
    line = "".join(one if one.isprintable() else " " for one in str(text)[: longest + 1]).strip()
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
