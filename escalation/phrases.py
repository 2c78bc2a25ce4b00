"""What people say to a decision in plain English, as data: whole phrases, and shapes for what carries a name or a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What somebody says to a decision; `nothing` is whatever can be read in two ways."""

    APPROVE = "approve"
    CHANGE = "change"
    REJECT = "reject"
    REVISE = "revise"
    ASK = "ask"
    HAND_OVER = "hand_over"
    SNOOZE = "snooze"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """How one language says it, in small letters.

    `phrases` are whole clauses; `shapes` are regular expressions of whole sentences, with the groups `who` and `until`;
    `not_after` says what a sentence must not go on with, by what it began with; `taken_back` what spoils it anywhere in
    what was written; `signs` are emoji and their names; `bounds` are the words that make a number a limit; `references`
    are numbers that are none. `polite` says nothing, wherever it stands; `rhetorical` questions are a yes; `nobody` are
    words that name no person.
    """

    phrases: Mapping[Meaning, tuple[str, ...]]
    shapes: Mapping[Meaning, tuple[str, ...]]
    not_after: Mapping[Meaning, str]
    taken_back: Mapping[Meaning, str]
    signs: Mapping[str, str]
    greeting: str
    polite: str
    because: str
    bounds: str
    amount: str
    references: str
    rhetorical: frozenset[str]
    nobody: frozenset[str]


_APPROVE = (
    "approve", "approved", "i approve", "i approve this", "i approve it", "approve it", "approve this", "approving",
    "i'm approving", "i'm approving this", "approved by me", "approved from my side", "approved on my end", "consider it approved",
    "this is approved", "it's approved", "ok", "okay", "k", "ok with me", "ok by me", "ok for me", "it's ok",
    "this is ok", "that's ok", "all ok", "yes", "yep", "yup", "yeah", "aye",
    "yes you can", "yes you may",
    "sure", "sure thing", "sure why not", "of course", "certainly", "absolutely",
    "definitely", "by all means", "go", "go ahead", "go for it", "do it", "do that", "do so", "let's do it", "let's do that",
    "let's go", "let's go ahead", "let's proceed", "make it so", "ship it", "send it", "pay it", "pay them", "refund it",
    "refund them", "publish it", "release it", "proceed", "you can proceed", "you may proceed", "you can go ahead",
    "you may go ahead", "feel free to proceed", "feel free to go ahead", "happy to approve", "happy for this to go ahead",
    "happy with this", "happy with that", "good", "good to go", "all good", "we're good", "we're good to go", "good by me",
    "good with me", "i'm good with this", "i'm fine with this", "i'm fine with that", "i'm ok with this", "i'm ok with that",
    "looks good", "looks good to me", "this looks good", "this looks good to me", "it looks good", "looks fine", "looks fine to me", "looks ok",
    "looks ok to me", "looks right", "looks right to me", "looks correct", "lgtm", "makes sense", "makes sense to me", "sounds good", "sounds good to me",
    "sounds right", "sounds fine", "works for me", "that works", "that works for me", "this works for me", "fine",
    "fine with me", "fine by me", "that's fine", "that's fine with me", "this is fine", "it's fine", "all fine", "agreed", "agree",
    "i agree", "i agree with this", "i'm in agreement", "i'm on board", "confirmed", "i confirm", "confirm", "granted",
    "permission granted", "green light", "you have my approval", "you've got my approval", "my approval", "you have my ok",
    "you've got my ok", "accepted", "accept", "i accept", "authorized", "authorised", "i authorize this", "i authorise this",
    "signed off", "sign off", "i sign off", "i sign off on this", "signing off on this", "no objection", "no objections",
    "no objections from me", "no objection from my side", "i have no objection", "i have no objections", "can do", "will do",
    "+1", "+1 from me", "thumbs up", "perfect", "great", "excellent", "cool", "alright", "all right", "very well",
)  # fmt: skip
_REJECT = (
    "reject", "rejected", "i reject", "i reject this", "i reject it", "reject it", "reject this", "rejecting",
    "rejecting this", "this is rejected", "no", "nope", "nah", "no way",
    "no approval", "not approved", "not approved by me",
    "this is not approved", "i do not approve", "i do not approve this", "i don't approve", "i don't approve this",
    "i can't approve", "i can't approve this", "i cannot approve", "i cannot approve this", "can't approve this",
    "cannot approve this", "do not approve", "don't approve", "i won't approve this", "i will not approve this",
    "we can't approve this", "we cannot approve this", "disapproved", "i disapprove", "decline", "declined", "i decline",
    "i must decline", "i have to decline", "i'm declining", "i'm declining this", "denied", "deny", "i deny this", "refuse",
    "refused", "i refuse", "do not", "don't", "do not do this", "don't do this", "don't do it", "do not do it", "don't pay", "do not pay",
    "don't pay it", "do not pay it", "don't send it", "do not send it", "don't publish it", "do not publish it", "do not refund",
    "don't refund", "don't proceed", "do not proceed", "absolutely not", "certainly not",
    "definitely not", "of course not", "not happening", "not a chance", "against it", "i'm against this", "i'm against it",
    "i disagree", "disagree", "i object", "not ok", "not okay", "this is not ok", "not acceptable", "unacceptable", "veto",
    "turned down", "turn it down", "kill it", "cancel it", "-1", "-1 from me", "thumbs down",
)  # fmt: skip

_HIM = r"(?:it|this|that|this one|the request)"
_WHO = r"(?P<who>@?[\w.'’-]+(?: [\w.'’-]+){0,2})"
_UNTIL = r"(?P<until>.+)"
_TIME = r"(?P<until>(?:an?|\d+|one|two|three|a few|half an) (?:more )?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|hour))"
_LATER = r"(?P<until>later(?: today)?|tomorrow.*|tonight|this afternoon|this evening|after lunch|next week|on \w+day|\w+day|in .+|at .+)"

ENGLISH = Language(
    phrases={
        Meaning.APPROVE: _APPROVE,
        Meaning.REJECT: _REJECT,
        Meaning.SNOOZE: (
            "later", "not now", "not yet", "not today", "wait", "hold", "hold on", "hold off", "hang on",
            "one moment", "give me a moment", "busy", "busy right now", "i'm busy", "in a meeting", "i'm in a meeting", "snooze",
            "snooze it", "remind me", "remind me later", "remind me again", "ask me later", "ask me again", "ask me again later",
            "ping me later", "i'll get back to you", "will get back to you", "let me think", "let me think about it",
            "i need to think about it", "i need more time", "need more time", "i'll look at it later", "i'll look later",
        ),
        Meaning.REVISE: (
            "revise", "revise it", "redo", "redo it", "redo this", "rework", "rework it", "rework this",
            "send it back", "send this back", "back to the worker", "needs work", "needs more work", "this needs work",
            "this needs more work", "it needs work", "try again", "do it again", "do it over", "start over", "not like this",
            "not good enough", "this isn't good enough", "not quite right", "not quite there",
        ),
        Meaning.ASK: (
            "more info", "more information", "more details", "need more info", "need more information", "need more details",
            "i need more info", "i need more information", "i need more details", "i need more context", "need more context",
            "more context", "not enough information", "not enough info", "i can't tell from this", "can't tell from this",
            "explain", "i don't understand", "i don't understand this", "i do not understand", "unclear",
            "this is unclear", "not clear to me", "clarify", "details",
        ),
        Meaning.HAND_OVER: (
            "not my call", "not my decision", "not my area", "not my department", "not my job", "wrong person",
            "i'm the wrong person", "not mine to decide", "somebody else should decide", "someone else should decide",
        ),
    },
    shapes={
        Meaning.HAND_OVER: (
            rf"(?:not my \w+ |i'm the wrong person |wrong person )?(?:ask|try|contact|check with|talk to|speak to|take it up with) {_WHO}(?: instead| about {_HIM})?",
            rf"(?:forward|send|pass|hand|give|assign|escalate|refer|route|move)(?: {_HIM})?(?: over| on)? to {_WHO}",
            rf"(?:over|up) to {_WHO}(?: to decide)?",
            rf"{_WHO} (?:should|must|has to|needs to|can|will|is the one to|is to) (?:decide|approve|answer|handle|look at|take|sign off on)(?: {_HIM})?",
            rf"let {_WHO} (?:decide|handle {_HIM}|answer|take {_HIM}|look at {_HIM})",
            rf"(?:that's|this is|it's) (?:for {_WHO}|(?P<whose>[\w.-]+(?: [\w.-]+)?)['’]s (?:call|decision|job|area))",
        ),
        Meaning.SNOOZE: (
            rf"(?:please )?(?:remind|ask|ping|nudge|tell) me(?: again)?(?: about {_HIM})? {_LATER}",
            rf"(?:snooze|wait|hold|hold on|hold off|park {_HIM}|leave {_HIM})(?: {_HIM})? (?:until|till|for) {_UNTIL}",
            rf"(?:snooze|wait)(?: {_HIM})? {_LATER}",
            rf"(?:give me|i need|let me have) {_TIME}",
            rf"(?:i'll|i will|will|let me) (?:look|check|decide|answer|reply|get back|come back|do it|see to it|get to it)(?: at it| at this| into it| into this| to you| to this| on this)? {_LATER}",
            r"(?P<until>tomorrow|next week|on monday|monday)",
        ),
        Meaning.REVISE: (
            rf"(?:send|give|hand|pass) {_HIM} back .+",
            r"(?:(?:please|can you|could you) )?(?:redo|revise|rework|rewrite|reword|shorten|fix|correct|recalculate|recheck|double-check|update|adjust|amend|replace|remove|add|change|use) .+",
            r"(?:make it|make this) (?:shorter|longer|clearer|simpler|friendlier|more \w+|less \w+).*",
            r"try again .+",
            r"(?:needs|this needs|it needs) (?:an? |the |more |another |better )?[\w ]+ first",
        ),
        Meaning.ASK: (
            r"(?:what|why|who|whom|whose|when|where|which|how|did|does|was|were|has|is|are|can|could|should|do|have) (?:we|you|they|i|he|she|it|this|that|the|there|an?|exactly|about|come|much|many|long|late|often|is|was|are|were|did|does|asked|said|paid|would|will|happened|changed|kind|sort|else|any|anyone|anybody|somebody|someone|not) .*",
            r"(?:what|why|who|how|when) (?:happened|changed|not|so \w+|exactly|for)",
            r"(?:tell|show|send) me .+",
            r"(?:explain|clarify) .+",
            r"(?:i need|need|i'd like|i would like|i want) to (?:know|see|understand) .+",
            r"(?:i need|need|i'd like|please attach|attach|send) (?:to see )?(?:the|a|an|some|more|proof|evidence) .+",
            r"ask (?:the )?(?:customer|requester|him|her|them|shop|carrier|vendor|supplier)\b.*",
            r"ask (?:[\w.'’-]+ ){1,3}(?:if|whether|for|why|what|when|how|who|about|to) .+",
            r"(?:check|find out|verify|please check) (?:if|whether|why|what|when|how|with the customer|with the requester).*",
        ),
    },
    not_after={
        Meaning.APPROVE: (
            r"\b(reject\w*|no|nope|not|never|n't|\w+n'?t|cannot|dont|declin\w*|den(?:y|ied)|refus\w*|but|unless|except|if|only|"
            r"however|wait|until|instead|after|once|provided|maybe|hold|stop|almost|nearly|under|condition\w*|joking|kidding|"
            r"before|first|when|assuming|subject to|redo|revise|ask|\d+)\b"
        ),
        Meaning.REJECT: (
            r"\b(approv\w*|yes|ok|okay|go ahead|looks good|lgtm|agreed|proceed|problem|worries|objections?|doubt|but|unless|if|"
            r"maybe|redo|revise|rework|send (?:it|this) back|ask|forward)\b"
        ),
    },
    taken_back={
        Meaning.APPROVE: r"\b(?:reject\w*|declin\w*|second thoughts?|(?:not|n't|dont) approve\w*)\b",
        Meaning.REJECT: r"\b(?:(?<!not )(?<!n't )(?<!cannot )approv(?:e|ed|ing)|second thoughts?|go ahead)\b",
    },
    signs={
        "👍": "+1", ":+1:": "+1", ":thumbsup:": "+1", "✅": "+1", ":white_check_mark:": "+1", ":heavy_check_mark:": "+1",
        "✔️": "+1", "✔": "+1", "👌": "ok", ":ok_hand:": "ok", "🆗": "ok", ":ok:": "ok", "👎": "-1", ":-1:": "-1", ":thumbsdown:": "-1",
        "❌": "-1", ":x:": "-1", "⛔": "-1", ":no_entry:": "-1", "🚫": "-1", ":no_entry_sign:": "-1",
    },
    greeting=r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[\w .'’-]{0,40}[,!:.–—-]\s*",
    polite=(
        r"\b(?:thanks(?: a lot| so much| again)?|thank you(?: so much| very much)?|thx|ty|cheers|please|pls|sorry|many thanks|kindly|"
        r"hm+|ah|oh|guys|team|all the best)\b[!. ]*"
    ),
    because=r"because|since|as|reason",
    bounds=(
        r"only|just|up to|at most|max(?:imum)?|no more than|not more than|limited? to|capped at|cap (?:it|this) at|reduced? to|"
        r"reduce (?:it|this) to|lower (?:it|this) to|make it|make that|make this|instead|for|with|to|and|but|it|this|then|of|a|the|"
        r"change (?:it|this) to|let's say|say|partial(?:ly)?|refund|pay|amount|limit|is fine|is ok|not"
    ),
    amount=r"(?P<sign>[$€£])?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?)\s?(?P<currency>usd|eur|gbp|dollars?|euros?|pounds?|bucks|[$€£])?",
    references=(
        r"\bt-\d+|#\d+|\b(?:order|ticket|task|case|invoice|claim|refund|post|prospect|no|nr|number|version|v|line|row)\.? ?#?\d+\b|"
        r"\b\d{1,2}:\d{2}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|"
        r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* \d{1,2}\b|\b\d+ ?(?:am|pm|%|times|days?|weeks?|hours?|minutes?)\b"
    ),
    rhetorical=frozenset({"sure why not", "why not", "ok why not", "yes why not"}),
    nobody=frozenset({"me", "you", "him", "her", "them", "us", "again", "it", "this", "that", "later", "i", "we", "they", "he", "she",
                      "the customer", "customer", "the requester", "requester", "nobody", "whoever"}),
)  # fmt: skip
