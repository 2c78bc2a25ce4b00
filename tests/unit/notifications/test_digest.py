"""The weekly digest as text, HTML and in short: the same figures, in words that anybody reads at once."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.scorecard.figures import DOCUMENT, Figure, Spending, Untold
from notifications.digest import wording
from notifications.digest.movement import Values, movement, number, sparkline
from notifications.mail.digest import digest_page
from notifications.mail.looks import COLUMNS, as_html, as_text
from notifications.mail.page import Page
from notifications.slack.digest import render_digest
from sandbox.blockkit.check import check_message_blocks
from tests.unit.notifications.digests import digest, figure, idle_lane, lane, needs, no_needs, scope

TEXT = """\
Customer care, week 47: 2 of 5 numbers behind. 7 things need you.

Needs you    Refund 740.00 USD for order 1234?
               asks you since Sat 21 Nov, 05:00
             Refund an order: The shop can't be reached.
               owner Kwame Boateng, since Sat 21 Nov, 05:00, 12 tasks
               wait
             T-1042: nobody knows whether shop.refund happened
               since Sat 21 Nov, 05:00
             Refund an order: the result of T-1044 is said to be wrong
               owner Mei-Lin Zhao, since Sat 21 Nov, 05:00
             … 2 more open incidents
             Happy customers: nobody has said a value this week

With others  Refund 900.00 USD for order 1188?
               waits for finance approvers since Sat 21 Nov, 05:00
             Refund 900.00 USD for order 1188?
               waits for an answer of its requester, since Sat 21 Nov,
               05:00
             … 11 more decisions

Numbers      Refunds answered within a day: behind
               88.5% of 95%  ▇█·▇▃▄▂▁  -1.5 points on the week before
             Refunds paid exactly once: on target
               100% of 100%  no movement for 7 weeks or longer
             Replies: behind
               0 of 3 replies  █▅▅▅▁▁▁▁  no movement, 3rd week
             Hours until an answer: on target
               3.2 h of at most 4 h  █▇▅▄▃▃▂▁  -0.4 on the week before
             Happy customers: no value
               Nothing yet, the target is 4 points

Lanes        Refund an order
               118 done · 99% verified · median 3 min 4 s · 0.34 USD
               each
               6 asked of people · 2 refused · 1 failed · 4 still open
               3 said to be wrong · 1 the same again · 25 min to put
               right
             Exchange an article
               nothing done · unpriced
               1 still open

People       You: 31 decided · median 40 s · none rejected
             Mei-Lin Zhao: 3 decided · median 1 h 11 min · 1 rejected

Cost         41.20 USD machine, 0.34 USD per verified outcome (0.41 USD
             the week before)
             unpriced: Exchange an article

16 Nov to 22 Nov 2026, America/New_York · made Mon 23 Nov, 08:00 · you
get this because you manage Customer care
"""
HOSTILE = [
    "<script>alert(1)</script>",
    "x\r\nBcc: eve@evil.example",
    "\u202eevil",
    "{{ 7 * 7 }}",
    "word " * 3000,
    "*<!here>*",
]


def shown(values: Values, unit: str = "points") -> Page:
    """The page of a digest with one number."""
    return digest_page(digest(figures=(figure("Replies", unit, 3.0, tuple(values)),)))


def test_it_reads_well_in_seventy_two_columns() -> None:
    text = as_text(digest_page(digest()))

    assert text == TEXT
    assert max(map(len, text.splitlines())) <= COLUMNS


def test_the_subject_is_the_first_line() -> None:
    page = digest_page(digest())

    assert page.subject == page.headline == TEXT.splitlines()[0]


def test_the_letter_says_everything_without_pictures_and_tells_behind_in_words() -> None:
    html = as_html(digest_page(digest()))

    for words in ("Refund 740.00 USD for order 1234?", "88.5% of 95%", "118 done", "31 decided", "41.20 USD machine"):
        assert words in html
    assert "<img" not in html
    assert "http" not in html
    assert html.count(">behind</span>") == 2
    assert 'aria-hidden="true"' in html
    assert "@media (prefers-color-scheme: dark)" in html


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"needs": no_needs()}, "Customer care, week 47: 2 of 5 numbers behind. Nothing needs you."),
        ({"needs": needs(asking=0, doubts_open=0, incidents_open=0, unobserved=())}, "… 1 thing needs you."),
        ({"figures": ()}, "Customer care, week 47: nothing is measured. 7 things need you."),
        ({"figures": (figure("A", "%", 9.0, (None,) * 8),)}, "Customer care, week 47: no numbers yet. 7 …"),
        ({"figures": (figure("A", "%", 9.0, (9.0,) * 8),)}, "Customer care, week 47: no number behind. 7 …"),
        ({"scope": scope(running=True, week="2027-W03")}, "Customer care, week 3 so far: 2 of 5 …"),
    ],
)
def test_the_headline_counts_what_is_behind_and_what_needs_its_reader(
    changes: dict[str, object], sentence: str
) -> None:
    headline = wording.headline(digest(**changes))

    begin, _, end = sentence.partition("…")
    assert headline.startswith(begin.strip())
    assert headline.endswith(end.strip())


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [
        ((18.0, 22.0), "points", "+4 on the week before"),
        ((90.0, 88.46), "%", "-1.5 points on the week before"),
        ((90.0, 91.0), "%", "+1 point on the week before"),
        ((1.0, 1.0), "points", "no movement"),
        ((2.0, 1.0, 1.0, 1.0), "points", "no movement, 2nd week"),
        ((2.0, 1.0, 1.0, 1.0, 1.0), "points", "no movement, 3rd week"),
        ((None, 1.0, 1.0, 1.0, 1.0, 1.0), "points", "no movement, 4th week"),
        ((1.0,) * 8, "points", "no movement for 7 weeks or longer"),
        ((None, None, 5.0), "points", "the first value"),
        ((5.0, None, 5.0), "points", "nothing the week before"),
        ((5.0, None), "points", ""),
        ((1000.0, 1234.0), "points", "+234 on the week before"),
        ((0.0, -0.001), "points", "no movement"),
    ],
)
def test_movement_is_what_the_shown_values_differ_by(values: Values, unit: str, words: str) -> None:
    assert movement(values, unit, "week") == words


def test_a_month_is_compared_with_a_month() -> None:
    assert movement((1.0, 2.0), "points", "month") == "+1 on the month before"
    assert movement((1.0, 2.0), "points", "day") == "+1 on the day before"


@pytest.mark.parametrize(
    ("values", "chart"),
    [
        ((0.0, 7.0), "▁█"),
        ((1.0, None, 8.0), "▁·█"),
        ((5.0, 5.0), "▁▁"),
        ((None,), "·"),
        ((), ""),
        ((-1.0, 0.0, 1.0), "▁▅█"),
    ],
)
def test_a_sparkline_goes_from_the_smallest_to_the_largest(values: Values, chart: str) -> None:
    assert sparkline(values) == chart


@given(some.lists(some.none() | some.floats(-1e9, 1e9), min_size=1, max_size=8))
def test_any_values_have_a_chart_and_words(values: list[float | None]) -> None:
    assert len(sparkline(values)) == len(values)
    assert "nan" not in movement(values, "%", "week")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0001, "0"),
        (3.0, "3"),
        (3.256, "3.26"),
        (88.46, "88.5"),
        (100.0, "100"),
        (1234.5, "1,234"),
        (-12.5, "-12.5"),
    ],
)
def test_a_number_is_as_exact_as_it_is_read(value: float, written: str) -> None:
    assert number(value) == written


def test_a_chart_stands_only_where_a_number_moved_or_should_have() -> None:
    moved, behind, content = shown([3.0, 4.0]), shown([1.0, 1.0]), shown([3.0, 3.0])

    charts = [page.sections[2].entries[0].trend for page in (moved, behind, content)]
    assert [trend.chart if trend else None for trend in charts] == ["▁█", "▁▁", ""]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"verified": 999, "settled": 1000, "asked": 0, "refused": 0, "failed": 0, "open": 0},
            "118 done · 99% verified",
        ),
        ({"settled": 0, "median_s": 0.4, "each": Decimal("0.00042")}, "118 done · median under 1 s · 0.00042 USD each"),
    ],
)
def test_a_lane_s_line_leaves_out_what_did_not_happen(changes: dict[str, object], lines: str) -> None:
    assert wording.lane(lane(**changes), "USD")[0].startswith(lines)


def test_a_lane_in_which_nothing_happened_says_so() -> None:
    quiet = replace(idle_lane(), open=0, unpriced=False, each=None)

    assert wording.lane(quiet, None) == ("nothing done",)


@pytest.mark.parametrize(
    ("spending", "lines"),
    [
        (Spending(Decimal(0), None, None, None, ()), ("Nothing was used.",)),
        (Spending(Decimal(0), None, None, None, ("Refund an order",)), ("unpriced: Refund an order",)),
        (Spending(Decimal(2), "USD", None, None, ()), ("2.00 USD machine, no verified outcome", "unpriced: none")),
    ],
)
def test_what_has_no_price_is_named_and_never_free(spending: Spending, lines: tuple[str, ...]) -> None:
    assert wording.cost(spending) == lines


def test_the_short_form_says_what_needs_its_reader_and_why_it_is_short() -> None:
    rendered = render_digest(digest())
    said = str(rendered.blocks)

    check_message_blocks([dict(block) for block in rendered.blocks])
    assert rendered.text == TEXT.splitlines()[0]
    for words in (
        "Refund 740.00 USD for order 1234?",
        "88.5% of 95% (behind)",
        "41.20 USD machine",
        "the letter did not",
    ):
        assert words in said


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_digest(text: str) -> None:
    stopped = needs()
    told = digest(
        scope=scope(title=text),
        needs=replace(
            stopped,
            blockers=(replace(stopped.blockers[0], sentence=text, owner=text),),
            unobserved=(Untold(text, "month"),) * 60,
        ),
        figures=tuple(named(text) for _ in range(60)),
        lanes=(lane(title=text),) * 60,
    )

    page, rendered = digest_page(told), render_digest(told)
    check_message_blocks([dict(block) for block in rendered.blocks])
    assert len(page.subject) <= 78
    assert "<script" not in as_html(page)
    assert "\r" not in as_text(page)
    assert "<!here>" not in str(rendered.blocks)
    assert "\u202e" not in as_text(page)


def named(text: str) -> Figure:
    """A KPI whose every text is the given one."""
    return figure(text, text, 3.0, (1.0, 2.0))


def test_what_is_kept_is_what_was_made() -> None:
    made = digest(made_at=datetime(2026, 11, 23, 13, 0, 1, 5, tzinfo=UTC))

    assert DOCUMENT.validate_python(DOCUMENT.dump_python(made, mode="json"), strict=False) == made


def test_a_digest_that_was_kept_before_incidents_were_told_still_reads() -> None:
    kept = DOCUMENT.dump_python(digest(), mode="json")
    for name in ("incidents", "incidents_open"):
        del kept["needs"][name]
    for lane_kept in kept["lanes"]:
        for name in ("wrong", "again", "correction_s"):
            del lane_kept[name]

    page = as_text(digest_page(DOCUMENT.validate_python(kept, strict=False)))

    assert "118 done" in page
    assert "wrong" not in page
