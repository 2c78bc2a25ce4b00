"""Deciding several alike decisions at once: one form, and each of them recorded alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.models.blocks import (
    CheckboxesElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from contracts.vocabulary import Answer, Became
from contracts.wording import first_large
from engine.overview import alike
from escalation.card import CardView
from escalation.decisions import Voice
from gateway.alike import MOST, decide_each, in_words
from gateway.slack.bodies import Malformed, Payload
from gateway.slack.case import Case
from gateway.slack.home import show_home
from gateway.slack.opening import Fresh, open_view
from gateway.slack.wording import cut, section
from notifications.slack import actions
from storage.directory import Person

FORM = "decision.together"
_IN_A_BLOCK = 10
"""https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element: at most 10 options."""
_VALUE, _ANSWER, _REASON, _WHICH = "value", "answer", "reason", "which"
_ANSWERS = (Answer.APPROVE, Answer.REJECT)
_GONE = "Nothing of this waits for you any more."


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was filled in: the answer, its reason, and (decision, digest that was shown) of each that is ticked."""

    answer: Answer
    reason: str | None
    which: tuple[tuple[int, str], ...]


def on_together(case: Case, client: WebClient, person: Person) -> None:
    """Show all that waits for them at one edge of a lane."""
    said = actions.pressed(case.payload["actions"][0].get("value"))
    if said is None or said.lane is None or said.edge is None:
        case.ignore("a value that is not ours")
        return
    with case.deployment.database.transaction(case.company) as unit:
        cards = alike(unit, person, said.lane, said.edge)[:MOST]
    if not cards:
        case.ignore("nothing waits there any more")
        show_home(case, client, person, said=_GONE)
        return
    action = case.payload["actions"][0]
    view = together_form(said.edge, cards)
    open_view(case, client, view, person=person, fresh=Fresh(action["action_id"], action["value"]))


def together_form(edge: str, cards: Sequence[CardView]) -> dict[str, Any]:
    """The form: which of them (all, until one is taken out), yes or no, and a reason."""
    groups = [cards[start : start + _IN_A_BLOCK] for start in range(0, len(cards), _IN_A_BLOCK)]
    answers = [Option(value=one.value, label=label) for one, label in zip(_ANSWERS, cards[0].labels, strict=True)]
    view = View(
        type="modal",
        callback_id=FORM,
        title=PlainTextObject(text=cut(f"{len(cards)} alike", 24)),
        submit=PlainTextObject(text="Decide"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            section(
                f"{first_large(edge)}. Each is decided and recorded by itself; take out those that you want to look at alone."
            ),
            *(_which(number, group, alone=len(groups) == 1) for number, group in enumerate(groups)),
            InputBlock(
                block_id=_ANSWER, label="Your answer", element=RadioButtonsElement(action_id=_VALUE, options=answers)
            ),
            InputBlock(
                block_id=_REASON,
                label="Why?",
                hint="A rejection needs it. The requesters read it, and it stays on record.",
                optional=True,
                element=PlainTextInputElement(action_id=_VALUE, multiline=True, max_length=1000),
            ),
        ],
    )
    return dict(view.to_dict())


def _which(number: int, cards: Sequence[CardView], *, alone: bool) -> InputBlock:
    options = [_option(card) for card in cards]
    element = CheckboxesElement(action_id=_VALUE, options=options, initial_options=options)
    label = "Which" if number == 0 else "And"
    return InputBlock(block_id=f"{_WHICH}{number}", label=label, element=element, optional=not alone)


def _option(card: CardView) -> Option:
    value = actions.of_decision(card.number, card.proposal_digest)
    return Option(
        value=value,
        text=PlainTextObject(text=cut(card.question, 75), emoji=False),
        description=PlainTextObject(text=cut(f"{card.task}, asked by {card.asked_by}", 75), emoji=False),
    )


def errors_of(view: Payload) -> Mapping[str, str]:
    """A sentence by block_id for what has to be mended; raises Malformed for values that are not ours. Pure."""
    chosen = _chosen(view)
    if not chosen.which:
        return {f"{_WHICH}0": "Take at least one."}
    if chosen.answer is Answer.REJECT and not chosen.reason:
        return {_REASON: "Say why: the requesters read it."}
    return {}


def _chosen(view: Payload) -> _Chosen:
    given = {name: found.get(_VALUE, {}) for name, found in view["state"]["values"].items()}
    answer = (given.get(_ANSWER, {}).get("selected_option") or {}).get("value")
    reason = str(given.get(_REASON, {}).get("value") or "").strip()[:1000]
    ticked = [
        option.get("value")
        for name in sorted(given)
        if name.startswith(_WHICH)
        for option in given[name].get("selected_options") or []
    ]
    if answer not in {one.value for one in _ANSWERS} or len(ticked) > MOST:
        raise Malformed("a form that is not ours")
    return _Chosen(Answer(answer), reason or None, tuple(_shown(value) for value in ticked))


def _shown(value: object) -> tuple[int, str]:
    said = actions.pressed(value if isinstance(value, str) else None)
    if said is None or said.decision is None or said.saw is None:
        raise Malformed("a decision that is not ours")
    return said.decision, said.saw


def on_decided_together(case: Case, client: WebClient, person: Person) -> None:
    """One answer for each that is ticked."""
    chosen = _chosen(case.payload["view"])
    voices = [Voice(one, person.id, chosen.answer, chosen.reason, "slack", saw) for one, saw in chosen.which]
    outcomes = decide_each(case.deployment, case.company, voices)
    with case.deployment.database.transaction(case.company) as unit:
        case.settle(unit, Became.DECISION, reference=f"{chosen.answer} of {len(outcomes)} alike")
    show_home(case, client, person, said=in_words(outcomes))
