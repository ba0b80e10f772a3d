// The tap list without a line: every tap is kept on this device first, then sent; what is not sent yet, and what was refused, is said.
const form = document.getElementById("taps");
const line = document.getElementById("tap-state");
const KEY = `tx-taps:${document.body.dataset.user}:${form?.dataset.session}`;
const RETRY_SECONDS = 15;
const HELD = "没有网络时可以刷新或重新打开本页，联网后自动发送。";
const HELD_WHILE_OPEN = "请保持本页打开，联网后自动发送。";
let sending = false;
// While this page is being left, the next one may already be drawn without what arrives now: it stays on the device, and the next page sends it again.
let leaving = 0;
// What was refused of somebody whom this page does not list: the list of another day, where only what was left is sent.
const refused = [];

const kept = () => { try { return JSON.parse(localStorage.getItem(KEY) || "{}"); } catch { return {}; } };
const keep = (taps) => (Object.keys(taps).length ? localStorage.setItem(KEY, JSON.stringify(taps)) : localStorage.removeItem(KEY));
const row = (enrolment) => form.querySelector(`li[data-enrolment="${CSS.escape(enrolment)}"]`);
const note = (enrolment, text) => { const held = row(enrolment)?.querySelector(".tx-tap-note"); if (held) held.textContent = text; };
const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });

function say(text, unsent) {
  line.hidden = false;
  line.textContent = text;
  line.classList.toggle("is-unsent", unsent);
}

function show() {
  const taps = kept();
  form.querySelectorAll("li[data-enrolment]").forEach((item) => item.classList.toggle("is-unsent", item.dataset.enrolment in taps));
  const waiting = Object.keys(taps).length;
  document.dispatchEvent(new CustomEvent("tx:unsent", { detail: waiting ? "点名" : "" }));
  const how = navigator.serviceWorker?.controller ? HELD : HELD_WHILE_OPEN;
  if (waiting) say(`有 ${waiting} 人的点名只存在这台设备上，还没有送到系统。${how}`, true);
  else if (refused.length) say(`${refused.length} 人的点名没有保存：${[...new Set(refused)].join("")}`, true);
  else if (form.dataset.late !== undefined) say("当时没有送出的点名已保存到系统，刷新本页可以看到。", false);
  else say("全部点名已保存到系统。", false);
}

function choose(enrolment, state) {
  const input = row(enrolment)?.querySelector(`input[value="${CSS.escape(state)}"]`);
  if (input) input.checked = true;
}

function settle(result, sent) {
  const taps = kept();
  // A tap that was made while this one was on its way stays.
  if (performance.now() >= leaving && taps[result.enrolment]?.at === sent[result.enrolment]?.at) delete taps[result.enrolment];
  keep(taps);
  const listed = row(result.enrolment);
  listed?.classList.toggle("is-refused", !result.saved);
  if (!listed && !result.saved) refused.push(result.message);
  if (result.state && !taps[result.enrolment]) choose(result.enrolment, result.state);
  note(result.enrolment, result.saved ? `已保存 ${clock(sent[result.enrolment].at)}` : result.message);
}

async function send() {
  const taps = kept();
  if (sending || !Object.keys(taps).length) return;
  sending = true;
  let arrived = false;
  if (navigator.onLine) say("正在保存……", false);
  try {
    const body = JSON.stringify({ taps: Object.entries(taps).map(([enrolment, tap]) => ({ enrolment, ...tap })) });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" };
    const answer = await fetch(form.dataset.sync, { method: "POST", headers, body });
    if (answer.redirected || !(answer.headers.get("Content-Type") || "").startsWith("application/json")) {
      say("没有保存到系统：登录已过期或没有权限。点名还存在这台设备上，请重新登录后打开本页，会自动发送。", true);
      return;
    }
    for (const result of (await answer.json()).results) settle(result, taps);
    arrived = true;
    show();
    document.dispatchEvent(new CustomEvent("tx:saved"));
  } catch {
    show();
  } finally {
    sending = false;
    // Taps that were made while these were on their way.
    if (arrived && performance.now() >= leaving) send();
  }
}

if (form && line) {
  for (const [enrolment, tap] of Object.entries(kept())) choose(enrolment, tap.state);
  if (Object.keys(kept()).length) show();
  else document.dispatchEvent(new CustomEvent("tx:unsent", { detail: "" }));
  form.addEventListener("change", (event) => {
    const item = event.target.closest("li[data-enrolment]");
    if (!item || event.target.type !== "radio") return;
    const taps = kept();
    taps[item.dataset.enrolment] = { state: event.target.value, at: new Date().toISOString() };
    try { keep(taps); } catch { say("这台设备存不下点名，请按“保存点名”直接保存。", true); return; }
    note(item.dataset.enrolment, "");
    if (!navigator.onLine) show();
    else document.dispatchEvent(new CustomEvent("tx:unsent", { detail: "点名" }));
    send();
  });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", () => { leaving = performance.now() + RETRY_SECONDS * 1000; });
  setInterval(send, RETRY_SECONDS * 1000);
  send();
}
