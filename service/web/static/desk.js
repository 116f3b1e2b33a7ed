// The moderation desk by keyboard: claims by itself, decides in place, tells what is new.
// Without this script every button and form works as a plain page.
"use strict";
(() => {
  const desk = document.getElementById("desk");
  const queue = document.querySelector(".queue");
  const claimForm = document.getElementById("claim");
  const progress = document.getElementById("progress");
  const news = document.getElementById("news");
  const help = document.getElementById("help");
  const reasons = document.getElementById("reasons");
  const toggle = document.getElementById("shortcuts");
  const decided = []; // ids in the order in which they were decided here
  let choosing = null; // the act that waits for a reason
  let active = true; // something was done since the service was last asked
  let claiming = false;
  let claimed = 0; // how often
  const remembered = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("desk-shortcuts", value);
      return localStorage.getItem("desk-shortcuts");
    } catch { return null; }
  };
  let on = remembered() !== "off";

  const cards = () => [...queue.querySelectorAll(".message")];
  const waiting = () => cards().filter((card) => card.dataset.waits === "yes" && !card.classList.contains("settled"));
  const current = () => document.activeElement?.closest?.(".message") ?? null;
  const say = (text) => { news.textContent = text; };

  function go(card) {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = cards();
    const here = all.indexOf(current());
    go(all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + step))]);
  }

  async function send(form, extra = {}) {
    const body = new FormData(form);
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    active = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Wants": "cards" } });
      if (answer.redirected) location.reload(); // the session is over: on to the sign-in page
      const html = await answer.text();
      const page = new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html");
      return { ok: answer.ok, status: answer.status, cards: [...page.querySelectorAll("ol > .message")] };
    } catch {
      return { ok: false, status: 0, cards: [] };
    }
  }

  async function act(card, name, extra = {}) {
    const form = card?.querySelector(`form[data-act="${name}"]`);
    if (!form || card.dataset.busy) return;
    card.dataset.busy = "yes";
    const note = card.querySelector('input[name="note"]')?.value ?? ""; // whatever is decided
    const answer = await send(form, { decision: name, note, ...extra });
    delete card.dataset.busy;
    const held = card.contains(document.activeElement); // only now: the moderator may have gone on
    const fresh = answer.cards[0];
    if (!fresh) return say(desk.dataset.failed);
    card.replaceWith(fresh);
    if (!answer.ok || name === "undo") return held ? go(fresh) : undefined;
    fresh.classList.add("settled");
    decided.push(fresh.dataset.id);
    if (name !== "escalate") count();
    if (held) go(next(fresh));
    refill();
  }

  // The next message that still waits; where there is none, the one that was just decided.
  function next(card) {
    const all = cards();
    const rest = all.slice(all.indexOf(card) + 1).concat(all);
    return rest.find((one) => waiting().includes(one)) ?? card;
  }

  // As the service counts: what was undone was decided too.
  function count() {
    const now = Number(progress.dataset.count) + 1;
    progress.dataset.count = now;
    progress.textContent = desk.dataset.decided.replace("%(count)s", now);
  }

  function undoLast() {
    const here = current();
    if (here?.classList.contains("settled")) return act(here, "undo");
    while (decided.length) {
      const card = document.getElementById(`message-${decided.pop()}`);
      if (card?.querySelector('form[data-act="undo"]') && card.classList.contains("settled")) {
        go(card);
        return act(card, "undo");
      }
    }
    return undefined;
  }

  async function claim(asked) {
    if (claiming || !claimForm) return;
    claiming = true;
    const answer = await send(claimForm);
    claiming = false;
    claimed += 1;
    if (!answer.ok) return say(desk.dataset.failed);
    document.getElementById("nothing")?.remove();
    for (const fresh of answer.cards) {
      const known = document.getElementById(fresh.id);
      if (known?.dataset.busy) continue; // its own answer is on the way
      if (known && !known.contains(document.activeElement)) known.replaceWith(fresh);
      else if (known) { known.classList.add("mine"); known.dataset.mine = "yes"; }
      else queue.append(fresh);
    }
    if (asked && !answer.cards.length) say(desk.dataset.nothing);
  }

  // The next batch is there before the last message of this one is decided.
  function refill() {
    const own = waiting().filter((card) => card.dataset.mine);
    if (desk.dataset.claims === "yes" && own.length <= 3) claim(false);
  }

  function choose(card, name) {
    if (!card?.querySelector(`form[data-act="${name}"]`)) return;
    choosing = { card, name };
    for (const item of reasons.querySelectorAll("[data-only]")) item.hidden = item.dataset.only !== name;
    reasons.showModal();
  }

  function chosen(reason) {
    const { card, name } = choosing;
    reasons.close();
    go(card);
    act(card, name, { reason });
  }

  reasons.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reason]");
    if (button) chosen(button.dataset.reason);
  });
  reasons.addEventListener("keydown", (event) => {
    if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = [...reasons.querySelectorAll("[data-reason]")];
    const button = event.key === "0" ? all.at(-1) : all[Number(event.key) - 1];
    if (!button || button.closest("[hidden]") || (event.key === "0" && button.dataset.reason)) return;
    event.preventDefault();
    chosen(button.dataset.reason);
  });
  reasons.addEventListener("close", () => go(choosing?.card && document.getElementById(choosing.card.id)));
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  document.querySelector(".keys").hidden = false;
  document.getElementById("show-help").addEventListener("click", () => help.showModal());
  toggle.checked = on;
  toggle.addEventListener("change", () => { on = toggle.checked; remembered(on ? "on" : "off"); });

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: () => act(current(), "publish"),
    h: () => current()?.querySelector('input[name="hide_name"]')?.click(),
    r: () => choose(current(), "reject"),
    x: () => choose(current(), "remove"),
    u: undoLast,
    e: () => act(current(), "escalate"),
    n: () => current()?.querySelector('input[name="note"]')?.focus(),
    c: () => (desk.dataset.claims === "yes" ? claim(true) : claimForm.requestSubmit()),
    "/": () => {
      const search = document.getElementById("text");
      search.closest("details").open = true;
      search.focus();
    },
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    active = true;
    const inField = event.target.closest?.("input, select, textarea, [contenteditable], dialog");
    if (event.key === "Escape" && inField && !event.target.closest("dialog")) {
      event.target.blur();
      go(event.target.closest(".message"));
    }
    if (!on || inField || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const run = keys[event.key];
    if (!run || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    run();
  });
  document.addEventListener("pointerdown", () => { active = true; });

  // Buttons on cards decide in place; the bulk form and everything else is a plain form.
  queue.addEventListener("submit", (event) => {
    const form = event.target;
    const card = form.closest(".message");
    if (!card) return;
    event.preventDefault();
    if (form.dataset.act) act(card, form.dataset.act);
    else dismiss(card, form);
  });

  async function dismiss(card, form) {
    const fresh = (await send(form)).cards[0];
    if (!fresh) return say(desk.dataset.failed);
    const held = card.contains(document.activeElement);
    card.replaceWith(fresh);
    return held ? go(fresh) : undefined;
  }

  async function ask() {
    if (document.hidden) return;
    const query = new URLSearchParams({ after: desk.dataset.newest, active: active ? "yes" : "no" });
    active = false;
    const before = claimed;
    const answer = await fetch(`/desk/moderation/arrivals?${query}`, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const { arrived, most, held } = await answer.json();
    if (claiming || claimed !== before) return; // what it says of leases is old already
    for (const card of waiting().filter((one) => one.dataset.mine && !held.includes(one.dataset.id))) {
      delete card.dataset.mine;
      card.classList.remove("mine");
      card.querySelector(".badge.own")?.replaceChildren(desk.dataset.lost);
    }
    if (arrived && desk.dataset.state === "pending") {
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = desk.dataset.arrived.replace("%(count)s", arrived < most ? arrived : `${most - 1}+`);
      news.replaceChildren(link);
    }
  }
  setInterval(ask, 15000);
  if (desk.dataset.claims === "yes") refill();
})();
