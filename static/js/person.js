// A person's page: the proof of a revocation is read again by itself for a while, reports are copied, and r revokes.

import { $$, arrived } from "./page.js";

const every = 10_000;
const proof = document.querySelector("[data-follow]");
const says = document.querySelector("[data-follow-says]");

async function follow() {
  if (!document.hidden) {
    try {
      const response = await fetch(proof.dataset.follow, { headers: { Accept: "application/json" } });
      if (response.status !== 200) return; // over
      const now = await response.json();
      const page = new DOMParser().parseFromString(now.picture, "text/html");
      proof.replaceChildren(...page.body.childNodes);
      arrived(proof);
      if (says.textContent !== now.returned) says.textContent = now.returned;
    } catch {
      // No answer now; the next one will tell.
    }
  }
  setTimeout(follow, every);
}

if (proof?.dataset.follow) setTimeout(follow, every);

for (const button of navigator.clipboard ? $$("[data-copy-from]") : []) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copyFrom).textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Open the report and copy by hand";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
