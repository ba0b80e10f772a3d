// The offline verifier (portal/static/portal/offline.js) on a page of stubs, in Node: texts come in as JSON, verdicts go out as JSON.
import fs from "node:fs";

const { script, keys, texts } = JSON.parse(fs.readFileSync(0, "utf-8"));
const elements = {};
const element = (id) => (elements[id] ??= {
  hidden: true, files: [], value: "", textContent: "", className: "",
  addEventListener(name, act) { this[name] = act; },
  replaceChildren(...children) { this.children = children; },
});
element("offline-keys").textContent = JSON.stringify(keys);
globalThis.document = { getElementById: element, createElement: () => ({ textContent: "" }) };
globalThis.window = { isSecureContext: true };
await import(script);
const verdicts = [];
for (const text of texts) {
  element("offline-text").value = text;
  await element("offline-form").submit({ preventDefault() {} });
  verdicts.push([element("offline-result").className.endsWith("-green"), (element("offline-facts").children ?? []).map((child) => child.textContent)]);
}
process.stdout.write(JSON.stringify({ able: !element("offline-form").hidden, verdicts }));
