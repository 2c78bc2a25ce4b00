"""What is wrong with a rule, said so that its author can mend it without asking."""

from dataclasses import dataclass

from contracts.rules.guard import Pointer


@dataclass(frozen=True, slots=True)
class RuleMistake:
    """One mistake: `pointer` leads to it from the rule's root, `hint` names the nearest right thing, if there is one."""

    pointer: Pointer
    message: str
    found: str
    expected: str
    hint: str | None = None

    @property
    def sentence(self) -> str:
        """Message and hint, as they are shown."""
        return f"{self.message}. {self.hint}" if self.hint else self.message


class RuleRefused(ValueError):
    """A rule has mistakes and was not compiled; `mistakes` holds all of them."""

    def __init__(self, mistakes: list[RuleMistake]) -> None:
        super().__init__("; ".join(mistake.sentence for mistake in mistakes))
        self.mistakes = mistakes
