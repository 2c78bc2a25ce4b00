"""What intake has to know before requests become tasks: one statement for all, because somebody waits for its answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Trips, Unit
from storage.directory import Person, person_of
from storage.pipeline import Sendable
from storage.recordsets import as_json

# `case` is what keeps a number from being spent on a copy, or on somebody whom nobody knows. Each look is made for one
# request at a time, which `offset 0` sees to: the database has no idea how few they are, and might read whole tables.
_KNOWN = Sendable(
    text(
        f"""select before.number as before,
        case when p.id is null or before.number is not null then 0 else nextval('task_number') end as number,
        (select stage from standing where company = :company and unit = 'lane:' || asked.lane) as stage,
        {", ".join(f"p.{name}" for name in Person.__slots__)}
    from rows from (jsonb_to_recordset(cast(:asking as jsonb))
            as (form_key text, person text, team text, slack_user text, lane text))
        with ordinality asked(form_key, person, team, slack_user, lane, place)
    left join lateral
        (select number from task where company = :company and form_key = asked.form_key offset 0) before on true
    left join lateral (select * from person where company = :company and id = coalesce(asked.person, (
        select person from slack_identity
        where company = :company and team = asked.team and slack_user = asked.slack_user)) offset 0) p on true
    order by asked.place"""  # noqa: S608 - column names of our own
    )
)


@dataclass(frozen=True, slots=True)
class ChatUser:
    """Somebody by their Slack user; the same id in another team is somebody else."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Asking:
    """By which form who (the id of a person, or a Slack user) asks in which lane."""

    form_key: str
    requester: str | ChatUser
    lane: str

    @property
    def row(self) -> dict[str, str]:
        """What the statement is given of it."""
        if isinstance(self.requester, ChatUser):
            who = {"team": self.requester.team, "slack_user": self.requester.user}
        else:
            who = {"person": self.requester}
        return {"form_key": self.form_key, "lane": self.lane, **who}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the record says of a request that comes in.

    `before` is the task that the same form became already, `number` the one for a new task: 0, and none is spent, for
    such a copy and for an unknown requester. `stage` is what was decided of the lane's, None while it is as declared.
    """

    before: int | None
    number: int
    stage: int | None
    requester: Person | None


def newcomers(trips: Trips, asking: Sequence[Asking]) -> tuple[Unit, list[Newcomer]]:
    """Look up what is known of each request, in their order; no two are of one form. With the moment of the look."""
    unit, found = trips.carry_out(_KNOWN, {"company": trips.company, "asking": as_json([one.row for one in asking])})
    return unit, [
        Newcomer(row.before, row.number, row.stage, None if row.id is None else person_of(row)) for row in found
    ]
