"""Whatever a stranger's code raises becomes a failure that the ladder and the record can take."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.authoring import Failure, Governance, Judgment, Transient
from contracts.vocabulary import FailureClass
from engine.failures import classify, plain
from engine.strangers import Escaped, call


@pytest.mark.parametrize(
    ("error", "kind", "cause"),
    [
        (Transient("It is down.", cause="shop"), FailureClass.TRANSIENT, "shop"),
        (Judgment("Which one?"), FailureClass.JUDGMENT, "judgment"),
        (Governance("No."), FailureClass.GOVERNANCE, "governance"),
        (ConnectionResetError(), FailureClass.TRANSIENT, "network"),
        (TimeoutError(), FailureClass.TRANSIENT, "network"),
        (sqlite3.OperationalError("locked"), FailureClass.TRANSIENT, "database"),
        (PermissionError(), FailureClass.TRANSIENT, "system"),
        (MemoryError(), FailureClass.DETERMINISTIC, "memory"),
        (KeyError("secret value"), FailureClass.DETERMINISTIC, "worker"),
        (RecursionError(), FailureClass.DETERMINISTIC, "worker"),
    ],
)
def test_an_error_has_its_class_and_cause(error: Exception, kind: FailureClass, cause: str) -> None:
    found = classify(error)

    assert (found.kind, found.cause) == (kind, cause)


def test_the_text_of_an_unknown_error_is_not_told_because_it_may_be_personal() -> None:
    assert classify(ValueError("anna@morning.example")).sentence == "The worker stopped with ValueError."


def test_a_failure_without_a_class_is_not_retried() -> None:
    assert classify(Failure("Something.")).kind is FailureClass.DETERMINISTIC


hostile = st.one_of(st.text(), st.integers(), st.none(), st.binary(), st.floats(), st.lists(st.text()))


@given(hostile, hostile, hostile)
def test_a_failure_that_was_made_with_anything_still_fits_the_record(sentence: Any, cause: Any, pause: Any) -> None:
    found = classify(Transient(sentence, cause=cause, retry_after_s=pause))

    for text in (found.sentence, found.cause):
        assert text.isprintable()
        assert len(text) <= 300
    assert found.retry_after_s is None or found.retry_after_s > 0


@given(st.text())
def test_a_plain_line_keeps_what_people_can_read(text: str) -> None:
    line = plain(text)

    assert "\x00" not in line
    assert "\n" not in line
    line.encode()


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), BaseException("x")])
def test_what_would_end_the_runner_is_turned_into_an_error_of_the_step(error: BaseException) -> None:
    def step() -> None:
        raise error

    with pytest.raises(Escaped) as caught:
        call(step)

    assert classify(caught.value).sentence == f"The worker stopped with {type(error).__name__}."
    assert classify(caught.value).kind is FailureClass.DETERMINISTIC


def test_an_ordinary_error_and_an_answer_pass_unchanged() -> None:
    def step(a: int, *, b: int) -> int:
        return a // b

    assert call(step, 6, b=3) == 2
    with pytest.raises(ZeroDivisionError):
        call(step, 6, b=0)
