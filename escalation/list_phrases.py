"""How people point to what is on a numbered list in plain English, and how they ask for that list, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from escalation.phrases import ENGLISH, Language


@dataclass(frozen=True, slots=True, eq=False)
class Pointing:
    """How one language points to the entries of a list, in small letters; the answers themselves are `language`'s.

    `named` stands before a number; `ordinals` are words that are one; `joins` and `through` make several of them one
    group; `everything`, `both` and `rest` are regular expressions of whole words. `no_entry` are numbers that point to
    nothing on the list; `parts` separates one answer from the next within a line; `leads` end the words before a number,
    `links` begin those behind it, `lead_ins` are whole lines before the first answer. `asks` are the phrases that ask what waits.
    """

    language: Language
    named: str
    ordinals: Mapping[str, int]
    joins: str
    through: str
    everything: str
    both: str
    rest: str
    no_entry: str
    parts: str
    leads: str
    links: str
    lead_ins: frozenset[str]
    asks: frozenset[str]


_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b"
)
ENGLISH_LISTS = Pointing(
    language=ENGLISH,
    named=r"numbers?|nos\.|nr\.?|items?|points?",
    ordinals={
        "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    },
    joins=r"\s*(?:,\s*and|,|\+|/|&|and)\s*",
    through=r"\s*(?:-|–|—|to|through|thru|until)\s*",
    everything=(
        r"(?<!\bat )(?<!\bafter )(?<!\bby )(?<!\bin )(?<!\bfirst of )(?<!\babove )"
        r"(?:all(?: of)? (?:them|these|those|three|four|five|six|seven|eight|nine|ten)|all|everything|every one|each(?: one| of them)?)"
    ),
    both=r"both(?: of (?:them|these|those))?|all two",
    rest=r"(?:all )?the (?:rest|others|remaining(?: ones)?|other ones?)|all others|others",
    no_entry=(
        r"\bt-\d+|\b(?:order|ticket|task|case|invoice|claim|refund|post|prospect|version|v|line|row|page|step|decision)\.? ?#?\d+\b|"
        r"\b\d{1,2}:\d{2}\b|\b\d{4}-\d{2}-\d{2}\b|\bat \d{1,2}\b|"
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTHS}|\b{_MONTHS} \d{{1,2}}\b|"
        r"\b\d+ ?(?:am|pm|%|times|days?|weeks?|months?|years?|hours?|hrs?|minutes?|mins?)\b|"
        r"[$€£]\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:usd|eur|gbp|dollars?|euros?|pounds?|bucks|[$€£])|\b\d+(?:\.\d+)+\b|\b\d{1,3}(?:,\d{3})+\b|\b\d+,\d{2}\b|(?<!\d)[+-]1\b"
    ),
    parts=r"[,;.]|\b(?:and|but|then)\b",
    leads=r"\b(?:to|for|on|of|about|with|in)\s*$",
    links=r"^(?:is|are)\s+",
    lead_ins=frozenset({
        "my answers", "here are my answers", "my answers are", "answers", "my decisions", "here are my decisions", "decisions", "as follows",
        "see below", "here you go", "here goes", "below", "my votes",
    }),
    asks=frozenset({
        "what waits for me", "what is waiting for me", "what's waiting for me", "whats waiting for me", "what waits", "what's waiting",
        "what is waiting", "what else waits for me", "what else is waiting for me", "what do i have to decide", "what do i need to decide",
        "what must i decide", "what is there to decide", "what should i decide", "what is pending", "what's pending", "whats pending",
        "what is open", "what's open", "what needs me", "what needs my approval", "what needs my decision", "what needs my answer",
        "what is on my desk", "what's on my desk", "what is on my plate", "what's on my plate", "what have i got to decide",
        "what am i asked", "what do you need from me", "anything waiting for me", "is anything waiting for me", "does anything wait for me",
        "anything to decide", "anything for me", "anything pending", "is there anything to decide", "is there anything for me",
        "show me what waits", "show me what waits for me", "show me what's waiting", "tell me what waits for me", "list what waits for me",
        "send me the list", "send me my list", "send the list", "the list", "list", "my list", "list my decisions", "show my decisions",
        "list everything", "pending", "pending decisions", "my pending decisions", "open decisions", "my open decisions", "my decisions",
        "decisions", "my approvals", "pending approvals", "my pending approvals", "waiting", "waiting for me", "inbox", "chargehand list", "chargehand pending",
    }),
)  # fmt: skip
