// Keeps the page up to date and turns presses, choices and typing into acts.
"use strict";

const POLL_MS = 700;
const shown = new Map();
let revision = me.revision;
let asking = null;

function refresh() {
  asking = (asking ?? Promise.resolve()).then(ask, ask);
  return asking;
}

async function ask() {
  const query = new URLSearchParams({ as: me.user, channel: me.channel, tab: me.tab, since: revision });
  if (document.visibilityState === "visible") query.set("seen", "1");
  let answer;
  try {
    answer = await fetch(`/page/${encodeURIComponent(me.team)}/news?${query}`);
  } catch {
    return;
  }
  if (answer.status !== 200) return;
  const news = await answer.json();
  revision = news.revision;
  show(news);
}

function show(news) {
  document.getElementById("places").innerHTML = news.places;
  const messages = document.getElementById("messages");
  if (messages) showMessages(messages, news.messages);
  const home = document.getElementById("home");
  if (home && changed("home", news.home)) replaceKeeping(home, news.home);
  showModal(news.modal);
}

function changed(name, html) {
  const same = shown.get(name) === html;
  shown.set(name, html);
  return !same;
}

// Entry by entry, so that a press, an open thread or a half-written reply elsewhere is not disturbed.
function showMessages(list, html) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const old = new Map([...list.children].map((entry) => [entry.dataset.key, entry]));
  const entries = [...fresh.content.children].map((entry) => kept(old.get(entry.dataset.key), entry));
  const focused = focusKey();
  // Only what changed is touched: replacing all children would jump to the top.
  entries.forEach((entry, n) => {
    if (list.children[n] !== entry) list.insertBefore(entry, list.children[n] ?? null);
  });
  const staying = new Set(entries);
  for (const entry of [...list.children]) if (!staying.has(entry)) entry.remove();
  if (focused && document.activeElement === document.body) restoreFocus(list, focused);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function kept(old, entry) {
  const key = `entry ${entry.dataset.key}`;
  const html = entry.innerHTML;
  const same = old && shown.get(key) === html;
  shown.set(key, html);
  if (same) return old;
  if (old) carryOver(old, entry);
  return entry;
}

function carryOver(from, to) {
  for (const thread of to.querySelectorAll("details[data-keep]")) {
    const old = from.querySelector(`details[data-keep="${thread.dataset.keep}"]`);
    thread.open = Boolean(old?.open);
    const reply = thread.querySelector(".reply input");
    if (old && reply) reply.value = old.querySelector(".reply input")?.value ?? "";
  }
}

function replaceKeeping(node, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  keepTyped(node, fresh);
  const focused = focusKey();
  node.replaceChildren(...fresh.childNodes);
  restoreFocus(node, focused);
}

function focusKey() {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  if (here.id) return `#${CSS.escape(here.id)}`;
  if (!here.dataset.actionId) return null;
  const ts = here.closest("[data-ts]");
  const inside = `[data-action-id="${CSS.escape(here.dataset.actionId)}"]`;
  return ts ? `[data-ts="${ts.dataset.ts}"] ${inside}` : inside;
}

function restoreFocus(root, key) {
  if (key) root.querySelector(key)?.focus({ preventScroll: true });
}

function showModal(html) {
  const modal = document.getElementById("modal");
  if (!changed("modal", html)) return;
  const before = modal.querySelector("[data-view-id]")?.dataset.viewId;
  if (!html.trim()) return modal.open ? modal.close() : undefined;
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  if (before === fresh.querySelector("[data-view-id]").dataset.viewId) keepTyped(modal, fresh);
  const focused = focusKey();
  modal.replaceChildren(...fresh.childNodes);
  if (!modal.open) modal.showModal();
  const wrong = modal.querySelector(".wrong :is(input, textarea, select)");
  const first = modal.querySelector(".fieldsbox :is(input, textarea, select)") ?? modal.querySelector("footer button");
  const same = focused && modal.querySelector(focused);
  (wrong ?? same ?? first)?.focus();
}

function confirmed(button) {
  const asking = button.parentElement.querySelector("template.confirming");
  if (!asking) return Promise.resolve(true);
  const dialog = document.getElementById("confirm");
  const form = document.createElement("form");
  form.method = "dialog";
  const footer = document.createElement("footer");
  for (const [value, label, style] of [["", asking.dataset.deny, ""], ["yes", asking.dataset.confirm, asking.dataset.style]]) {
    const choice = document.createElement("button");
    Object.assign(choice, { value, textContent: label, className: `press ${style}` });
    choice.dataset.testid = value ? "confirm-yes" : "confirm-no";
    footer.append(choice);
  }
  form.append(asking.content.cloneNode(true), footer);
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

async function press(node, value) {
  if (node.dataset.busy || !(await confirmed(node))) return;
  node.dataset.busy = "1";
  node.setAttribute("aria-busy", "true");
  const given = { action_id: node.dataset.actionId };
  if (value !== undefined) given.value = value;
  const view = node.closest("[data-view-id]");
  const place = placeOf(node);
  const last = lastEntry();
  if (view) await act("view-action", { ...given, ...place, values: filledIn(view) });
  else await act("click", { ...given, ...place, block_id: node.dataset.blockId });
  if (lastEntry() !== last) lastEntry()?.scrollIntoView({ block: "nearest" });
  if (node.dataset.url) window.open(node.dataset.url, "_blank", "noopener");
  delete node.dataset.busy;
  node.removeAttribute("aria-busy");
}

function lastEntry() {
  return document.querySelector("#messages > .entry:last-child");
}

async function submit(form) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  const outcome = await act("submit", { view_id: form.dataset.viewId, values: filledIn(form) });
  const trouble = form.querySelector(".trouble");
  if (form.isConnected) {
    trouble.textContent = outcome.notice ?? "";
    trouble.hidden = !outcome.notice;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

function closeModal() {
  const view = document.querySelector("#modal [data-view-id]");
  if (view) act("close-view", { view_id: view.dataset.viewId });
}

document.addEventListener("click", (event) => {
  const offer = event.target.closest(".offers button");
  if (offer) return choose(offer);
  const chip = event.target.closest(".chip");
  if (chip) return chip.remove();
  if (event.target.closest("[data-close]")) return closeModal();
  const button = event.target.closest("button[data-action-id]");
  if (button) press(button);
});

document.addEventListener("change", (event) => {
  if (event.target.id === "as") {
    const person = event.target.selectedOptions[0];
    const query = new URLSearchParams({ team: person.dataset.team, as: person.value, channel: me.channel });
    location.assign(`/?${query}`);
    return;
  }
  const input = event.target.closest("[data-input]");
  if (!input || input.dataset.dispatch !== "yes" || (input.dataset.external !== undefined && event.target !== input)) return;
  press(input, valueOf(input));
});

document.addEventListener("submit", (event) => {
  if (event.target.method === "dialog" || event.target.matches(".chooser")) return;
  event.preventDefault();
  if (event.target.matches("#modal form")) submit(event.target);
  else if (event.target.matches(".reply")) reply(event.target);
  else if (event.target.id === "composer") send();
});

document.getElementById("modal").addEventListener("cancel", (event) => {
  event.preventDefault();
  closeModal();
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.thread") && event.target.open) event.target.scrollIntoView({ block: "nearest" });
  },
  true,
);

async function reply(form) {
  const text = form.elements.text.value.trim();
  if (!text) return;
  form.elements.text.value = "";
  await act("message", { channel: me.channel, text, thread_ts: form.dataset.thread });
}

async function send() {
  const box = document.getElementById("text");
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  grow(box);
  complete();
  const [, command, rest] = text.match(/^(\/[\w-]+)\s*([\s\S]*)$/) ?? [];
  if (command) await act("command", { channel: me.channel, command, text: rest });
  else await act("message", { channel: me.channel, text });
  scrollToEnd();
}

function scrollToEnd() {
  const list = document.getElementById("messages");
  if (list) list.scrollTop = list.scrollHeight;
}

function grow(box) {
  box.rows = Math.min(8, box.value.split("\n").length);
}

const commands = JSON.parse(document.getElementById("commands").textContent);
let marked = 0;

function fitting() {
  const typed = document.getElementById("text").value;
  return typed.startsWith("/") && !/\s/.test(typed) ? commands.filter((one) => one.command.startsWith(typed)) : [];
}

function complete() {
  const list = document.getElementById("completions");
  const box = document.getElementById("text");
  const found = fitting();
  marked = Math.min(marked, Math.max(found.length - 1, 0));
  list.replaceChildren(...found.map((one, number) => completion(one, number)));
  list.hidden = found.length === 0;
  if (found.length) box.setAttribute("aria-activedescendant", `completion-${marked}`);
  else box.removeAttribute("aria-activedescendant");
}

function completion(one, number) {
  const line = document.createElement("li");
  line.id = `completion-${number}`;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", String(number === marked));
  line.dataset.command = one.command;
  for (const [tag, text] of [["strong", one.command], ["span", one.usage_hint], ["small", one.description]]) {
    const part = document.createElement(tag);
    part.textContent = text;
    line.append(part, " ");
  }
  return line;
}

function take(command) {
  const box = document.getElementById("text");
  box.value = `${command} `;
  complete();
  box.focus();
}

function typing(event) {
  const found = fitting();
  if (found.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
    return complete();
  }
  const whole = found.some((one) => one.command === event.target.value);
  if (found.length && (event.key === "Tab" || (event.key === "Enter" && !whole))) {
    event.preventDefault();
    return take(found[marked].command);
  }
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
}

const composer = document.getElementById("text");
if (composer) {
  composer.readOnly = false;
  composer.addEventListener("keydown", typing);
  composer.addEventListener("input", () => (grow(composer), complete()));
  document.getElementById("completions").addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(event.target.closest("[data-command]").dataset.command);
  });
}

for (const entry of document.querySelectorAll("#messages > .entry")) shown.set(`entry ${entry.dataset.key}`, entry.innerHTML);
showModal(document.getElementById("modal-now").innerHTML);
scrollToEnd();
document.querySelector("#places [aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
if (me.tab === "home") act("home", {});
refresh();
setInterval(refresh, POLL_MS);
me.ready = "yes";
