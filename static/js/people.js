// The list of people, over the very page that the form asks for. Nobody is asked before a pause of 400 ms, one
// question at a time; the evidence is asked for once nobody types any more.

import { $$, arrived } from "./page.js";

const pause = 400;
const settled = 600; // after that, without another letter
const form = document.querySelector("form[data-find]");
const results = document.querySelector(form.dataset.find);
const count = document.querySelector("[data-find-count]");
let timer, under;

function address(typing) {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  if (typing) query.set("typing", "on");
  const text = query.toString();
  return text === "" ? form.action : `${form.action}?${text}`;
}

async function ask(typing) {
  under?.abort();
  const mine = new AbortController();
  under = mine;
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address(typing), { signal: mine.signal });
    if (response.redirected || !response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector(form.dataset.find);
    if (!fresh || mine.signal.aborted) return;
    if (typing || !fill(fresh)) show(fresh);
    history.replaceState(null, "", address(false));
    if (typing) timer = setTimeout(() => ask(false), settled);
  } catch {
    // Superseded or no answer: Enter still asks the plain way.
  } finally {
    if (under === mine) results.setAttribute("aria-busy", "false");
  }
}

const rows = (root) => $$("tbody tr", root).map((row) => row.id).join();

// fill puts the evidence into the rows that are there, so that the focus stays.
function fill(fresh) {
  if (rows(fresh) === "" || rows(fresh) !== rows(results)) return false;
  for (const cell of $$("[data-told]", fresh)) {
    const shown = results.querySelector(`[data-told="${cell.dataset.told}"]`);
    shown.replaceChildren(...cell.childNodes);
    arrived(shown);
  }
  return true;
}

function show(fresh) {
  results.replaceChildren(...fresh.childNodes);
  arrived(results);
  offerTicks();
  const summary = results.querySelector("[data-summary]")?.dataset.summary ?? "";
  if (count.textContent !== summary) count.textContent = summary;
}

// The address of a list is without the wish to open an exact hit: there was none.
if (new URLSearchParams(location.search).has("open")) history.replaceState(null, "", address(false));

function typed() {
  clearTimeout(timer);
  under?.abort();
  timer = setTimeout(() => ask(true), pause);
}
form.elements.q.addEventListener("input", typed);
// Before this script ran, too. The server leaves out blanks at the ends.
if (form.elements.q.value.trim() !== form.elements.q.defaultValue.trim()) typed();
form.addEventListener("change", (event) => {
  if (event.target.name === "q") return;
  clearTimeout(timer);
  ask(false);
});
form.addEventListener("submit", () => {
  clearTimeout(timer);
  under?.abort();
});

// Down goes into the results, and the arrows through them.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = $$(".who", results);
  const at = links.indexOf(document.activeElement);
  if (!step || links.length === 0 || (at < 0 && document.activeElement !== form.elements.q)) return;
  event.preventDefault();
  (at + step < 0 ? form.elements.q : links[Math.min(at + step, links.length - 1)]).focus();
});

// Ticks: all of the page at once, and how many there are.
function countTicks() {
  const ticked = $$("[name=id]:checked", results).length;
  for (const button of $$("[data-ticked]", results)) {
    button.textContent = ticked === 0 ? "Revoke the selected…" : button.dataset.ticked.replace("#", ticked);
    button.setAttribute("aria-disabled", String(ticked === 0));
  }
}
results.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) {
    for (const box of $$("[name=id]", results)) box.checked = event.target.checked;
  }
  countTicks();
});
function offerTicks() {
  for (const all of $$("[data-tick-all]", results)) all.hidden = false;
  countTicks();
}
offerTicks();
