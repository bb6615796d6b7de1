// The page about people who came back hears of new tokens as they are issued. It
// asks the console alone, and keeps nothing alive.

import { $$, arrived } from "./page.js";

const live = document.querySelector("[data-watch-live]");
const board = document.querySelector("[data-board]");

const words = {
  live: ["badge badge-good", "Live", "New tokens appear within seconds."],
  refused: ["badge", "As of the last check", "Genesys Cloud does not send you live updates. Check again to see new tokens."],
  resumed: ["badge badge-good", "Live again", "Check again to see tokens that were issued while it was not live."],
  again: ["badge badge-warning", "Reconnecting", "The connection to Genesys Cloud broke off. It is tried again."],
  lost: ["badge badge-warning", "No longer live", "Check again to continue."],
  busy: ["badge", "As of the last check", "You have live updates on too many pages already. Check again to see new tokens."],
};

// Of some people the platform may not tell. Then the page is live for the others only.
function say(state, covered, all) {
  let [shape, name, text] = words[state] ?? [];
  if (!name) return;
  if (state === "live" && covered < all) {
    [shape, name] = ["badge badge-warning", `Live for ${covered} of ${all}`];
    text = "Nothing is told live about the others. Check again to see their new tokens.";
  }
  const badge = live.querySelector("[data-live-state]");
  const why = live.querySelector("[data-live-text]");
  if (badge.textContent === name && why.textContent === text) return; // said once, it is heard once
  badge.className = shape;
  badge.textContent = name;
  why.textContent = text;
}

// Two times this near may be of the same token, as in internal/comeback.
const sameToken = 2000;

// returns are those who came back, by the list in root.
function returns(root) {
  return $$("[aria-labelledby=back] tbody tr", root).map((row) => ({
    name: row.querySelector(".who").textContent,
    person: row.querySelector(".who").getAttribute("href"),
    revoked: row.querySelector("[data-label=Revoked] a").getAttribute("href"),
    issued: Date.parse(row.querySelector(".came-back ~ .sub time").dateTime),
    perhaps: row.querySelector(".came-back").hasAttribute("data-perhaps"),
  }));
}

// tell says who is among now and was not before. It is heard, and nobody is named twice for one token.
function tell(before, now) {
  const fresh = now.filter((one) => !before.some((old) => old.person === one.person
    && old.revoked === one.revoked && one.issued - old.issued <= sameToken));
  if (fresh.length === 0) return;
  const name = document.createElement(fresh.length === 1 ? "bdi" : "span");
  name.textContent = fresh.length === 1 ? fresh[0].name : `${fresh.length} people`;
  const unsure = fresh.filter((one) => one.perhaps).length;
  let did = " came back.";
  if (unsure > 0) did = unsure === fresh.length ? " may have come back." : " came back, or may have.";
  live.querySelector("[data-live-back]").replaceChildren(name, did);
}

// The navigation says how many came back, in sight and in the menu, and so does the title:
// the page may be in a tab behind others.
function count(fresh) {
  const many = fresh.querySelector(".count")?.textContent;
  document.title = (many ? `(${many}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  for (const link of $$('nav a[href="/watch"]')) {
    const place = link.querySelector(".label") ?? link;
    for (const old of $$(".count, .quiet", place)) old.remove();
    place.append(...[...fresh.children].map((part) => part.cloneNode(true)));
  }
}

// renew shows the list as it is now, and returns it.
async function renew() {
  try {
    const response = await fetch("/watch/board");
    if (response.redirected || !response.ok) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-board]");
    if (!fresh) return null;
    const focused = document.activeElement?.closest?.("[data-board] a")?.getAttribute("href");
    const [before, now] = [returns(board), returns(fresh)];
    board.replaceChildren(...fresh.childNodes);
    arrived(board);
    tell(before, now);
    count(page.querySelector("[data-nav-count]"));
    if (focused) board.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    return fresh;
  } catch {
    return null; // the next event will tell
  }
}

if (live) {
  const stream = new EventSource(live.dataset.watchLive);
  let last = 0;
  stream.addEventListener("state", async (event) => {
    if (["refused", "lost", "busy"].includes(event.data)) stream.close();
    const turn = ++last;
    // Every event may be one of something new, the first one too: it is from after the page.
    const fresh = await renew();
    if (turn === last) say(event.data, Number(fresh?.dataset.covered), Number(fresh?.dataset.all));
  });
  stream.addEventListener("error", () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    last++;
    say("lost");
  });
  addEventListener("pagehide", () => stream.close());
}
