"""Objects that look like JSON and change, never end, lie about themselves or refuse to be looked at."""

from collections.abc import Iterator
from typing import Any


class Changing(dict[str, Any]):
    """Another object each time that somebody looks."""

    looked = 0

    def items(self) -> Any:
        self.looked += 1
        self[f"key {self.looked}"] = self.looked
        return super().items()

    def __iter__(self) -> Iterator[str]:
        self["more"] = 1
        return super().__iter__()

    def __getitem__(self, key: str) -> Any:
        self.looked += 1
        return self.looked


class Endless(list[Any]):
    """A list that never ends for those who iterate, and lies about its length."""

    def __iter__(self) -> Iterator[Any]:
        while True:
            yield 1

    def __len__(self) -> int:
        return 1 << 60


class LyingText(str):
    """Text that says something else each time."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no")

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class LyingInteger(int):
    """An integer that compares as it likes."""

    def __le__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True

    def __int__(self) -> int:
        return 7


class GrowingInteger(int):
    """A small integer that comes out large."""

    def __int__(self) -> int:
        return 2**70

    def __index__(self) -> int:
        return 2**70


class EndlessTuple(tuple[Any, ...]):
    """A tuple that never ends for those who iterate."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        while True:
            yield 1


class Pretending:
    """An object that says it is a dict."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return dict


class LyingFloat(float):
    """A float that is not what it says."""

    def __float__(self) -> float:
        raise RuntimeError("no")


class Refusing:
    """An object at which nobody can look."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        raise RuntimeError("no")
