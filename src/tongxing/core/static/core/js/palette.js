// Ctrl+K: search from anywhere. Two characters or more; arrows choose, Enter opens.
import { sealed } from "./private.js";

const dialog = document.getElementById("palette");
const url = document.body.dataset.paletteUrl;
const input = dialog?.querySelector("input");
const results = document.getElementById("palette-results");
let timer = 0;
let asked = null;

export function open(text = "") {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (text) input.value = text;
  input.focus();
  input.select();
  ask();
}

function options() { return [...results.querySelectorAll("a")]; }

function mark(place) {
  const list = options();
  list.forEach((one, number) => one.setAttribute("aria-selected", String(number === place)));
  const chosen = list[place];
  input.setAttribute("aria-activedescendant", chosen?.id || "");
  chosen?.scrollIntoView({ block: "nearest" });
}

async function ask() {
  const text = input.value.trim();
  asked?.abort();
  if ([...text].length < 2 || !url) { results.replaceChildren(); input.setAttribute("aria-expanded", "false"); return; }
  asked = new AbortController();
  try {
    const answer = await fetch(`${url}?q=${encodeURIComponent(await sealed(text))}`, { signal: asked.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    results.replaceChildren(...page.body.childNodes);
    input.setAttribute("aria-expanded", "true");
    mark(0);
  } catch (error) {
    if (error.name === "AbortError") return;
    const line = document.createElement("p");
    line.textContent = "没有查到结果：网络不通或服务忙，请稍后再试。";
    results.replaceChildren(line);
  }
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close(); });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); return; }
    const list = options();
    const here = list.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") { event.preventDefault(); mark(Math.min(here + 1, list.length - 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(Math.max(here - 1, 0)); }
    if (event.key === "Enter" && list[here]) { event.preventDefault(); window.location.assign(list[here].href); }
  });
}
