// A confirmation page shows in a dialog of the page that leads to it.

import { arrived } from "./page.js";

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
  arrived(dialog);
  dialog.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("textarea, input:not([type=hidden])") ?? heading).focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    openInDialog(link);
  }
});
