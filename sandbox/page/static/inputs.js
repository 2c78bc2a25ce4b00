// Reads what is filled in, keeps it while the page changes around it, and searches options.
"use strict";

function valueOf(input) {
  if (input.dataset.external !== undefined) return valuesOfChips(input);
  if (input.dataset.input === "many") return [...input.querySelectorAll(":checked")].map((box) => box.value);
  if (input.matches(".choices")) return input.querySelector(":checked")?.value ?? "";
  return input.value;
}

function valuesOfChips(input) {
  const values = [...input.querySelectorAll(".chip")].map((chip) => chip.value);
  return input.dataset.input === "many" ? values : values[0] ?? "";
}

function filledIn(root) {
  const values = {};
  for (const input of root.querySelectorAll("[data-input]")) {
    const block = (values[input.dataset.blockId] ??= {});
    block[input.dataset.actionId] = valueOf(input);
  }
  return values;
}

function keyOf(input) {
  return `${input.dataset.blockId} ${input.dataset.actionId}`;
}

// The server's markup is fresh; what was typed since it was made must survive.
function keepTyped(from, to) {
  const typed = new Map([...from.querySelectorAll("[data-input]")].map((input) => [keyOf(input), input]));
  for (const input of to.querySelectorAll("[data-input]")) {
    const old = typed.get(keyOf(input));
    if (!old || old.tagName !== input.tagName) continue;
    if (input.matches("input, textarea, select")) input.value = old.value;
    else if (input.matches(".choices")) copyChecks(old, input);
    else input.querySelector(".chips").replaceChildren(...old.querySelectorAll(".chip"));
  }
}

function copyChecks(from, to) {
  const checked = new Set([...from.querySelectorAll(":checked")].map((box) => box.value));
  for (const box of to.querySelectorAll("input")) box.checked = checked.has(box.value);
}

function placeOf(node) {
  const view = node.closest("[data-view-id]");
  if (view) return { view_id: view.dataset.viewId };
  return { channel: me.channel, ts: node.closest("[data-ts]").dataset.ts };
}

async function searchOptions(input) {
  const box = input.closest("[data-external]");
  const offers = box.querySelector(".offers");
  if (input.value.length < Number(box.dataset.external)) return showOffers(input, offers, []);
  const asked = { ...placeOf(box), action_id: box.dataset.actionId, text: input.value };
  const answer = await fetch(`${api}/options`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: me.user, ...asked }),
  });
  if (answer.ok) showOffers(input, offers, (await answer.json()).options);
}

function showOffers(input, offers, options) {
  offers.replaceChildren(
    ...options.map((option) => {
      const offer = document.createElement("button");
      Object.assign(offer, { type: "button", value: option.value, textContent: option.text.text });
      offer.setAttribute("role", "option");
      return offer;
    }),
  );
  offers.hidden = options.length === 0;
  input.setAttribute("aria-expanded", String(options.length > 0));
}

function choose(offer) {
  const box = offer.closest("[data-external]");
  const chip = document.createElement("button");
  Object.assign(chip, { type: "button", className: "chip", value: offer.value, textContent: `${offer.textContent} ×` });
  chip.setAttribute("aria-label", `Remove ${offer.textContent}`);
  const chips = box.querySelector(".chips");
  if (box.dataset.input === "one") chips.replaceChildren(chip);
  else chips.append(chip);
  const input = box.querySelector("input");
  input.value = "";
  showOffers(input, box.querySelector(".offers"), []);
  input.focus();
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

let searching;
document.addEventListener("input", (event) => {
  if (!event.target.closest("[data-external]")) return;
  clearTimeout(searching);
  searching = setTimeout(() => searchOptions(event.target), 150);
});

document.addEventListener("focusin", (event) => {
  const box = event.target.closest("[data-external='0']");
  if (box && event.target.matches("input") && !event.target.value) searchOptions(event.target);
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-external]");
  if (!box || !["ArrowDown", "ArrowUp", "Enter", "Escape"].includes(event.key)) return;
  const offers = [...box.querySelectorAll(".offers button")];
  const here = offers.indexOf(document.activeElement);
  if (event.key === "Enter" && here < 0) return offers.length ? (event.preventDefault(), choose(offers[0])) : undefined;
  if (event.key === "Escape" && offers.length) {
    event.preventDefault();
    return showOffers(box.querySelector("input"), box.querySelector(".offers"), []);
  }
  if (event.key.startsWith("Arrow") && offers.length) {
    event.preventDefault();
    offers[(here + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length].focus();
  }
});
