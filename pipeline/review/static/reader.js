// The pages of the papers: marks of the quotes, words that can be selected by mouse and by keyboard.

const reader = document.getElementById("reader");
const picked = document.getElementById("picked");
const NEAR = "600px 0px";
const LEAVE = "4000px 0px";
const REST = 160; // ms without scrolling before words are fetched and put in: nothing is done while pages move

let onCard = () => {};
let onPick = () => {};
let here = null; // the card whose quotes are drawn strongest
let chosen = null; // {doc, start, end, text}

export function startReader(callbacks) {
  ({ onCard, onPick } = callbacks);
  for (const box of reader.querySelectorAll(".document")) watch(box);
  reader.addEventListener("click", clicked);
  reader.addEventListener("pointerdown", grasp);
  document.addEventListener("pointermove", drag);
  document.addEventListener("mouseup", release);
  document.addEventListener("pointercancel", () => { held = null; });
  document.addEventListener("selectionchange", () => requestAnimationFrame(readSelection));
  reader.addEventListener("keydown", steer);
  picked.addEventListener("click", use);
  picked.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); drop(); reader.querySelector(".document:not([hidden])").focus(); }
  });
  reader.querySelector(".tabs")?.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (!tab || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    showDocument(tab.dataset.tab);
  });
}

export function showDocument(id) {
  const wanted = document.getElementById(id);
  if (!wanted?.matches(".document") || !wanted.hidden) return;
  for (const box of reader.querySelectorAll(".document")) box.hidden = box !== wanted;
  for (const tab of reader.querySelectorAll("[data-tab]")) {
    if (tab.dataset.tab === id) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

// Draw the quotes of a card strongest; `scroll` brings the first one, or the one on a page, into view.
export function showCard(card, { scroll = true, page = null } = {}) {
  here = card?.id ?? null;
  for (const mark of reader.querySelectorAll(".mark.is-here")) mark.classList.remove("is-here");
  if (!card) return;
  const marks = [...reader.querySelectorAll(`.mark[data-card="${CSS.escape(card.id)}"]`)];
  for (const mark of marks) raise(mark);
  if (!scroll) return;
  const wanted = page ?? card.querySelector("[data-page]")?.dataset.page;
  const sheet = wanted && document.getElementById(wanted);
  if (!sheet) return;
  showDocument(sheet.closest(".document").id);
  scrollTo(sheet, marks.find((mark) => sheet.contains(mark)));
}

// Marks that came anew know nothing of the card at hand.
export function refreshMarks() {
  if (!here) return;
  for (const mark of reader.querySelectorAll(`.mark[data-card="${CSS.escape(here)}"]`)) raise(mark);
}

// What is drawn last is drawn over the others.
function raise(mark) {
  mark.classList.add("is-here");
  if (mark.nextElementSibling) mark.parentNode.append(mark);
}

export function getChosen() { return chosen; }

export function drop() {
  chosen = null;
  picked.hidden = true;
  clearCursor();
  if (reader.contains(getSelection()?.anchorNode)) getSelection().removeAllRanges();
}

// Begin to select words with the keyboard, at the quote of the card at hand or at the first word in view.
export async function startCursor() {
  const box = reader.querySelector(".document:not([hidden])");
  const mark = box.querySelector(".mark.is-here rect");
  const top = box.getBoundingClientRect().top;
  const sheet = mark?.closest(".page") ?? [...box.querySelectorAll(".page")].find((p) => p.getBoundingClientRect().bottom > top + 60);
  if (!sheet) return;
  await loadWords(sheet);
  const words = listWords(sheet);
  const area = mark?.getBoundingClientRect();
  const first = words.find((w) => {
    const spot = w.getBoundingClientRect();
    return area ? spot.right > area.left && spot.bottom > area.top + area.height / 2 : spot.top > top;
  });
  box.focus({ preventScroll: true });
  if (first ?? words[0]) moveCursor(first ?? words[0], false);
}

// pages and their words

function watch(box) {
  const wanted = new Set(), left = new Set();
  let resting = 0;
  const settle = () => {
    for (const page of left) if (!holdsSelection(page)) page.querySelector(".words")?.remove();
    left.clear();
    for (const page of wanted) loadWords(page);
  };
  const wait = () => { clearTimeout(resting); resting = setTimeout(settle, REST); };
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) wanted.add(target);
      else wanted.delete(target);
    }
    wait();
  }, { root: box, rootMargin: NEAR });
  const far = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) left.delete(target);
      else left.add(target);
    }
  }, { root: box, rootMargin: LEAVE });
  box.addEventListener("scroll", wait, { passive: true });
  for (const page of box.querySelectorAll(".page")) { near.observe(page); far.observe(page); }
}

const loading = new Map();

function loadWords(page) {
  if (page.querySelector(".words")) return Promise.resolve();
  if (!loading.has(page.id)) {
    loading.set(page.id, fetch(page.dataset.layer, { headers: { "X-Fragment": "1" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((svg) => {
        const holder = document.createElement("template");
        holder.innerHTML = svg;
        const words = holder.content.querySelector("svg.words");
        if (words && !page.querySelector(".words")) page.append(words);
      })
      .catch(() => {})
      .finally(() => loading.delete(page.id)));
  }
  return loading.get(page.id);
}

function holdsSelection(page) {
  return page.contains(getSelection()?.anchorNode) || page.querySelector(".cursor") !== null;
}

function listWords(page) { return [...page.querySelectorAll(".words text")]; }

function scrollTo(page, mark) {
  const box = page.closest(".document");
  const outer = box.getBoundingClientRect();
  const inner = (mark?.querySelector("rect") ?? page).getBoundingClientRect();
  const fits = inner.top > outer.top + 40 && inner.bottom < outer.bottom - 40;
  if (!fits) box.scrollTop += inner.top - outer.top - outer.height * (mark ? 0.35 : 0.02);
  const left = inner.left - outer.left;
  if (left < 0 || inner.right > outer.right) box.scrollLeft += left - 24;
}

function clicked(event) {
  const page = event.target.closest(".page");
  if (!page) return;
  const link = event.target.closest("a.mark");
  if (link) event.preventDefault();
  if (String(getSelection()).trim()) return;
  const marks = document.elementsFromPoint(event.clientX, event.clientY)
    .filter((one) => one.matches?.(".mark rect")).map((rect) => rect.parentNode);
  const ids = [...new Set(marks.map((mark) => mark.dataset.card))];
  if (!ids.length) return;
  const next = ids[(ids.indexOf(here) + 1) % ids.length]; // a second click goes on to what lies below
  onCard(next);
}

// selecting

function readSelection() {
  const selection = getSelection();
  const from = wordAt(selection?.anchorNode), to = wordAt(selection?.focusNode);
  const anywhere = selection && !selection.isCollapsed && (from || to);
  if (!anywhere) {
    if (chosen && !chosen.keyboard && !picked.contains(document.activeElement)) { chosen = null; picked.hidden = true; }
    return;
  }
  const box = (from ?? to).closest(".document");
  const words = [...box.querySelectorAll(".words text")].filter((word) => selection.containsNode(word, true) && covers(selection, word));
  if (words.length) choose(words, false);
}

// Browsers lose the beginning of a selection in SVG text now and then: which word a drag begins and ends on is measured.

const STILL = 4; // px that a hand trembles in a click
const FAR = 40; // px beyond which no word is meant
let held = null; // {page, x, y, moved} while a mouse drags over words

function grasp(event) {
  held = null;
  const page = event.target.closest(".page");
  if (!page || event.pointerType === "touch" || event.button !== 0 || event.shiftKey || picked.contains(event.target)) return;
  held = { page, x: event.clientX, y: event.clientY, moved: false };
}

function drag(event) {
  if (held && !(event.buttons & 1)) held = null;
  if (!held || held.moved) return;
  held.moved = Math.hypot(event.clientX - held.x, event.clientY - held.y) >= STILL;
}

function release(event) {
  const from = held;
  held = null;
  if (!from?.moved || event.button !== 0) return;
  const page = document.elementFromPoint(event.clientX, event.clientY)?.closest(".page") ?? from.page;
  const first = findNearest(from.page, from.x, from.y), last = findNearest(page, event.clientX, event.clientY);
  if (!first || !last || first.closest(".document") !== last.closest(".document")) return;
  const words = [...first.closest(".document").querySelectorAll(".words text")];
  let [low, high] = [words.indexOf(first), words.indexOf(last)];
  const back = low > high || (low === high && event.clientX < from.x);
  const [left, right] = back ? [event, { clientX: from.x }] : [{ clientX: from.x }, event];
  if (low > high) [low, high] = [high, low];
  // a word that is only touched with its edge is not meant
  if (low < high && left.clientX > words[low].getBoundingClientRect().right - 1) low += 1;
  if (low < high && right.clientX < words[high].getBoundingClientRect().left + 1) high -= 1;
  const range = [words[low].firstChild, 0, words[high].firstChild, words[high].textContent.trimEnd().length];
  if (back) getSelection().setBaseAndExtent(range[2], range[3], range[0], range[1]);
  else getSelection().setBaseAndExtent(...range);
}

// The word of a page under a point, or nearest to it on its line.
function findNearest(page, x, y) {
  let best = null, least = FAR;
  for (const word of listWords(page)) {
    const spot = word.getBoundingClientRect();
    const cost = 3 * Math.max(spot.top - y, y - spot.bottom, 0) + Math.max(spot.left - x, x - spot.right, 0);
    if (cost < least) { least = cost; best = word; }
  }
  return best;
}

function wordAt(node) {
  const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  return element?.closest?.(".words text") ?? null;
}

// A word that the selection only touches with its edge is not meant.
function covers(selection, word) {
  const range = selection.getRangeAt(0);
  const text = word.firstChild;
  if (!text) return false;
  const length = word.textContent.trimEnd().length;
  const from = range.startContainer === text ? range.startOffset : 0;
  const to = range.endContainer === text ? range.endOffset : length;
  return Math.min(to, length) > from;
}

function choose(words, keyboard) {
  const start = Math.min(...words.map((w) => Number(w.dataset.s)));
  const end = Math.max(...words.map((w) => Number(w.dataset.e)));
  const ordered = [...words].sort((a, b) => a.dataset.s - b.dataset.s);
  const text = ordered.map((w) => w.textContent.trim()).join(" ");
  chosen = { doc: words[0].closest(".page").dataset.doc, start, end, text, keyboard };
  place(ordered[ordered.length - 1]);
  onPick(chosen);
}

// The two offers stand below the last word, inside the reader.
function place(word) {
  picked.hidden = false;
  const outer = reader.getBoundingClientRect(), spot = word.getBoundingClientRect();
  const wide = picked.offsetWidth, tall = picked.offsetHeight;
  const left = Math.min(Math.max(spot.right - outer.left - wide / 2, 8), outer.width - wide - 8);
  const below = spot.bottom - outer.top + 8;
  picked.style.left = `${Math.max(left, 8)}px`;
  picked.style.top = `${below + tall > outer.height ? Math.max(spot.top - outer.top - tall - 8, 8) : below}px`;
}

function use(event) {
  const button = event.target.closest("button");
  if (!button || !chosen) return;
  const what = chosen;
  drop();
  onPick(what, button.dataset.use);
}

// the cursor of the keyboard

let anchor = null;
let cursor = null;

function clearCursor() {
  for (const rect of reader.querySelectorAll(".cursor")) rect.remove();
  anchor = cursor = null;
}

function moveCursor(word, extend) {
  const from = extend && anchor?.isConnected ? anchor : word;
  clearCursor();
  anchor = from;
  cursor = word;
  const box = word.closest(".document");
  const [low, high] = [Math.min(from.dataset.s, word.dataset.s), Math.max(from.dataset.e, word.dataset.e)];
  const words = [...box.querySelectorAll(".words text")].filter((w) => w.dataset.s >= low && w.dataset.e <= high);
  for (const one of words) one.parentNode.prepend(frame(one));
  chosen = null;
  choose(words, true);
  const outer = box.getBoundingClientRect(), spot = word.getBoundingClientRect();
  if (spot.top < outer.top + 50 || spot.bottom > outer.bottom - 90) box.scrollTop += spot.top - outer.top - outer.height / 2;
  place(word);
}

function frame(word) {
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const size = Number(word.getAttribute("font-size"));
  const set = { class: "cursor", x: word.getAttribute("x"), y: word.getAttribute("y") - 0.78 * size, width: word.getAttribute("textLength"), height: size };
  for (const [name, value] of Object.entries(set)) rect.setAttribute(name, value);
  return rect;
}

async function steer(event) {
  if (!cursor || event.ctrlKey || event.metaKey || event.altKey || picked.contains(event.target)) return;
  const words = [...cursor.closest(".document").querySelectorAll(".words text")];
  const at = words.indexOf(cursor);
  const steps = { ArrowRight: () => words[at + 1], ArrowLeft: () => words[at - 1], ArrowDown: () => findLine(words, 1), ArrowUp: () => findLine(words, -1), Home: () => cursor, End: () => cursor };
  if (event.key === "Enter") {
    event.preventDefault();
    event.stopPropagation();
    picked.querySelector("button:not([hidden])")?.focus();
  } else if (event.key === "Escape") {
    event.stopPropagation();
    drop();
    onPick(null, "leave");
  } else if (event.key in steps) {
    event.preventDefault();
    event.stopPropagation();
    const next = steps[event.key]();
    if (next) moveCursor(next, event.shiftKey);
    const page = cursor.closest(".page");
    const beyond = event.key === "ArrowRight" || event.key === "ArrowDown" ? page.nextElementSibling : page.previousElementSibling;
    if (beyond?.matches(".page")) loadWords(beyond);
  }
}

// The word nearest above or below the cursor.
function findLine(words, way) {
  const spot = cursor.getBoundingClientRect();
  const middle = (spot.left + spot.right) / 2;
  let best = null, least = Infinity;
  for (const word of words) {
    const there = word.getBoundingClientRect();
    const down = way * (there.top - spot.top);
    if (down < spot.height * 0.6) continue;
    const aside = Math.max(there.left - middle, middle - there.right, 0);
    const cost = down * 3 + aside;
    if (cost < least) { least = cost; best = word; }
  }
  return best;
}
