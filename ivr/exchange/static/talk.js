// The transcript: a bubble for everything said or pressed; what is being said now is marked.
import { icon, make, minutes } from "./common.js";

export class Talk {
  /** `list` lies in `log`, which scrolls; `empty` is shown in its place while there is nothing. */
  constructor(log, list, empty) {
    Object.assign(this, { log, list, empty, now: null });
  }

  clear() {
    this.list.textContent = "";
    this.now = null;
    this.log.hidden = true;
    this.empty.hidden = false;
  }

  /** The hotline begins a sentence; its entry follows when it is over. */
  begin(text, at) {
    if (!text) return;
    if (this.now) this.now.remove();
    this.now = this.put(bubble("hotline", text, at));
    this.now.classList.add("now");
  }

  /** An entry of the exchange's record; `at` in seconds. */
  add(entry) {
    const item = bubble(entry.who, entry.text, entry.at, entry.audio);
    if (entry.who === "hotline" && this.now) {
      this.now.remove();
      this.now = null;
    }
    this.put(item);
  }

  note(text) {
    if (this.now) this.now.classList.remove("now");
    this.now = null;
    this.put(make("li", "note", text));
  }

  /** In the order of time: what somebody says is on the record only when she has finished. */
  put(item) {
    this.empty.hidden = true;
    this.log.hidden = false;
    const later = [...this.list.children].find((other) => Number(other.dataset.at) > Number(item.dataset.at));
    this.list.insertBefore(item, later || null);
    this.log.scrollTop = this.log.scrollHeight;
    return item;
  }
}

function bubble(who, text, at, audio) {
  const item = make("li", who === "caller" ? "mine" : "");
  item.dataset.at = at;
  const head = make("span", "who", who === "caller" ? "我" : "热线");
  head.append(make("span", "number", minutes(at)));
  if (audio) head.append(playButton(audio));
  item.append(head, make("p", "words", text));
  return item;
}

function playButton(audio) {
  const button = make("button", "again");
  button.type = "button";
  button.append(icon("play"), "再听");
  button.addEventListener("click", () => new Audio(audio).play());
  return button;
}
