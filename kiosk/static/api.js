/* Questions to the server. Rejects with {kind: "offline" | "refused", status, error, says}. */
import { DURABLE, get, open, put } from "./store.js";

export const PATIENCE = 8000;

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms, null); });

/* v4; crypto.randomUUID came with Chromium 92 */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/* A slow line is not a stalled one: the eight seconds begin anew while a recording goes out. fetch tells nobody of that. */
export async function ask(method, path, body) {
  const token = await get("token").catch(() => null);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), PATIENCE);
    };
    const fail = (kind, data) => reject(Object.assign({ kind, status: request.status, error: null, says: null }, data));
    request.open(method, "/kiosk/api/" + path);
    request.setRequestHeader("Content-Type", "application/json");
    if (token) request.setRequestHeader("Authorization", "Bearer " + token);
    request.upload.onprogress = wait;
    request.onloadend = () => clearTimeout(timer);
    request.onerror = request.onabort = () => fail("offline");
    request.onload = () => {
      let data = null;
      try { data = JSON.parse(request.responseText); } catch (error) { /* a proxy's error page */ }
      if (data && data.now) {
        const now = Date.now();
        put("clock", { offset: Math.round((Date.parse(data.now) - now) / 1000), learned: now }).catch(() => {});
      }
      if (data && (request.status < 300 || data.results)) resolve(data);
      else fail(data && request.status < 500 ? "refused" : "offline", data);
    };
    wait();
    request.send(body === undefined ? null : JSON.stringify(body));
  });
}

/* Server − device in seconds as last known; null where nobody knows, or the device's clock was set back since. */
export async function offset() {
  const clock = await get("clock");
  return clock && Date.now() > clock.learned - 60000 ? clock.offset : null;
}

export async function enrol(code) {
  const enrolled = await ask("POST", "enrol", { code });
  await put("token", enrolled.token);
  return enrolled;
}

/* As the server says now, within eight seconds; else as it last said. Rejects where it never did. */
export async function bootstrap() {
  try {
    const known = await ask("GET", "bootstrap");
    await remember(known).catch(() => {});
    return known;
  } catch (problem) {
    const known = problem.status !== 401 && await get("bootstrap").catch(() => null); // 401: no kiosk of ours, or no longer
    if (!known) throw problem;
    return known;
  }
}

/* This kiosk's own count of slips is the right one, but where it has none */
async function remember(known) {
  const tx = (await open()).transaction("kept", "readwrite", DURABLE);
  const { slip_prefix: prefix, last_slip: last } = known.kiosk;
  const slip = await tx.store.get("slip");
  const writes = [tx.store.put(known, "bootstrap")];
  if (!slip || slip.prefix !== prefix) writes.push(tx.store.put({ prefix, last }, "slip"));
  await Promise.all(writes.concat(tx.done));
}

export const progress = (number, last4) => ask("POST", "progress", { number, last4 });
export const person = (id) => ask("POST", "person", { uuid: id });
export const personState = (id) => ask("GET", "person/" + id);
