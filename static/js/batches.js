// The page of a batch that goes on: what changes comes by server-sent events, and replaces the progress as a whole.
// Another state is another page. The live region tells what is new, not each step.

import { arrived } from "./page.js";

const live = document.querySelector("[data-live]");
const away = document.querySelector("[data-away]");
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
  source.onopen = () => { away.hidden = true; };
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(refused, 3000); };
  addEventListener("pagehide", () => source.close(), { once: true });
}

// While the platform or the console does not answer, or this page is one too many of its person's, what stands here stays,
// and the page says that it is not renewed.
// Otherwise the session is over, and the page knows where to lead.
async function refused() {
  const answer = await asked();
  if (answer === 200) {
    follow();
  } else if (answer === 429 || answer >= 500) {
    away.hidden = false;
    setTimeout(refused, 5000);
  } else {
    location.reload();
  }
}

async function asked() {
  const stop = new AbortController();
  try {
    return (await fetch(live.dataset.events, { redirect: "manual", signal: stop.signal })).status;
  } catch {
    return 503;
  } finally {
    stop.abort(); // of the events the new source is told
  }
}

if (live) follow();
