// Search as one types, over the very page that the form asks for.

import { $$, arrived } from "./page.js";

function searchAsTyped(form) {
  const input = form.elements.q;
  const results = document.querySelector(form.dataset.search);
  let timer, under;
  const search = async () => {
    under?.abort();
    under = new AbortController();
    const url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    results.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { signal: under.signal });
      if (response.redirected || !response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector(form.dataset.search);
      if (!fresh) return;
      results.replaceChildren(...fresh.childNodes);
      history.replaceState(null, "", url);
      arrived(results);
    } catch {
      // Superseded or no answer: Enter still asks the plain way.
    } finally {
      results.setAttribute("aria-busy", "false");
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length >= 2) timer = setTimeout(search, 250);
  });
  // Down goes into the results, and the arrows through them.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = $$(".who", results);
    const at = links.indexOf(document.activeElement);
    if (!step || links.length === 0 || (at < 0 && document.activeElement !== input)) return;
    event.preventDefault();
    (at + step < 0 ? input : links[Math.min(at + step, links.length - 1)]).focus();
  });
}

for (const form of $$("form[data-search]")) searchAsTyped(form);
