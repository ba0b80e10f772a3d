// The big screen reads itself anew; when the line is down it keeps the last figures and tries again.
const seconds = Number(document.body.dataset.refreshSeconds || 300);

async function renew() {
  try {
    const answer = await fetch(window.location.href, { method: "HEAD", headers: { "X-Background": "1" } });
    if (answer.ok && !answer.redirected) window.location.reload();
  } catch { /* the next turn tries again */ }
}

setInterval(renew, seconds * 1000);
