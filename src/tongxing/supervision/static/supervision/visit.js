// The checklist where there is no line: what is pressed, written and photographed is kept on this device first, then sent; the page says what is not.
const form = document.getElementById("visit-form");
const line = document.getElementById("visit-state");
const OWNER = `${document.body.dataset.user}:${form?.dataset.visit}`;
const FILLS = `tx-visit:${OWNER}`;
const RETRY_SECONDS = 15;
let busy = false;
let photosWaiting = 0;
// While this page is being left, the next one may already be drawn without what arrives now: it stays on the device, and the next page sends it again.
let leaving = 0;

const fills = () => { try { return JSON.parse(localStorage.getItem(FILLS) || "{}"); } catch { return {}; } };
const keep = (held) => (Object.keys(held).length ? localStorage.setItem(FILLS, JSON.stringify(held)) : localStorage.removeItem(FILLS));
const box = (item) => form.querySelector(`[data-item="${CSS.escape(item)}"]`);
const note = (item, text) => { const held = box(item)?.querySelector(".supervision-note"); if (held) held.textContent = text; };

function say(text, unsent) {
  line.hidden = false;
  line.textContent = text;
  line.classList.toggle("is-unsent", unsent);
}

const told = () => document.dispatchEvent(new CustomEvent("tx:unsent", { detail: Object.keys(fills()).length || photosWaiting ? "检查记录" : "" }));

function show() {
  const held = fills();
  form.querySelectorAll("[data-item]").forEach((one) => one.classList.toggle("is-unsent", one.dataset.item in held));
  const parts = [];
  if (Object.keys(held).length) parts.push(`${Object.keys(held).length} 项`);
  if (photosWaiting) parts.push(`${photosWaiting} 张照片`);
  told();
  const how = navigator.serviceWorker?.controller ? "没有信号时可以刷新或重新打开本页，有信号后自动发送。" : "请不要关闭本页，有信号后自动发送。";
  if (parts.length) say(`有 ${parts.join("、")}只存在这台设备上，还没有送到系统。${how}`, true);
  else say("已全部保存到系统。", false);
}

function put(item, verdict, text) {
  const held = box(item);
  held?.querySelectorAll("input[type=radio]").forEach((one) => { one.checked = one.value === verdict; });
  const written = held?.querySelector("input[type=text], input.form-control");
  if (written && document.activeElement !== written) written.value = text;
}

// Photos are too large for localStorage: the browser's own database holds them until they are sent.
function store(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("tx-visit-photos", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("photos", { keyPath: "client" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const deal = opening.result.transaction("photos", mode);
      const asked = work(deal.objectStore("photos"));
      deal.oncomplete = () => { opening.result.close(); resolve(asked?.result); };
      deal.onerror = () => { opening.result.close(); reject(deal.error); };
    };
  });
}
const waiting = async () => ((await store("readonly", (photos) => photos.getAll())) || []).filter((one) => one.owner === OWNER);

// A random UUID (RFC 9562); crypto.randomUUID is absent where the bureau's network has no TLS.
function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

async function post(url, body, type) {
  const headers = { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch", ...(type ? { "Content-Type": type } : {}) };
  const answer = await fetch(url, { method: "POST", headers, body });
  if (answer.redirected || !(answer.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("signed out or refused");
  return answer.json();
}

async function sendFills() {
  const held = fills();
  const list = Object.entries(held).map(([item, one]) => ({ item, ...one }));
  if (!list.length) return;
  for (const result of (await post(form.dataset.sync, JSON.stringify({ fills: list }), "application/json")).results) {
    const now = fills();
    // What was pressed while this was on its way stays.
    if (performance.now() >= leaving && now[result.item]?.at === held[result.item]?.at) delete now[result.item];
    keep(now);
    box(result.item)?.classList.toggle("is-refused", !result.saved);
    if (!(result.item in now)) put(result.item, result.verdict, result.note);
    note(result.item, result.saved ? "已保存" : result.message);
  }
}

async function sendPhotos() {
  for (const photo of await waiting()) {
    const body = new FormData();
    body.append("photo", photo.blob, photo.name);
    body.append("client", photo.client);
    body.append("item", photo.item);
    const result = await post(form.dataset.photos, body);
    await store("readwrite", (photos) => photos.delete(photo.client));
    note(photo.item, result.saved ? "照片已保存，位置信息已去掉" : `照片没有保存：${result.message}`);
  }
  photosWaiting = (await waiting()).length;
}

async function send() {
  if (busy) return;
  busy = true;
  try {
    const anything = Object.keys(fills()).length + photosWaiting;
    if (Object.keys(fills()).length) await sendFills();
    await sendPhotos();
    show();
    if (anything) document.dispatchEvent(new CustomEvent("tx:saved"));
  } catch {
    photosWaiting = await waiting().then((list) => list.length, () => 0);
    show();
    if (navigator.onLine) line.textContent += " 如果一直发不出去，请另开一页重新登录。";
  } finally {
    busy = false;
  }
}

// Written down on this device at once, letter by letter: a telephone may throw the page away at any moment.
function hold(item) {
  const held = fills();
  const chosen = box(item).querySelector("input[type=radio]:checked");
  const written = box(item).querySelector("input.form-control");
  held[item] = { verdict: chosen?.value || "", note: written.value, at: new Date().toISOString() };
  try { keep(held); } catch { say("这台设备存不下了，请按“保存检查表”直接保存。", true); return false; }
  note(item, "");
  told();
  return true;
}

function pressed(item) {
  if (!hold(item)) return;
  if (!navigator.onLine) show();
  send();
}

function resume(photos) {
  photosWaiting = photos.length;
  for (const photo of photos) note(photo.item, "照片已存在本机，等待发送");
  if (photosWaiting || Object.keys(fills()).length) show();
  else told();
  send();
}

async function photographed(input) {
  const file = input.files[0];
  if (!file) return;
  const item = input.dataset.photo;
  try {
    await store("readwrite", (photos) => photos.put({ client: fresh(), owner: OWNER, item, name: file.name, blob: file }));
    photosWaiting += 1;
    note(item, "照片已存在本机，正在发送");
  } catch {
    note(item, "这台设备存不下照片，请先发送已拍的，或清理空间。");
  }
  input.value = "";
  show();
  send();
}

if (form && line) {
  for (const [item, one] of Object.entries(fills())) put(item, one.verdict, one.note);
  form.addEventListener("change", (event) => {
    if (event.target.dataset.photo) photographed(event.target);
    else if (event.target.closest("[data-item]")) pressed(event.target.closest("[data-item]").dataset.item);
  });
  form.addEventListener("input", (event) => { if (event.target.matches("input.form-control")) hold(event.target.closest("[data-item]").dataset.item); });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", () => { leaving = performance.now() + RETRY_SECONDS * 1000; });
  setInterval(send, RETRY_SECONDS * 1000);
  waiting().then(resume, send);
}
