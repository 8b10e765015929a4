// The page of a review: cards by keyboard and mouse, filters, forms, answers of the server.
// Everything also works without this script, as plain forms and links.

import * as drafts from "./drafts.js";
import { drop, refreshMarks, showCard, showDocument, startCursor, startReader } from "./reader.js";
import { applySwaps } from "./swaps.js";

const POLL = 2000; // ms
const READ = 6000; // ms that a good message stays
const QUOTABLE = ["cut", "removal", "step", "candidate", "variable"];

const root = document.documentElement;
const search = document.getElementById("search");
const picked = document.getElementById("picked");
const announcer = document.getElementById("announcer");
let waiting = 0; // until what is typed is previewed
let here = null; // id of the card at hand
let show = new URLSearchParams(location.search).get("show") ?? "all";
let queue = Promise.resolve(); // actions are sent one after the other
let pointing = false; // a mouse button is down: nothing moves under it before the click
let byPointer = false; // the latest thing that a person did, they did with a pointer

root.classList.add("js");
startReader({ onCard: (id) => select(byId(id), { scrollPage: false }), onPick: offer });
document.addEventListener("click", clicked);
document.addEventListener("submit", submitted);
document.addEventListener("keydown", pressed);
document.addEventListener("input", typed);
document.addEventListener("focusin", entered);
document.addEventListener("pointerdown", () => { pointing = byPointer = true; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(() => { pointing = false; }));
addEventListener("hashchange", followHash);
filter();
countEvents();
restoreDrafts();
followHash();
if (!here) select(cards().find(isOpen) ?? cards()[0], { focus: false, still: true, named: false });
setInterval(poll, POLL);
document.addEventListener("visibilitychange", poll);

// cards

function byId(id) { return id ? document.getElementById(id) : null; }
function current() { return byId(here); }
function cards() { return [...document.querySelectorAll("#cards .card")].filter((card) => card.offsetParent !== null || !card.closest("[hidden]")); }
function isOpen(card) { return card.dataset.status === "open"; }

// Make a card the one at hand. What was above it folds up, so its place on the screen is kept where a mouse chose it.
function select(card, { focus = true, scrollPage = true, page = null, still = false, named = true } = {}) {
  if (!card) return;
  const before = card.getBoundingClientRect().top;
  const old = current();
  if (old !== card) {
    old?.classList.remove("is-here");
    old?.removeAttribute("aria-current");
  }
  here = card.id;
  card.classList.add("is-here");
  card.setAttribute("aria-current", "true");
  const moved = card.getBoundingClientRect().top - before;
  if (still && moved) scroller().scrollTop += moved;
  if (focus && !card.contains(document.activeElement)) card.focus({ preventScroll: true });
  if (!still || !isInView(card)) bringIntoView(card);
  showCard(card, { scroll: scrollPage, page });
  if (named) history.replaceState(history.state, "", `${location.pathname}${location.search}#${encodeURIComponent(card.id)}`);
  nameOffers();
}

function scroller() {
  const list = document.getElementById("cards");
  return getComputedStyle(list).overflowY === "visible" ? document.scrollingElement : list;
}

function findEdges() {
  const box = scroller();
  if (box === document.scrollingElement) return [60, innerHeight];
  const edges = box.getBoundingClientRect();
  return [edges.top, edges.bottom];
}

function isInView(card) {
  const [top, bottom] = findEdges();
  const spot = card.getBoundingClientRect();
  return spot.top >= top && Math.min(spot.bottom, spot.top + 120) <= bottom;
}

function bringIntoView(card) {
  const box = scroller();
  const [top, bottom] = findEdges();
  const spot = card.getBoundingClientRect();
  const room = (bottom - top) * 0.18;
  if (spot.top < top + room) box.scrollTop += spot.top - top - room;
  else if (spot.bottom > bottom - room) box.scrollTop += Math.min(spot.bottom - bottom + room, spot.top - top - room);
}

function move(step) {
  const [before, after] = lookAround(current());
  const next = step > 0 ? after[0] : before.at(-1);
  if (next) select(next);
}

function nextOpen(from = current()) {
  const [before, after] = lookAround(from);
  const open = [...after, ...before].filter(isOpen);
  const required = from?.matches(".threshold") ? null : open.find((card) => !card.matches(".threshold"));
  return required ?? open[0] ?? null; // what the criteria say comes before what they do not
}

// The cards that are shown above and below one, which may be hidden itself.
function lookAround(card) {
  const list = cards().filter((one) => one !== card);
  if (!card) return [[], list];
  const isBelow = (one) => Boolean(card.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  return [list.filter((one) => !isBelow(one)), list.filter(isBelow)];
}

function followHash() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = byId(id);
  if (target?.matches(".card")) {
    if (target.closest("[hidden]")) setShow("all");
    select(target);
  } else if (target?.matches(".page")) showDocument(target.closest(".document").id);
}

// filters and search

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let any = false;
  for (const section of document.querySelectorAll("#cards .part")) {
    let inSection = false;
    for (const group of section.querySelectorAll(".group")) {
      let inGroup = false;
      for (const card of group.querySelectorAll(".card")) {
        const facets = card.dataset.facets.split(" ");
        const shown = (show === "all" || facets.includes(show)) && words.every((word) => card.dataset.search.includes(word));
        card.hidden = !shown;
        inGroup ||= shown;
      }
      const bare = show === "all" && !words.length;
      group.hidden = !inGroup && !bare;
      inSection ||= inGroup || bare;
    }
    section.hidden = !inSection && !(show === "all" && !words.length);
    any ||= inSection;
  }
  byId("nothing").hidden = any;
  for (const link of document.querySelectorAll("#filters [data-show]")) {
    if (link.dataset.show === show) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function setShow(key) {
  show = key;
  filter();
  const query = new URLSearchParams();
  if (show !== "all") query.set("show", show);
  if (search.value.trim()) query.set("q", search.value.trim());
  const text = query.size ? `?${query}` : "";
  history.replaceState(history.state, "", `${location.pathname}${text}${location.hash}`);
  announce(`${cards().length} shown`);
}

// what the server is asked

function send(form, submitter, { optimistic = null } = {}) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const done = submitter?.dataset.do ?? body.get("do");
  const card = form.closest(".card");
  const own = form.matches(".part-form") ? form : null;
  clearTimeout(waiting);
  if (done !== "preview") card?.classList.add("busy");
  if (done === "finish") say("Finishing: the criteria are being written …", "plain");
  return enqueue(async () => {
    const answer = await ask(action, { method: "POST", body });
    card?.classList.remove("busy");
    byId(card?.id)?.classList.remove("busy");
    if (!answer) return;
    const html = await answer.text();
    if (answer.ok && done !== "preview") {
      const name = drafts.nameForm(form);
      if (name) drafts.forget(name);
      if (own) own.parentNode.replaceChildren();
    }
    const swapped = take(html);
    if (answer.ok && ["undo", "redo"].includes(done)) landOnChange(swapped);
    if (answer.ok && card && done !== "preview") tell(byId(card.id));
    if (!answer.ok && optimistic) select(byId(card?.id));
    if (answer.ok && own && done !== "preview") landOn(body, card);
    if (!answer.ok && own && done !== "preview") focusProblem(byId(own.id));
  });
}

function enqueue(work) {
  queue = queue.then(work).catch((error) => {
    say("Something went wrong in this page; reload it. What you typed is kept.", "bad");
    reportError(error);
  });
  return queue;
}

// What became of a card, and how far the review is.
function tell(card) {
  const words = card?.querySelector(".state")?.getAttribute("aria-label");
  if (words) announce(`${words}: ${card.dataset.plain}. ${document.querySelector("#bar label").textContent}`);
}

// After a form: the part that it was about, or the one that came.
function landOn(body, card) {
  const known = new Set(send.known ?? []);
  const fresh = body.get("do") === "add" ? cards().find((one) => !known.has(one.id)) : null;
  select(fresh ?? byId(card?.id) ?? current());
}

async function ask(address, options = {}) {
  const headers = { "X-Fragment": "1", "X-Revision": byId("bar").dataset.revision, "X-Effect": byId("bar").dataset.effect };
  send.known = cards().map((card) => card.id);
  try {
    const answer = await fetch(address, { ...options, headers, credentials: "same-origin", redirect: "follow" });
    if (answer.status === 401 || answer.status === 403) say("The review does not know this browser any more: open the address that the terminal shows again.", "bad");
    else if (answer.status >= 500 || answer.status === 404) say(`The review answered with an error (${answer.status}). Nothing was saved.`, "bad");
    else return answer;
  } catch {
    say("The review does not answer: is `paperfilter review` still running? What you typed stays here.", "bad");
  }
  return null;
}

function take(html) {
  const swapped = applySwaps(html);
  filter();
  refreshMarks();
  countEvents();
  if (swapped.some((one) => one.id === "notices")) fade();
  if (!current()) select(cards()[0], { focus: false });
  return swapped;
}

// What was undone is what a person looks at next.
function landOnChange(swapped) {
  const card = swapped.find((one) => one.matches(".card") && one.checkVisibility());
  if (card) {
    select(card);
    tell(card);
  }
}

let polling = false;
let hindrance = document.querySelector("#notices .bad")?.textContent ?? null; // why nothing can be done at present, as told
async function poll() {
  if (document.hidden || polling) return;
  polling = true;
  try {
    const answer = await fetch("/state", { credentials: "same-origin" });
    if (!answer.ok) return;
    const now = await answer.json();
    tellHindrance(now.problem);
    const bar = byId("bar").dataset;
    if (String(now.revision) !== bar.revision || String(now.effect ?? "") !== bar.effect) {
      await enqueue(async () => {
        const others = String(now.revision) !== byId("bar").dataset.revision;
        const fresh = await ask(`/cards${location.search}`);
        if (fresh?.ok) {
          take(await fresh.text());
          if (others) announce("The criteria changed elsewhere; the cards are up to date.");
        }
      });
    }
  } catch { /* the server has ended; the next action says so */ } finally { polling = false; }
}

// A criteria.yaml that a hand spoilt is told while it is so, whatever else stays as it was.
function tellHindrance(problem) {
  if (problem === hindrance) return;
  hindrance = problem;
  if (problem) say(problem, "bad");
  else {
    byId("notices").replaceChildren();
    announce("criteria.yaml can be read again.");
  }
}

// forms

async function openForm(href, slotId, draft = null) {
  const slot = byId(slotId);
  if (!slot) return null;
  const there = slot.querySelector(".part-form");
  if (there && there.dataset.href === href) { focusForm(there); return there; }
  const answer = await ask(href);
  if (!answer) return null;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const form = holder.content.querySelector(".part-form");
  if (!form) { take(holder.innerHTML); return null; }
  form.dataset.href = href;
  form.dataset.slot = slotId;
  slot.replaceChildren(...holder.content.childNodes);
  const kept = draft ?? drafts.find(drafts.nameForm(form));
  if (kept) drafts.fill(form, kept.values);
  else drafts.keep(form);
  if (!draft) {
    focusForm(form);
    form.scrollIntoView({ block: "nearest" });
    if (form.querySelector("[name=threshold]")?.value && form.elements.do.value === "add") preview(form);
  }
  return form;
}

function focusForm(form) {
  (form.querySelector(".fields input, .fields textarea") ?? form.querySelector("input, select") ?? form).focus();
}

// After a refusal: the field that is wrong, or the first one.
function focusProblem(form) {
  if (!form) return;
  const wrong = form.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
  else focusForm(form);
}

function closeForm(form) {
  const card = form.closest(".card");
  drafts.forget(drafts.nameForm(form));
  form.parentNode.replaceChildren();
  (card ?? current())?.focus({ preventScroll: true });
}

async function restoreDrafts() {
  for (const [name, draft] of drafts.list()) {
    if (draft.href) await openForm(draft.href, draft.slot, draft);
    else {
      const card = document.querySelector(`#cards .card[data-address="${CSS.escape(name)}"]`);
      const form = card?.querySelector(".answer, .claim");
      if (form) drafts.fill(form, draft.values);
      else drafts.forget(name);
    }
  }
}

function typed(event) {
  if (event.target === search) { setShow(show); return; }
  const form = event.target.closest("form");
  if (!form) return;
  drafts.keep(form);
  if (event.target.name === "text" && form.matches(".answer")) event.target.closest(".choice").querySelector("[type=radio]").checked = true;
  if (form.matches(".part-form")) {
    clearTimeout(waiting);
    waiting = setTimeout(() => form.isConnected && preview(form), 600);
  }
}

function preview(form) {
  const button = form.querySelector("[data-do=preview]");
  if (button) send(form, button);
}

// mouse

function clicked(event) {
  const target = event.target;
  const link = target.closest("a");
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
  if (link && plain && route(link, event)) return;
  if (target.closest("[data-do=help]")) { byId("help").showModal(); return; }
  if (target.closest(".show-page")) { togglePage(); return; }
  if (target.closest("#notices")) { byId("notices").replaceChildren(); return; }
  const card = target.closest("#cards .card");
  if (card && card.id !== here && !String(getSelection()).trim()) select(card, { still: true, focus: !target.closest("button, a, input, label, summary, select, textarea") });
}

// Links that the script follows itself; whether it did.
function route(link, event) {
  const card = link.closest("#cards .card");
  if (link.matches("[data-do=edit]")) {
    event.preventDefault();
    select(card, { still: true, focus: false });
    openForm(link.getAttribute("href"), `${card.id}-slot`);
  } else if (link.matches("[data-do=add]")) {
    event.preventDefault();
    if (card) select(card, { still: true, focus: false });
    openForm(link.getAttribute("href"), link.dataset.slot ?? `${card.id}-slot`);
  } else if (link.matches("[data-do=cancel]")) {
    event.preventDefault();
    closeForm(link.closest("form"));
  } else if (link.matches("[data-show]")) {
    event.preventDefault();
    setShow(link.dataset.show);
  } else if (link.matches(".quoted") && card) {
    event.preventDefault();
    select(card, { still: true, page: link.dataset.page });
    root.classList.add("page-shown");
  } else if (link.closest("#nothing")) {
    event.preventDefault();
    search.value = "";
    setShow("all");
  } else if (link.hash && link.pathname === location.pathname && byId(decodeURIComponent(link.hash.slice(1)))?.matches(".card")) {
    event.preventDefault();
    const target = byId(decodeURIComponent(link.hash.slice(1)));
    if (target.closest("[hidden]")) setShow("all");
    select(target);
  } else return false;
  return true;
}

function submitted(event) {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.matches(".search")) {
    event.preventDefault();
    select(cards()[0]);
    return;
  }
  if (form.method !== "post") return;
  event.preventDefault();
  const done = event.submitter?.dataset.do ?? form.elements.do?.value;
  decide(form, event.submitter, done);
}

// Send a form; accepting and its like go on to the next open card at once.
function decide(form, submitter, done) {
  const card = form.closest("#cards .card");
  const goesOn = card && ["accept", "reject", "answer", "dismiss", "claim"].includes(done) && !form.matches(".part-form");
  const next = goesOn ? nextOpen(card) ?? lookAround(card)[1][0] : null;
  send(form, submitter, { optimistic: goesOn });
  if (goesOn && next) select(next, { still: byPointer });
}

function entered(event) {
  const card = event.target.closest?.("#cards .card");
  if (card && card.id !== here && !pointing) select(card, { focus: false, still: true });
}

// keyboard

function pressed(event) {
  byPointer = false;
  const target = event.target;
  const typing = target.matches("input:not([type=radio]), textarea, select");
  if (event.key === "Escape") { leave(target); return; }
  if ((event.ctrlKey || event.metaKey) && !typing && event.key.toLowerCase() === "z") {
    event.preventDefault();
    press(event.shiftKey ? "redo" : "undo");
    return;
  }
  if (target.matches(".part-form textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    target.form.requestSubmit(target.form.querySelector(".do-accept"));
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || byId("help").open || picked.contains(target)) return;
  const card = current();
  const keys = {
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    n: () => (nextOpen() ? select(nextOpen()) : announce("Nothing is open here.")), a: () => accept(card), e: () => edit(card), r: () => reject(card), o: () => use(card, "reopen"),
    u: () => press("undo"), U: () => press("redo"), "/": () => { search.focus(); search.select(); }, "?": () => byId("help").showModal(),
    s: () => startCursor(), p: () => togglePage(),
  };
  const onCards = !target.closest(".reader");
  if (/^[1-9]$/.test(event.key) && card?.matches(".question")) { choose(card, Number(event.key)); event.preventDefault(); return; }
  if (!(event.key in keys) || (event.key.startsWith("Arrow") && (!onCards || target.matches("[type=radio]")))) return;
  event.preventDefault();
  keys[event.key]();
}

function press(what) {
  const button = document.querySelector(`#bar [data-do=${what}]`);
  if (button.disabled) announce(`Nothing to ${what}.`);
  else button.click();
}

function use(card, what) {
  const button = card?.querySelector(`.acts [data-do=${what}]`);
  if (button) button.click();
  else announce(`This cannot be ${{ accept: "accepted", reject: "rejected", reopen: "reopened" }[what] ?? what}.`);
}

function accept(card) {
  const form = card?.querySelector(".answer");
  if (form) form.requestSubmit(form.querySelector("[data-do=answer]"));
  else if (card?.matches(".threshold")) announce("Press e to say what it belongs to, r to dismiss it.");
  else if (card && !card.querySelector(".acts [data-do=accept]")) select(nextOpen() ?? card);
  else use(card, "accept");
}

function edit(card) {
  const own = card?.querySelector(".answer input[type=text], .claim input[type=text]");
  if (own) own.focus();
  else card?.querySelector(".acts [data-do=edit]")?.click();
}

function reject(card) {
  if (card?.matches(".threshold")) use(card, "dismiss");
  else use(card, "reject");
}

function choose(card, number) {
  const radio = card.querySelectorAll(".answer [type=radio]")[number - 1];
  if (!radio) return;
  radio.checked = true;
  drafts.keep(radio.form);
  if (!radio.value) { radio.form.querySelector("[name=text]").focus(); return; }
  announce(radio.closest("label").textContent.trim());
}

function leave(target) {
  drop();
  const form = target.closest?.(".part-form");
  if (form) {
    if (!drafts.isTyped(form) || form.dataset.leaving) closeForm(form);
    else {
      form.dataset.leaving = "1";
      announce("What you typed is not saved. Escape again throws it away.");
      say("What you typed is not saved. Press Escape again to throw it away.", "warn");
      setTimeout(() => delete form.dataset.leaving, 3000);
    }
    return;
  }
  if (target === search && search.value) { search.value = ""; setShow(show); }
  byId("notices").replaceChildren();
  root.classList.remove("page-shown");
  current()?.focus({ preventScroll: true });
}

function togglePage() {
  const shown = root.classList.toggle("page-shown");
  const button = document.querySelector(".show-page");
  button.setAttribute("aria-expanded", String(shown));
  button.textContent = shown ? "Close page" : "Page";
  if (shown) showCard(current());
}

// selected words

function offer(what, used) {
  if (used === "leave") { current()?.focus({ preventScroll: true }); return; }
  if (!used) { nameOffers(); announce(what.text); return; }
  const card = current();
  if (used === "quote") {
    const body = new URLSearchParams({ do: "attach", part: card.dataset.address, doc: what.doc, start: what.start, end: what.end, seen: `${card.dataset.address}=${card.dataset.digest}` });
    enqueue(async () => {
      const answer = await ask("/act", { method: "POST", body });
      if (answer) take(await answer.text());
      byId(card.id)?.focus({ preventScroll: true });
    });
    return;
  }
  const group = card?.closest(".group");
  const owner = group?.querySelector("[data-do=add]")?.getAttribute("href").match(/owner=([^&]*)/)?.[1];
  const query = new URLSearchParams({ kind: "cut", doc: what.doc, start: what.start, end: what.end });
  if (owner) query.set("owner", decodeURIComponent(owner.replaceAll("+", " ")));
  openForm(`/add?${query}`, card ? `${card.id}-slot` : "objects-slot");
}

function nameOffers() {
  const card = current();
  const button = picked.querySelector("[data-use=quote]");
  button.hidden = !card || !QUOTABLE.includes(card.dataset.kind);
  if (card) button.textContent = `Quote for “${card.dataset.plain}”`;
}

// How many events pass each cut, beside it.
function countEvents() {
  const counts = new Map();
  for (const row of document.querySelectorAll("#effect .whole [data-step]")) counts.set(row.dataset.step, row.querySelector(".n").textContent);
  for (const place of document.querySelectorAll(".passes")) {
    const count = counts.get(place.closest(".card").id) ?? "";
    if (place.textContent !== count) place.textContent = count;
  }
}

// messages

function announce(text) { announcer.textContent = ""; requestAnimationFrame(() => { announcer.textContent = text; }); }

let fading = 0;
function say(text, kind) {
  const line = document.createElement("p");
  line.className = `notice ${kind}`;
  line.textContent = text;
  byId("notices").replaceChildren(line);
  fade();
}

function fade() {
  clearTimeout(fading);
  const notices = byId("notices");
  if (notices.querySelector(".bad")) return;
  fading = setTimeout(() => notices.replaceChildren(), READ);
}
