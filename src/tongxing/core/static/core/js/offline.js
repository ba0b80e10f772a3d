// Copies of pages for times without a line (core/offline_worker.js): a page that may be kept asks for it, and copies of others are taken away.
import { toast } from "./toasts.js";

const PREFIX = "tx-offline:";
const SOON = 2_000;
const mark = document.querySelector("[data-offline-copy]");
const me = document.body.dataset.user;
const UNSENT = `tx-unsent:${me}:`;

/** Take away what this device keeps of personal pages, but for those of `user`. */
export async function forget(user = "") {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) {
    const owner = name.startsWith(PREFIX) ? name.split(":of:")[1] : undefined;
    if (owner && owner !== "all" && owner !== user) await caches.delete(name);
  }
}

const files = () => performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.startsWith(window.location.origin));

async function tell(made) {
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ made, files: files() });
}

async function keepThisPage() {
  let waits = 0;
  try { await navigator.serviceWorker.register(mark.dataset.worker, { updateViaCache: "all" }); } catch { return; }
  await tell(mark.dataset.made);
  // A new version of the program has thrown the old copies away.
  navigator.serviceWorker.addEventListener("controllerchange", () => tell(mark.dataset.made));
  // What the system has taken is to stand in the copy too.
  document.addEventListener("tx:saved", () => { clearTimeout(waits); waits = setTimeout(tell, SOON, ""); });
}

// What lies on this device and has not arrived is said on every page, until its own page has sent it.
function note({ detail }) {
  const key = UNSENT + window.location.pathname;
  try { if (detail) localStorage.setItem(key, detail); else localStorage.removeItem(key); } catch { /* the page itself says it */ }
}

function remind() {
  const key = Object.keys(localStorage).find((one) => one.startsWith(UNSENT) && one !== UNSENT + window.location.pathname);
  if (!key) return;
  toast(`这台设备上还有没送到系统的${localStorage.getItem(key)}。打开原来的页面就会发送。`, {
    kind: "error", seconds: 0, actions: [
      { label: "打开发送", run: () => window.location.assign(key.slice(UNSENT.length)) },
      { label: "不再提醒", run: () => localStorage.removeItem(key) },
    ],
  });
}

if (me) {
  document.addEventListener("tx:unsent", note);
  try { remind(); } catch { /* no storage */ }
  forget(me).catch(() => {});
  document.addEventListener("submit", (event) => { if (event.target.matches?.("form[data-sign-out]")) forget().catch(() => {}); }, true);
}
if (mark && "serviceWorker" in navigator) {
  if (document.readyState === "complete") keepThisPage();
  else window.addEventListener("load", keepThisPage);
}
