"""Every message and modal keeps within Slack's limits, shows its text literally, and looks as it is meant to."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from inline_snapshot import snapshot

from contracts.vocabulary import DecisionState, TaskState
from escalation.card import CardView, Exchange
from notifications.slack import actions
from notifications.slack.card import render_card, render_question, render_reminder
from notifications.slack.incident import render_incident
from notifications.slack.layout import Rendered
from notifications.slack.notice import render_notice
from notifications.slack.pages import render_more, render_why, why_blocks
from notifications.slack.task import render_result, render_task
from sandbox.blockkit.check import check_message_blocks, check_view
from tests.unit.notifications.views import WHY, card, filled_with, incident, task, task_filled_with, why_filled_with

MESSAGES: dict[str, Callable[[str, int], Rendered]] = {
    "card": lambda text, many: render_card(filled_with(text, many=many)),
    "decided card": lambda text, many: render_card(decided(filled_with(text, many=many), text)),
    "reminder": lambda text, many: render_reminder(filled_with(text, many=many)),
    "question": lambda text, many: render_question(filled_with(text, many=max(many, 1)), 1),
    "task": lambda text, many: render_task(task_filled_with(text, many=many)),
    "result": lambda text, many: render_result(task_filled_with(text, many=many), slack_user="U0ANNA"),
    "incident": lambda text, many: render_incident(
        incident(said_by=text, words=text, name=text, result=text, worker=text, outcome=text if many else None)
    ),
    "notice": lambda text, many: render_notice(text),
    "why": lambda text, many: Rendered("why", why_blocks(why_filled_with(text, many=many))),
}
INJECTIONS = [
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<!subteam^S012|@finance>",
    "<@U0RUTH>",
    "<#C0SUPPORT>",
    "<http://evil.example|your bank>",
    "<mailto:a@b.example|mail>",
    "<!date^1392734382^{date}|today>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "a & b < c > d",
    "<",
    ">>> everything below is quoted",
    "> quoted",
    "&gt; quoted",
    "＞ quoted",
    "*Approved by Ruth*",
    "_emphasis_",
    "~struck~",
    "`code`",
    "```block```",
    "x *bold* y",
    "(*bold*)",
    ":white_check_mark: done",
    ":+1::skin-tone-2:",
    ":100:",
    "first\nApproved by Ruth at 10:58",
    "first\r\n*second*",
    "\u2028Approved",
    "\u202egnirts\u202c",
    "\x00\x1b[31m",
    "# a header",
    "@channel",
    "https://evil.example",
]
CONTROL = re.compile(r"<(?!@U0ANNA>)|&(?!(amp|lt|gt);)")
FORMATS = re.compile(r"(?<![\w*_~`])([*_~`])(?=[^\s*_~`])[^\n]*?(?<=[^\s*_~`])\1(?![\w*_~`])")


def decided(view: CardView, outcome: str) -> CardView:
    """The same card, after the answer."""
    return card(question=view.question, facts=view.facts, exchanges=view.exchanges, outcome=outcome or "Approved.")


def texts(part: Any) -> Iterator[dict[str, Any]]:
    """Every text object in blocks."""
    if isinstance(part, list | tuple):
        for one in part:
            yield from texts(one)
    elif isinstance(part, dict):
        if part.get("type") in ("mrkdwn", "plain_text"):
            yield part
        for one in part.values():
            yield from texts(one)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
@pytest.mark.parametrize("injection", INJECTIONS)
def test_nothing_from_outside_becomes_markup(message: Callable[[str, int], Rendered], injection: str) -> None:
    rendered = message(f"{injection}", 2)

    shown = [one["text"] for one in texts(rendered.blocks)]
    assert not [text for text in (rendered.text, *shown) if CONTROL.search(text)]
    assert not [text for text in (rendered.text, *shown) if re.search("[\u202a-\u202e\x00-\x09\x0b-\x1f]", text)]


@pytest.mark.parametrize("mark", ["*", "_", "~", "`", "```"])
@pytest.mark.parametrize("around", ["{0}word{0}", "a {0}two words{0} b", "({0}x{0})", "{0}{0}word{0}{0}", "{0}a{0}: b"])
def test_marks_that_could_format_are_written_as_their_twins(mark: str, around: str) -> None:
    rendered = render_notice(around.format(mark))

    assert mark[0] not in rendered.text
    assert [one["text"] for one in texts(rendered.blocks)] == [rendered.text]


@pytest.mark.parametrize("plain", ["order_check.json", "5*3", "a~b", "10:42:07", "T-1042", "anna@morning.example"])
def test_text_that_formats_nothing_stays_as_it_was_written(plain: str) -> None:
    assert render_notice(plain).text == plain


def test_bare_words_are_never_linked_by_slack() -> None:
    rendered = render_card(filled_with("@channel #support https://evil.example"))

    assert all(one["verbatim"] for one in texts(rendered.blocks) if one["type"] == "mrkdwn")


def test_a_quotation_keeps_every_line_inside() -> None:
    view = card(exchanges=(Exchange("Mei", "one\n\n\n> two\n*Approved by Ruth*", None),))

    shown = next(one["text"] for one in texts(render_card(view).blocks) if "one" in one["text"])

    assert shown.split("\n")[1:] == ["> one", "> › two", "> ∗Approved by Ruth∗"]


@settings(max_examples=200)
@given(
    text=some.text(
        alphabet=some.characters(codec="utf-8"), min_size=1, max_size=50
    ).flatmap(lambda part: some.sampled_from([1, 10, 60, 400]).map(lambda times: part * times)),
    many=some.sampled_from([0, 1, 12, 51]),
    name=some.sampled_from(sorted(MESSAGES)),
)  # fmt: skip
def test_content_over_every_limit_stays_valid(text: str, many: int, name: str) -> None:
    rendered = MESSAGES[name](text, many)

    assert len(check_message_blocks(list(rendered.blocks))) == len(rendered.blocks)
    assert 1 <= len(rendered.text) <= 3000
    assert not [one for one in texts(rendered.blocks) if CONTROL.search(one["text"])]


@pytest.mark.parametrize("text", ["&" * 5000, "<" * 20000, "word " * 3000, "x" * 40001, "🙂" * 4000, "*a* " * 4000])
@pytest.mark.parametrize("many", [1, 120])
def test_modals_over_every_limit_stay_valid(text: str, many: int) -> None:
    assert check_view(render_why(why_filled_with(text, many=many)), kind="modal")
    assert check_view(render_more(filled_with(text, many=many)), kind="modal")


def test_what_was_cut_says_where_the_rest_is() -> None:
    rendered = render_notice("word " * 1000)

    assert rendered.text.endswith("… (more on the Why page)")


def test_a_card_has_the_question_first_and_four_buttons() -> None:
    rendered = render_card(card())

    assert rendered.text == snapshot("Refund 740.00 USD for order 1234? decide by 14:30 on 22 Nov")
    assert [one["text"] for one in texts(rendered.blocks)] == snapshot(
        [
            """\
*Refund 740.00 USD for order 1234?*  ·  decide by 14:30 on 22 Nov
Recommended: approve. The parcel was lost by the carrier.\
""",
            """\
*Why you:* amount 740.00 USD is above the limit 500.00 USD (finance approvers)
*If you do nothing:* reminder 13:30, then Ruth Adeyemi, rejected tomorrow 10:30\
""",
            """\
*State:* order paid 812.00 USD on 3 Nov 2026  ·  refunded so far 0.00 USD
*Tried:* order exists, order is paid: all hold
*Moves:* Refunds answered within a day
*Also possible:* replace the goods  ·  refund 500.00 USD now\
""",
            "Cost so far 0.04 USD  ·  T-1042  ·  asked by Anna Kowalczyk",
            "Approve",
            "Reject",
            "Ask back",
            "More",
        ]
    )


def test_every_button_of_a_card_names_the_decision_and_what_was_seen() -> None:
    buttons = render_card(card()).blocks[-1]["elements"]

    assert [one["action_id"] for one in buttons] == [actions.APPROVE, actions.REJECT, actions.ASK, actions.MORE]
    assert [one.get("style") for one in buttons] == ["primary", "danger", None, None]
    assert {one["value"] for one in buttons} == {'{"decision":12,"saw":"7f3a7f3a7f3a7f3a"}'}


def test_a_decided_card_shows_who_and_why_and_has_no_buttons() -> None:
    rendered = render_card(card(outcome="Mei approved this at 10:58: “carrier was clear”."))

    assert [block["type"] for block in rendered.blocks] == ["section", "context", "context"]
    assert "Mei approved this at 10:58" in rendered.blocks[0]["text"]["text"]
    assert rendered.text.endswith("Mei approved this at 10:58: “carrier was clear”.")


def test_a_stopped_clock_promises_no_deadline() -> None:
    rendered = render_card(card(clock_stopped=True, state=DecisionState.ASKED_BACK))

    shown = " ".join(one["text"] for one in texts(rendered.blocks))
    assert "the clock is stopped" in shown
    assert "decide by" not in shown
    assert "If you do nothing" not in shown


def test_the_deadline_is_in_the_readers_own_time() -> None:
    assert "decide by 05:30 on 22 Nov" in render_card(card(timezone="America/Los_Angeles")).text
    assert "decide by 02:30 on 23 Nov" in render_card(card(timezone="Pacific/Auckland")).text
    assert "decide by 13:30 on 22 Nov" in render_card(card(timezone="Nowhere/At_All")).text


def test_a_live_message_offers_to_cancel_and_why_once_the_task_has_ended() -> None:
    running, done = render_task(task(state=TaskState.RUNNING)), render_task(task())

    assert running.blocks[-1]["elements"][0]["action_id"] == actions.CANCEL
    assert done.blocks[-1]["elements"][0]["action_id"] == actions.WHY
    assert done.blocks[-1]["elements"][0]["value"] == '{"task":1042}'


def test_a_live_message_offers_to_change_what_was_asked_while_nothing_was_done() -> None:
    waiting = render_task(task(state=TaskState.WAITING, changeable=True))
    stopping = render_task(task(state=TaskState.RUNNING, changeable=True, stopping=True))

    offered = [one["action_id"] for one in waiting.blocks[-1]["elements"]]
    assert offered == [actions.CHANGE_REQUEST, actions.CANCEL]
    assert [one["action_id"] for one in stopping.blocks[-1]["elements"]] == [actions.WHY]


def test_a_live_message_no_longer_offers_to_cancel_what_somebody_wants_cancelled() -> None:
    stopping = render_task(task(state=TaskState.RUNNING, stopping=True))

    assert [one["action_id"] for one in stopping.blocks[-1]["elements"]] == [actions.WHY]


def test_a_result_mentions_its_requester_and_names_its_evidence() -> None:
    rendered = render_result(task(), slack_user="U0ANNA")

    assert rendered.text == "<@U0ANNA> Done: 42.00 USD refunded for order 1234 (T-1042)"
    assert rendered.blocks[1]["elements"][0]["text"] == "Evidence: order.json  ·  refund 88"


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (TaskState.DONE, ["Why", "Something is wrong"]),
        (TaskState.REFUSED, ["Why", "Something is wrong"]),
        (TaskState.FAILED, ["Why", "Something is wrong"]),
        (TaskState.CANCELLED, ["Why"]),
        (TaskState.WAITING, ["Cancel"]),
    ],
)
def test_what_has_a_result_can_be_said_to_be_wrong(state: TaskState, offered: list[str]) -> None:
    live = render_task(task(state=state))

    assert [button["text"]["text"] for button in live.blocks[-1]["elements"]] == offered


def test_an_open_incident_can_be_closed_and_a_closed_one_says_how() -> None:
    still_open = render_incident(incident(earlier=2))
    closed = render_incident(incident(outcome="Mei-Lin Zhao closed it: data, 12 min to put right."))

    assert still_open.text == "Anna Kowalczyk says that this is wrong (T-1042)"
    assert [block["text"]["text"] for block in still_open.blocks if block["type"] == "section"] == [
        "*Anna Kowalczyk says that this is wrong*  ·  T-1042\n> That's the wrong customer."
    ]
    assert still_open.blocks[1]["elements"][0]["text"].endswith("refunds/refund-payer  ·  incident 7, 2 before it")
    assert actions.pressed(still_open.blocks[-1]["elements"][0]["value"]) == actions.Pressed(incident=7)
    assert "closed it: data" in closed.blocks[2]["text"]["text"]
    assert [button["action_id"] for button in closed.blocks[-1]["elements"]] == [actions.WHY]


def test_a_question_that_was_answered_has_no_button() -> None:
    asked = card(exchanges=(Exchange("Mei", "Which claim?", None),))
    answered = card(exchanges=(Exchange("Mei", "Which claim?", "Claim 55."),))

    assert render_question(asked, 1).blocks[-1]["elements"][0]["action_id"] == actions.ANSWER
    assert "Claim 55." in render_question(answered, 1).blocks[-1]["text"]["text"]


def test_a_question_of_a_decided_card_says_so() -> None:
    view = card(exchanges=(Exchange("Mei", "Which claim?", None),), outcome="Mei rejected this at 11:00.")

    assert render_question(view, 1).blocks[-1]["text"]["text"] == "Mei rejected this at 11:00."


def test_a_reminder_repeats_the_question_and_the_deadline() -> None:
    rendered = render_reminder(card())

    assert rendered.text == "Still waiting for you: Refund 740.00 USD for order 1234? Decide by 14:30 on 22 Nov."


def test_a_notice_without_something_to_do_has_no_button() -> None:
    assert [block["type"] for block in render_notice("T-1042 failed.").blocks] == ["section"]
    assert [block["type"] for block in render_notice("Blocked.", button=None).blocks] == ["section"]


def test_the_why_page_has_its_rows_in_order() -> None:
    view = render_why(WHY)

    assert view["title"]["text"] == "Why T-1042"
    assert [one["text"] for one in texts(view["blocks"])] == [
        "*Refund 740.00 USD, order 1234*",
        "done, verified",
        "*Asked*\nAnna, Slack, 22 Nov 10:30",
    ]


def test_more_shows_what_stands_behind_a_card() -> None:
    view = render_more(card())

    shown = "\n".join(one["text"] for one in texts(view["blocks"]))
    assert view["title"]["text"] == "More on T-1042"
    assert "large refund: 740.00 USD &gt; 500.00 USD" in shown
    assert "order.json sha256 91ab" in shown
    assert "sha256 7f3a" in shown
