// The token's page watches the token, without keeping it alive.

import { $$ } from "./page.js";
import { absolute } from "./times.js";

const watched = document.querySelector("[data-token-status]");
const watchEvery = 10_000;

function showDeadline(name, iso) {
  const shown = document.querySelector(`[data-deadline="${name}"]`);
  if (!shown || !iso || shown.dataset.relative === iso) return;
  shown.dataset.relative = iso;
  const time = shown.parentElement.querySelector("time");
  if (time) {
    time.dateTime = iso;
    time.textContent = absolute(iso);
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
  // Nothing is left to count down to, and nothing to end.
  for (const deadline of $$("[data-deadline]")) {
    delete deadline.dataset.relative;
    deadline.textContent = "Over";
  }
  for (const part of $$("[data-living], [data-life], .deadline time, .deadline .hint")) part.hidden = true;
  document.querySelector("[aria-labelledby=ends]").hidden = true;
  document.title = `${title} · tokenconsole`;
}

// showLife draws how much is left of each life.
function showLife() {
  for (const life of $$("[data-life]")) {
    const ends = new Date(life.parentElement.querySelector("[data-deadline]").dataset.relative);
    const begun = new Date(life.dataset.begun);
    const left = Math.round(Math.min(Math.max(100 * (ends - Date.now()) / (ends - begun), 0), 100));
    if (Number.isNaN(left)) continue;
    life.querySelector(".bar-fill").setAttribute("width", left);
    life.querySelector("svg").setAttribute("aria-label", `${left} % of it is left`);
  }
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
          tellToken("Revoked", "This token is no longer valid.", "It was revoked elsewhere, or it idled out. Genesys Cloud no longer accepts it, and this session has ended.");
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

setInterval(showLife, watchEvery);
if (watched) setTimeout(watchToken, watchEvery);
