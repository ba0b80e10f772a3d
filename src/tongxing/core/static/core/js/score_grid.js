/* The grid of scores: Enter and the arrow keys lead to the next or the former field, as in a spreadsheet. */
const fields = [...document.querySelectorAll("[data-scores] input[type=text]:not([disabled])")];
const steps = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };

for (const [place, field] of fields.entries()) {
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    const next = fields[place + (steps[event.key] ?? 0)];
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || next === field) return;
    event.preventDefault();
    (next ?? document.querySelector("[data-scores] button[type=submit]"))?.focus();
  });
}
