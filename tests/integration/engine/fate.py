"""What chance does to a company: requests, trouble in the shop, deaths of runners, leaps of time, answers of anybody."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.authoring import Deterministic, Transient
from contracts.vocabulary import ENDED, Answer
from escalation.cancelling import cancel
from escalation.decisions import Voice, decide
from storage import failpoints
from tests.builders import House
from tests.integration.engine.dying import Reaper, survive
from tests.integration.engine.worlds import Shop, next_runner, raising

TURNS = 60
AMOUNTS = (4200, 74000)
LEAPS_S = (1, 11, 61, 700, 4000, 90000)
TROUBLES = (
    Transient("The shop is away."),
    Deterministic("The shop said no."),
    TimeoutError("no answer"),
    ConnectionResetError("connection reset"),
    KeyError("amount"),
    SystemExit(3),
)
ANSWERS = (Answer.APPROVE, Answer.REJECT, Answer.REVISE, Answer.ASK)
ROUNDS_TO_THE_END = 60
A_DAY_S = 90_000


@dataclass(slots=True)
class Fate:
    """What chance does to the company of one life."""

    office: House
    shop: Shop
    reaper: Reaper
    chance: random.Random
    tasks: list[int] = field(default_factory=list)
    runners: int = 0

    def turn(self) -> None:
        """One thing happens."""
        often: list[Callable[[], object]] = [self.ask, self.work, self.die, self.trouble, self.leap, self.answer] * 4
        survive(self.chance.choice([*often, self.office.sweep, self.cancel]))

    def ask(self) -> None:
        """Another task."""
        order = str(5000 + len(self.tasks))
        self.tasks.append(self.office.asked(order=order, form=order, amount=self.chance.choice(AMOUNTS)))

    def work(self) -> None:
        """A runner works all that is due."""
        self.runners += 1
        next_runner(self.office, f"runner-{self.runners}")
        self.office.work()

    def die(self) -> None:
        """A runner dies somewhere at its work."""
        self.reaper.kill_at(self.chance.randint(1, 40))
        survive(self.work)
        failpoints.arm(None, self.office.deployment.home)

    def trouble(self) -> None:
        """The shop will misbehave at its next calls."""
        where = self.chance.choice((self.shop.before, self.shop.after, self.shop.looking, self.shop.reading))
        where += [raising(self.chance.choice(TROUBLES)) for _ in range(self.chance.randint(1, 4))]

    def leap(self) -> None:
        """Time passes."""
        self.office.wait(self.chance.choice(LEAPS_S))

    def answer(self) -> None:
        """Somebody says something to a decision that is open."""
        numbers = open_decisions(self.office)
        if numbers:
            say(
                self.office,
                self.chance.choice(numbers),
                self.chance.choice(people(self.office)),
                self.chance.choice(ANSWERS),
            )

    def cancel(self) -> None:
        """The asker wants no more of one task."""
        if not self.tasks:
            return
        with self.office.deployment.database.transaction(self.office.company) as unit:
            cancel(unit, task=self.chance.choice(self.tasks), person_id=self.office.asker, reason=None, via="slack")

    def ends_well(self) -> bool:
        """The shop is well, days pass, and whoever may says yes to whatever is asked; whether all tasks have ended."""
        for troubles in (self.shop.before, self.shop.after, self.shop.looking, self.shop.reading):
            troubles.clear()
        for _ in range(ROUNDS_TO_THE_END):
            self.work()
            if all(self.office.task(task).state in ENDED for task in self.tasks):
                return True
            for decision in open_decisions(self.office):
                for person in people(self.office):
                    say(self.office, decision, person, Answer.APPROVE)
            self.office.wait(A_DAY_S)
            self.office.sweep()
        return False


def people(office: House) -> list[str]:
    """Everybody in the company."""
    return [one.id for one in office.deployment.businesses[office.company].company.people]


def open_decisions(office: House) -> list[int]:
    """The decisions that wait for somebody."""
    return [row.number for row in office.rows("select number from decision where state in ('open', 'asked_back')")]


def say(office: House, decision: int, person: str, answer: Answer) -> None:
    """A person's answer, whether they may give it or not."""
    with office.deployment.database.transaction(office.company) as unit:
        decide(unit, Voice(decision, person, answer, "because", "slack", None))
