// Warns before the session ends, keeps it alive when asked, and says so when it has ended. Background requests do not count as work.
import { settle, unsent } from "./forms.js";
import { toast } from "./toasts.js";

const body = document.body;
const whole = Number(body.dataset.sessionSeconds || 0);
const url = body.dataset.aliveUrl;
// Five minutes ahead; where the whole session is short, at half of it.
const LEAD = Math.min(300, whole / 2);
let timer = 0;
let box = null;

const words = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} 秒` : `${Math.round(seconds / 60)} 分钟`);
const later = (seconds, run) => { clearTimeout(timer); timer = setTimeout(run, Math.max(0.2, seconds) * 1000); };
const say = (text, options) => { box?.remove(); box = toast(text, { seconds: 0, ...options }); };

// How many seconds the session still has; 0 when it has ended, null when the line is down.
async function ask(background) {
  const headers = { "X-CSRFToken": body.dataset.csrf, "X-Requested-With": "fetch" };
  if (background) headers["X-Background"] = "1";
  try {
    const answer = await fetch(url, { method: "POST", headers });
    return answer.ok && !answer.redirected ? (await answer.json()).seconds : 0;
  } catch { return null; }
}

function start(seconds) {
  box?.remove();
  later(seconds - LEAD, look);
}

// Another tab may have been at work, and sleep stops clocks: the server knows.
async function look() {
  const left = await ask(true);
  if (left === null) later(30, look);
  else if (left <= 0) over();
  else if (left > LEAD + 1) start(left);
  else {
    say(`您有一阵没有操作，或者登录已久，约 ${words(left)}后自动退出。填写的内容会存为草稿。`, { actions: [{ label: "继续使用", run: stay }] });
    later(left + 1, look);
  }
}

async function stay() {
  const left = await ask(false);
  if (left === null) toast("网络不通，没有续上。请检查网络后再试。", { kind: "error" });
  else if (left <= 0) over();
  else if (left > LEAD + 1) start(left);
  else {
    say(`登录已到最长时限，约 ${words(left)}后自动退出，请先保存。`, { kind: "error", actions: [{ label: "知道了" }] });
    later(left + 1, look);
  }
}

// Names do not stay on the screen of somebody who went away; a form that is not sent yet does, so that nothing typed is lost unseen.
function over() {
  clearTimeout(timer);
  const again = () => { settle(); window.location.reload(); };
  if (!unsent()) { again(); return; }
  say("登录已结束。填写的内容已存为草稿，重新登录后按“接着填”；证件号码、电话和密码不存草稿，需要重填。", {
    kind: "error", actions: [{ label: "重新登录", run: again }],
  });
}

if (whole && url && body.dataset.csrf) {
  start(whole);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.requestConfig?.headers["X-Background"] && event.detail.successful) start(whole);
  });
}
