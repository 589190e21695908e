/* The queue by keyboard, and a look for news now and then. Without it everything works as links and forms. */
"use strict";
(() => {
  const LOOK = 12_000, HIDDEN = 60_000, SLOWEST = 120_000; // ms
  const title = document.title;
  const $ = (selector) => document.querySelector(selector);
  let pause = LOOK, timer = 0;

  /* One question at a time; more seldom while nobody looks, or while the server is in trouble */
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(look, document.hidden ? Math.max(pause, HIDDEN) : pause);
  };
  const look = () => {
    if ($("#live")) htmx.trigger("#live", "look");
    wait();
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? wait() : look()));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "live") return;
    pause = event.detail.successful ? LOOK : Math.min(pause * 2, SLOWEST);
    const more = $("#live .more");
    document.title = more ? `(${more.dataset.new}) ${title}` : title;
    wait();
  });
  wait();

  /* A row that is replaced stays ticked, chosen and focused */
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const fresh = fragment.querySelector("tr");
    if (!fresh || target.tagName !== "TR") return;
    const box = fresh.querySelector("[name=pick]");
    if (box) box.checked = Boolean(target.querySelector("[name=pick]:checked"));
    if (target.getAttribute("aria-selected")) fresh.setAttribute("aria-selected", "true");
    if (target.contains(document.activeElement)) setTimeout(() => $(`#${fresh.id} .row-link`)?.focus());
  });

  /* The pane beside the list; where there is no room for it the ticket's own page opens */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.detail.elt;
    if (!link.matches(".row-link")) return;
    if (!$("#panel").checkVisibility()) {
      event.preventDefault();
      location.href = link.href;
      return;
    }
    document.querySelectorAll("tr[aria-selected]").forEach((row) => row.removeAttribute("aria-selected"));
    link.closest("tr").setAttribute("aria-selected", "true");
  });

  /* Ticks */
  const boxes = () => [...document.querySelectorAll("#queue-rows [name=pick]")];
  const count = () => {
    const n = boxes().filter((box) => box.checked).length;
    const shown = $("#picked");
    if (!shown) return;
    shown.textContent = n;
    shown.hidden = !n;
    $("#bulk-button").disabled = !n;
  };
  const ready = () => {
    document.querySelectorAll("[data-with-js]").forEach((part) => (part.hidden = false));
    count();
  };
  document.addEventListener("change", (event) => {
    if (event.target.id === "pick-all") boxes().forEach((box) => (box.checked = event.target.checked));
    if (event.target.matches("#pick-all, [name=pick]")) count();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    ready();
    if (event.detail.target.id === "dispatch-body" && !$("#dispatch-dialog").open) $("#dispatch-dialog").showModal();
  });
  ready();

  /* Keys: only where nobody is writing */
  const step = (by) => {
    const links = [...document.querySelectorAll("#queue-rows tr:not(.gone) .row-link")];
    const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
    next?.focus();
    next?.closest("tr").scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    x: () => document.activeElement.closest("tr")?.querySelector("[name=pick]")?.click(),
    "/": () => $("#q").focus(),
    "?": () => $("#queue-help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog, #panel");
    const arrows = event.key.startsWith("Arrow") && !event.target.closest("#queue-rows");
    if (writing || arrows || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
