/* What every page of the console needs from the browser; everything works as plain links and forms without it. */
"use strict";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.defaultSettleDelay = 0; // what was just shown answers the next press at once, not 20 ms later
htmx.config.historyCacheSize = 0; // nothing of a resident stays in the browser's storage
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "[45]..", swap: true, error: true }, // errors are fragments that say what to do
];

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf-token"]').content;
  if (!event.detail.triggeringEvent) event.detail.headers["X-Poll"] = "1"; // by the clock, not by a person: see signing.py
});

document.addEventListener("htmx:sendError", () => {
  document.querySelector("#messages").textContent = document.body.dataset.offline;
});

/* <dialog>: data-opens="id" opens one, data-closes shuts the one around it */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
});

/* A second press of the same button while the first is under way does nothing */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else if (!form.hasAttribute("data-again")) {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  }
});

/* Select boxes and the like that act at once: data-submits */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
