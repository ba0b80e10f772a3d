// Verifies the text of a certificate's code (a compact JWS) or an electronic credential (Data Integrity, eddsa-jcs-2022) on this device alone:
// the published keys stand in the page, and nothing is fetched. The same rules as credentials/payload.py and credentials/proofs.py.
const keys = new Map(JSON.parse(document.getElementById("offline-keys").textContent).keys.map((key) => [key.kid, key]));
const form = document.getElementById("offline-form");
const pasted = document.getElementById("offline-text");
const picked = document.getElementById("offline-file");
const result = document.getElementById("offline-result");
const VERSION = "txc1";
const LEVELS = { 1: "一级/高级劳动关系协调师", 2: "二级/劳动关系协调师", 3: "三级/劳动关系协调员", 4: "四级/劳动关系协调员" };
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const utf8 = new TextEncoder();

class Unproven extends Error {}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// One spelling only: unused bits that are not zero, padding and strange letters are refused.
function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Unproven("内容残缺或被改动，不能采信。请重新扫描。");
  let bytes;
  try { bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)); } catch { bytes = new Uint8Array(); }
  if (base64url(bytes) !== text) throw new Unproven("内容残缺或被改动，不能采信。请重新扫描。");
  return bytes;
}

function fromBase58(text) {
  let number = 0n;
  for (const letter of text) {
    const value = BASE58.indexOf(letter);
    if (value < 0) throw new Unproven("签名残缺，不能采信。");
    number = number * 58n + BigInt(value);
  }
  const bytes = [];
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 255n));
  return Uint8Array.from([...new Array(text.length - text.replace(/^1+/, "").length).fill(0), ...bytes]);
}

// RFC 8785 for whole numbers; names sort by UTF-16 code units, which is how JavaScript compares text.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Unproven("文件里有不能核对的内容，不能采信。");
  return JSON.stringify(value);
}

async function holds(kid, signature, message) {
  const held = keys.get(kid);
  if (!held) throw new Unproven("签名用的密钥不在本页带的公钥里：可能是仿冒，也可能本页过旧。请联网刷新本页后再试。");
  const key = await crypto.subtle.importKey("jwk", { kty: held.kty, crv: held.crv, x: held.x }, { name: "Ed25519" }, false, ["verify"]);
  if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message))) {
    throw new Unproven("签名不符：内容被改动过，或不是本机关签的，不能采信。");
  }
}

async function verifyCode(text) {
  const bare = text.replace(/\s+/g, "").replace(/^https?:\/\/[^#?]*\/c\//, "");
  const parts = bare.split(".");
  if (parts.length !== 3 || bare.length > 2002) throw new Unproven("这不是本系统的证书二维码内容。请重新扫描，把扫到的内容完整粘贴。");
  const [head, facts, signature] = parts.map(fromBase64url);
  let said;
  try { said = JSON.parse(new TextDecoder().decode(head)); } catch { throw new Unproven("内容残缺或被改动，不能采信。请重新扫描。"); }
  if (said?.alg !== "EdDSA" || said?.typ !== VERSION) throw new Unproven("不认识这种签名格式或版本。请联网刷新本页，或扫码查验。");
  await holds(said.kid, signature, utf8.encode(`${parts[0]}.${parts[1]}`));
  const [number, name, level, issued, body, made] = JSON.parse(new TextDecoder().decode(facts));
  return [["证书编号", number], ["持证人", name], ["等级", LEVELS[level]], ["发证日期", issued], ["评价机构", body || "未登记"], ["出具日期", made], ["密钥", said.kid]];
}

async function verifyCredential(text) {
  let held;
  try { held = JSON.parse(text); } catch { throw new Unproven("文件内容残缺，读不出来。请用原来的文件再试。"); }
  const { proof, ...unsigned } = held;
  if (proof?.type !== "DataIntegrityProof" || proof.cryptosuite !== "eddsa-jcs-2022") throw new Unproven("文件没有本机关的签名，不是本机关出具的电子凭证。");
  const { proofValue, ...options } = proof;
  const [issuer, kid] = String(proof.verificationMethod).split("#");
  if (issuer !== (held.issuer?.id ?? held.issuer)) throw new Unproven("签名的密钥不是文件所称签发者的，不能采信。");
  if (proof.proofPurpose !== "assertionMethod" || (options["@context"] !== undefined && canonical(options["@context"]) !== canonical(held["@context"]))) {
    throw new Unproven("签名的用途或上下文与文件不符，不能采信。");
  }
  const digests = await Promise.all([options, unsigned].map((part) => crypto.subtle.digest("SHA-256", utf8.encode(canonical(part)))));
  await holds(kid, fromBase58(String(proofValue).replace(/^z/, "")), await new Blob(digests).arrayBuffer());
  const subject = held.credentialSubject ?? {};
  return [["凭证", held.name], ["证书编号", subject.licenseNumber], ["职业等级", subject.achievement?.description], ["评价机构", subject.source?.name ?? "未登记"], ["发证日期", new Date(held.validFrom).toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai" })], ["签发者", held.issuer?.name ?? issuer], ["密钥", kid]];
}

function show(tone, verdict, facts, note) {
  result.hidden = false;
  result.className = `card verified verified-${tone}`;
  document.getElementById("offline-verdict").textContent = verdict;
  document.getElementById("offline-note").textContent = note;
  const list = document.getElementById("offline-facts");
  list.replaceChildren(...facts.flatMap(([name, value]) => {
    const [term, held] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    held.textContent = value ?? "–";
    return [term, held];
  }));
}

async function verify(event) {
  event.preventDefault();
  const text = (picked.files[0] ? await picked.files[0].text() : pasted.value).trim();
  try {
    const facts = await (text.startsWith("{") ? verifyCredential(text) : verifyCode(text));
    show("green", "签名有效，内容没有被改动", facts, "请与手中的纸逐项核对。现在是否仍然有效，要联网查验才知道。");
  } catch (error) {
    const why = error instanceof Unproven ? error.message : "内容残缺或不认识，不能采信。请重新扫描，把扫到的内容完整粘贴。";
    show("red", "不能采信", [], why);
  }
}

async function able() {
  if (!window.isSecureContext || !crypto.subtle) return false;
  try { await crypto.subtle.importKey("raw", new Uint8Array(32).fill(9), { name: "Ed25519" }, false, ["verify"]); } catch { return false; }
  return true;
}

if (await able()) {
  form.hidden = false;
  form.addEventListener("submit", verify);
} else {
  const unable = document.getElementById("offline-unable");
  unable.hidden = false;
  unable.textContent = window.isSecureContext
    ? "这个浏览器不能核对 Ed25519 签名。请换用 Chrome、Edge 137 以上，Firefox 129 以上或 Safari 17 以上，或用手机扫码联网查验。"
    : "本页不是用 https 打开的，浏览器不允许核对签名。请用 https 网址打开，或用手机扫码联网查验。";
}
