"""The ladder as a pure function: contract, history and failure in, one move and its sentence out."""

import math
from dataclasses import replace
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract import Tactic
from contracts.failed import Failed
from contracts.known_failures import TABLE
from contracts.running import Retries
from contracts.vocabulary import TACTICS, TO_PEERS, FailureCase, FailureClass, MoveKind, Otherwise
from escalation.ladder import LONGEST_PAUSE_S, History, Ladder, NextMove, Peer, Ruling, eligible, next_move

RETRIES = Retries(tries=3, first_s=1, factor=3, longest_s=60)
BARE = Ladder("outreach", RETRIES, (), ())


def tactic(name: str, kind: str, *on: str) -> Tactic:
    """A tactic after these failures."""
    return Tactic.model_validate({"name": name, "kind": kind, "after": on, "because": f"{name} may do"}, strict=False)


def peer(name: str, runtime: str = "batch") -> Peer:
    """A checker elsewhere."""
    return Peer(name, "Order checker", runtime, "default")


WHOLE = Ladder(
    "outreach",
    RETRIES,
    (
        tactic("new-slug", "amend", "duplicate_slug", "rule slug is unique"),
        tactic("other-search", "other-tool", "transient", "judgment"),
        tactic("profile-only", "reduced-scope", "judgment", "missing_field"),
    ),
    ((peer("night"),), (peer("one", "compute"), peer("two", "browser"))),
)


def failed(kind: FailureClass, *, case: str = "", pause: float | None = None) -> Failed:
    """A failure of the shop."""
    return Failed(kind, "shop", "The shop can't be reached.", pause, case)


def move_after(ladder: Ladder, failure: Failed, *, tries: int = 1, chance: float = 0.5) -> NextMove:
    """The next move after so many tries."""
    return next_move(ladder, History(tries), failure, chance=chance)


@pytest.mark.parametrize(
    ("kind", "tries", "move"),
    [
        (FailureClass.TRANSIENT, 1, MoveKind.RETRY),
        (FailureClass.TRANSIENT, 2, MoveKind.RETRY),
        (FailureClass.TRANSIENT, 3, MoveKind.HUMAN),
        (FailureClass.TRANSIENT, 99, MoveKind.HUMAN),
        (FailureClass.DETERMINISTIC, 1, MoveKind.STOP),
        (FailureClass.JUDGMENT, 1, MoveKind.HUMAN),
        (FailureClass.GOVERNANCE, 1, MoveKind.STOP),
    ],
)
def test_the_move_follows_from_the_class_and_the_tries(kind: FailureClass, tries: int, move: MoveKind) -> None:
    assert move_after(BARE, failed(kind), tries=tries).kind is move


@pytest.mark.parametrize(
    ("failure", "tries", "history", "kind", "chosen"),
    [
        (failed(FailureClass.TRANSIENT), 3, {}, MoveKind.OTHER_TOOL, "other-search"),
        (failed(FailureClass.JUDGMENT), 1, {}, MoveKind.OTHER_TOOL, "other-search"),
        (failed(FailureClass.JUDGMENT), 1, {"tactics": {"other-search"}}, MoveKind.REDUCED_SCOPE, "profile-only"),
        (failed(FailureClass.DETERMINISTIC, case="duplicate_slug"), 1, {}, MoveKind.AMEND, "new-slug"),
        (failed(FailureClass.DETERMINISTIC, case="missing_field"), 1, {}, MoveKind.REDUCED_SCOPE, "profile-only"),
        (failed(FailureClass.TRANSIENT), 3, {"tactics": {"other-search"}}, MoveKind.OTHER_RUNTIME, "night"),
        (
            failed(FailureClass.TRANSIENT),
            3,
            {"tactics": {"other-search"}, "peers": {"night"}},
            MoveKind.OTHER_RUNTIME,
            "one",
        ),
    ],
)
def test_tactics_then_peers_are_tried_in_the_order_in_which_they_stand(
    failure: Failed, tries: int, history: dict[str, set[str]], kind: MoveKind, chosen: str
) -> None:
    past = History(tries, frozenset(history.get("tactics", ())), frozenset(history.get("peers", ())))

    found = next_move(WHOLE, past, failure, chance=0.5)

    assert (found.kind, found.chosen) == (kind, chosen)


def test_a_broken_rule_is_amended_where_a_tactic_names_it() -> None:
    broken = Failed(FailureClass.DETERMINISTIC, "rule slug is unique", "The slug is taken.", case="contract")

    assert move_after(WHOLE, broken).chosen == "new-slug"
    assert move_after(WHOLE, replace(broken, cause="rule title is there")).kind is MoveKind.STOP


def test_among_peers_who_stand_together_the_least_busy_one_comes_first() -> None:
    load = (("compute", 9), ("browser", 1))
    busy = History(3, frozenset({"other-search"}), frozenset({"night"}), load=load)

    assert next_move(WHOLE, busy, failed(FailureClass.TRANSIENT), chance=0.5).chosen == "two"


def test_by_fitness_the_fittest_comes_first_then_the_least_busy_and_who_is_not_known_last() -> None:
    four = (peer("new"), peer("poor"), peer("busy", "compute"), peer("good", "browser"))
    ladder = replace(BARE, peers=(four,), order="fitness")
    known = History(3, fitness=(("poor", 0.0), ("good", 0.9), ("busy", 0.9)), load=(("compute", 4), ("browser", 3)))

    assert [one.name for one in eligible(ladder, known)] == ["good", "busy", "poor", "new"]
    assert [one.name for one in eligible(replace(ladder, order="load"), known)] == ["new", "poor", "good", "busy"]


def test_fitness_never_lifts_a_peer_over_one_who_stands_before_it() -> None:
    ladder = replace(BARE, peers=((peer("first"),), (peer("second"), peer("third"))), order="fitness")

    assert [one.name for one in eligible(ladder, History(3, fitness=(("third", 1.0), ("second", 0.5))))] == [
        *("first", "third", "second"),
    ]


def ruling(name: str, *, holds: bool | None) -> Ruling:
    """What the rule of a peer came to."""
    return Ruling(name, f"{name} takes over check", holds, f"{name} may not.")


@pytest.mark.parametrize("holds", [False, None])
def test_who_is_ruled_out_is_told_why_and_the_next_one_takes_over(holds: bool | None) -> None:
    ladder = replace(BARE, peers=((peer("one"), peer("two")),))
    history = History(3, rulings=(ruling("one", holds=holds), ruling("two", holds=True)))

    found = next_move(ladder, history, failed(FailureClass.TRANSIENT), chance=0.5)

    assert (found.kind, found.chosen) == (MoveKind.OTHER_RUNTIME, "two")
    assert found.reason == (
        "The shop can't be reached. We retried twice with backoff and it stayed so. "
        "one was ruled out: one may not. Order checker on batch takes over."
    )


@pytest.mark.parametrize("kind", [FailureClass.DETERMINISTIC, FailureClass.GOVERNANCE])
def test_what_goes_to_no_peer_anyway_tells_nothing_of_rules(kind: FailureClass) -> None:
    history = History(3, rulings=(ruling("one", holds=False),))

    assert (
        "ruled out" not in next_move(replace(BARE, peers=((peer("one"),),)), history, failed(kind), chance=0.5).reason
    )


def test_another_model_on_the_same_runtime_is_a_peer_and_no_other_runtime() -> None:
    ladder = replace(BARE, peers=((peer("other", "default"),),))

    assert move_after(ladder, failed(FailureClass.JUDGMENT)).kind is MoveKind.PEER


def test_what_is_known_to_be_down_is_not_tried_again() -> None:
    found = next_move(BARE, History(0, down=True), failed(FailureClass.TRANSIENT), chance=0.5)

    assert found.kind is MoveKind.HUMAN
    assert found.reason == ("The shop can't be reached. It was not called again, because it is known to be down.")


@pytest.mark.parametrize("ladder", [BARE, WHOLE])
@given(tries=st.integers(1, 50), chance=st.floats(0, 1, exclude_max=True), case=st.sampled_from(["", *FailureCase]))
def test_what_a_worker_is_not_allowed_to_do_is_stopped_at_once(
    ladder: Ladder, tries: int, chance: float, case: str
) -> None:
    failure = failed(FailureClass.GOVERNANCE, case=case)

    assert next_move(ladder, History(tries), failure, chance=chance).kind is MoveKind.STOP


@pytest.mark.parametrize("kind", sorted(set(FailureClass) - {FailureClass.TRANSIENT}))
@given(tries=st.integers(1, 50), chance=st.floats(0, 1, exclude_max=True))
def test_only_a_transient_failure_is_ever_tried_again(kind: FailureClass, tries: int, chance: float) -> None:
    assert move_after(BARE, failed(kind), tries=tries, chance=chance).wait_s is None


@given(st.integers(1, 19), st.floats(0, 1, exclude_max=True))
def test_the_pause_is_spread_below_a_growing_bound_that_ends_somewhere(tries: int, chance: float) -> None:
    patient = replace(BARE, retries=Retries(tries=20, first_s=1, factor=3, longest_s=60))

    move = move_after(patient, failed(FailureClass.TRANSIENT), tries=tries, chance=chance)

    assert move.wait_s == pytest.approx(chance * min(60, 3 ** (tries - 1)))


@given(st.floats(0, allow_infinity=True, allow_nan=False))
def test_what_the_other_side_asks_for_is_waited_for_but_never_longer_than_a_day(pause: float) -> None:
    move = move_after(BARE, failed(FailureClass.TRANSIENT, pause=pause), chance=0.0)

    assert move.wait_s == min(pause, LONGEST_PAUSE_S)
    assert math.isfinite(move.wait_s)


kinds = st.sampled_from(list(FailureClass))
tactics = st.builds(
    tactic,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["amend", "other-tool", "reduced-scope"]),
    st.sampled_from(["transient", "deterministic", "judgment", "duplicate_slug"]),
)
groups = st.lists(st.lists(st.sampled_from(["p", "q", "r", "s"]).map(peer), max_size=3).map(tuple), max_size=3).map(
    tuple
)
ladders = st.builds(
    lambda tries, ways, peers, order: Ladder(
        "lane", Retries(tries=tries), tuple({one.name: one for one in ways}.values()), peers, order
    ),
    st.integers(1, 5),
    st.lists(tactics, max_size=4),
    groups,
    st.sampled_from(["load", "fitness"]),
)
failures = st.builds(
    lambda kind, case, otherwise: Failed(kind, "shop", "It failed.", case=case, otherwise=otherwise),
    kinds,
    st.sampled_from(["", "duplicate_slug", "provider_down"]),
    st.sampled_from([None, *Otherwise]),
)


verdicts = st.dictionaries(st.sampled_from(["p", "q", "r", "s"]), st.sampled_from([True, False, None]))


def walked(
    ladder: Ladder, met: list[Failed], downs: list[bool], said: list[dict[str, bool | None]]
) -> list[tuple[Failed, NextMove, History]]:
    """Every move of a history in which one try after another fails, until somebody else decides or it is over.

    Whoever was not tried yet is judged anew each time, and may come out otherwise.
    """
    history, told = History(0), []
    for failure, down, holds in islice(zip(cycle(met), cycle(downs), cycle(said), strict=False), MOST):
        rulings = tuple(ruling(name, holds=one) for name, one in holds.items() if name not in history.peers)
        history = replace(history, tries=history.tries + 1, down=down and failure.kind is FailureClass.TRANSIENT)
        history = replace(history, rulings=rulings)
        move = next_move(ladder, history, failure, chance=0.5)
        told.append((failure, move, history))
        if move.kind in TACTICS:
            history = replace(history, tries=0, tactics=history.tactics | {move.chosen})
        elif move.kind in TO_PEERS:
            history = replace(history, tries=0, peers=history.peers | {move.chosen})
        elif move.kind is not MoveKind.RETRY:
            return told
    return told


MOST = 200


@given(
    ladders,
    st.lists(failures, min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=1, max_size=5),
    st.lists(verdicts, min_size=1, max_size=4),
)
def test_every_history_ends_and_no_human_is_asked_before_the_worker_and_its_peers_were_tried_or_ruled_out(
    ladder: Ladder, met: list[Failed], downs: list[bool], said: list[dict[str, bool | None]]
) -> None:
    told = walked(ladder, met, downs, said)

    failure, last, history = told[-1]
    peers = {one.name for group in ladder.peers for one in group}
    chosen = [move.chosen for _, move, _ in told if move.chosen]
    assert last.kind in {MoveKind.HUMAN, MoveKind.REFUSE, MoveKind.STOP}
    assert len(told) <= (1 + len(ladder.tactics) + len(peers)) * ladder.retries.tries
    assert len(chosen) == len(set(chosen))
    assert all(move.reason.startswith(one.sentence) for one, move, _ in told)
    if last.kind is MoveKind.HUMAN:
        spent = history.down or history.tries >= ladder.retries.tries
        fitting = {one.name for one in ladder.tactics if {failure.kind, failure.case, failure.cause} & set(one.after)}
        assert failure.kind is not FailureClass.TRANSIENT or spent
        assert failure.kind is FailureClass.GOVERNANCE or fitting <= history.tactics
        ruled_out = failure.kind in (FailureClass.DETERMINISTIC, FailureClass.GOVERNANCE)
        by_rule = {one.peer for one in history.rulings if one.holds is not True}
        assert ruled_out or peers <= history.peers | by_rule
        assert ruled_out or all(f"{name} was ruled out: " in last.reason for name in peers & by_rule)
    for _, move, at in told:
        assert move.chosen not in {one.peer for one in at.rulings if one.holds is not True}


SENTENCES = {
    "provider_down": "We retried twice with backoff and the provider remained unavailable.",
    "time_out": "We retried twice with backoff and no answer came in time.",
    "rate_limit": "We retried twice, no earlier than we were asked to, and the limit still held.",
    "network": "We retried twice with backoff and the connection kept breaking.",
    "stale_read": "We read it again twice and it stayed behind what was written.",
    "database": "We retried twice with backoff and the database remained unavailable.",
    "system": "We retried twice with backoff and it stayed so.",
    "missing_field": "This was not retried because a required field is missing.",
    "invalid_state": "This was not retried because the record is not in a state that allows it.",
    "changed": "It was read again and asked for anew, and each time somebody had changed it meanwhile.",
    "duplicate_slug": "This was not retried because the same name is still taken.",
    "absent_image": "This was not retried without an image: it stays a draft.",
    "no_verified_email": ("The lane is blocked on missing verified email data, so downstream outreach remains paused."),
    "not_found": "This was not retried because what is not there can't be found again.",
    "undeliverable": "This was not retried because the address would refuse it again.",
    "rejected": "This was not retried because the same call would be refused again.",
    "contract": "This was not retried because the contract was not satisfied.",
    "memory": "This was not retried because the same work would need as much again.",
    "worker": "This was not retried: the same call would fail again.",
    "unsure": "The worker could not tell what is right with what it has.",
    "needs_context": "The worker could not go on without knowing more.",
    "wrong_lane": "The work does not belong to whom it was given.",
    "rights": "The worker is not allowed to do this, so it was stopped.",
    "policy": "This crosses a policy's edge, so it was stopped and the lane's owner was told.",
    "budget": "This was stopped before it was spent, because the budget is used up.",
}


@pytest.mark.parametrize("case", list(FailureCase))
def test_every_case_ends_in_a_sentence_that_a_manager_understands(case: FailureCase) -> None:
    line = TABLE[case]
    failure = Failed(line.kind, "shop", line.sentence, case=case, otherwise=line.otherwise)

    move = move_after(BARE, failure, tries=3)

    assert move.reason == f"{line.sentence} {SENTENCES[case]}"
    assert (move.kind is MoveKind.HUMAN) is (
        line.kind in (FailureClass.TRANSIENT, FailureClass.JUDGMENT) or line.otherwise is Otherwise.BLOCKED
    )


@pytest.mark.parametrize(
    ("ladder", "failure", "tries", "reason"),
    [
        (BARE, failed(FailureClass.TRANSIENT), 2, "The shop can't be reached. Trying again in 2 s."),
        (
            BARE,
            failed(FailureClass.TRANSIENT),
            3,
            "The shop can't be reached. We retried twice with backoff and it stayed so.",
        ),
        (
            WHOLE,
            failed(FailureClass.TRANSIENT),
            3,
            "The shop can't be reached. The worker switches to a different tool: other-search may do.",
        ),
        (
            replace(WHOLE, tactics=()),
            failed(FailureClass.TRANSIENT, case="provider_down"),
            3,
            (
                "The shop can't be reached. We retried twice with backoff and the provider remained unavailable. "
                "Order checker on batch takes over."
            ),
        ),
        (
            BARE,
            Failed(FailureClass.DETERMINISTIC, "the tax id", "It is missing.", case="x", otherwise=Otherwise.BLOCKED),
            1,
            "It is missing. The lane is blocked on the tax id, so downstream outreach remains paused.",
        ),
        (
            BARE,
            Failed(FailureClass.DETERMINISTIC, "{times}", "No.", case="x", otherwise=Otherwise.BLOCKED),
            1,
            "No. The lane is blocked on {times}, so downstream outreach remains paused.",
        ),
    ],
)
def test_the_reason_reads_as_one_would_tell_a_colleague(
    ladder: Ladder, failure: Failed, tries: int, reason: str
) -> None:
    assert move_after(ladder, failure, tries=tries).reason == reason


@pytest.mark.parametrize(
    ("tries", "words"), [(1, "It was tried once"), (2, "once"), (3, "twice"), (4, "3 times"), (20, "19 times")]
)
def test_the_number_of_retries_is_told_without_the_first_try(tries: int, words: str) -> None:
    spent = replace(BARE, retries=Retries(tries=tries))

    assert words in move_after(spent, failed(FailureClass.TRANSIENT), tries=tries).reason


@pytest.mark.parametrize(("left_s", "kind"), [(None, MoveKind.RETRY), (60.0, MoveKind.RETRY), (0.1, MoveKind.HUMAN)])
def test_a_peer_is_not_tried_again_when_its_time_is_over_by_then(left_s: float | None, kind: MoveKind) -> None:
    found = next_move(BARE, History(1, left_s=left_s), failed(FailureClass.TRANSIENT), chance=0.9)

    assert found.kind is kind
