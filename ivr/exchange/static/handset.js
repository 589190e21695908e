// Text phones side by side. The exchange tells every text as it comes; each phone shows its own.
import { byId, dialable, directory, icon, make, written } from "./common.js";

const OWN = "own";
const ONE_TEXT = 70; // UTF-16 units that fit into one text with Chinese characters
const LONGEST = 1600; // as carriers limit it
const shelf = byId("shelf");
const phones = new Map(); // number → Handset
const texts = new Map(); // sid → text as the exchange tells it
let people = [];

function trouble(text) {
  byId("trouble").hidden = !text;
  byId("trouble-text").textContent = text || "";
}

class Handset {
  constructor(person) {
    this.number = person.number;
    this.name = person.name;
    this.shown = new Map(); // sid → its bubble
    const id = "phone-" + person.number.slice(1);
    this.root = make("section", "handset " + person.role);
    this.root.setAttribute("aria-labelledby", id);
    this.root.append(make("span", "slit"), this.owner(person, id), this.screen(id), this.writing());
    texts.forEach((text) => this.tell(text, false));
    this.scroll();
  }

  owner(person, id) {
    const owner = make("div", "owner");
    const name = make("h2", "", person.name);
    name.id = id;
    const away = make("button");
    away.type = "button";
    away.setAttribute("aria-label", "收起" + person.name + "的手机");
    away.append(icon("close"));
    away.addEventListener("click", () => remove(this.number));
    owner.append(name, make("p", "", (person.about ? person.about + "　" : "") + written(person.number)), away);
    return owner;
  }

  screen(id) {
    this.glass = make("div", "screen");
    this.glass.tabIndex = 0;
    this.glass.setAttribute("role", "log");
    this.glass.setAttribute("aria-labelledby", id);
    this.blank = make("p", "blank", "还没有短信");
    this.list = make("ol", "bubbles");
    this.list.hidden = true;
    this.glass.append(this.blank, this.list);
    return this.glass;
  }

  writing() {
    const form = make("form", "write");
    this.input = make("textarea");
    this.input.rows = 1;
    this.input.maxLength = LONGEST;
    this.input.setAttribute("aria-label", this.name + "写给热线的短信");
    this.input.placeholder = "写给热线…";
    this.button = make("button", "button", "发送");
    this.count = make("p", "count");
    form.append(this.input, this.button, this.count);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => this.counted());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    return form;
  }

  counted() {
    const length = this.input.value.length;
    const parts = length <= ONE_TEXT ? 1 : Math.ceil(length / 67);
    this.count.textContent = length ? length + " 字" + (parts > 1 ? "，算 " + parts + " 条" : "") : "";
  }

  async send() {
    const body = this.input.value.trim();
    if (!body || this.button.disabled) return;
    this.input.value = "";
    this.button.disabled = true;
    this.count.textContent = "正在送…";
    let why = "";
    try {
      const order = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ from: this.number, body }) };
      const answer = await fetch("/exchange/texts", order);
      if (answer.status === 502) why = "热线没有应答，这条没送到。请看看 make demo 的窗口，再发一次。";
      else if (!answer.ok) why = "这条没送出去（" + (await answer.json()).error + "）。";
    } catch (error) {
      why = "本地交换机没有应答，这条没送到。请看看 make demo 的窗口，再发一次。";
    }
    this.button.disabled = false;
    if (why && !this.input.value) this.input.value = body;
    trouble(why);
    this.counted();
  }

  /** A text of somebody's, new or changed; incoming ones appear once they are delivered. */
  tell(text, fresh) {
    const mine = text.direction === "inbound";
    if ((mine ? text.from : text.to) !== this.number) return;
    if ((!mine && text.status !== "delivered") || this.shown.has(text.sid)) return;
    const item = make("li", (mine ? "mine" : "") + (fresh ? " fresh" : ""));
    const head = make("span", "who", mine ? "我" : "家常热线");
    head.append(make("time", "number", new Date(text.created).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false })));
    item.append(head, make("p", "words", text.body));
    this.shown.set(text.sid, item);
    this.blank.hidden = true;
    this.list.hidden = false;
    this.list.append(item);
    this.scroll();
  }

  scroll() {
    this.glass.scrollTop = this.glass.scrollHeight;
  }
}

function add(person) {
  if (phones.has(person.number)) {
    phones.get(person.number).input.focus();
    return;
  }
  const phone = new Handset(person);
  phones.set(person.number, phone);
  shelf.append(phone.root);
  phone.scroll();
  changed();
}

function remove(number) {
  phones.get(number).root.remove();
  phones.delete(number);
  changed();
  byId("who").focus();
}

/** The address remembers who is on the shelf, and the next one is offered. */
function changed() {
  history.replaceState(null, "", "?with=" + [...phones.keys()].map(encodeURIComponent).join(","));
  const next = people.find((person) => !phones.has(person.number));
  byId("who").value = next ? next.number : OWN;
  choose();
}

function whose(number) {
  return people.find((person) => person.number === number) || { number, name: "没登记的号码", about: "", role: "resident" };
}

/** A resident, a keeper, a volunteer: enough for a whole story. Without a volunteer another resident. */
function usual() {
  const of = (role) => people.filter((person) => person.role === role);
  const volunteer = of("staff").find((person) => person.about.includes("志愿者"));
  return [of("resident")[0], of("staff")[0], volunteer || of("resident")[1]].filter(Boolean);
}

async function start() {
  const found = await directory();
  people = found.contacts;
  people.forEach((person) => byId("who").append(new Option(person.name + "，" + person.about + "　" + written(person.number), person.number)));
  byId("who").append(new Option("别的号码…", OWN));
  choose();
  const wanted = (new URLSearchParams(location.search).get("with") || "").split(",").map(dialable).filter(Boolean);
  (wanted.length ? wanted.map(whose) : usual()).forEach(add);
  const live = new EventSource("/exchange/messages/live");
  live.onmessage = (message) => {
    const text = JSON.parse(message.data);
    const fresh = Date.now() - Date.parse(text.created) < 5000;
    texts.set(text.sid, text);
    phones.forEach((phone) => phone.tell(text, fresh));
  };
  live.onopen = () => trouble("");
  live.onerror = () => trouble("和本地交换机断开了，正在重新连上。请看看 make demo 的窗口还在不在运行。");
}

function choose() {
  byId("own").hidden = byId("who").value !== OWN;
}

byId("who").addEventListener("change", choose);
byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = byId("who").value === OWN ? dialable(byId("own-number").value) : byId("who").value;
  if (!number) {
    trouble("这个号码不能用。请检查一下，例如 13912345678。");
    return;
  }
  trouble("");
  add(whose(number));
});

start().catch(() => trouble("本地交换机没有应答。请看看 make demo 的窗口还在不在运行，再刷新这一页。"));
