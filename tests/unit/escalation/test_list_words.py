"""Answers to several decisions at once: eighty real-life replies, and nothing decided on a doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.list_words import Plan, asks_for_list, plan_of
from escalation.phrases import Meaning
from tests.unit.escalation.list_replies import WORDINGS


def in_short(plan: Plan) -> str:
    """A plan on one line; "" when anything of it is in doubt."""
    told = []
    for number, said in plan.answers.items():
        value = said.amount or said.who or said.until
        head = f"{number} {said.meaning}{'*' if number in plan.together else ''}{f' {value}' if value else ''}"
        told.append(f"{head}: {said.words}" if said.words else head)
    return "" if plan.doubts else " | ".join(told)


@pytest.mark.parametrize(("words", "means"), WORDINGS.items(), ids=[repr(words)[:60] for words in WORDINGS])
def test_a_reply_to_a_list_means_what_its_writer_meant(words: str, means: str) -> None:
    assert in_short(plan_of(words, 3)) == means


def test_there_are_many_wordings_that_decide_and_many_that_must_not() -> None:
    assert sum(bool(means) for means in WORDINGS.values()) >= 45
    assert sum(not means for means in WORDINGS.values()) >= 25


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("1 approve\n2 maybe if she calls", "“2 maybe if she calls”"),
        ("approve", "“approve”: say by its number which one you mean."),
        ("7 approve", "“7 approve”: there is no 7 on the list."),
        ("1 yes\n1 no", "1 stands there twice, with different answers."),
        ("", "There are no words of yours in it."),
    ],
)
def test_what_was_not_understood_is_said_in_the_writers_own_words(words: str, doubt: str) -> None:
    assert plan_of(words, 3).doubts == (doubt,)


def test_both_is_all_of_two_and_the_only_one_needs_no_number() -> None:
    assert in_short(plan_of("reject both", 2)) == "1 reject* | 2 reject*"
    assert in_short(plan_of("approve, the carrier was clear", 1)) == "1 approve: the carrier was clear"


@given(
    st.lists(st.sampled_from(["1 approve", "2 reject", "3 maybe", "all ok", "the rest no", "9 yes", "hm"]), max_size=4)
)
def test_nothing_is_answered_that_is_not_on_the_list_or_is_in_doubt(lines: list[str]) -> None:
    plan = plan_of("\n".join(lines), 3)

    assert plan.doubts or all(1 <= number <= 3 for number in plan.answers)
    assert plan.doubts or Meaning.NOTHING not in {said.meaning for said in plan.answers.values()}
    assert plan.doubts or plan.answers


@given(st.text(max_size=60))
def test_any_text_is_read_or_doubted(words: str) -> None:
    plan = plan_of(words, 3)

    assert plan.doubts or plan.answers


ASKING = (
    "what waits for me?", "What's waiting for me?", "Hi,\n\nwhat waits for me?\n\nMei", "list", "pending", "What is pending?", "my approvals",
    "Anything to decide?", "send me the list please", "what else waits for me?", "show my decisions",
)  # fmt: skip
NOT_ASKING = (
    "", "approve", "what did the carrier say?", "What waits for me? And what did the carrier say about order 1002 by the way?",
    "order: 1001\namount: 42.00", "wait", "list the orders of last week",
)  # fmt: skip


@pytest.mark.parametrize("words", ASKING)
def test_plain_words_ask_for_the_list(words: str) -> None:
    assert asks_for_list(words)


@pytest.mark.parametrize("words", NOT_ASKING)
def test_other_words_do_not_ask_for_it(words: str) -> None:
    assert not asks_for_list(words)
