// Keeps the few pages that must open where there is no line. The network comes first; a copy, which says that it is one, only when there is no
// line. SET stands before this text (core/offline.py): version, hours, pages, files, doors. Copies of personal pages stand under their user's id.
const PREFIX = "tx-offline:";
const FILES = `${PREFIX}${SET.version}:files`;
const EVERYBODY = "all";
const GOOD_FOR = SET.hours * 3600 * 1000;
// A line that is hardly there: after this long the copy is shown, and a late answer still replaces it.
const PATIENCE = 10_000;
const PAGES = SET.pages.map((pattern) => new RegExp(pattern));
const NO_MORE = new Set([401, 403, 404, 410]);
const HASHED = /\.[0-9a-f]{12}\.[a-z0-9]+$/;
const MARK = "data-offline-copy hidden>";
// How often everything personal was thrown away: an answer that was asked for before is not kept any more.
let forgotten = 0;

const shelf = (owner) => `${PREFIX}${SET.version}:of:${owner}`;
const holdsPages = (name) => name.startsWith(PREFIX) && name.includes(":of:");
const personal = (name) => holdsPages(name) && !name.endsWith(`:of:${EVERYBODY}`);

async function drop(test) {
  for (const name of await caches.keys()) if (test(name)) await caches.delete(name);
}

function forget() {
  forgotten += 1;
  return drop(personal);
}

function fresh(copy) {
  const age = Date.now() - Number(copy.headers.get("X-Saved-At"));
  return age >= 0 && age < GOOD_FOR;
}

// Throws away what is over the hours, and the pages that `test` names.
async function clear(test = () => false) {
  for (const name of (await caches.keys()).filter(holdsPages)) {
    const held = await caches.open(name);
    for (const request of await held.keys()) {
      const copy = await held.match(request, { ignoreVary: true });
      if (!copy || !fresh(copy) || test(new URL(request.url).pathname)) await held.delete(request, { ignoreVary: true });
    }
  }
}

async function copyOf(path) {
  await clear();
  for (const name of (await caches.keys()).filter(holdsPages)) {
    const copy = await caches.match(path, { cacheName: name, ignoreVary: true });
    if (copy) return copy;
  }
  return null;
}

// What the server said of a page: kept, or no longer. A server in trouble says nothing about it. `made` names the page that asked to be kept.
async function heard(path, answer, began, made = "") {
  const owner = answer.headers.get("X-Offline-Copy");
  if (answer.type === "opaqueredirect" || answer.redirected || NO_MORE.has(answer.status) || (answer.ok && !owner)) {
    await clear((one) => one === path);
  } else if (answer.ok && answer.type === "basic" && (answer.headers.get("Content-Type") || "").startsWith("text/html")) {
    const headers = new Headers(answer.headers);
    for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
    headers.set("X-Saved-At", String(Date.now()));
    headers.set("X-Asked-By", made);
    const text = await answer.text();
    if (began !== forgotten) return;
    if (owner !== EVERYBODY) await drop((name) => personal(name) && name !== shelf(owner));
    const held = await caches.open(shelf(owner));
    await held.put(path, new Response(text, { headers }));
    if (began !== forgotten && owner !== EVERYBODY) await caches.delete(shelf(owner));
  }
}

async function shown(copy) {
  const at = new Date(Number(copy.headers.get("X-Saved-At")));
  const when = at.toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const words = `离线副本，保存于 ${when}。现在没有网络，之后的变化这里看不到；联网后请刷新本页。`;
  const text = (await copy.text()).replace(MARK, `data-offline-copy="${at.getTime()}"><span>${words}</span>`);
  return new Response(text, { headers: copy.headers });
}

async function page(asked, path) {
  const slow = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  const answer = await Promise.race([asked.catch(() => null), slow]);
  if (answer) return answer;
  const copy = await copyOf(path);
  return copy ? shown(copy) : asked;
}

// A name with a hash in it never changes its content.
async function file(request) {
  const held = await caches.match(request.url, { cacheName: FILES, ignoreVary: true });
  if (held && HASHED.test(new URL(request.url).pathname)) return held;
  try {
    return await fetch(request);
  } catch (error) {
    if (held) return held;
    throw error;
  }
}

async function keepFiles(files) {
  const held = await caches.open(FILES);
  for (const address of files) {
    const url = new URL(address, self.location.origin);
    if (url.origin !== self.location.origin || !url.pathname.startsWith(SET.files) || (await held.match(url.href, { ignoreVary: true }))) continue;
    const answer = await fetch(url.href);
    if (answer.ok) await held.put(url.href, answer);
  }
}

// An open page asks to be kept. `made` is what it was made as; when the copy is another, or the page asks without a name, it is fetched anew.
async function keep(path, { made = "", files = [] }) {
  if (!PAGES.some((pattern) => pattern.test(path))) return;
  const copy = await copyOf(path);
  if (!copy || !made || ![copy.headers.get("X-Request-Id"), copy.headers.get("X-Asked-By")].includes(made)) {
    const began = forgotten;
    await heard(path, await fetch(path, { redirect: "manual", headers: { "X-Background": "1" } }), began, made);
  }
  await keepFiles(files);
}

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(PREFIX) && !name.startsWith(`${PREFIX}${SET.version}:`);
  event.waitUntil(drop(old).then(clear).then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.source?.url) event.waitUntil(keep(new URL(event.source.url).pathname, event.data || {}).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && SET.doors.includes(url.pathname)) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && !url.search && PAGES.some((pattern) => pattern.test(url.pathname))) {
    const began = forgotten;
    const asked = fetch(request);
    event.waitUntil(asked.then((answer) => heard(url.pathname, answer.clone(), began)).catch(() => {}));
    event.respondWith(page(asked, url.pathname));
  } else if (url.pathname.startsWith(SET.files)) {
    event.respondWith(file(request));
  }
});
