/* The intake form: what was set by hand stays, what was begun is kept on the server, pictures are named. */
"use strict";

(() => {
  const form = document.querySelector("#intake, #notes");
  document.querySelectorAll("[data-prints]").forEach((button) => button.addEventListener("click", () => print()));
  if (!form) return;
  const own = form.elements.own;
  const followed = new Set(["category", "unit_id", "entrance", "room", "landmark", "urgent", "danger"]);
  let timer = 0;

  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (own && followed.has(name)) own.value = [...new Set([...own.value.split(" ").filter(Boolean), name])].join(" ");
    if (name === "unit_id" && form.elements.words.value) htmx.trigger(form.elements.words, "input");
    if (event.target.type === "file") {
      document.getElementById("chosen").replaceChildren(
        ...[...event.target.files].map((file) => Object.assign(document.createElement("li"), { textContent: file.name })),
      );
    }
  });

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => htmx.trigger(form, "keep"), 1200);
  });

  form.addEventListener("submit", () => clearTimeout(timer)); // handed in: nothing to keep

  document.addEventListener("htmx:afterRequest", (event) => {
    const saved = document.getElementById("saved");
    if (saved && event.detail.successful && event.detail.pathInfo.requestPath.endsWith("/draft")) saved.textContent = saved.dataset.words;
  });
})();
