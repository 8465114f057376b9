/** The queue by keyboard: arrows choose a row, Enter opens it. Rows may be replaced by htmx at any time. */

import { typing } from "../lib/dom.js";

const rows = () => /** @type {HTMLTableRowElement[]} */ ([...document.querySelectorAll("[data-queue] tbody tr:has(a.row)")]);

function select(row) {
  for (const other of rows()) other.removeAttribute("aria-selected");
  if (!row) return;
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const now = all.findIndex((row) => row.hasAttribute("aria-selected"));
  select(all[Math.min(all.length - 1, Math.max(0, now + by))]);
}

document.addEventListener("keydown", (event) => {
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && !(event.target.closest("a, button, summary"))) {
    document.querySelector("[data-queue] tr[aria-selected] a.row")?.click();
  }
});
document.addEventListener("htmx:afterSwap", () => {
  if (!document.querySelector("[data-queue] tr[aria-selected]")) select(rows()[0]);
});
select(rows()[0]);
document.body.dataset.ready = "";
