// Drafts: what is typed into a form with data-draft is kept on this device at once and on the server a little later;
// it is offered again on return, and thrown away when the form was taken.
import { toast } from "./toasts.js";

const body = document.body;
const url = body.dataset.draftUrl;
const SKIP = new Set(["csrfmiddlewaretoken", "version", "seen", "next"]);
// Personal data lies in the vault only: neither this device nor the draft on the server keeps it (accounts/endpoints.py holds the same list).
const PRIVATE = /(^|_)(id_number|phone|bank_account)$|password/;
const left = (name) => SKIP.has(name) || PRIVATE.test(name);
// A computer in an office has several users: what one typed is never offered to another.
const MINE = `tx-draft:${body.dataset.user}:`;
const local = (key) => MINE + key;
const timers = new Map();

function read(form) {
  const content = {};
  for (const [name, value] of new FormData(form)) {
    if (left(name) || typeof value !== "string") continue;
    (content[name] ??= []).push(value);
  }
  return content;
}

function fill(form, content) {
  for (const control of form.elements) {
    if (!control.name || left(control.name) || control.type === "file" || control.type === "hidden") continue;
    const values = content[control.name] ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (control.multiple) [...control.options].forEach((option) => { option.selected = values.includes(option.value); });
    else if (values.length) control.value = values[0];
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function send(form, content) {
  const data = new URLSearchParams({ form: form.dataset.draft, content: content === null ? "" : JSON.stringify(content) });
  return fetch(url, { method: "POST", headers: { "X-CSRFToken": body.dataset.csrf, "X-Requested-With": "fetch" }, body: data, keepalive: true });
}

function keep(form) {
  const content = read(form);
  try { localStorage.setItem(local(form.dataset.draft), JSON.stringify({ at: Date.now(), content })); } catch { /* full or private */ }
  note(form, "草稿已存在这台设备上");
  if (!url) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(async () => {
    try {
      const answer = await send(form, content);
      if (answer.ok) note(form, "草稿已保存");
    } catch { /* a poor line: the device holds it */ }
  }, 1500));
}

function note(form, text) {
  const end = form.querySelector(".tx-form-end");
  if (!end) return;
  let line = end.querySelector(".tx-saved");
  if (!line) { line = document.createElement("span"); line.className = "tx-saved"; end.append(line); }
  const now = new Date();
  line.textContent = `${text} ${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
}

function drop(form) {
  try { localStorage.removeItem(local(form.dataset.draft)); } catch { /* nothing kept */ }
  if (url) send(form, null).catch(() => {});
}

async function find(form) {
  let held = null;
  try { held = JSON.parse(localStorage.getItem(local(form.dataset.draft)) || "null"); } catch { held = null; }
  if (held || !url) return held;
  try {
    const answer = await fetch(`${url}?form=${encodeURIComponent(form.dataset.draft)}`, { headers: { "X-Background": "1" } });
    const found = answer.ok ? await answer.json() : null;
    return found?.content && Object.keys(found.content).length ? { at: Date.parse(found.updated_at) || Date.now(), content: found.content } : null;
  } catch { return null; }
}

async function offer(form) {
  const fresh = JSON.stringify(read(form));
  const held = await find(form);
  if (!held || JSON.stringify(held.content) === fresh || form.querySelector("[data-error-summary]")) return;
  const box = document.createElement("div");
  box.className = "tx-draft";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = `您在 ${new Date(held.at).toLocaleString("zh-CN")} 填过这张表，还没有提交。`;
  const take = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-primary", textContent: "接着填" });
  const leave = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: "不要了" });
  take.addEventListener("click", () => { fill(form, held.content); box.remove(); form.querySelector("input:not([type=hidden]), select, textarea")?.focus(); });
  leave.addEventListener("click", () => { drop(form); box.remove(); });
  box.append(words, take, leave);
  form.prepend(box);
}

// Who signs out leaves nothing on this device: what was typed last goes to the server first.
function leaveNothing() {
  for (const [form, timer] of timers) {
    clearTimeout(timer);
    if (url && document.contains(form) && !form.querySelector(".tx-draft")) send(form, read(form)).catch(() => {});
  }
  try { Object.keys(localStorage).filter((key) => key.startsWith(MINE)).forEach((key) => localStorage.removeItem(key)); } catch { /* nothing kept */ }
}

// A form that was sent leaves its key; the next page without errors on that form means it was taken. The sign-in page throws the key away
// (core/js/signin.js): a form that met the end of the session was not taken.
try {
  const sent = sessionStorage.getItem("tx-draft-sent");
  if (sent) {
    sessionStorage.removeItem("tx-draft-sent");
    const again = document.querySelector(`form[data-draft="${CSS.escape(sent)}"]`);
    const refused = document.querySelector(".tx-error-page");
    if (!refused && !again?.querySelector("[data-error-summary]")) drop(again ?? { dataset: { draft: sent } });
  }
} catch { /* no session storage */ }

document.querySelectorAll("form[data-draft]").forEach(offer);
document.addEventListener("input", (event) => { const form = event.target.closest?.("form[data-draft]"); if (form) keep(form); });
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches?.("form[data-sign-out]")) { leaveNothing(); return; }
  if (!form.dataset?.draft) return;
  clearTimeout(timers.get(form));
  if (!navigator.onLine) {
    event.preventDefault();
    toast("现在没有网络，填写的内容已存在这台设备上。有网络后再按一次提交。", { kind: "error", seconds: 0, actions: [{ label: "知道了" }] });
    return;
  }
  try { sessionStorage.setItem("tx-draft-sent", form.dataset.draft); } catch { /* the draft is offered once more */ }
}, true);
