"""When the weekly digest goes out, and the mistakes that can be made in saying so."""

import pytest

from contracts.company import DigestTime
from tests.unit.contracts.small_business import COMPANY, small_business, told


def test_a_company_that_says_nothing_has_its_digest_on_monday_at_eight() -> None:
    assert small_business().company.digest == DigestTime(day="monday", at="08:00")
    assert DigestTime().weekday == 0


def test_another_day_and_hour_are_kept() -> None:
    digest = small_business(company=f'{COMPANY}digest: {{day: friday, at: "16:30"}}\n').company.digest

    assert (digest.day, digest.weekday, digest.at) == ("friday", 4, "16:30")


@pytest.mark.parametrize(
    ("digest", "place", "words"),
    [
        ("{day: mondays}", "digest › day", "Did you mean monday?"),
        ('{at: "8:00"}', "digest › at", 'a time of day in quotes, such as "08:00"'),
        ('{at: "24:00"}', "digest › at", 'a time of day in quotes, such as "08:00"'),
        ("{at: 08:00}", "digest › at", "may be a time of day or a number"),
        ("{hour: 8}", "digest › hour", "unknown field hour"),
    ],
)
def test_a_time_that_nobody_can_keep_is_told(digest: str, place: str, words: str) -> None:
    (sentence,) = told(company=f"{COMPANY}digest: {digest}\n")

    assert place in sentence
    assert words in sentence
