"""Mistakes in how the steps of a lane hang together: branches, conditions, reviews, items, and what is read again."""

import pytest

from tests.unit.contracts.small_business import LANE, MODELS, WORKERS, told

FILE = """\
  - name: file
    worker: looker
    run: workers:file
    gives: models:Filed
    writes: filed
    progress: Filing.
"""
FILED = {
    "models": MODELS + "\n\nclass Filed(BaseModel):\n    place: str\n",
    "workers": WORKERS.replace("Discount, Given", "Discount, Filed, Given")
    + "\n\n@worker\ndef file(request: Discount, desk: Desk) -> Filed:\n    return Filed(place='here')\n",
}
GIVES_BOTH = LANE.replace("gives: [sale]", "gives: [sale, filed]", 1)


def test_a_step_is_reached_from_the_first() -> None:
    lane = GIVES_BOTH.replace("  - name: give\n", f"{FILE}    after: []\n  - name: give\n    after: [look, file]\n", 1)

    assert told(lane=lane, **FILED) == [
        (
            "lane.yaml:44:11 steps › file › name | file is never reached: nothing leads to it from look. "
            "Write after: [look], or delete it."
        )
    ]


def test_every_branch_is_waited_for() -> None:
    lane = GIVES_BOTH.replace("  - name: give\n", f"{FILE}  - name: give\n    after: [look]\n", 1)

    assert told(lane=lane, **FILED) == [
        (
            "lane.yaml:44:11 steps › file › name | nobody waits for file: the lane would be done without it. "
            "Write after: [look, file] at give."
        )
    ]


CONDITION = """\
    when:
      rule: {"var": "state.sale.open"}
      because: Sale {request.sale} is closed.
      examples:
        accepted: [{state.sale.open: true}]
        refused: [{state.sale.open: false}]
"""


def test_a_condition_reads_what_is_known_before_its_step() -> None:
    condition = CONDITION.replace('{"var": "state.sale.open"}', '{"==": [{"var": "effect.args.sale"}, "1"]}')

    assert told(lane=LANE.replace("    recheck: [look]\n", f"    recheck: [look]\n{condition}", 1)) == [
        "lane.yaml:52:30 steps › give › when › rule | effect.args.sale is not known yet when this rule is asked."
    ]


def test_what_a_step_that_may_be_left_out_gives_can_be_null_downstream() -> None:
    lane = GIVES_BOTH.replace("  - name: give\n", f"{FILE}{CONDITION}  - name: give\n", 1)
    lane = lane.replace("takes: [request, sale]", "takes: [request, sale, filed]")
    given = FILED["workers"].replace("sale: Sale, desk", "sale: Sale, filed: Filed, desk")
    rule = lane.replace(
        'rule: {"var": "state.sale.open"}\n    because',
        'rule: {"==": [{"var": "state.filed.place"}, "x"]}\n    because',
    )

    assert told(lane=lane, **{**FILED, "workers": given}) == [
        ("workers.py:12:41 give › filed | filed can be null: what gives it may be left out. Annotate it Filed | None.")
    ]
    assert told(lane=rule, **{**FILED, "workers": given.replace("filed: Filed", "filed: Filed | None")}) == [
        (
            "lane.yaml:66:19 require › sale is open › rule | state.filed.place (text or null) may be null. "
            'Test it first: {"!==": [{"var": "state.filed.place"}, null]}'
        )
    ]


EDITED = LANE.replace("gives: [given]", "gives: [given, verdict]", 1).replace(
    "  - name: give\n",
    """\
  - name: review
    worker: WHO
    run: workers:review
    gives: review
    writes: verdict
    progress: Reviewing.
    reviews: {step: look, criteria: [it is cheap]}
  - name: give
""",
    1,
)
EDITOR = WORKERS.replace("Proposal, worker", "Point, Proposal, Review, worker") + (
    "\n\n@worker\ndef review(sale: Sale, desk: Desk) -> Review:\n"
    "    return Review(verdict='pass', points=[Point(criterion='it is cheap', passed=True, sentence='yes')])\n"
)
# What stands there instead, and everything that is told of it.
REVIEWS = [
    pytest.param(
        [("WHO", "giver"), ("step: look, ", "step: give, ")],
        ["lane.yaml:50:21 steps › review › reviews › step | give is no step before review. Known: look."],
        id="a review of what comes later",
    ),
    pytest.param(
        [
            ("WHO", "looker"),
            ("gives: [sale]", "gives: [sale, verdict]"),
            ("takes: [request], gives", "takes: [request, sale], gives"),
        ],
        [
            "lane.yaml:50:21 steps › review › reviews › step | looker would review its own work. Let another worker review it."
        ],
        id="a review of one's own work",
    ),
    pytest.param(
        [("WHO", "giver"), ("criteria: [it is cheap]", "criteria: [it is cheap, it is cheap]")],
        ["lane.yaml:50:51 steps › review › reviews › criteria › #2 | the criterion 'it is cheap' stands there twice."],
        id="one criterion twice",
    ),
    pytest.param(
        [("WHO", "giver"), ("recheck: [look]", "recheck: [review]")],
        [
            (
                "lane.yaml:57:15 steps › give › recheck › #1 | review is a review, which is made again by itself once its "
                "pass no longer counts. Name the step that it reviews."
            )
        ],
        id="a review among what is read again",
    ),
    pytest.param(
        [("WHO", "giver"), ("    reviews: {step: look, criteria: [it is cheap]}\n", "")],
        ["lane.yaml:47:12 steps › review › gives | it reviews no step. Write reviews: {step: …, criteria: […]}."],
        id="a review of nothing",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), REVIEWS)
def test_a_review_is_another_workers_judgement_of_what_came_before(
    changes: list[tuple[str, str]], expected: list[str]
) -> None:
    lane = EDITED
    for old, new in changes:
        assert old in lane, old
        lane = lane.replace(old, new, 1)

    assert told(lane=lane, workers=EDITOR) == expected


EACH = LANE.replace("    recheck: [look]\n", "    each: state.sale.lines\n", 1).replace(
    "{state.given.amount} off", "off"
)
EACH = EACH.replace("Read back: {state.given.reference}.", "Read back.")
LINES = MODELS.replace("    total: USD\n    open: bool\n", "    total: USD\n    open: bool\n    lines: list[str]\n")
WITH_LINE = WORKERS.replace("sale: Sale, desk", "sale: Sale, line: str, desk")


def test_people_are_not_asked_once_for_each_item() -> None:
    assert told(lane=EACH, models=LINES, workers=WITH_LINE) == [
        (
            "lane.yaml:61:13 approve › large discount › before | give is done for each item, so people would be asked "
            "once for every one. Put the edge before a step that proposes for all of them, or let a rule judge each."
        )
    ]


def test_a_step_is_done_for_each_of_a_list_that_is_there() -> None:
    lane = EACH[: EACH.index("approve:")].replace("state.sale.lines", "state.sale.total")

    assert told(lane=lane, models=LINES, workers=WITH_LINE) == [
        (
            "lane.yaml:50:11 steps › give › each | state.sale.total is no list that is always there when give starts. "
            "Name a field that is a list of a model, or of text."
        )
    ]


def test_what_each_gives_is_gathered_and_told_as_such() -> None:
    lane = EACH[: EACH.index("approve:")].replace("Read back.", "Read back: {state.given.reference}.")

    assert told(lane=lane, models=LINES, workers=WITH_LINE) == [
        "lane.yaml:14:26 tell › verified | unknown fact state.given.reference. Did you mean state.given.left? (list)"
    ]


ELSEWHERE = LANE.replace("runtime: default}", "runtime: browser}")
HINT = "Name a field that a step reads from the world, where give runs."
# A lane, what its step of give says instead of `recheck`, and everything that is told of it.
FRESH = [
    pytest.param(
        LANE,
        "fresh: {sael: 10m}",
        ["lane.yaml:50:13 steps › give › fresh › sael | no step before give writes sael. Did you mean sale?"],
        id="a demand on a field that nobody writes",
    ),
    pytest.param(
        LANE,
        "fresh: {sale: soon}",
        [
            (
                "lane.yaml:50:19 steps › give › fresh › sale | soon is no duration. Write a whole number and s, m, h or d, such as 4h."
            )
        ],
        id="a demand that is no duration",
    ),
    pytest.param(
        EDITED.replace("WHO", "giver"),
        "fresh: {verdict: 10m}",
        [f"lane.yaml:57:13 steps › give › fresh › verdict | verdict can't be read again: review is a review. {HINT}"],
        id="a demand on a review",
    ),
    pytest.param(
        LANE.replace("reads: [till.sale], writes: []", "reads: [], writes: []"),
        "fresh: {sale: 10m}",
        [
            (
                "lane.yaml:50:13 steps › give › fresh › sale | sale can't be read again: looker may read nothing of the "
                f"world. {HINT}"
            )
        ],
        id="a demand on what was not read",
    ),
    pytest.param(
        ELSEWHERE,
        "fresh: {sale: 10m}",
        [
            (
                "lane.yaml:50:13 steps › give › fresh › sale | sale can't be read again: look runs on browser, and give on "
                f"default. {HINT}"
            )
        ],
        id="a demand on what is read elsewhere",
    ),
    pytest.param(
        ELSEWHERE,
        "recheck: [look]",
        [
            (
                "lane.yaml:50:15 steps › give › recheck › #1 | look runs on browser, and give on default. Name a step that "
                "runs where give does."
            )
        ],
        id="a recheck elsewhere",
    ),
]


@pytest.mark.parametrize(("lane", "demand", "expected"), FRESH)
def test_what_has_to_be_fresh_can_be_read_again(lane: str, demand: str, expected: list[str]) -> None:
    assert told(lane=lane.replace("recheck: [look]", demand, 1), workers=EDITOR) == expected


def test_what_was_changed_in_the_world_is_not_read_again() -> None:
    lane = GIVES_BOTH.replace("require:\n", f"{FILE}    fresh: {{given: 10m}}\nrequire:\n", 1)

    assert told(lane=lane, **FILED) == [
        (
            "lane.yaml:57:13 steps › file › fresh › given | given can't be read again: give changes the world. Name a field "
            "that a step reads from the world, where file runs."
        )
    ]


def test_what_was_read_for_each_item_is_not_read_again() -> None:
    each = f"{FILE}    each: state.sale.lines\n  - name: give\n"
    lane = GIVES_BOTH.replace("  - name: give\n", each, 1).replace("recheck: [look]", "fresh: {filed: 10m}")
    workers = FILED["workers"].replace("file(request: Discount, desk", "file(line: str, desk")
    models = LINES + FILED["models"].removeprefix(MODELS)

    assert told(lane=lane, models=models, workers=workers) == [
        f"lane.yaml:57:13 steps › give › fresh › filed | filed can't be read again: file is done for each item. {HINT}"
    ]


def test_nothing_is_read_again_for_each_item() -> None:
    lane = EACH[: EACH.index("approve:")].replace("    each: ", "    fresh: {sale: 10m}\n    each: ", 1)

    assert told(lane=lane, models=LINES, workers=WITH_LINE) == [
        (
            "lane.yaml:50:12 steps › give › fresh | give is done for each item, and what it rests on is not read again for "
            "every one. Demand it of the step before."
        )
    ]
