/* One case at the callback desk: keys, consequences, the call's clock, and giving the case back when the page is left. */
"use strict";

(() => {
  const page = document.getElementById("case");
  const form = document.getElementById("result");
  const then = document.getElementById("then");
  const questions = [...form.querySelectorAll("[data-question]")];
  let kept = false; // it was handed in, or goes on elsewhere: not to be given back

  const open = () => questions.find((question) => !question.querySelector("input:checked"));

  const show = () => {
    const chosen = [...form.querySelectorAll("[data-then]:checked")].map((input) => input.dataset.then);
    const words = chosen.filter(Boolean);
    if (then) {
      then.textContent = words.join("；");
      then.hidden = !words.length;
    }
    const next = open();
    questions.forEach((question) => question.classList.toggle("current", question === next));
  };
  form.addEventListener("change", show);
  show();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const writes = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (event.key === "Enter" && !event.target.matches("textarea, button, a, summary")) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[value=next]"));
    }
    if (writes || !form.dataset.asks || !"123".includes(event.key)) return;
    const answered = form.querySelector("[name=outcome][value=answered]");
    const other = form.querySelector("[name=outcome]:checked:not([value=answered])");
    const question = open();
    if (other || !question) return;
    answered.checked = true;
    const choice = question.querySelectorAll("input")[Number(event.key) - 1];
    choice.checked = true;
    choice.focus();
    show();
  });

  setInterval(() => {
    const clock = document.querySelector("[data-since]");
    if (!clock) return;
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000));
    clock.textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  }, 500);

  document.addEventListener("submit", (event) => {
    kept = kept || !event.target.hasAttribute("hx-post");
  });
  window.addEventListener("pagehide", () => {
    if (kept) return;
    const token = new FormData();
    token.append("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
    navigator.sendBeacon(page.dataset.release, token);
  });
})();
