"""Reads whether somebody says, in plain words, that a result is wrong; whatever is in doubt is nobody's word."""

import re
from enum import StrEnum

from escalation.clauses import ENDS, key, taken_apart
from escalation.phrases import ENGLISH


class Word(StrEnum):
    """What a reply to a result says; `doubt` touches on wrongness and can be read in two ways, `nothing` does not."""

    WRONG = "wrong"
    CONTENT = "content"
    DOUBT = "doubt"
    NOTHING = "nothing"


_THING = (
    r"(?:amount|sum|total|price|currency|order|order number|number|account|recipient|address|name|date|company|invoice|payment|refund|"
    r"post|page|title|text|link|image|picture|slug|ticket|answer|reply|message|mail|letter|email|status|lead|prospect|person|customer|client)"
)
# What went wrong in the story that the work is about ("the parcel was wrong") says nothing of the work.
_RESULT = r"(?:result|amount|sum|total|price|currency|order number|recipient|address|date|payment|refund|title|text|link|image|picture|slug|answer|reply|status)"
_IT = rf"(?:this|that|it|the (?:\w+ )?{_RESULT}|there|something|everything|all of (?:this|it|that)|none of (?:this|it|that))"
_IS = r"(?: is| was| are| were|'s|s)"
_ADVERB = r"(?: just| completely| totally| simply| clearly| plain| entirely| all| still| definitely| so| very| quite| again| really)*"
_BAD = (
    r"(?:wrong|incorrect|false|mistaken|a mistake|an error|an? (?:wrong|incorrect) \w+(?: \w+){0,3}|the wrong \w+(?: \w+){0,3}|"
    r"not right|not correct|not true|not what (?:i|we) (?:asked for|ordered|wanted|meant|requested)|"
    r"not the (?:right|correct) \w+(?: \w+){0,2}|not (?:my|our|his|her|their) \w+|n't right|n't correct|n't what (?:i|we) \w+(?: for)?|"
    r"n't the (?:right|correct) \w+(?: \w+){0,2})"
)
_DID = r"(?:paid|refunded|sent|wrote to|published|posted|used|took|changed|answered|mailed|picked|chose|booked|closed|did|got)"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"{_IT}{_IS}{_ADVERB} {_BAD}",
        rf"{_IT}(?: is| was| are| were|){_ADVERB}n't (?:right|correct|what (?:i|we) \w+(?: for)?|the (?:right|correct) \w+(?: \w+){{0,2}})",
        rf"{_ADVERB}\s?(?:wrong|incorrect)(?: {_THING})?",
        r"not (?:right|correct|what (?:i|we) (?:asked for|ordered|wanted|meant|requested)|the (?:right|correct) \w+(?: \w+)?)",
        rf"(?:you|it|the worker){_ADVERB}(?: have|'ve|has)? {_DID} (?:the|a|an) wrong \w+.*",
        rf"(?:you|it|the worker)(?: have|'ve|has)? (?:got|did) (?:it|this|that|the \w+){_ADVERB} wrong",
        r"(?:there is|there's|there are|i see|i found|we found|we have) (?:a|an|some|one|two|several) (?:mistakes?|errors?)(?: .*)?",
        r"(?:this|that|it)(?: is|'s)? (?:should not|shouldn't) have (?:been )?\w+.*",
        r"(?:i|we) (?:asked for|said|meant|wanted|ordered) .+ (?:and not|not|instead of) .+",
        r"(?:i|we) (?:want|need|have|would like|'d like)? ?(?:to )?(?:complain|object|report (?:a|this) (?:mistake|error|problem))(?: .*)?",
        r"(?:this|it|that) (?:needs|has) to be (?:corrected|put right|fixed|undone|reversed).*",
    )
)
_HEDGES = re.compile(
    r"\?|\b(?:maybe|perhaps|possibly|not sure|unsure|might|could be|may be|i think|i guess|i believe|seems?|looks? like|if|whether|"
    r"unless|nothing(?:'s| is| was)? wrong|nothing is|no mistakes?|no errors?|n't wrong|not wrong|isn't wrong|wasn't wrong|never mind|nevermind|"
    r"my mistake|my error|my fault|my bad|i was wrong|i'm wrong|i am wrong|joking|kidding|but|except|though|although|"
    r"(?:already|now) (?:fixed|corrected|right|fine|ok)|fixed (?:it|that|this)|sorted|what's wrong|what is wrong|"
    r"wrong (?:thread|channel|chat|window|message|person to ask)|tell me|let me know|go(?:es)? wrong|went wrong with|before)\b",
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"\b(?:wrong\w*|mistake\w*|incorrect\w*|errors?|not (?:right|correct|true|what)|(?:is|was|are|does|did|has)n't|"
    r"should(?:n't| not)? have|instead of|complain\w*|twice|undo|reverse|fix)\b",
    re.IGNORECASE,
)
_CONTENT = frozenset(
    " ".join(key(phrase).split())
    for phrase in (
        "thanks", "thank you", "thank you so much", "thank you very much", "thanks so much", "thx", "ty", "cheers", "many thanks", "thanks a lot", "great", "perfect", "excellent", "cool",
        "good", "very good", "nice", "super", "wonderful", "awesome", "brilliant", "ok", "okay", "k", "fine", "all good", "all right",
        "alright", "that's right", "that is right", "this is right", "that's correct", "this is correct", "correct", "right", "done",
        "got it", "noted", "understood", "well done", "good job", "great job", "nice work", "good work", "great work", "+1", "-", "yes", "seen",
        "looks good", "looks good to me", "looks right", "that was quick", "that was fast", "that's it", "works for me", "it's fine",
        "that's fine", "this is fine", "happy with that", "happy with this", "you're the best", "lovely",
    )
)  # fmt: skip


def read(words: str) -> Word:
    """What a person's own words say of a result; quoted lines are somebody else's."""
    own = "\n".join(line for line in words.splitlines() if not line.lstrip().startswith(">"))
    text = taken_apart(own, ENGLISH)
    if not key(text.everything):
        return Word.NOTHING
    if _is_content(text.head) and not _TRACE.search(text.everything):
        return Word.CONTENT
    if _says_so(text.line, text.head) and not _HEDGES.search(text.everything):
        return Word.WRONG
    return Word.DOUBT if _TRACE.search(text.everything) else Word.NOTHING


def _is_content(head: str) -> bool:
    return key(head) in _CONTENT


def _says_so(line: str, head: str) -> bool:
    """The first clause or the whole first line, without a no that only leads to it: "no, that's the wrong customer"."""
    sentences = (
        head,
        line.strip(ENDS),
        re.sub(r"^(?:no|nope|hm+|wait|stop|oh|so)\b[,.!: ]*", "", line, flags=re.IGNORECASE),
    )
    plain = (sentence.strip(ENDS) for sentence in sentences)
    return any(shape.fullmatch(sentence) for sentence in plain for shape in _SHAPES)
