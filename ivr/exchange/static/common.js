// What both pages need: elements, numbers as people write them, the directory.
export const byId = (id) => document.getElementById(id);

/** An element with a class and a text; null for neither. */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "/static/icons.svg#" + name);
  svg.append(use);
  return svg;
}

/** E.164 → as it is written in China; other countries stay as they are. */
export function written(number) {
  const home = number.replace(/^\+86/, "");
  if (home === number) return number;
  if (/^1\d{10}$/.test(home)) return home.replace(/^(...)(....)(....)$/, "$1 $2 $3");
  if (/^[48]00\d{7}$/.test(home)) return home.replace(/^(...)(...)(....)$/, "$1 $2 $3");
  const area = /^(10|2\d)/.test(home) ? 2 : 3;
  return "0" + home.slice(0, area) + " " + home.slice(area);
}

/** What somebody typed → E.164, or "" if that is no number. */
export function dialable(typed) {
  const bare = typed.replace(/[\s()\-（）－]/g, "");
  const number = bare.startsWith("+") ? bare : "+86" + bare.replace(/^(00)?86(?=1\d{10}$)|^0/, "");
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : "";
}

export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return String(Math.floor(whole / 60)).padStart(2, "0") + ":" + String(whole % 60).padStart(2, "0");
}

/** {hotline, contacts: [{number, name, about, role}]} */
export async function directory() {
  const answer = await fetch("/exchange/directory");
  if (!answer.ok) throw new Error("exchange answered " + answer.status);
  return answer.json();
}
