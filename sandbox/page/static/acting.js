// Sends what the person does to the sandbox, and says what went wrong.
"use strict";

const me = document.body.dataset;
const api = `/sandbox/api/${encodeURIComponent(me.team)}`;

function say(sentence) {
  const notice = document.getElementById("notice");
  notice.textContent = sentence || "";
  notice.hidden = !sentence;
  clearTimeout(say.timer);
  if (sentence) say.timer = setTimeout(() => say(""), 6000);
}

async function act(name, given) {
  let outcome;
  try {
    const answer = await fetch(`${api}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: me.user, ...given }),
    });
    outcome = await answer.json();
    if (!answer.ok) say(sentenceFor(outcome));
  } catch (error) {
    outcome = { ok: false };
    say("The sandbox does not answer. Is it still running?");
  }
  if (outcome.notice) say(outcome.notice);
  await refresh();
  return outcome;
}

function sentenceFor(refusal) {
  const known = {
    not_in_channel: "You are not in this channel.",
    message_not_found: "That message is gone.",
    no_such_action: "That button is gone.",
    not_found: "That window is gone.",
    not_on_top: "Another window lies above this one.",
    is_archived: "This channel is archived.",
  };
  return known[refusal.error] || `That did not work (${refusal.error}).`;
}
