// The frame: navigation that folds and remembers, menus that close, theme, print, errors of partial loads.
import { toast } from "./toasts.js";

const year = 31536000;

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a, summary");
  for (const open of document.querySelectorAll("details.tx-pop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const side = document.getElementById("side");
  if (side?.classList.contains("is-open") && !side.contains(event.target) && !target?.matches("[data-side-open]")) openSide(false);
  if (!target) return;
  if (target.matches("[data-side-toggle]")) foldSide(target);
  if (target.matches("[data-side-open]")) openSide(true);
  if (target.matches("[data-theme-toggle]")) switchTheme();
  if (target.matches("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.tx-pop[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
  openSide(false);
});

function foldSide(button) {
  const narrow = document.body.classList.toggle("is-narrow");
  button.setAttribute("aria-pressed", String(narrow));
  document.cookie = `tx_side=${narrow ? "narrow" : "wide"}; path=/; max-age=${year}; samesite=lax`;
}

function openSide(open) {
  const side = document.getElementById("side");
  const button = document.querySelector("[data-side-open]");
  if (!side || !button || side.classList.contains("is-open") === open) return;
  side.classList.toggle("is-open", open);
  button.setAttribute("aria-expanded", String(open));
  if (open) side.querySelector("a")?.focus(); else button.focus();
}

function switchTheme() {
  const root = document.documentElement;
  const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
  root.setAttribute("data-bs-theme", next);
  try { localStorage.setItem("tx-theme", next); } catch { /* private window: for this page only */ }
  document.dispatchEvent(new CustomEvent("tx:theme"));
}

for (const details of document.querySelectorAll("details[data-remember]")) {
  const key = `tx-${details.dataset.remember}`;
  try {
    if (localStorage.getItem(key) === "open") details.open = true;
    details.addEventListener("toggle", () => localStorage.setItem(key, details.open ? "open" : "shut"));
  } catch { /* nothing remembered */ }
}

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  const page = new DOMParser().parseFromString(answer.responseText || "", "text/html");
  const reason = page.querySelector(".tx-error-page p")?.textContent;
  toast(reason || "没有读到内容，页面保持原样。请稍后重试。", { kind: "error", seconds: 12 });
});

document.addEventListener("htmx:sendError", () => {
  toast("网络不通，页面保持原样。请检查网络后重试。", { kind: "error", seconds: 12 });
});
