// Keys of forms and pages: Ctrl+Enter sends a form that asks for it, and a key follows its link. A sheet opens at its first field.

// In a low window the browser puts that field in the middle, and the choices above it under the head of the sheet.
const first = document.querySelector("main > .sheet [autofocus]");
first?.focus({ preventScroll: true });
first?.scrollIntoView({ block: "nearest" });

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-send]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[type=submit]"));
    return;
  }
  if (event.target.closest?.("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = /^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
  if (link) {
    event.preventDefault();
    link.click();
  }
});
