/* What she asked for, stored before we say so, sent in order and each once: the server knows every uuid, so that what
   may have been taken is simply sent again, the same to the letter. */
import { DURABLE, get, key, open } from "./store.js";
import { PATIENCE, ask, offset, pause, uuid } from "./api.js";

const BATCH_ITEMS = 20;
const BATCH_BYTES = 1000000;
const ROUND = 60000;
const HEARTBEAT = 110000;
const TRIES = 3;

const asked = new Map(); // uuid → its result, while somebody stands in front of the screen and waits for it
let tell = () => {};
let queued = null;
let heartbeat = -HEARTBEAT;
const state = { waiting: 0, refused: 0, online: true, enrolled: true };

export const count = async () => (await open()).count("outbox");

/* Resolves with {uuid, slip, result}; result null: stored, and sent later. Rejects with kind "full". */
export async function add(kind, fields) {
  const submission = Object.assign(
    { uuid: uuid(), kind, at: new Date().toISOString(), language: document.documentElement.lang },
    fields,
    fields.audio && { audio: await base64(fields.audio) },
  );
  let slip;
  try {
    submission.offset_s = await offset();
    slip = await keep(submission);
  } catch (problem) {
    return unstored(submission);
  }
  asked.set(submission.uuid, null);
  await Promise.race([flush(), pause(PATIENCE)]);
  const result = asked.get(submission.uuid);
  asked.delete(submission.uuid);
  return { uuid: submission.uuid, slip, result };
}

/* onChange({waiting, refused, online, enrolled}): `refused` were never to be taken, `enrolled` false: ask for a code. */
export function start(onChange) {
  tell = onChange;
  navigator.storage.persist(); // or a browser short of space may throw away what waits
  addEventListener("online", flush);
  setInterval(flush, ROUND);
  return flush();
}

/* Pages wait for each other, so that no two send the same; a round that has not begun yet sends for everybody. */
export function flush() {
  if (!queued) {
    queued = navigator.locks
      .request("jiachang-outbox", () => { queued = null; return round(); })
      .catch(() => {})
      .then(report);
  }
  return queued;
}

async function report() {
  try {
    state.waiting = await count();
    state.refused = (await get("refused")) || 0;
  } catch (problem) { /* no storage: add() says so when it matters */ }
  tell(state);
}

const base64 = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
  reader.onerror = reject;
  reader.readAsDataURL(blob);
});

/* Row and slip number in one transaction. Nothing but the number and the uuid is stored in the clear. */
async function keep(submission) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(submission));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), text);
  const tx = (await open()).transaction(["outbox", "kept"], "readwrite", DURABLE);
  const kept = tx.objectStore("kept");
  const slips = submission.kind === "matter" ? await kept.get("slip") : null;
  const writes = [];
  let slip = null;
  if (slips) {
    slips.last = (slips.last % 999) + 1;
    slip = slips.prefix + String(slips.last).padStart(3, "0");
    writes.push(kept.put(slips, "slip"));
  }
  const page = performance.timeOrigin;
  writes.push(tx.objectStore("outbox").add({ uuid: submission.uuid, slip, iv, data, page, after: performance.now() }));
  await Promise.all(writes.concat(tx.done));
  return slip;
}

async function reopened(row) {
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, await key(), row.data);
  const submission = Object.assign(JSON.parse(new TextDecoder().decode(text)), { slip: row.slip });
  if (submission.offset_s === null && row.page === performance.timeOrigin) {
    // A box without a battery began in 1970 and has been told the time since: this page knows how long ago it was
    const ago = performance.now() - row.after;
    const jump = Math.round((Date.now() - ago - Date.parse(submission.at)) / 1000);
    if (Math.abs(jump) > 60) submission.offset_s = jump + ((await offset()) || 0);
  }
  return submission;
}

/* The disk is full; the server may still take it */
async function unstored(submission) {
  let result = null;
  try {
    result = (await send([Object.assign(submission, { slip: null })], 1)).results[0];
  } catch (problem) { /* neither */ }
  if (!result || result.status === "later") throw { kind: "full" };
  return { uuid: submission.uuid, slip: null, result };
}

async function send(submissions, waiting) {
  const { version } = document.documentElement.dataset;
  try {
    const body = { sent_at: new Date().toISOString(), waiting, version, submissions };
    const answer = await ask("POST", "submissions", body);
    heartbeat = performance.now();
    state.online = state.enrolled = true;
    return answer;
  } catch (problem) {
    state.online = problem.kind !== "offline";
    if (problem.status === 401) state.enrolled = false;
    throw problem;
  }
}

/* Everything that waits, oldest first. What the server stumbles over is sent alone, and does not stop the others. */
async function round() {
  if (!(await get("token"))) { state.enrolled = false; return; }
  let after = 0;
  let most = BATCH_ITEMS;
  let failures = 0;
  for (let rows = await batch(after, most); rows.length; rows = await batch(after, most)) {
    let settled = 0;
    try {
      settled = await settle(rows, await delivered(rows));
    } catch (problem) {
      if (!problem.status || problem.status === 401 || problem.status === 429) return;
      if (rows.length > 1) { most = 1; continue; }
    }
    failures = settled ? 0 : failures + 1;
    if (failures === TRIES) return;
    after = rows[rows.length - 1].n;
  }
  if (performance.now() - heartbeat > HEARTBEAT) await send([], await count());
}

async function batch(after, most) {
  const rows = [];
  let bytes = 0;
  const outbox = (await open()).transaction("outbox").store;
  let cursor = await outbox.openCursor(IDBKeyRange.lowerBound(after, true));
  while (cursor && rows.length < most) {
    bytes += cursor.value.data.byteLength;
    if (rows.length && bytes > BATCH_BYTES) break;
    rows.push(cursor.value);
    cursor = await cursor.continue();
  }
  return rows;
}

async function delivered(rows) {
  const readable = [];
  const results = [];
  for (const row of rows) {
    try {
      readable.push(await reopened(row));
    } catch (problem) { // another key: nobody will ever read it again
      results.push({ uuid: row.uuid });
    }
  }
  return readable.length ? results.concat((await send(readable, await count())).results) : results;
}

/* Takes out what the server has for good, and what it will never take; how many it has settled. */
async function settle(rows, results) {
  const byUuid = new Map(results.map((result) => [result.uuid, result]));
  const tx = (await open()).transaction(["outbox", "kept"], "readwrite", DURABLE);
  const kept = tx.objectStore("kept");
  const writes = [];
  let refused = 0;
  for (const row of rows) {
    const result = byUuid.get(row.uuid);
    if (!result || result.status === "later") continue;
    if (result.status !== "taken") refused += 1;
    if (asked.has(row.uuid)) asked.set(row.uuid, result);
    writes.push(tx.objectStore("outbox").delete(row.n));
  }
  if (refused) writes.push(kept.put(((await kept.get("refused")) || 0) + refused, "refused"));
  await Promise.all(writes.concat(tx.done));
  return writes.length;
}
