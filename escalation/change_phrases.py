"""How requesters ask in plain English that a request be changed or ended, as data.

In the shapes, FIELD stands for the fields of a task type as people call them, VALUE for anything, and AMOUNT for something
with a number in it; `was` is what it should not be any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from escalation.phrases import ENGLISH, Language


@dataclass(frozen=True, slots=True, eq=False)
class Rethinking:
    """How one language says it, in small letters.

    `ends` are whole clauses that end a request, and `spoilt` is what makes one doubtful behind them; `named` are shapes
    of sentences that name a field, `bare` of those that do not; `lines` begin a line that holds a field's value; `again`
    separates one change from the next within a sentence; `excuses` say nothing of what should be otherwise, nor do
    `wrong` shapes beside it; `leads` stand before what is asked (a `polite_question`
    asks no question), `hedges` make a value no value; `reason` begins a reason.
    """

    language: Language
    ends: frozenset[str]
    ends_task: str
    spoilt: str
    named: tuple[str, ...]
    bare: tuple[str, ...]
    lines: str
    again: str
    excuses: frozenset[str]
    wrong: tuple[str, ...]
    leads: str
    polite_question: str
    hedges: str
    reason: str


_VERB = r"(?:change|set|update|correct|edit|amend|adjust|modify|alter|fix|replace|lower|raise|reduce|increase)"
_THE = r"(?:(?:the|my|its|our) )?(?:(?:new|right|correct|actual|total|whole) )?"
_WAS = r"(?P<was>.+?)"
_NOT = rf"(?:,? (?:and )?(?:not|instead of|rather than) {_WAS})?"
_AMOUNT = r"(?P<value>[$€£]?\s?\S*\d\S*(?: (?:usd|eur|gbp|dollars?|euros?|pounds?|bucks))?)"

ENGLISH_CHANGES = Rethinking(
    language=ENGLISH,
    ends=frozenset({
        "cancel", "cancel it", "cancel this", "cancel that", "cancel this one", "cancel the request", "cancel my request", "cancel this request", "cancel the task",
        "cancel this task", "cancelled", "i cancel", "i cancel this", "i want to cancel", "i want to cancel this", "i want to cancel it",
        "i'd like to cancel", "i'd like to cancel this", "i would like to cancel", "i would like to cancel this", "can you cancel this", "can you cancel it",
        "could you cancel this", "could you cancel it", "let's cancel this", "let's cancel it", "it can be cancelled", "this can be cancelled",
        "never mind", "nevermind", "never mind this", "withdraw", "withdraw it", "withdraw this", "withdraw the request", "withdraw my request",
        "withdraw this request", "i withdraw this", "i withdraw my request", "i withdraw it", "recall", "recall it", "recall this", "recall the request",
        "recall my request", "stop", "stop it", "stop this", "stop the request", "drop it", "drop this", "forget it", "forget this", "forget about it",
        "forget about this", "call it off", "call this off", "do not do it", "don't do it", "don't do this", "do not do this", "don't pay",
        "do not pay", "don't pay it", "don't send it", "don't publish it", "no longer needed", "it is no longer needed", "it's no longer needed", "this is no longer needed",
        "not needed any more", "not needed anymore", "it is not needed any more", "it's not needed any more", "this is not needed any more",
        "i don't need this any more", "i don't need it any more", "we don't need this any more", "we don't need it any more", "i don't need this anymore",
        "i no longer need this", "we no longer need this", "i no longer need it", "we no longer need it", "scrap it", "scrap this", "abort", "abort it", "abort this",
        "take it back", "i take it back",
    }),
    ends_task=r"(?:please )?(?:cancel|stop|withdraw|recall|drop) (?:task |request )?t-(?P<task>\d+)",
    spoilt=(
        r"\?|\b(?:but|unless|if|instead|only|except|rather|maybe|perhaps|until|actually|keep|go on|make it|change|second thoughts?|"
        r"(?:don'?t|do not|not|no,?) (?:cancel|stop|wait))\b"
    ),
    named=(
        rf"{_VERB} {_THE}FIELD(?: from {_WAS})?(?: to|:| =| with) VALUE(?: instead)?",
        rf"(?:make|put|set) {_THE}FIELD AMOUNT(?: instead)?{_NOT}",
        rf"{_THE}FIELD (?:should|must|has to|needs to|ought to|was supposed to|was meant to|is supposed to|is meant to) (?:be|read|say|have been) AMOUNT(?: instead)?{_NOT}",
        rf"{_THE}FIELD (?:is|was|=) (?:actually |really )?AMOUNT{_NOT}",
        rf"(?:it's|it is|it should be|that should be|this should be|should be|i meant|we meant|i mean|make it|use|take|for) (?:actually )?{_THE}FIELD AMOUNT(?: instead)?{_NOT}",
        rf"{_THE}FIELD AMOUNT(?:,? (?:not|instead of|rather than) {_WAS}|,? instead)",
        rf"{_THE}FIELD to VALUE",
    ),
    bare=(
        rf"make (?:it|this|that) (?:only |just )?AMOUNT(?:,? instead)?{_NOT}",
        rf"{_VERB} (?:it|this|that)(?: from {_WAS})? to AMOUNT(?: instead)?",
        rf"(?:it|this|that) (?:should|must|has to|needs to|was supposed to|was meant to) (?:be|have been) (?:only |just )?AMOUNT{_NOT}",
        rf"(?:i|we) mean(?:t)? (?:to say )?AMOUNT{_NOT}",
        rf"(?:it's|it is|should be) AMOUNT,? (?:and )?(?:not|instead of|rather than) {_WAS}",
        rf"AMOUNT,? (?:instead|not|instead of|rather than)(?: (?:of )?{_WAS})?",
        r"(?:only|just) AMOUNT(?: please)?",
    ),
    lines=r"FIELD\s*[:=]\s*(?P<value>.*)",
    again=r"\s*(?:,|;|\band\b)\s*(?=(?:and )?(?:(?:change|set|make|update|correct) )?(?:the |my )?FIELD\b)",
    excuses=frozenset({
        "my mistake", "my bad", "my error", "my fault", "i made a mistake", "i made an error", "i made a typo", "i mistyped", "typo", "that was a typo",
        "it was a typo", "a typo", "there is a mistake", "there was a mistake", "there's a mistake", "correction", "a correction", "one correction",
        "small correction", "a small correction", "a change", "one change", "small change", "a small change", "this is wrong", "that is wrong", "that's wrong",
        "that was wrong", "i was wrong", "oops", "i mixed it up", "i mixed that up", "wrong number", "to correct", "please correct", "please change",
        "please correct this", "please change this", "i have to correct this", "i need to correct this", "i need to change this", "i want to change this",
        "i want to change something", "i'd like to change this", "can you change this", "could you change this", "can you change that", "could you change that",
        "i got it wrong", "i got that wrong", "as follows",
    }),
    wrong=(
        r"(?:the |that's the |that was the |it's the |i gave the |i wrote the |i took the )?wrong FIELD",
        r"(?:the |my )?FIELD (?:is|was) (?:wrong|incorrect|a typo|mistyped|not right)",
        r"it(?:'s| is) the other FIELD",
        r"i got the FIELD wrong",
    ),
    leads=(
        r"^(?:no, |(?:and|so|but|then|rather|actually|instead)\b,? )*"
        r"(?:(?:(?:can|could|would|will) you(?: please)?|please|i want to|i'd like to|i would like to|i need to|i have to|i wish to|we need to|"
        r"we have to|we want to|let's|let us|you can|you may) )?"
    ),
    polite_question=r"\b(?:can|could|would|will) you\b",
    hedges=r"\?|\b(?:if|unless|maybe|perhaps|or|until|when|but|because|since|not|probably|about|around|roughly|unsure)\b",
    reason=r"[,;]?\s+(?:because|since)\s+",
)  # fmt: skip

AMOUNT = _AMOUNT
VALUE = r"(?P<value>.+?)"
CURRENCIES: Mapping[str, str] = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP",
}  # fmt: skip
