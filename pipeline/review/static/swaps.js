// Putting what the server sent in the place of what is there, without losing what a person types, opened or chose.

import { isTyped, nameForm, readForm, fill } from "./drafts.js";

// Every `<template data-swap="#id">` of an answer; the ids that were swapped.
export function applySwaps(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const focused = rememberFocus();
  const swapped = [];
  for (const template of holder.content.querySelectorAll("template[data-swap]")) {
    const old = document.getElementById(template.dataset.swap.slice(1));
    const fresh = template.content.firstElementChild;
    if (!old || !fresh) continue;
    carryOver(old, fresh);
    old.replaceWith(fresh);
    swapped.push(fresh);
  }
  restoreFocus(focused);
  return swapped;
}

// Forms that are open in a slot move along; answers that are half given are given again; what was folded out stays so.
function carryOver(old, fresh) {
  const find = (id) => (fresh.id === id ? fresh : fresh.querySelector(`#${CSS.escape(id)}`));
  for (const slot of old.querySelectorAll(".slot:not(:empty)")) find(slot.id)?.append(...slot.childNodes);
  for (const form of old.querySelectorAll(".answer, .claim")) {
    const twin = isTyped(form) && find(form.closest(".card").id)?.querySelector(form.matches(".answer") ? ".answer" : ".claim");
    if (twin && nameForm(twin)) fill(twin, readForm(form));
  }
  for (const card of old.matches(".is-here") ? [old] : old.querySelectorAll(".card.is-here")) {
    const twin = find(card.id);
    twin?.classList.add("is-here");
    twin?.setAttribute("aria-current", "true");
  }
  if (old.matches("#effect") && old.querySelector("details[open]")) fresh.querySelector("details")?.setAttribute("open", "");
}

function rememberFocus() {
  const active = document.activeElement;
  if (!active || active === document.body) return null;
  const range = "selectionStart" in active && active.type !== "radio" ? [active.selectionStart, active.selectionEnd] : null;
  const holder = active.closest("[id]");
  const same = holder && holder !== active ? [...holder.querySelectorAll(active.tagName)].indexOf(active) : -1;
  return { active, id: active.id, holder: holder?.id, same, tag: active.tagName, range, card: active.closest(".card")?.id };
}

function restoreFocus(was) {
  if (!was || document.activeElement === was.active) return;
  const holder = was.holder && document.getElementById(was.holder);
  const target = (was.active.isConnected && was.active) || (was.id && document.getElementById(was.id))
    || (holder && was.same >= 0 && holder.querySelectorAll(was.tag)[was.same])
    || (was.card && document.getElementById(was.card));
  if (!target) return;
  target.focus({ preventScroll: true });
  if (was.range && was.range[0] !== null && target.setSelectionRange) {
    try { target.setSelectionRange(...was.range); } catch { /* a field without a cursor */ }
  }
}
