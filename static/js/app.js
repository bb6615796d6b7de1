// What every page has: menus, one request a click, keys.

import { $$ } from "./page.js";
import "./times.js";
import "./copy.js";

const openMenus = () => $$("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// A button that is off sends nothing. One click, one request.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.getAttribute("aria-disabled") === "true") event.preventDefault();
  else if (button?.hasAttribute("data-once")) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => $$("[data-once]").forEach((b) => b.removeAttribute("aria-disabled")));

const keys = document.getElementById("keys");
const showKeys = document.querySelector("[data-keys]");
showKeys.hidden = false;
showKeys.addEventListener("click", () => keys.showModal());

// The search is where the focus is on some pages. A slash that somebody types there to get to it is not what they look for.
const emptySearch = (event) => event.key === "/" && event.target.matches?.("input[type=search]") && event.target.value === "";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, dialog") && !emptySearch(event);
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  } else if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (event.key === "?") {
    keys.showModal();
  } else if (event.key === "/") {
    // The search of the page itself comes before that of the header.
    const search = document.querySelector("main input[type=search]") ?? document.querySelector("input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
});
