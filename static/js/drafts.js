// What somebody has typed into a form that asks for a reason survives Esc, Cancel, a reload and a sign-in in between. It
// stays in this tab, for the person who typed it, until it was sent or they sign out (session.js).

import { $$, improve } from "./page.js";

const owner = document.querySelector(".person .menu p")?.textContent.trim();
const prefix = "draft ";
const drafts = () => Object.keys(sessionStorage).filter((name) => name.startsWith(prefix));
const fields = (form) => [...form.elements].filter((field) => field.matches("textarea, [type=text], input:not([type]), [type=radio]"));

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

function save(form, sent) {
  const typed = {};
  for (const field of fields(form)) {
    if (field.type !== "radio" || field.checked) typed[field.name] = field.value;
  }
  try {
    sessionStorage.setItem(prefix + form.dataset.draft, JSON.stringify({ owner, typed, sent }));
  } catch {
    // A list too long for the browser to keep.
  }
}

// What the server has filled in is newer.
function restore(form) {
  const draft = read(prefix + form.dataset.draft);
  if (!draft || draft.owner !== owner) return;
  for (const field of fields(form)) {
    const value = draft.typed[field.name];
    if (value === undefined) continue;
    if (field.type === "radio") field.checked ||= field.value === value;
    else if (field.value === "") field.value = value;
  }
}

// A plan has taken the list of people that was sent for it.
const taken = document.querySelector("[data-takes]")?.dataset.takes;
const isTaken = (name) => taken && name.startsWith(prefix + taken);

for (const name of drafts()) {
  const draft = read(name);
  const done = draft?.sent && (isTaken(name) || document.querySelector("main > .notice-good[tabindex], main > .notice-warning[tabindex]"));
  if (done || owner && draft?.owner !== owner) sessionStorage.removeItem(name);
}

improve((root) => {
  for (const form of $$("form[data-draft]", root)) {
    restore(form);
    form.addEventListener("input", () => save(form, false));
    form.addEventListener("submit", () => save(form, true));
  }
});
