"""Lives through a journey as processes do: woken by Redis or by the clock, dying anywhere, and others going on."""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from rq import Queue
from rq.serializers import JSONSerializer

from chargehand.composition import runtimes
from contracts.vocabulary import Answer, EffectClass, TaskState
from engine.shift import Runner, take_up, work_shift
from engine.wake_up_jobs import company_of
from engine.wakeups import queue_name
from engine.watch import Watch
from escalation.decisions import Voice, decide
from storage.claims import Claimant
from tests.builders import House
from tests.faults.journeys import Journey
from tests.faults.outcomes import Outcome, World, has_happened, outcome_of
from tests.integration.engine.dying import survive, survived

LEASE_AND_A_BIT_S = 11
MOST_TURNS = 25
_UNSEALED = "select 1 from audit_entry e where not exists (select 1 from audit_leaf l where l.entry = e.id) limit 1"
_DONE = f"select 1 from task where state = '{TaskState.DONE}'"
_FAILED = "select 1 from attempt where failure_class is not null"
_REMINDER = "select due_at, fired_at, chargehand_now() as now from timer where kind = 'remind' and decision = :decision"


@dataclass(slots=True)
class Life:
    """A journey on a record and in a world of its own; `times` is how often everything that comes in is delivered."""

    office: House
    journey: Journey
    before: World
    times: int = 1
    forms: list[str] = field(default_factory=list)
    names: Iterator[int] = field(default_factory=lambda: count(1))
    runners: dict[str, Runner] = field(default_factory=dict)

    def live(self) -> Outcome:
        """From the request to its end, whoever dies meanwhile; what has become of it then."""
        self.ask()
        for _ in range(MOST_TURNS):
            with self._world_away(self.journey.late and not self.office.rows(_FAILED)):
                self.work()
            self.tell()
            survive(self.people)
            self.clock()
            if self.is_over() and not self._asks_again():
                return outcome_of(self.office, self.journey, self.before)
            self.office.wait(LEASE_AND_A_BIT_S)
        raise AssertionError(self.office.rows("select * from task"))

    def ask(self) -> None:
        """Fill in a form, and send it once more when nothing was answered."""
        self.forms.append(f"form-{len(self.forms)}")
        for _ in range(self.times):
            self.send_form()

    def send_form(self) -> None:
        """Send the form that was filled in last, until there is an answer."""
        asked = self.journey
        survived(lambda: self.office.wanted(asked.lane, by=asked.by, form=self.forms[-1], **asked.request))

    def work(self) -> None:
        """Runners answer every wake-up that lies in Redis; who dies takes theirs along, and another takes the next."""
        while (called := self._next_wakeup()) is not None:
            for _ in range(self.times):
                self.shift(*called)

    def shift(self, company: str, runtime: str) -> None:
        """One shift; after a death, and when all is delivered twice, the next is another runner's."""
        take_up(self.runners.get(runtime) or self._another(runtime))
        if not survive(lambda: work_shift(company, runtime)) or self.times > 1:
            self._another(runtime)

    def overtake(self) -> None:
        """The lease of whoever is at work ends, and others take the task on, while that one goes on unaware."""
        fences = self.office.rows("select number, fence from task")
        self.runners.clear()
        while self.office.rows("select number, fence from task") == fences:  # the lease may just have been renewed
            self.office.wait(LEASE_AND_A_BIT_S)
            for runtime in self._runtimes():
                self.shift(self.office.company, runtime)

    def tell(self) -> None:
        """What is to be told stays in the outbox: no courier is at work."""

    def people(self) -> None:
        """Whoever is asked lets the first reminder come, then answers."""
        for row in self.office.rows("select number, task, entitled, proposal from decision where state = 'open'"):
            if not self._reminded(row.number):
                continue
            answer = Answer.APPROVE
            if "unknown_effect" in row.proposal and not has_happened(self.office, row.task):
                answer = Answer.REJECT
            for _ in range(self.times):
                self.say(row.number, row.entitled[0], answer)

    def clock(self) -> None:
        """One round of the clock, or of two."""
        for _ in range(self.times):
            survive(self.office.sweep)
            survive(self.office.seal)

    def is_over(self) -> bool:
        """Whether all that was asked for has ended, and is sealed."""
        unfinished = self.office.rows("select 1 from task having count(*) = 0 or bool_or(ended_at is null)")
        return not unfinished and not self.office.rows(_UNSEALED)

    def say(self, decision: int, person: str, answer: Answer) -> None:
        """Answer a decision."""
        with self.office.deployment.database.transaction(self.office.company) as unit:
            outcome = decide(unit, Voice(decision, person, answer, None, "slack", None))
        if outcome.wake is not None:
            self.office.deployment.wakeups.wake(self.office.company, outcome.wake)

    def _asks_again(self) -> bool:
        """Whether a person has seen that nothing had happened, so that whoever wants it has to ask once more."""
        refused = self.journey.kind is EffectClass.NEITHER and not self.office.rows(_DONE)
        if refused:
            self.ask()
        return refused

    def _reminded(self, decision: int) -> bool:
        """Whether the first reminder was sent; until then, its time comes."""
        timers = self.office.rows(f"{_REMINDER} order by due_at limit 1", decision=decision)
        for one in timers:
            self.office.wait(max(0.0, (one.due_at - one.now).total_seconds()) + 1)
        return all(one.fired_at is not None for one in timers)

    def _another(self, runtime: str) -> Runner:
        """A new runner, from now on the one of that runtime."""
        claimant = Claimant(f"{runtime}-{next(self.names)}", runtime)
        first, watch = self.office.runner, Watch(array("d", [0.0, 0.0]))
        made = Runner(self.office.deployment, claimant, first.systems, watch, chance=first.chance)
        self.runners[runtime] = made
        return made

    def _runtimes(self) -> list[str]:
        return runtimes(self.office.deployment.businesses)

    def _next_wakeup(self) -> tuple[str, str] | None:
        """The company and the runtime of the next wake-up, which is taken out of Redis."""
        redis = self.office.deployment.wakeups.redis
        for runtime in self._runtimes():
            queue = Queue(queue_name(runtime), connection=redis, serializer=JSONSerializer)
            company = company_of(str(queue.pop_job_id())) if queue.count else None
            if company is not None:
                return company, runtime
        return None

    @contextmanager
    def _world_away(self, away: bool) -> Iterator[None]:
        """For as long as it is away, nothing of the world outside can be reached."""
        home, hidden = self.office.deployment.home, self.office.deployment.home / "away"
        hidden.mkdir(exist_ok=True)
        world = [one for one in home.iterdir() if one.suffix in {".sqlite", ".json"}] if away else []
        for one in world:
            one.rename(hidden / one.name)
        yield
        for one in world:
            (hidden / one.name).rename(one)
