// The drop field: shows what was chosen, takes files that are dropped on it. Works without: the file control stays visible.
const field = document.querySelector("[data-drop]");
const input = field?.querySelector('input[type="file"]');
const text = field?.querySelector("[data-drop-text]");

function show() {
  const file = input.files[0];
  field.classList.toggle("is-full", Boolean(file));
  if (file) text.textContent = `${file.name}（${Math.max(1, Math.round(file.size / 1024)).toLocaleString()} KB）`;
}

if (field && input && text) {
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    field.addEventListener(kind, (event) => { event.preventDefault(); field.classList.add("is-over"); });
  }
  for (const kind of ["dragleave", "drop"]) field.addEventListener(kind, () => field.classList.remove("is-over"));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; show(); }
  });
}
