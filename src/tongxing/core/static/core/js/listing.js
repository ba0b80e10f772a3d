// List pages: ticks with shift, the selection bar, filters that keep order and columns.
let last = null;

function boxes(form) {
  return [...form.querySelectorAll('input[name="ids"]')];
}

function refresh(form) {
  const all = form.querySelector("[data-select-all]");
  const ticked = boxes(form).filter((box) => box.checked);
  const bar = form.querySelector("[data-selection-bar]");
  if (!bar) return;
  bar.classList.toggle("is-on", ticked.length > 0 || all.checked);
  bar.querySelector("[data-selected-count]").textContent = all.checked ? "全部" : String(ticked.length);
  const head = form.querySelector("[data-tick-all]");
  if (head) {
    head.checked = ticked.length > 0 && ticked.length === boxes(form).length;
    head.indeterminate = ticked.length > 0 && !head.checked;
  }
}

document.addEventListener("click", (event) => {
  const box = event.target;
  const form = box.closest?.("form[data-selection]");
  if (!form) return;
  if (box.matches('input[name="ids"]')) {
    const list = boxes(form);
    if (event.shiftKey && last && list.includes(last)) {
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
  }
  if (box.matches("[data-tick-all]")) boxes(form).forEach((one) => { one.checked = box.checked; });
  if (box.closest("[data-clear-selection]")) {
    boxes(form).forEach((one) => { one.checked = false; });
    form.querySelector("[data-select-all]").checked = false;
    form.querySelector("[data-tick-all]")?.focus();
  }
  refresh(form);
});

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target;
  if (!form.matches?.("[data-filters]")) return;
  // The form was drawn with the page; order and columns may have changed since.
  const now = new URLSearchParams(window.location.search);
  const wish = event.detail.parameters;
  for (const key of ["sort", "columns", "size"]) {
    delete wish[key];
    if (now.get(key)) wish[key] = now.getAll(key).join(",");
  }
  for (const key of Object.keys(wish)) if (wish[key] === "") delete wish[key];
});

// A filter of several values stays open while the list is read anew; its closed face says what is ticked.
document.addEventListener("change", (event) => {
  const several = event.target.closest?.("[data-several]");
  if (!several) return;
  const ticked = [...several.querySelectorAll("input:checked")].map((box) => box.closest("label").textContent.trim());
  several.querySelector("[data-several-text]").textContent = ticked.join("、") || "全部";
  several.classList.toggle("is-active", ticked.length > 0);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "listing") last = null;
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-selection]").forEach(refresh));

// On a phone the filters would fill the screen: they fold away behind one button unless one of them is on.
const filters = document.querySelector("form[data-filters]");
if (filters && matchMedia("(max-width: 767.98px)").matches && filters.querySelectorAll(".tx-filter:not(.tx-filter-search)").length > 1) {
  const more = document.createElement("button");
  more.type = "button";
  more.className = "btn tx-filter-more";
  const fold = (folded) => {
    filters.classList.toggle("is-folded", folded);
    more.setAttribute("aria-expanded", String(!folded));
    more.textContent = folded ? "更多筛选" : "收起筛选";
  };
  more.addEventListener("click", () => fold(!filters.classList.contains("is-folded")));
  filters.append(more);
  fold(!filters.querySelector(".tx-filter.is-active"));
}
