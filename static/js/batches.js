// The page of a batch that goes on: what changes comes by server-sent events, and replaces the progress as a whole.
// Another state is another page. The live region tells what is new, not each step.

import { arrived } from "./page.js";

const live = document.querySelector("[data-live]");
const progress = document.getElementById("progress");

// A form that somebody has begun to fill in is not taken away.
function untouched() {
  return ![...document.querySelectorAll("main textarea, main input:not([type=hidden], [type=search], [type=radio])")].some((field) => field.value !== field.defaultValue);
}

let heard = null;

// What the page said when it was opened is on it already.
function say(text) {
  if (heard !== null && heard !== text) live.textContent = text;
  heard = text;
}

function moved(label) {
  if (untouched()) location.reload();
  else live.textContent = `The batch is now ${label}. Load the page again to see it.`;
}

function follow() {
  const source = new EventSource(live.dataset.events);
  source.onmessage = (event) => {
    const told = JSON.parse(event.data);
    if (progress) {
      progress.innerHTML = told.html;
      arrived(progress);
    }
    if (told.state !== live.dataset.state) {
      source.close();
      moved(told.label);
      return;
    }
    say(told.say);
  };
  // Refused for good: the session is over, and the page knows where to lead.
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000); };
  addEventListener("pagehide", () => source.close());
}

if (live) follow();
