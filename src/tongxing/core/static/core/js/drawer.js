// A link with data-drawer opens its page's content beside the list, which stays in view.
const drawer = document.getElementById("drawer");
const content = document.getElementById("drawer-content");
let from = null;

export function close() {
  if (!drawer || drawer.hidden) return;
  drawer.hidden = true;
  content.replaceChildren();
  from?.focus();
}

async function open(link) {
  from = link;
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "drawer-content" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main") || page.body;
    content.replaceChildren(...main.childNodes);
    drawer.hidden = false;
    drawer.focus();
    window.htmx?.process(content);
    document.dispatchEvent(new CustomEvent("tx:content", { detail: content }));
  } catch {
    window.location.assign(link.href);
  }
}

if (drawer) {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-drawer-close]")) { close(); return; }
    const link = event.target.closest("a[data-drawer]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target === content) { drawer.hidden = false; drawer.focus(); } });
}
