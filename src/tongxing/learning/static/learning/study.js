// Reports how a lesson goes on, and does what the server answers. What is earned is measured there; nothing here can earn anything by itself.
const box = document.getElementById("study");
const line = document.getElementById("study-line");
const words = document.getElementById("study-words");
const bar = document.getElementById("study-bar");
const go = document.getElementById("study-go");
const film = document.getElementById("film");
const question = document.getElementById("study-question");
const TAB = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const LENGTH = Number(box.dataset.length);
const IDLE = Number(box.dataset.idle) * 60;
let furthest = Number(box.dataset.start);
let earned = 0;
let touchedAt = performance.now();
let touched = true;
let failures = 0;
let finished = false;
let asked = null;
let sending = false;

// --- two kinds of player with one manner: a film, and a clock that runs while a text is read
const reader = {
  place: furthest, playing: false, ticked: 0,
  get position() { return this.place; },
  go(second) { this.place = second; },
  play() { this.playing = true; this.ticked = performance.now(); },
  pause() { this.playing = false; },
};
const player = film ? {
  get position() { return film.currentTime; },
  get playing() { return !film.paused; },
  go(second) { film.currentTime = second; },
  play() { film.play().catch(() => {}); },
  pause() { film.pause(); },
} : reader;

const clock = (seconds) => `${Math.floor(seconds / 60)} 分 ${Math.floor(seconds % 60)} 秒`;
const idle = () => (performance.now() - touchedAt) / 1000 > IDLE;

function show(text = "", stopped = false) {
  box.classList.toggle("is-stopped", stopped);
  box.classList.toggle("is-done", finished);
  bar.value = finished ? LENGTH : furthest;
  if (!finished) line.textContent = `学到 ${clock(furthest)}，共 ${clock(LENGTH)}；有效学习 ${clock(earned)}。`;
  else line.textContent = "学完了，已计入学时。可以再看，不再计时。";
  const short = !finished && furthest >= LENGTH - 3 && earned < LENGTH * Number(box.dataset.share) / 100;
  words.textContent = text || (short ? "有效学习还不够，请回看任意一段补足。" : "");
  if (go) go.hidden = finished || player.playing || Boolean(asked);
}

function stop(text) {
  player.pause();
  show(text, true);
}

async function beat(more = {}) {
  if (finished || sending) return;
  sending = true;
  const said = { tab: TAB, position: Math.round(player.position * 1000), visible: !document.hidden, touched, ...more };
  // A page that nobody touches does not keep its session open.
  const quiet = touched ? {} : { "X-Background": "1" };
  touched = false;
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch", ...quiet };
    const answer = await fetch(box.dataset.beat, { method: "POST", headers, body: JSON.stringify(said), keepalive: Boolean(more.leaving) });
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (answer.redirected || !isJson) { stop("登录已过期。进度到这里为止已经保存，请重新登录后从“我的学习”打开。"); return; }
    const heard = await answer.json();
    if (!answer.ok) { stop(heard.detail || "没有计时，请刷新页面。"); return; }
    failures = 0;
    take(heard);
  } catch {
    failures += 1;
    touched = true;
    // The server makes good only a short gap: going on without it would be for nothing.
    if (failures > 1) stop("网络不通，进度没有送到，已暂停。连上以后按播放接着学。");
  } finally { sending = false; }
}

function take(heard) {
  furthest = heard.why || heard.go_to !== null ? heard.furthest : Math.max(furthest, heard.furthest);
  earned = heard.earned;
  finished = heard.done;
  if (heard.go_to !== null) player.go(heard.go_to);
  if (heard.checkpoint && !asked) ask(heard.checkpoint);
  if (heard.why && heard.why !== "jump" && heard.why !== "day") stop(heard.words);
  else show(asked ? "请先答随堂题。" : heard.words, Boolean(heard.words));
}

// --- a question on the way
function ask(checkpoint) {
  asked = checkpoint;
  player.pause();
  document.exitFullscreen?.().catch(() => {});
  document.getElementById("study-stem").textContent = checkpoint.stem;
  const list = document.getElementById("study-options");
  list.replaceChildren(...checkpoint.options.map(([letter, text]) => {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: checkpoint.many ? "checkbox" : "radio", name: "answer", value: letter });
    const span = Object.assign(document.createElement("span"), { textContent: `${letter}　${text}` });
    label.className = "learn-option";
    label.append(input, span);
    return label;
  }));
  document.getElementById("study-answer").textContent = checkpoint.many ? "多选，全部选对才算。" : "";
  question.hidden = false;
  question.scrollIntoView({ block: "center" });
  list.querySelector("input")?.focus();
}

question.addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = document.getElementById("study-answer");
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" };
    const answer = await fetch(asked.url, { method: "POST", headers, body: new FormData(question) });
    const said = await answer.json();
    note.textContent = said.words || said.detail;
    if (!said.right) return;
    question.hidden = true;
    asked = null;
    finished = said.done;
    show(said.words);
    if (!finished) player.play();
  } catch { note.textContent = "网络不通，答案没有送到，请再按一次。"; }
});

// --- who is there, and where the player may go
for (const name of ["pointerdown", "pointermove", "keydown", "touchstart", "wheel", "scroll"]) {
  document.addEventListener(name, () => { touched = true; touchedAt = performance.now(); }, { passive: true });
}
document.addEventListener("visibilitychange", async () => {
  // The time until now was spent here; the time away counts for nothing.
  if (document.hidden) { await beat({ visible: true }); stop("页面不在前台，暂停计时。按播放或“开始计时”接着学。"); }
  else await beat({ visible: false });
});
window.addEventListener("pagehide", () => { sending = false; beat({ leaving: true }); });
go?.addEventListener("click", () => { player.play(); beat(); show(); });
if (film) {
  film.addEventListener("loadedmetadata", () => player.go(furthest), { once: true });
  film.addEventListener("seeking", () => { if (!finished && film.currentTime > furthest + 1.5) film.currentTime = furthest; });
  film.addEventListener("timeupdate", () => { if (!film.seeking && film.currentTime <= furthest + 1.5) furthest = Math.max(furthest, Math.min(film.currentTime, LENGTH)); });
  film.addEventListener("ratechange", () => { if (!finished && film.playbackRate > 1) film.playbackRate = 1; });
  film.addEventListener("play", () => { if (asked) film.pause(); else { touched = true; touchedAt = performance.now(); beat(); show(); } });
  film.addEventListener("pause", () => { if (!document.hidden) beat(); });
  film.addEventListener("ended", () => beat());
}
setInterval(() => {
  if (!reader.playing) return;
  const now = performance.now();
  if (!document.hidden && !idle() && !asked && failures < 2) {
    // Read to the end, it begins anew: what is missing is made up by reading on.
    reader.place = reader.place >= LENGTH ? (earned < LENGTH ? 0 : LENGTH) : Math.min(LENGTH, reader.place + (now - reader.ticked) / 1000);
    furthest = Math.max(furthest, reader.place);
  }
  reader.ticked = now;
  if (reader.place >= LENGTH) beat();
}, 1000);
setInterval(() => { if (player.playing && idle()) stop("有一阵没有操作，暂停计时。按播放或“开始计时”接着学。"); if (!document.hidden) beat(); }, Number(box.dataset.every) * 1000);
beat();
