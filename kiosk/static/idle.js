/* Nobody there? After 90 s we ask, after 30 s more all is wiped; thanks are over after 45 s. Any touch begins anew. */
const ASK = 90000;
const WIPE = 30000;
const THANKS = 45000;
const LEFT = 180000; // the first screen stays; language and size that somebody left behind do not

/* mode(): "work" | "thanks" | "home" | "busy" (sound, recording, printing: time that does not count) */
export function idle({ mode, ask, stay, reset }) {
  let since = performance.now();
  let asked = false;
  const touched = () => { since = performance.now(); };
  /* At the end of a press only: else its other half would hit what lay under the question. */
  const pressed = () => {
    touched();
    if (asked) stay();
    asked = false;
  };
  const listen = (name, heard) => addEventListener(name, heard, { capture: true, passive: true });
  listen("pointerdown", touched);
  ["click", "keydown", "wheel"].forEach((name) => listen(name, pressed));
  setInterval(() => {
    const at = mode();
    const now = performance.now();
    if (at === "busy") since = now;
    const over = now - since;
    if (asked ? over >= WIPE : (at === "thanks" && over >= THANKS) || (at === "home" && over >= LEFT)) {
      asked = false;
      since = now;
      reset();
    } else if (!asked && at === "work" && over >= ASK) {
      asked = true;
      since = now;
      ask();
    }
  }, 1000);
  return pressed;
}
