// What is typed and not sent yet, kept by the browser: it outlives a reload and a card that is swapped.

const PREFIX = `paperfilter ${document.body.dataset.run} `;
const KEPT = "input[type=text], input[type=radio], select, textarea";

// The name under which a form's text is kept; nothing for forms without text.
export function nameForm(form) {
  if (form.dataset.kept) return form.dataset.kept;
  if (form.matches(".answer, .claim")) return form.closest(".card")?.dataset.address;
  return undefined;
}

// Keep what stands in a form, with where a form that was fetched belongs.
export function keep(form) {
  const name = nameForm(form);
  if (!name) return;
  const values = readForm(form);
  if (!form.dataset.href && !isTyped(form)) return void forget(name);
  write(name, { href: form.dataset.href, slot: form.dataset.slot, values });
}

export function forget(name) {
  try { sessionStorage.removeItem(PREFIX + name); } catch { /* the browser keeps nothing: so be it */ }
}

export function find(name) {
  try { return JSON.parse(sessionStorage.getItem(PREFIX + name)); } catch { return null; }
}

export function list() {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))
      .map((key) => [key.slice(PREFIX.length), find(key.slice(PREFIX.length))]).filter(([, draft]) => draft);
  } catch { return []; }
}

// Whether somebody typed or chose something in a form since it came.
export function isTyped(form) {
  return [...form.querySelectorAll(KEPT)].some((field) =>
    field.type === "radio" ? field.checked !== field.defaultChecked
      : field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected)
        : field.value !== field.defaultValue);
}

export function readForm(form) {
  const values = {};
  for (const field of form.querySelectorAll(KEPT)) {
    if (field.type !== "radio") values[field.name] = field.value;
    else if (field.checked) values[field.name] = field.value;
  }
  return values;
}

export function fill(form, values) {
  for (const field of form.querySelectorAll(KEPT)) {
    if (!(field.name in values)) continue;
    if (field.type === "radio") field.checked = field.value === values[field.name];
    else field.value = values[field.name];
  }
  const folded = form.querySelector("details.more");
  if (folded && isTyped(folded)) folded.open = true;
}

function write(name, draft) {
  try { sessionStorage.setItem(PREFIX + name, JSON.stringify(draft)); } catch { /* full, or not allowed */ }
}
