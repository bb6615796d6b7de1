// The page of a batch that goes on: what changes comes by server-sent events, and
// replaces the progress as a whole. Another state is another page.

import { arrived } from "./page.js";

const progress = document.querySelector("[data-live]");
const status = document.querySelector("[data-live-status]");

// A form that somebody has begun to fill in is not taken away.
function untouched() {
  return ![...document.querySelectorAll("main textarea, main input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
}

function moved(label) {
  if (untouched()) location.reload();
  else status.textContent = `The batch is now ${label}. Load the page again to see it.`;
}

function follow() {
  const source = new EventSource(progress.dataset.events);
  source.onmessage = (event) => {
    const { state, label, html } = JSON.parse(event.data);
    progress.innerHTML = html;
    arrived(progress);
    if (state === progress.dataset.state) return;
    source.close();
    moved(label);
  };
  // Refused for good: the session is over, and the page knows where to lead.
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000); };
  addEventListener("pagehide", () => source.close());
}

if (progress) follow();
