/* Pages and files from the cache first: what has been here once needs no network. VERSION and FILES are written in
   front of this by kiosk/worker_file.py. Questions to the server and spoken sentences pass by. */
const KEPT = "jiachang-kiosk-";
const CACHE = KEPT + VERSION;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("message", (event) => { if (event.data === "take over") self.skipWaiting(); });
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (FILES.includes(pathname)) event.respondWith(kept(pathname));
  else if (mode === "navigate") event.respondWith(kept("/kiosk/"));
});

/* All of one version, or nothing: a server that is just being renewed may send some of each */
async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(FILES.map(async (path) => {
    const answer = await fetch(path, { cache: "no-store" });
    if (!answer.ok || answer.redirected || answer.headers.get("X-Kiosk-Version") !== VERSION) throw new Error(path);
    await cache.put(path, answer);
  }));
}

async function kept(path) {
  return (await caches.match(path, { cacheName: CACHE })) || fetch(path);
}

async function tidy() {
  const names = (await caches.keys()).filter((name) => name.startsWith(KEPT) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.clients.claim();
}
