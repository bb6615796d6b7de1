// Copy buttons beside identifiers, and JSON made readable.

import { $$, improve } from "./page.js";

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

function indentJSON(root) {
  for (const code of $$("[data-json]", root)) {
    try {
      code.textContent = JSON.stringify(JSON.parse(code.textContent), null, 2);
    } catch {
      // Left as it came.
    }
  }
}

improve(addCopyButtons);
improve(indentJSON);
