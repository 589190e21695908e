/* The ticket's page: Ctrl+Enter sends what was heard, texts are counted, the rule's choice follows the words. */
"use strict";

(() => {
  document.documentElement.classList.add("scripted");
  const heard = () => document.querySelector("#heard");
  let chosen = false; // somebody has chosen whom to send: suggestions no longer change it

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && heard()?.contains(event.target)) {
      event.preventDefault();
      heard().requestSubmit();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "assignee") chosen = true;
  });

  document.addEventListener("htmx:afterSwap", () => {
    const box = document.querySelector("#assignee"), hint = document.querySelector("#hint [data-suggests]");
    if (box && hint?.dataset.suggests && !chosen) box.value = hint.dataset.suggests;
  });

  document.addEventListener("input", (event) => {
    const counter = document.getElementById(event.target.dataset?.counts ?? "");
    if (!counter) return;
    const units = event.target.value.length + Number(event.target.dataset.taken);
    const parts = units <= 70 ? 1 : Math.ceil(units / 67);
    counter.textContent = counter.dataset.words.replace("{n}", units).replace("{parts}", parts);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const print = document.querySelector("[data-print]");
    if (print) {
      print.hidden = false;
      print.addEventListener("click", () => window.print());
    }
  });
})();
