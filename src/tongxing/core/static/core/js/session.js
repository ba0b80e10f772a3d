// Says five minutes before the session ends, and keeps it alive when asked. Background requests do not count as work.
import { toast } from "./toasts.js";

const body = document.body;
const minutes = Number(body.dataset.sessionMinutes || 0);
const url = body.dataset.aliveUrl;
let timer = 0;
let box = null;

function start() {
  clearTimeout(timer);
  box?.remove();
  if (minutes > 1) timer = setTimeout(warn, (minutes - Math.min(5, minutes / 2)) * 60000);
}

function warn() {
  const left = Math.max(1, Math.round(Math.min(5, minutes / 2)));
  box = toast(`您有一阵没有操作，约 ${left} 分钟后自动退出。填写的内容会存为草稿。`, {
    seconds: 0,
    actions: [{ label: "继续使用", run: stay }],
  });
}

async function stay() {
  if (!url) { start(); return; }
  try {
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": body.dataset.csrf } });
    if (answer.ok && !answer.redirected) start(); else window.location.reload();
  } catch {
    toast("网络不通，没有续上。请检查网络后再试。", { kind: "error" });
  }
}

if (minutes && body.dataset.csrf) {
  start();
  document.addEventListener("htmx:afterRequest", start);
}
