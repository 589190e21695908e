/* One press is one press: repeats within half a second count for nothing, and neither do long presses and dragging. */
const REPEAT = 500;

let last = { what: null, at: -REPEAT };
let changed = -REPEAT;

/* A new screen: the second tap of a double tap must not hit what lies there now. */
export const moved = () => { changed = performance.now(); };

export function presses(act, press) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const now = performance.now();
    const what = button.dataset.do + "/" + (button.dataset.value || "");
    const repeat = now - changed < REPEAT || (what === last.what && now - last.at < REPEAT);
    if (repeat) return;
    last = { what, at: now };
    act(button.dataset.do, button.dataset.value, button);
  });
  ["contextmenu", "dragstart", "selectstart", "drop"].forEach((name) => {
    document.addEventListener(name, (event) => event.preventDefault());
  });
  document.addEventListener("keydown", (event) => {
    if (event.repeat && event.key !== "Tab") event.preventDefault();
    else if (!event.ctrlKey && !event.altKey && !event.metaKey) press(event);
  });
}
