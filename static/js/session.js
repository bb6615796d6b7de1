// A page of a session that is over must not stay in sight: not in another tab,
// and not when Back brings it out of the browser's memory.

const signedIn = document.body.hasAttribute("data-signed-in");
const tabs = new BroadcastChannel("tokenconsole-session");

// The sign-in page says why, and leads back here. Somebody who signed out is told
// what came of that.
function leave(why) {
  if (document.body.hasAttribute("data-over")) return; // this page has told it already
  document.body.hidden = true;
  const back = new URLSearchParams({ why, return_to: location.pathname + location.search });
  location.replace(why === "none" ? "/signed-out" : `/login?${back}`);
}

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.body.hidden = true;
  location.reload();
});

if (signedIn) {
  tabs.onmessage = (event) => leave(event.data);
} else if (location.pathname === "/signed-out") {
  sessionStorage.clear(); // what was typed and not sent
  tabs.postMessage("none");
}

// One tab asks for all of them. That keeps nothing alive.
const askEvery = 4000;

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function watch() {
  for (;;) {
    await pause(askEvery);
    try {
      const response = await fetch("/session", { headers: { Accept: "application/json" } });
      if (response.status !== 401) continue;
      const { why = "ended" } = await response.json();
      tabs.postMessage(why);
      // The token's page may be about to tell of it itself, with more to say.
      if (document.querySelector("[data-token-status]")) await pause(1000);
      leave(why);
      return;
    } catch {
      // No answer now; the next one will tell.
    }
  }
}

if (signedIn && navigator.locks) navigator.locks.request("tokenconsole-session", watch);
else if (signedIn) watch();
