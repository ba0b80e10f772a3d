// Keeps the answers of an examination: on this device first, then on the server; what is not saved yet is said. The time is the server's.
const form = document.getElementById("paper");
const line = document.getElementById("paper-line");
const state = document.getElementById("paper-state");
const left = document.getElementById("paper-left");
const open = document.getElementById("paper-open");
const KEY = `tx-paper:${document.body.dataset.user}:${form.dataset.attempt}`;
const RETRY_SECONDS = 10;
let ends = performance.now() + Number(form.dataset.left) * 1000;
let sending = false;
let timer = 0;
let handing = false;

// Of this device, by position: [letters, stamp, whether the server has it]. What has arrived stays until a page shows it, for a page may be drawn just before.
const kept = () => { try { return JSON.parse(localStorage.getItem(KEY) || "{}"); } catch { return {}; } };
const keep = (answers) => { try { Object.keys(answers).length ? localStorage.setItem(KEY, JSON.stringify(answers)) : localStorage.removeItem(KEY); } catch { unkept = answers; } };
let unkept = {};
const held = () => ({ ...kept(), ...unkept });
const waiting = () => Object.fromEntries(Object.entries(held()).filter(([, answer]) => !answer[2]));
const paired = (answers) => Object.fromEntries(Object.entries(answers).map(([place, [chosen, stamp]]) => [place, [chosen, stamp]]));
const inputs = (place) => form.querySelectorAll(`input[name="answer-${CSS.escape(place)}"]`);
const letters = (place) => [...inputs(place)].filter((input) => input.checked).map((input) => input.value).join("");

function say(text, stopped) {
  line.textContent = text;
  state.classList.toggle("is-stopped", stopped);
}

function show() {
  const unsent = waiting();
  form.querySelectorAll("[data-position]").forEach((item) => item.classList.toggle("is-unsent", item.dataset.position in unsent));
  const number = Object.keys(unsent).length;
  if (number) say(`有 ${number} 题的答案还没有送到系统，先存在这台设备上，连上以后自动补送。`, true);
  else say("答案已全部保存。", false);
  const blank = [...form.querySelectorAll("[data-position]")].filter((item) => !letters(item.dataset.position)).length;
  open.textContent = blank ? `还有 ${blank} 题没有答。` : "全部答完。";
}

async function send() {
  const answers = waiting();
  if (sending || !Object.keys(answers).length) return;
  sending = true;
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" };
    const reply = await fetch(form.dataset.save, { method: "POST", headers, body: JSON.stringify({ answers: paired(answers) }) });
    if (reply.redirected || !(reply.headers.get("Content-Type") || "").startsWith("application/json")) {
      say("没有保存：登录已过期。答案还在这台设备上，请重新登录后打开本页，会自动补送。", true);
      return;
    }
    const said = await reply.json();
    if (!reply.ok) { say(said.detail || "没有保存，请刷新页面。", true); return; }
    const now = held();
    // What was changed while this was on its way is still to be sent.
    for (const place of Object.keys(answers)) if (now[place]?.[1] === answers[place][1]) now[place][2] = true;
    unkept = {};
    keep(now);
    ends = performance.now() + said.left * 1000;
    show();
  } catch { show(); } finally { sending = false; }
}

function tick() {
  const seconds = Math.max(0, Math.round((ends - performance.now()) / 1000));
  left.textContent = `还有 ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  state.classList.toggle("is-late", seconds < 300);
  if (seconds === 0 && !handing) { handing = true; form.requestSubmit(); }
}

form.addEventListener("change", (event) => {
  const item = event.target.closest("[data-position]");
  if (!item) return;
  const place = item.dataset.position;
  const before = Math.max(held()[place]?.[1] || 0, Number(item.dataset.stamp));
  keep({ ...held(), [place]: [letters(place), Math.max(Date.now(), before + 1), false] });
  show();
  clearTimeout(timer);
  timer = setTimeout(send, 600);
});
form.addEventListener("submit", (event) => {
  const blank = form.querySelectorAll("[data-position]").length - new Set([...form.querySelectorAll("input:checked")].map((input) => input.name)).size;
  if (!handing && blank && !window.confirm(`还有 ${blank} 题没有答，现在交卷吗？`)) { event.preventDefault(); return; }
  handing = true;
  document.getElementById("paper-submit").setAttribute("aria-busy", "true");
});
// Newer on this device than on this page: put back, and sent where it had not arrived. The rest is done with.
const newer = Object.entries(kept()).filter(([place, [, stamp]]) => stamp > Number(form.querySelector(`[data-position="${CSS.escape(place)}"]`)?.dataset.stamp ?? stamp));
keep(Object.fromEntries(newer));
for (const [place, [chosen]] of newer) inputs(place).forEach((input) => { input.checked = chosen.includes(input.value); });
window.addEventListener("online", send);
window.addEventListener("pageshow", () => { handing = false; });
setInterval(send, RETRY_SECONDS * 1000);
setInterval(tick, 1000);
tick();
show();
send();
