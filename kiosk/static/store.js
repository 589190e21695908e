/* What outlives the page. `kept`: single values (token, bootstrap, clock, slip, key, refused); `outbox`: what waits. */
import { openDB } from "./idb.js";

/* On the disk before we say so (Chromium 83; older ones take no notice of it) */
export const DURABLE = { durability: "strict" };

let opened = null;

export function open() {
  if (!opened) {
    opened = openDB("jiachang-kiosk", 1, {
      upgrade(db) {
        db.createObjectStore("kept");
        db.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
      },
      terminated() { opened = null; },
    });
    opened.catch(() => { opened = null; });
  }
  return opened;
}

export const get = async (name) => (await open()).get("kept", name);
export const put = async (name, value) => { await (await open()).put("kept", value, name); };

/* Scripts can use the key and cannot read it. Two pages may make one at the same time: the first stays. */
export async function key() {
  const found = await get("key");
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const tx = (await open()).transaction("kept", "readwrite", DURABLE);
  const first = await tx.store.get("key");
  if (!first) await tx.store.put(made, "key");
  await tx.done;
  return first || made;
}
