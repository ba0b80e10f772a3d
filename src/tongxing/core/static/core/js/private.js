// A personal number typed into a search field never stands in an address: the server gives a token for it first (core/private_query.py).
const url = document.body.dataset.sealUrl;
const PERSONAL = /[1-9]\d{5}(19|20)\d{9}[\dXx]|1[3-9]\d{9}|^[A-Za-z]{1,2}\d{7,10}$/;
const tokens = new Map();

const field = (form) => form?.querySelector?.('input[name="q"]');
const plain = (text) => text.normalize("NFKC").replace(/[\s-]/g, "");

/** The text as it may stand in an address. */
export async function sealed(text) {
  if (!url || !PERSONAL.test(plain(text))) return text;
  if (!tokens.has(text)) {
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": document.body.dataset.csrf }, body: new URLSearchParams({ q: text }) });
    if (!answer.ok) throw new Error(String(answer.status));
    tokens.set(text, (await answer.json()).q);
  }
  return tokens.get(text);
}

const waits = (form) => { const typed = field(form)?.value.trim() ?? ""; return url && PERSONAL.test(plain(typed)) && !tokens.has(typed) ? typed : ""; };

// A list's filters are sent by htmx: hold the request until the token is there.
document.addEventListener("htmx:confirm", (event) => {
  const form = event.detail.elt.closest?.("form");
  const typed = event.detail.verb === "get" ? waits(form) : "";
  if (!typed) return;
  event.preventDefault();
  sealed(typed).then(() => event.detail.issueRequest(true), () => {});
});

// Other search forms are sent by the browser.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const typed = form.method === "get" && !form.hasAttribute("hx-get") ? waits(form) : "";
  if (!typed) return;
  event.preventDefault();
  sealed(typed).then(() => form.requestSubmit(), () => {});
}, true);

document.addEventListener("formdata", (event) => {
  const typed = field(event.target)?.value.trim() ?? "";
  if (event.target.method === "get" && tokens.has(typed)) event.formData.set("q", tokens.get(typed));
});

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  const typed = event.detail.verb === "get" ? field(form)?.value.trim() ?? "" : "";
  if (tokens.has(typed)) event.detail.parameters.q = tokens.get(typed);
});
