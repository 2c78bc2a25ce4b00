"""Holds the misfortunes that a test or a curious person asked the sandbox to play."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from sandbox.clock import Clock


class _Fault(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    team: str | None = None
    times: Annotated[int, Field(ge=1)] = 1


class CallFault(_Fault):
    """The next `times` calls of a Web API method (or `response_url`, or `*`) go wrong.

    `accepted` says whether the call takes effect all the same; unset, it does for timeout and reset_after_accept.
    `retry_after` is sent as it stands, None sends no header; `seconds` is how long a timeout stays silent.
    """

    on: Literal["call"] = "call"
    method: str
    kind: Literal["ratelimited", "status", "html", "timeout", "reset_after_accept", "error"]
    accepted: bool | None = None
    retry_after: str | None = "1"
    status: int = 500
    seconds: float = 30.0
    error: str = "internal_error"

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out although its answer goes wrong."""
        return self.kind in ("timeout", "reset_after_accept") if self.accepted is None else self.accepted


class DeliveryFault(_Fault):
    """The next `times` deliveries (of `type`, if set) come late by `seconds`, or again, `copies` times."""

    on: Literal["delivery"] = "delivery"
    kind: Literal["redeliver", "delay"]
    type: str | None = None
    copies: Annotated[int, Field(ge=1)] = 1
    concurrently: bool = False
    seconds: float = 0.0


class PaceFault(_Fault):
    """Posts to one channel closer together than this are rate limited, until the faults are cleared.

    https://docs.slack.dev/apis/web-api/rate-limits: one message per second per channel.
    """

    on: Literal["pace"]
    seconds_between_posts: float = 1.0


class MailFault(_Fault):
    """The next `times` letters to the mail server go wrong `at` a moment of the conversation (RFC 5321).

    `drop` breaks the line: at `body` in the middle of the letter, at `dot` after the letter was taken. `say` answers with
    `code` and `text`; `slow` waits `seconds` first. `address` keeps a fault at `reader` to one mailbox.
    """

    on: Literal["mail"]
    at: Literal["connect", "sender", "reader", "data", "body", "dot"]
    kind: Literal["drop", "say", "slow"]
    code: Annotated[int, Field(ge=200, le=599)] = 451
    text: str = "4.7.1 Greylisted, try again later"
    seconds: float = 5.0
    address: str | None = None


AnyFault = Annotated[CallFault | DeliveryFault | PaceFault | MailFault, Field(discriminator="on")]
AS_GIVEN: TypeAdapter[list[AnyFault]] = TypeAdapter(list[AnyFault])


_AnyKind = TypeVar("_AnyKind", CallFault, DeliveryFault, MailFault)


class Faults:
    """The misfortunes still to come, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posted: dict[tuple[str, str], float] = {}
        self.pending: list[AnyFault] = []

    def add(self, faults: list[AnyFault]) -> None:
        """Ask for more."""
        self.pending.extend(faults)

    def clear(self) -> None:
        """Everything goes well again."""
        self.pending.clear()
        self._posted.clear()

    def next_for_call(self, team: str, method: str, channel: str | None) -> CallFault | None:
        """What befalls this call; counted as used."""
        for fault in self.pending:
            if isinstance(fault, CallFault) and fault.team in (None, team) and fault.method in (method, "*"):
                return self._use(fault)
        return self._too_fast(team, channel) if channel and method.startswith("chat.post") else None

    def next_for_delivery(self, team: str, kind: str) -> list[DeliveryFault]:
        """What befalls this delivery: at most one of each kind; counted as used."""
        found: dict[str, DeliveryFault] = {}
        for fault in self.pending:
            if isinstance(fault, DeliveryFault) and fault.team in (None, team) and fault.type in (None, kind):
                found.setdefault(fault.kind, fault)
        return [self._use(fault) for fault in found.values()]

    def next_for_mail(self, at: str, address: str | None = None) -> MailFault | None:
        """What befalls a letter at this moment of its conversation; counted as used."""
        for fault in self.pending:
            if isinstance(fault, MailFault) and fault.at == at and fault.address in (None, address):
                return self._use(fault)
        return None

    def _use(self, fault: _AnyKind) -> _AnyKind:
        left = [other for other in self.pending if other is not fault]
        if fault.times > 1:
            place = next(number for number, other in enumerate(self.pending) if other is fault)
            left.insert(place, fault.model_copy(update={"times": fault.times - 1}))
        self.pending[:] = left
        return fault

    def _too_fast(self, team: str, channel: str) -> CallFault | None:
        pace = next((fault for fault in self.pending if isinstance(fault, PaceFault)), None)
        now, last = self._clock.now(), self._posted.get((team, channel), 0.0)
        if pace and now - last < pace.seconds_between_posts:
            return CallFault(method="*", kind="ratelimited")
        self._posted[(team, channel)] = now
        return None
