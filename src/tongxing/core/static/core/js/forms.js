// Forms: focus on the first error, no double submit, a warning before typed text is lost.
let dirty = null;

export function settle() { dirty = null; }
export function unsent() { return dirty !== null && document.contains(dirty); }

const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-guard]");
  if (form) dirty = form;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" && !form.dataset.busy) return;
  if (event.defaultPrevented) return;
  if (form.dataset.busy) { event.preventDefault(); return; }
  dirty = null;
  if (form.hasAttribute("data-download") || event.submitter?.hasAttribute("data-download")) return;
  if (form.hasAttribute("hx-post")) return;
  form.dataset.busy = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  // A slow answer must not lock the form for ever.
  setTimeout(() => release(form), 15000);
});

function release(form) {
  delete form.dataset.busy;
  form.querySelectorAll('[aria-busy="true"]').forEach((one) => one.removeAttribute("aria-busy"));
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(release));

window.addEventListener("beforeunload", (event) => {
  if (dirty && document.contains(dirty)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-leave]")) dirty = null;
  const link = event.target.closest?.(".tx-error-summary a[href^='#']");
  if (!link) return;
  const field = document.getElementById(link.getAttribute("href").slice(1));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
  (control || field).focus();
  (control || field).scrollIntoView({ block: "center" });
});
