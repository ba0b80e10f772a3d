// Preloaded into every peer's server: it may speak to this machine only, whatever it wants to ask or tell its makers.
"use strict";

const net = require("node:net");

const HERE = new Set(["127.0.0.1", "::1", "localhost"]);
const connect = net.Socket.prototype.connect;

// As Node reads them: options, or (path), or (port, host), each also as the list that its own callers pass on.
function place([first, second]) {
  if (Array.isArray(first)) return place(first);
  if (first !== null && typeof first === "object") return first.path ? null : (first.host ?? "localhost");
  if (typeof first === "string" && Number.isNaN(Number(first))) return null;
  return typeof second === "string" ? second : "localhost";
}

net.Socket.prototype.connect = function (...wanted) {
  const host = place(wanted);
  if (host === null || HERE.has(host)) return connect.apply(this, wanted);
  process.nextTick(() => this.destroy(new Error(`not of this machine: ${host}`)));
  return this;
};
