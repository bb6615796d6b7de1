// The page about people who came back hears of new tokens as they are issued. It
// asks the console alone, and keeps nothing alive.

import { $$, arrived } from "./page.js";

const live = document.querySelector("[data-watch-live]");
const board = document.querySelector("[data-board]");

const words = {
  live: ["badge badge-good", "Live", "New tokens appear within seconds."],
  refused: ["badge", "As of the last check", "Genesys Cloud does not send you live updates. Check again to see new tokens."],
  resumed: ["badge badge-good", "Live again", "Check again to see tokens that were issued while the connection was away."],
  again: ["badge badge-warning", "Reconnecting", "The connection to Genesys Cloud broke off. It is tried again."],
  lost: ["badge badge-warning", "No longer live", "Check again to continue."],
};

function say(state) {
  const [shape, name, text] = words[state] ?? [];
  if (!name) return;
  if (live.dataset.state === state) return;
  live.dataset.state = state;
  const badge = live.querySelector("[data-live-state]");
  badge.className = shape;
  badge.textContent = name;
  live.querySelector("[data-live-text]").textContent = text;
}

// The navigation says how many came back, in sight and in the menu.
function count(fresh) {
  for (const link of $$('nav a[href="/watch"]')) {
    const place = link.querySelector(".label") ?? link;
    for (const old of $$(".count, .quiet", place)) old.remove();
    place.append(...[...fresh.children].map((part) => part.cloneNode(true)));
  }
}

async function renew() {
  try {
    const response = await fetch("/watch/board");
    if (response.redirected || !response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-board]");
    if (!fresh) return;
    const focused = document.activeElement?.closest?.("[data-board] a")?.getAttribute("href");
    board.replaceChildren(...fresh.childNodes);
    arrived(board);
    count(page.querySelector("[data-nav-count]"));
    if (focused) board.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  } catch {
    // No answer now; the next event will tell.
  }
}

if (live) {
  const stream = new EventSource(live.dataset.watchLive);
  stream.addEventListener("state", (event) => {
    say(event.data);
    if (event.data === "refused" || event.data === "lost") stream.close();
    renew(); // every event may be one of something new, the first one too: it is from after the page
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) say("lost");
  });
  addEventListener("pagehide", () => stream.close());
}
