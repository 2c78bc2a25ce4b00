"""What people really write under a request for a decision, and what each of it means."""

from escalation.phrases import Meaning

APPROVE = (
    "approve", "Approved", "APPROVED!!", "approved.", "ok", "OK.", "Okay!", "ok 👍", "👍", ":+1:", "✅ approved", "+1", "k",
    "yes", "Yes.", "yes please", "Yes, go ahead.", "yep", "Yup, approved", "yeah go ahead", "Sure", "sure thing!", "Sure, go ahead",
    "Sure, why not?", "Of course", "absolutely", "go ahead", "Please go ahead.", "Go ahead, thanks!", "go for it", "Do it",
    "do it please", "let's do it", "Ship it", "looks good", "Looks good to me!", "LGTM", "lgtm, thanks", "this looks good to me.",
    "looks right to me", "Sounds good", "Sounds good to me, thank you", "works for me", "that works", "fine", "Fine by me.",
    "That's fine", "that’s fine with me", "It's fine, thanks", "all good", "Good to go!", "we're good to go", "I approve",
    "I approve this.", "Hi,\n\napproved, thanks", "Hi Anna, approved.", "Hello team,\nYes, approved.\nBest", "Agreed.", "I agree",
    "agreed - the carrier was clear", "Approved because the parcel was lost.", "Approved, the parcel was lost in transit.",
    "Approved. Carrier confirmed order 1234 is lost.", "ok, order 1234 looks fine", "Approved as discussed", "confirmed",
    "No objections", "no objections from me", "no objection from my side, go ahead", "Happy to approve", "I'm fine with this",
    "i'm ok with that", "You have my approval.", "You've got my OK", "Green light", "proceed", "please proceed", "feel free to proceed",
    "signed off", "I sign off on this", "Granted.", "You can go ahead", "Alright", "very well", "*Approved*", "_ok_", "Approved!\n\nMei",
    "Perfect, thanks", "Great, go ahead", "can do", "OK with me since the claim was accepted", "Refund it.", "Good morning Tomás, approved",
    "Yes of course!", "By all means", "Makes sense to me, approved", "ok approved",
)  # fmt: skip
REJECT = (
    "reject", "Rejected", "rejected.", "no", "No.", "NO", "nope", "No, sorry", "Sorry, no.", "no thanks", "No, thank you.", "👎", ":-1:",
    "❌", "No way", "not approved", "Not approved.", "I do not approve this", "I don't approve", "I dont approve this", "don't do this",
    "Please don't", "do not pay", "Don't pay it", "declined", "Decline, we do not pay twice", "I have to decline", "I'm declining this",
    "denied", "Denied: no receipt", "No, wait for March", "No, because the order was paid back in cash", "no - it was delivered",
    "Rejected, the customer got a replacement already", "Reject. Duplicate of order 1200.", "no, the order is too old",
    "No since we shipped a replacement on 3 Nov", "absolutely not", "Not ok", "I disagree", "I object", "I can't approve this",
    "We cannot approve this", "cannot approve this, wrong customer", "Not acceptable", "Turn it down", "Veto", "cancel it",
    "Hi Anna,\n\nno, this was paid back last week.\n\nMei", "Definitely not.", "nah",
)  # fmt: skip
ASK = (
    "why?", "Why so late?", "What did the carrier say?", "Which parcel?", "Hi Anna,\nwhich parcel?", "Who asked for this", "Is that the full amount?",
    "Approve? What for", "ok?", "did we not pay this already?", "what happened", "How long has she been a customer", "was there a claim",
    "Can you send me the receipt?", "Could I see the claim first?", "need more info", "I need more details please", "More context please",
    "not enough information", "can't tell from this", "please explain", "Explain why this is urgent", "I don't understand",
    "Unclear to me. What is the claim number?", "tell me more about the customer", "Show me the claim", "Send me the receipt please",
    "I'd like to know what the carrier said", "I need to see the invoice first", "ask the customer for a photo",
    "Ask Anna whether the parcel came back", "check with the customer", "find out if it was delivered", "Yes, but why so late?",
    "Approved? I thought we decided against it?", "when was it shipped", "has she asked before", "why not a replacement",
)  # fmt: skip
CHANGE = {
    "approved but only 300": "300", "approve, but only 500": "500", "ok for 300": "300", "Yes, up to 300 USD.": "300",
    "only 300": "300", "make it 300": "300", "300 max": "300", "max 300": "300", "$300 is fine": "300", "approve 500 USD": "500",
    "OK, but not more than 1,200": "1,200", "Approved up to 299.50": "299.50", "yes to 300": "300", "ok, 300 instead": "300",
    "Approved for 300 dollars because the rest was used": "300", "reduce it to 250": "250", "cap it at 400": "400", "Just 300": "300",
    "fine, but at most 350 eur": "350", "Approved with 300 only, thanks": "300", "let's say 300": "300",
}  # fmt: skip
REVISE = (
    "send it back", "Please redo", "redo it with the right amount", "revise", "Needs work", "this needs more work", "try again",
    "try again with the new address", "fix the amount", "Please fix the typo in the title", "change the wording, it is too harsh",
    "Rewrite the second paragraph", "shorten the message", "not like this", "not good enough", "make it shorter", "add the order number",
    "remove the discount", "use the other template", "please correct the name of the customer", "update the date first", "Send it back to the worker",
)  # fmt: skip
HAND_OVER = {
    "ask Finance": "Finance", "Ask Mei": "Mei", "please ask Mei-Lin Zhao": "Mei-Lin Zhao", "forward to finance": "finance",
    "Please forward this to Ruth": "Ruth", "pass it on to Kwame": "Kwame", "over to Priya": "Priya", "Up to Ruth": "Ruth",
    "Mei should decide this": "Mei", "Ruth has to approve it": "Ruth", "let Priya decide": "Priya", "Talk to Jonas": "Jonas",
    "check with Mei": "Mei", "not my call, ask Mei": "Mei", "That's Ruth's call": "Ruth", "assign to Kwame please": "Kwame", "not my call": None,
    "Not my decision.": None, "escalate to Ruth": "Ruth", "wrong person": None, "This is for Priya": "Priya",
}  # fmt: skip
SNOOZE = {
    "later": None, "not now": None, "not yet": None, "hold on": None, "wait": None, "Remind me tomorrow": "tomorrow", "remind me in 2 hours": "in 2 hours",
    "ask me again on Monday": "on Monday", "wait until Monday": "Monday", "hold it until March": "March", "wait for the carrier": "the carrier",
    "give me an hour": "an hour", "I need 30 minutes": "30 minutes", "in a meeting": None, "I'll get back to you": None, "snooze": None,
    "I'll look at it tomorrow": "tomorrow", "will check this afternoon": "this afternoon", "let me think about it": None, "Tomorrow": "tomorrow",
}  # fmt: skip
NOTHING = (
    "", "thanks", "yes and no", "approve/reject", "approved if the carrier confirms", "Approve, but only if Mei agrees",
    "I would approve", "approved\nno wait", "maybe", "no\nactually yes, approve", "Approve.\n\nOn second thought, reject it.",
    "I am out of the office until Monday", "Approve not", "unapproved", "aproved", "approve 500", "no, approved", "reply: approve",
    "yesterday", "nothing", "okapi", "Approved once the receipt is in", "ok but next time ask earlier", "no unless she calls again",
    "yes, don't", "fine, however the amount is odd", "approve 300 or 400", "Interesting.", "see attachment", "FYI", "hm", "no, ask Finance",
    "reject, fix the amount and send it back", "approved, ask Mei", "ok wait", "later, approved", "I think so", "probably", "I guess",
    "approved, just kidding", "not sure", "no problem, go on", "noted", "received", "on it", "lol", "?!".replace("?", ""), "42",
)  # fmt: skip

CASES: tuple[tuple[str, Meaning], ...] = tuple(
    (words, meaning)
    for meaning, found in (
        (Meaning.APPROVE, APPROVE),
        (Meaning.REJECT, REJECT),
        (Meaning.ASK, ASK),
        (Meaning.CHANGE, tuple(CHANGE)),
        (Meaning.REVISE, REVISE),
        (Meaning.HAND_OVER, tuple(HAND_OVER)),
        (Meaning.SNOOZE, tuple(SNOOZE)),
        (Meaning.NOTHING, NOTHING),
    )
    for words in found
)
