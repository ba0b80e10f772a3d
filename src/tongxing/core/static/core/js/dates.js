// Dates by typing (2026-11-22, 2026年11月22日, 20261122) or by picking: a button beside the text field opens the calendar.
function dress(input) {
  if (input.dataset.ready) return;
  input.dataset.ready = "1";
  input.inputMode = "numeric";
  if (!input.placeholder) input.placeholder = new Date().toLocaleDateString("sv-SE");
  const box = document.createElement("div");
  box.className = "tx-date";
  const picker = document.createElement("input");
  picker.type = "date";
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  picker.dataset.picker = "";
  const button = document.createElement("button");
  button.type = "button";
  const name = input.getAttribute("aria-label") || input.labels?.[0]?.firstChild?.textContent || "";
  button.setAttribute("aria-label", `选择日期：${name.trim()}`);
  button.textContent = "▾";
  input.replaceWith(box);
  box.append(input, button, picker);
  button.addEventListener("click", () => {
    picker.value = /^\d{4}-\d{2}-\d{2}$/.test(input.value) ? input.value : "";
    picker.showPicker?.();
  });
  picker.addEventListener("change", () => {
    input.value = picker.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  });
}

function tidy(input) {
  const text = input.value.normalize("NFKC").trim();
  const parts = text.match(/^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$/) || text.match(/^(\d{4})(\d{2})(\d{2})$/);
  if (parts) input.value = `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}`;
}

// A native date field shows the order of the browser's own language (11/23/2026); here a day is always written 2026-11-23.
function dressAll(root) {
  root.querySelectorAll?.('input[type="date"]:not([data-picker])').forEach((input) => { input.type = "text"; input.dataset.date = ""; });
  root.querySelectorAll?.("input[data-date]").forEach(dress);
}

dressAll(document);
document.addEventListener("htmx:load", (event) => dressAll(event.target));
document.addEventListener("focusout", (event) => { if (event.target.matches?.("input[data-date]")) tidy(event.target); });
