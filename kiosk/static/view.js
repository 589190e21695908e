/* Screens are templates of the page. {holes}, data-if and data-each are filled from plain values: text, never HTML. */
const written = new WeakMap(); // element → its sentence with the holes still in it

const template = (id) => document.getElementById(id).content;
const all = (root, selector) => Array.from(root.querySelectorAll(selector));

/* Of this root itself: what stands in a row made by data-each is filled with that row's values. */
const own = (root, selector) => all(root, selector).filter((element) => {
  const row = element.closest("[data-row]");
  return !row || row === root;
});

export const holes = (text, values) => text.replace(/\{(\w+)\}/g, (hole, name) => (values[name] == null ? "" : values[name]));

/* What is aloud may differ from what is shown: {name} is said as `name_say` where there is one. */
const aloud = (text, values) => text.replace(/\{(\w+)\}/g, (hole, name) => {
  const said = values[name + "_say"];
  return said == null ? holes(hole, values) : said;
});

/* {text, say} of a word in the page's language */
export function word(code, values) {
  const found = template("words").querySelector('[data-word="' + code + '"]');
  const text = found.textContent;
  return { text: holes(text, values || {}), say: holes(found.dataset.say || text, values || {}) };
}

export function fill(root, values) {
  own(root, "template[data-each]").forEach((row) => rows(row, values[row.dataset.each] || []));
  own(root, "[data-if]").forEach((element) => {
    const name = element.dataset.if;
    element.hidden = name[0] === "!" ? Boolean(values[name.slice(1)]) : !values[name];
  });
  own(root, "[data-t]").forEach((element) => {
    if (!written.has(element)) written.set(element, { text: element.textContent, say: element.dataset.say });
    const { text, say } = written.get(element);
    const filled = holes(text, values);
    if (element.textContent !== filled) element.textContent = filled;
    if (say !== undefined) element.dataset.say = aloud(say, values);
  });
}

function rows(row, entries) {
  all(row.parentNode, ":scope > [data-row]").forEach((old) => old.remove());
  entries.forEach((entry) => {
    const made = row.content.firstElementChild.cloneNode(true);
    made.dataset.row = "";
    row.parentNode.append(made);
    fill(made, entry);
    const button = [made].concat(all(made, "[data-do]")).find(({ dataset }) => dataset.do);
    if (button) button.dataset.value = entry.value;
    if (button && entry.key) button.dataset.key = entry.key;
    drawn(made, entry);
  });
}

/* Icons out of the sprite; who cannot see them misses nothing. */
const drawn = (root, values) => all(root, "[data-icon]").forEach((use) => {
  use.setAttribute("href", "/kiosk/static/icons.svg#" + holes(use.dataset.icon, values));
  use.parentNode.setAttribute("aria-hidden", true);
});

/* What has nothing else to say says what is written there. */
export const voiced = (root) => all(root, '[data-say=""]').forEach((element) => {
  element.dataset.say = element.textContent;
});

/* The screen `name` in the place of what `root` shows; its heading gets the focus. */
export function show(root, name, values, focus) {
  const fresh = template("s-" + name).cloneNode(true);
  all(fresh, "[data-use]").forEach((part) => part.append(template(part.dataset.use).cloneNode(true)));
  voiced(fresh);
  drawn(fresh, {});
  fill(fresh, values);
  root.textContent = "";
  root.append(fresh);
  if (!focus) return;
  const heading = all(root, "h1").find(visible);
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

export const visible = (element) => element.getClientRects().length > 0;

/* What is read aloud: from top to bottom */
export const sentences = (root) => all(root, "[data-say]").filter(visible).map((element) => element.dataset.say).filter(Boolean);

/* Fixed sentences of every screen, to have them before the network is gone */
export const fixed = () => all(document, "template").reduce(
  (found, { content }) => found.concat(all(content, "[data-say]").map((element) => element.dataset.say || element.textContent)), [],
).concat(sentences(document.body)).filter((text) => text && text.indexOf("{") < 0);

/* The same page in another language, in the place of this one: header, footer, templates. The screen is shown again. */
export function translate(page) {
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  ["header", "footer"].forEach((part) => document.querySelector(part).replaceWith(page.querySelector(part)));
  home(page);
  all(page, "template[id]").forEach((fresh) => document.getElementById(fresh.id).replaceWith(fresh));
}

/* The first screen is in the page itself, to be seen before any script; from here on it is a template like the others. */
export function home(page) {
  const made = document.createElement("template");
  made.id = "s-home";
  Array.from(page.querySelector("main").childNodes).forEach((node) => made.content.append(node.cloneNode(true)));
  page.body.append(made);
}
