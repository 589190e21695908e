/* The page works without a network, and takes a new version over only while nobody stands in front of it. */
const LOOK = 5000;
const ASK = 600000;

export function register(atRest) {
  const worker = navigator.serviceWorker;
  let registration = null;
  let before = Boolean(worker.controller); // the first worker of all brings no other page
  let renewed = false;
  const ask = async () => {
    registration = await worker.register("/kiosk/sw.js", { updateViaCache: "none" });
    await registration.update();
  };
  const look = () => {
    if (!atRest()) return;
    if (renewed) location.reload();
    else if (registration && registration.waiting) registration.waiting.postMessage("take over");
  };
  worker.addEventListener("controllerchange", () => {
    renewed = before;
    before = true;
    look();
  });
  setInterval(look, LOOK);
  setInterval(() => ask().catch(() => {}), ASK);
  return ask().catch(() => {});
}
