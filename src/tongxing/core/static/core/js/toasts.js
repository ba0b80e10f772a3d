// Short notices in a live region; they stay until closed when they need an answer.
export function toast(text, { kind = "info", actions = [], seconds = 6 } = {}) {
  const place = document.getElementById("toasts");
  if (!place) return null;
  const box = document.createElement("div");
  box.className = `tx-toast is-${kind}`;
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  for (const { label, run } of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = label;
    button.addEventListener("click", () => { box.remove(); if (run) run(); });
    box.append(button);
  }
  place.append(box);
  if (seconds) setTimeout(() => box.remove(), seconds * 1000);
  return box;
}
