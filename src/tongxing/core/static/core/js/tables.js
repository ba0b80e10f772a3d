// On a phone a wide table of words turns into cards: each cell learns its heading. Tables of numbers stay tables and scroll.
const narrow = matchMedia("(max-width: 767.98px)");

function stack(table) {
  const head = table.tHead?.rows;
  if (!head || head.length !== 1 || table.classList.contains("tx-stack") || table.querySelector("[colspan]:not([colspan='1']), [rowspan]")) return;
  const names = [...head[0].cells].map((cell) => cell.textContent.trim());
  const numbers = [...head[0].cells].filter((cell) => cell.matches(".is-number, .text-end")).length;
  if (names.length < 4 || numbers > names.length / 2) return;
  for (const body of table.tBodies) for (const row of body.rows) [...row.cells].forEach((cell, place) => { 
    cell.dataset.label ??= names[place] || "";
    cell.classList.toggle("tx-long", cell.textContent.trim().length > 14);
  });
  table.classList.add("tx-stack");
}

/** The label, with a number where another region of the page bears it already. */
function unlike(label, number = 1) {
  const wanted = number > 1 ? `${label}（${number}）` : label;
  return document.querySelector(`[role="region"][aria-label="${CSS.escape(wanted)}"]`) ? unlike(label, number + 1) : wanted;
}

/** What scrolls sideways can be reached with the keyboard. */
function reach(box) {
  if (box.hasAttribute("tabindex") || box.scrollWidth <= box.clientWidth) return;
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", unlike(`${box.closest("section")?.querySelector("h2, h3")?.textContent.trim() || "表格"}，可左右滚动`));
}

function start(root) {
  if (narrow.matches) root.querySelectorAll?.("table.table-tx").forEach(stack);
  root.querySelectorAll?.(".table-responsive").forEach(reach);
}

start(document);
document.addEventListener("htmx:load", (event) => start(event.target));
narrow.addEventListener("change", () => start(document));
