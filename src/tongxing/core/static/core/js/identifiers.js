// Resident ID numbers (GB 11643) and credit codes (GB 32100): grouped while typing, judged at once. The server judges again.
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";

export const squeeze = (raw) => raw.normalize("NFKC").replace(/[\s\u200b-\u200f\ufeff'’`]+/g, "").toUpperCase();

function judgeResident(number) {
  if (!/^\d{0,17}[\dX]?$/.test(number)) return "身份证号只有数字，末位可以是 X";
  if (number.length < 18) return `还差 ${18 - number.length} 位`;
  if (number.length > 18) return `多了 ${number.length - 18} 位，请核对`;
  const day = new Date(Date.UTC(+number.slice(6, 10), +number.slice(10, 12) - 1, +number.slice(12, 14)));
  if (day.getUTCMonth() + 1 !== +number.slice(10, 12) || day > new Date()) return "出生日期不存在，请对照证件核对";
  const sum = ID_WEIGHTS.reduce((total, weight, place) => total + weight * +number[place], 0);
  return "10X98765432"[sum % 11] === number[17] ? "" : "校验位不符，通常是抄错了一位";
}

function judgeCredit(code) {
  const strange = [...code].filter((one) => !CREDIT.includes(one));
  if (strange.length) return `信用代码中不会出现“${strange[0]}”，常见是把 0、1 写成了 O、I`;
  if (code.length < 18) return `还差 ${18 - code.length} 位`;
  if (code.length > 18) return `多了 ${code.length - 18} 位，请核对`;
  let weight = 1;
  let sum = 0;
  for (const one of code.slice(0, 17)) { sum += CREDIT.indexOf(one) * weight; weight = (weight * 3) % 31; }
  return CREDIT[(31 - (sum % 31)) % 31] === code[17] ? "" : "校验位不符，通常是抄错了一位";
}

const KINDS = {
  "resident-id": { cuts: [6, 10, 14], judge: judgeResident, good: "号码校验正确" },
  "credit-code": { cuts: [2, 8, 17], judge: judgeCredit, good: "代码校验正确" },
  phone: { cuts: [3, 7], judge: (text) => (/^1\d{10}$/.test(text) || text.length < 11 ? "" : "手机号应为 11 位"), good: "" },
};

function group(text, cuts) {
  let shown = "";
  for (let place = 0; place < text.length; place += 1) shown += (cuts.includes(place) ? " " : "") + text[place];
  return shown;
}

function show(input, { final = false } = {}) {
  const kind = KINDS[input.dataset.kind];
  if (!kind || input.value.includes("*")) return;
  const text = squeeze(input.value);
  if (input.dataset.kind !== "phone" || /^1\d{0,10}$/.test(text)) {
    const before = squeeze(input.value.slice(0, input.selectionStart ?? 0)).length;
    const grouped = group(text, kind.cuts);
    if (grouped !== input.value) {
      input.value = grouped;
      if (document.activeElement === input) {
        const caret = group(text.slice(0, before), kind.cuts).length;
        input.setSelectionRange(caret, caret);
      }
    }
  }
  const line = liveLine(input);
  const fault = text ? kind.judge(text) : "";
  const unfinished = fault.startsWith("还差") && !final;
  line.textContent = !text ? "" : fault || kind.good;
  line.className = `tx-live ${fault ? (unfinished ? "" : "is-bad") : "is-good"}`;
}

function liveLine(input) {
  const id = `${input.id}_live`;
  let line = document.getElementById(id);
  if (!line) {
    line = document.createElement("div");
    line.id = id;
    line.setAttribute("aria-live", "polite");
    input.after(line);
  }
  return line;
}

function prepare(input) {
  if (input.dataset.ready) return;
  input.dataset.ready = "1";
  input.removeAttribute("maxlength");
  input.setAttribute("spellcheck", "false");
  if (input.value) show(input);
}

const prepareAll = (root) => root.querySelectorAll?.("input[data-kind]").forEach(prepare);
prepareAll(document);
document.addEventListener("htmx:load", (event) => prepareAll(event.target));
document.addEventListener("input", (event) => { if (event.target.matches?.("input[data-kind]") && !event.isComposing) { prepare(event.target); show(event.target); } });
document.addEventListener("focusout", (event) => { if (event.target.matches?.("input[data-kind]")) show(event.target, { final: true }); });
// Blanks are for the eye: what is sent has none.
document.addEventListener("submit", (event) => {
  event.target.querySelectorAll?.("input[data-kind]").forEach((input) => { if (input.value && KINDS[input.dataset.kind]) input.value = squeeze(input.value); });
}, true);
