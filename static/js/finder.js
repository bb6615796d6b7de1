// The search in the header finds pages by name, too. It asks nobody: the pages are the links of the navigation.

import { $$ } from "./page.js";

const form = document.querySelector("[data-finder]");
const input = form?.elements.q;
const list = document.getElementById("found");

const pages = new Map();
for (const link of $$("nav[aria-label=Main] a")) {
  const label = link.querySelector(".label")?.textContent ?? link.textContent;
  pages.set(link.getAttribute("href"), { label, words: `${label} ${link.dataset.words ?? ""}`.toLowerCase() });
}

const starts = (words, text) => words.split(/\s+/).some((word) => word.startsWith(text));

function option(text, hint, open, selected) {
  const item = document.createElement("li");
  item.id = `found-${list.childElementCount}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", selected);
  const note = document.createElement("span");
  note.className = "hint";
  note.textContent = hint;
  item.append(text, note);
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    open();
  });
  item.open = open;
  list.append(item);
}

function close() {
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function select(item) {
  for (const other of list.children) other.setAttribute("aria-selected", other === item);
  if (item) input.setAttribute("aria-activedescendant", item.id);
}

const selected = () => list.hidden ? null : list.querySelector("[aria-selected=true]");

function suggest() {
  const text = input.value.trim().toLowerCase();
  list.replaceChildren();
  const named = text.length < 2 ? [] : [...pages].filter(([, page]) => starts(page.words, text)).slice(0, 5);
  if (named.length === 0) return close();
  for (const [href, page] of named) option(page.label, "page", () => { location.href = href; }, false);
  option(`Find people: ${input.value.trim()}`, "Enter", () => form.requestSubmit(), false);
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  // A page's whole name means the page, anything else a person.
  const exact = named.findIndex(([, page]) => page.words.split(/\s+/).includes(text) || page.label.toLowerCase() === text);
  select(list.children[exact < 0 ? list.childElementCount - 1 : exact]);
}

function begin() {
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  input.addEventListener("input", suggest);
  input.addEventListener("blur", close);
  if (document.activeElement === input && input.value !== input.defaultValue) suggest(); // typed before this script ran
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !list.hidden) {
      event.preventDefault();
      const items = [...list.children];
      select(items[(items.indexOf(selected()) + step + items.length) % items.length]);
    } else if (event.key === "Enter" && selected()) {
      event.preventDefault();
      selected().open();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
}

if (form) begin();
