"""What somebody types after /chargehand: nothing, a lane, `find`, `why`, `page` or `help`; anything else gets a hint."""

import re
from collections.abc import Callable

from slack_sdk import WebClient

from contracts.vocabulary import Answer, Became
from engine.answering import Spoken, answer
from engine.finding import find
from engine.going_away import going_away
from engine.intake import may_ask, not_open
from engine.whys.asked import explain
from escalation.absences import NotAway, come_back
from gateway.pages.signing_in import make_link
from gateway.slack import modals
from gateway.slack.case import Case
from gateway.slack.notes import RequestNote
from gateway.slack.opening import Fresh, open_view
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import show, tell
from gateway.slack.wording import with_link
from notifications.page_address import Link
from notifications.slack import actions
from notifications.slack.pages import render_why
from storage.directory import Person

_LONGEST_WHAT = 300

_AWAY = re.compile(r"until (\S{1,20})(?: to (.{1,100}))?", re.IGNORECASE)
_OWN = re.compile(r"([1-9][0-9]{0,17}) (approve|reject)\s*(.{0,1000})", re.IGNORECASE | re.DOTALL)

HELP = (
    "/chargehand – ask for work\n"
    "/chargehand LANE – ask for that at once, such as /chargehand {lane}\n"
    "/chargehand find TEXT – did we already do that?\n"
    "/chargehand why T-1042 – who authorised it, what was read, what changed\n"
    "/chargehand page – the same in your browser\n"
    "/chargehand away until 2026-12-07 to NAME – who decides for you; /chargehand back"
)


def on_command(case: Case, client: WebClient, person: Person) -> None:
    """A slash command from somebody known."""
    word, _, rest = str(case.payload.get("text", "")).strip().partition(" ")
    answer = _WORDS.get(word.lower())
    if answer is not None:
        answer(case, client, person, rest.strip())
    elif word.lower() in case.business.lanes:
        open_form(case, client, person, RequestNote(lane=word.lower(), channel=case.channel))
    else:
        _say(case, client, person, f"I don't know “{word[:40]}”.\n{_help(case, person)}")


def open_form(case: Case, client: WebClient, person: Person, note: RequestNote) -> None:
    """Open the form of the note's lane, or the choice of those that the person may use."""
    lanes = [lane for lane in case.business.lanes.values() if may_ask(lane, person)]
    chosen = next((lane for lane in lanes if lane.lane.lane == note.lane), None)
    if not lanes or (note.lane and chosen is None):
        _say(case, client, person, _not_yours(case, note.lane))
        return
    view = modals.request_form(chosen, note.channel) if chosen else modals.lane_choice(lanes, note.channel)
    open_view(case, client, view, person=person, fresh=Fresh(modals.OPEN, note.written()))


def _not_yours(case: Case, lane: str | None) -> str:
    business = case.business
    found = business.lanes.get(lane or "")
    owner = business.company.person(found.lane.owner if found else business.company.last_resort)
    name = owner.name if owner else "the operator"
    return not_open(found, name) if found else f"There is no work that you may ask for here. Ask {name} for access."


def _choose(case: Case, client: WebClient, person: Person, rest: str) -> None:
    open_form(case, client, person, RequestNote(channel=case.channel))


def _find(case: Case, client: WebClient, person: Person, rest: str) -> None:
    if not rest:
        _say(case, client, person, "What should I look for? Such as: /chargehand find order 1234")
        return
    with case.deployment.database.transaction(case.company) as unit:
        found = find(unit, rest[:200], limit=10)
    lines = [f"{view.name}  {view.headline}" for view in found]
    head = f"Found {len(lines)} for “{rest[:200]}”:" if lines else f"Nothing found for “{rest[:200]}”."
    _say(case, client, person, "\n".join([head, *lines]))


def _why(case: Case, client: WebClient, person: Person, rest: str) -> None:
    if not rest:
        _say(case, client, person, "Why what? Such as: /chargehand why T-1042, or decision 7, or T-1042/check")
        return
    open_why(case, client, person, rest[:_LONGEST_WHAT])


def open_why(case: Case, client: WebClient, person: Person, what: str) -> None:
    """Show the Why page of whatever is meant, or say that there is none."""
    try:
        with case.deployment.database.transaction(case.company) as unit:
            page = explain(unit, case.business.company, what)
    except LookupError as error:
        _say(case, client, person, f"{str(error)[:1].upper()}{str(error)[1:].rstrip('.')}.")
        return
    fresh = Fresh(actions.WHY, actions.of_what(what))
    open_view(case, client, render_why(page), person=person, fresh=fresh)


def _away(case: Case, client: WebClient, person: Person, rest: str) -> None:
    """`away until 2026-12-07`, and who stands in if somebody else than the manager: `to mei`."""
    said = _AWAY.fullmatch(rest)
    if said is None:
        _say(
            case,
            client,
            person,
            "Until when, and who decides for you? Such as: /chargehand away until 2026-12-07 to mei",
        )
        return
    with case.deployment.database.transaction(case.company) as unit:
        try:
            sentence = going_away(unit, person.id, until=said[1], to=said[2], by=f"person:{person.id}")
        except NotAway as refusal:
            sentence = str(refusal)
        case.settle(unit, Became.IGNORED, why="an absence")
    case.deployment.wakeups.courier()
    tell(case, client, sentence, person=person)


def _back(case: Case, client: WebClient, person: Person, rest: str) -> None:
    with case.deployment.database.transaction(case.company) as unit:
        ended = come_back(unit, person.id, by=f"person:{person.id}")
        case.settle(unit, Became.IGNORED, why="back again")
    tell(case, client, "Welcome back." if ended else "You were not away.", person=person)


def _own(case: Case, client: WebClient, person: Person, rest: str) -> None:
    """`own 12 approve why it can't wait`: only where the contract lets people break the glass."""
    said = _OWN.fullmatch(rest)
    if said is None:
        _say(
            case,
            client,
            person,
            "In an emergency, where the contract allows it: /chargehand own 12 approve WHY IT CAN'T WAIT",
        )
        return
    spoken = Spoken(int(said[1]), person.id, Answer(said[2].lower()), "slack", reason=said[3].strip(), own=True)
    settled = Settled(Became.DECISION, f"{spoken.answer}:{spoken.decision}")
    carry_out(case, client, person, settled, lambda unit: answer(case.deployment, unit, spoken))


def _page(case: Case, client: WebClient, person: Person, rest: str) -> None:
    """A link that signs them in, for their eyes only; where Slack can't show it so, nobody gets it."""
    with case.deployment.database.transaction(case.company) as unit:
        link = make_link(unit, person, via="slack", by=f"person:{person.id}")
        case.settle(unit, Became.IGNORED, why="a link to the page")
    address = case.page.sign_in(Link(case.company, link))
    shown = with_link("Your page, for you alone. The link is good once, for 15 minutes.", "Open the page", address)
    if not show(case, client, shown):
        tell(case, client, "Slack could not show you the link. Ask again in our direct messages.", person=person)


def _help_asked(case: Case, client: WebClient, person: Person, rest: str) -> None:
    _say(case, client, person, _help(case, person))


def _help(case: Case, person: Person) -> str:
    theirs = (name for name, lane in case.business.lanes.items() if may_ask(lane, person))
    return HELP.format(lane=next(theirs, "LANE"))


def _say(case: Case, client: WebClient, person: Person, sentence: str) -> None:
    # Settled first: hearing it twice would be worse than, after a crash just here, asking again.
    case.ignore("answered")
    tell(case, client, sentence, person=person)


_WORDS: dict[str, Callable[[Case, WebClient, Person, str], None]] = {
    "": _choose,
    "find": _find,
    "why": _why,
    "away": _away,
    "back": _back,
    "own": _own,
    "page": _page,
    "help": _help_asked,
}
