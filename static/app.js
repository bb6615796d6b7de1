// What script adds to pages that work without it: times in the reader's zone
// that stay current, a watch on the token, search as one types, copy buttons,
// confirmation in a dialog, keys.

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// — Times. The server renders UTC; views/time.go holds the same words.

function span(ms) {
  const s = Math.floor(Math.abs(ms) / 1000);
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  const units = (n, unit, rest, smaller) => rest === 0 ? `${n} ${unit}` : `${n} ${unit} ${rest} ${smaller}`;
  if (d >= 10) return `${d} days`;
  if (d > 0) return units(d, "d", h, "h");
  if (h > 0) return units(h, "h", m, "min");
  if (m >= 10) return `${m} min`;
  return m > 0 ? units(m, "min", s % 60, "s") : `${s % 60} s`;
}

function relative(ms) {
  if (Math.abs(ms) < 1000) return "now";
  return ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

function localize(root) {
  for (const time of $$("time[datetime]", root)) {
    const text = zoned.format(new Date(time.dateTime));
    if (time.dataset.relative) {
      time.title = text;
    } else {
      time.title = time.textContent;
      time.textContent = text;
    }
  }
}

function tick() {
  const now = Date.now();
  for (const element of $$("[data-relative]")) {
    const text = relative(new Date(element.dataset.relative) - now);
    if (element.textContent !== text) element.textContent = text;
  }
}

// — Copy buttons beside every identifier.

function addCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const id of $$("[data-copy]", root)) {
    if (!id.textContent || id.nextElementSibling?.classList.contains("copy")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${id.textContent}`);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(id.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select and copy by hand";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    id.after(button);
  }
}

// — JSON as it came, made readable.

function indentJSON(root) {
  for (const code of $$("[data-json]", root)) {
    try {
      code.textContent = JSON.stringify(JSON.parse(code.textContent), null, 2);
    } catch {
      // Left as it came.
    }
  }
}

function enhance(root) {
  localize(root);
  addCopyButtons(root);
  indentJSON(root);
}

// — The token's page watches the token, without keeping it alive.

const watched = document.querySelector("[data-token-status]");
const watchEvery = 10_000;

function showDeadline(name, iso) {
  const shown = document.querySelector(`[data-deadline="${name}"]`);
  if (!shown || !iso || shown.dataset.relative === iso) return;
  shown.dataset.relative = iso;
  const time = shown.parentElement.querySelector("time");
  if (time) {
    time.dateTime = iso;
    time.textContent = zoned.format(new Date(iso));
  }
}

function tellToken(state, title, text) {
  const badge = document.querySelector("[data-token-state]");
  badge.textContent = state;
  badge.className = "badge badge-bad";
  const box = document.createElement("div");
  box.className = "notice notice-bad";
  const heading = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = title;
  heading.append(strong);
  const body = document.createElement("p");
  const link = document.createElement("a");
  link.href = "/login?return_to=%2Ftoken";
  link.textContent = "Sign in again";
  body.append(text, " ", link, ".");
  box.append(heading, body);
  document.querySelector("[data-token-notice]").replaceChildren(box);
  document.body.setAttribute("data-over", "");
}

async function watchToken() {
  if (!document.hidden) {
    try {
      const response = await fetch(watched.dataset.tokenStatus, { headers: { Accept: "application/json" } });
      const status = await response.json();
      switch (status.state) {
        case "active":
          showDeadline("expires", status.expiresAt);
          showDeadline("idles", status.idlesAt);
          break;
        case "ended":
          tellToken("Revoked", "This token is no longer valid.", "It was revoked elsewhere, or it idled out. Genesys Cloud does not accept it any more, and this session has ended.");
          return;
        case "expired":
          if (!watched.hasAttribute("data-renewable")) {
            tellToken("Expired", "This token has expired.", "Its life is over.");
            return;
          }
          break;
        case "signed-out":
          tellToken("Signed out", "This session has ended.", "You signed out in another tab, or it was not used for a while.");
          return;
      }
    } catch {
      // No answer now; the next one will tell.
    }
  }
  setTimeout(watchToken, watchEvery);
}

// — Search as one types, over the very page that the form asks for.

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
      enhance(results);
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

// — A confirmation page shows in a dialog of the page that leads to it.

async function fetchDialog(link) {
  try {
    const response = await fetch(link.href);
    if (!response.ok || response.redirected) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector(link.dataset.dialog);
  } catch {
    return null;
  }
}

async function openInDialog(link) {
  const content = await fetchDialog(link);
  if (!content) {
    location.href = link.href; // which says what is wrong
    return;
  }
  const dialog = document.createElement("dialog");
  const heading = content.querySelector("h1");
  heading.id = "dialog-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(content);
  document.body.append(dialog);
  enhance(dialog);
  dialog.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
  (dialog.querySelector("textarea, input:not([type=hidden])") ?? heading).focus();
}

// — Wiring.

enhance(document);
tick();
setInterval(tick, 1000);
if (watched) setTimeout(watchToken, watchEvery);
for (const form of $$("form[data-search]")) searchAsTyped(form);

document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });

document.addEventListener("click", (event) => {
  for (const menu of $$("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const link = event.target.closest?.("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    openInDialog(link);
  }
});

// One click, one request.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.hasAttribute("data-once")) return;
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => $$("[data-once]").forEach((b) => b.removeAttribute("aria-disabled")));

const keys = document.getElementById("keys");
const showKeys = document.querySelector("[data-keys]");
showKeys.hidden = false;
showKeys.addEventListener("click", () => keys.showModal());

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (event.key === "Escape") {
    for (const menu of $$("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  } else if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (event.key === "?") {
    keys.showModal();
  } else if (event.key === "/") {
    event.preventDefault();
    const search = document.querySelector("input[type=search]");
    if (search) search.focus();
    else if (document.querySelector('nav a[href="/users"]')) location.href = "/users";
  }
});
