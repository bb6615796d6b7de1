// Times: relative ones stay current, and absolute ones are told in the browser's zone unless the person has chosen
// another. views/time.go holds the same words and the same form.

import { $$, improve } from "./page.js";

function span(ms) {
  const s = Math.floor(Math.abs(ms) / 1000);
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  const units = (n, unit, rest, smaller) => rest === 0 ? `${n} ${unit}` : `${n} ${unit} ${rest} ${smaller}`;
  if (d >= 10) return `${d} days`;
  if (d > 0) return units(d, "d", h, "h");
  if (h > 0) return units(h, "h", m, "min");
  if (m >= 10) return `${m} min`;
  return m > 0 ? units(m, "min", s % 60, "s") : `${s % 60} s`;
}

export function relative(ms) {
  if (Math.abs(ms) < 1000) return "now";
  return ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

const chosen = document.documentElement.dataset.zone;
const options = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const format = new Intl.DateTimeFormat("en-GB", chosen ? { ...options, timeZone: chosen } : options);

// absolute is a time as the server writes it: "24 Nov 2026, 14:05:11".
export const absolute = (iso) => format.format(new Date(iso)).replace("Sept", "Sep");

improve((root) => {
  for (const time of $$("time[datetime]", root)) {
    if (time.dataset.relative) time.title = absolute(time.dateTime);
    else if (!chosen && !time.hasAttribute("data-as-is")) time.textContent = absolute(time.dateTime);
  }
});
// Forms that ask for times send the zone that the page shows them in.
improve((root) => {
  for (const input of $$("input[data-zone-field]", root)) input.value = format.resolvedOptions().timeZone;
});
if (!chosen) {
  // The server writes the next page in this zone, and takes the days of a filter for days in it.
  const secure = location.protocol === "https:";
  document.cookie = `${secure ? "__Host-" : ""}console-zone=${format.resolvedOptions().timeZone}; Path=/; SameSite=Lax; Max-Age=31536000${secure ? "; Secure" : ""}`;
  for (const name of $$("[data-zone-name]")) name.textContent = format.resolvedOptions().timeZone;
}

function tick() {
  const now = Date.now();
  for (const element of $$("[data-relative]")) {
    const text = relative(new Date(element.dataset.relative) - now);
    if (element.textContent !== text) element.textContent = text;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
