/* The kiosk: which screen is shown, and what every screen has. What she says and presses is in `app.form` alone. */
import { bootstrap } from "./api.js";
import { add, start } from "./outbox.js";
import { digits, hush, say, speaking, volume, warm } from "./voice.js";
import { blank, matter as fields } from "./form.js";
import { fill, fixed, home, sentences, show, translate, visible, voiced, word } from "./view.js";
import { idle } from "./idle.js";
import { register } from "./offline.js";
import { moved, presses } from "./press.js";
import { size } from "./size.js";
import { screens as matter } from "./matter.js";
import { screens as asking } from "./asking.js";
import { join, screens as person } from "./person.js";

const RELOAD = 600000;
const OWN = document.documentElement.lang;
const screens = Object.assign({ home: {} }, matter, asking, person);
Object.keys(screens).forEach((name) => { screens[name] = Object.assign({ values: () => ({}), do: {} }, screens[name]); });
const dialog = document.getElementById("dialog");
/* Before the server has said anything, now or ever */
const NOTHING = { categories: [], places: [], activities: [], station: {}, profile: { speaker: true }, hotline: "" };
const plain = () => ({ bigger: false, contrast: false, read: false });

const app = {
  main: document.querySelector("main"),
  form: blank(),
  boot: NOTHING,
  at: "home",
  step: null,
  trail: [],
  visit: 0,
  recording: null,
  printing: false,
  warned: false,
  online: true,
  settings: plain(),
  word,

  get language() { return document.documentElement.lang; },

  /* A screen's `fixed`: no way back from it; `passing`: nobody comes back to it; `device`: for staff. */
  go(name, step) {
    const { at } = app;
    leave();
    if (name === "home" || screens[name].fixed || screens[name].device) app.trail = [];
    else if (!screens[at].passing && (at !== name || app.step !== step)) app.trail.push([at, app.step]);
    open(name, step);
  },

  refresh(changes) {
    Object.assign(app.form, changes);
    fill(app.main, screens[app.at].values(app));
  },

  say: (spoken) => (app.boot.profile.speaker ? say(spoken) : Promise.resolve()),
  sentences: () => sentences(dialog.open ? dialog : app.main),
  read: () => app.say(app.sentences()),

  /* {name, name_say}: a word of the page */
  named(name, code, values) {
    if (!code) return {};
    const { text, say: said } = word(code, values);
    return { [name]: text, [name + "_say"]: said };
  },

  /* {name, name_say}: a day as it is shown and as it is read aloud */
  day: (name, date) => written(name, date, { month: "long", day: "numeric" }),
  moment: (name, date) => written(name, date, { month: "short", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit", hour12: true, timeZone: app.boot.timezone }),

  danger(number) {
    app.warned = true;
    ask("danger", { danger: number, danger_say: digits(number, app.language).join(app.language === "en" ? " " : "") });
  },

  async load() {
    try {
      app.boot = await bootstrap();
      settle();
      if (screens[app.at].device) app.go("home");
      warm(fixed());
    } catch (problem) {
      if (app.at !== "home" && !screens[app.at].device) return;
      if (problem.error === "unknown_kiosk") app.go("enrol");
      else app.go("closed", problem.status === 401 ? "revoked" : "unreachable");
    }
  },
};

const common = {
  language: (code) => speakIn(code).then(() => document.querySelector('footer [lang="' + code + '"]').focus()).catch(() => {}),
  read() {
    toggle("read");
    if (app.settings.read) app.read();
    else hush();
  },
  bigger: () => toggle("bigger"),
  contrast: () => toggle("contrast"),
  back() {
    const [name, step] = app.trail.pop() || ["home", null];
    leave();
    if (name === "home") clear();
    open(name, step);
  },
  home() {
    clear();
    app.go("home");
  },
  finish: wipe,
  stay() {
    dialog.close();
    moved();
    hush();
    if (app.at === "done") screens.done.enter(app);
  },
  more: () => {
    app.refresh({ page: app.form.page + 1 });
    app.main.querySelector("[data-row] button, h1").focus();
  },
  speak() {
    clear();
    app.go("speak");
  },
  category(code) {
    clear();
    Object.assign(app.form, { category: code, chosen: true });
    app.go("items");
  },
};

function open(name, step) {
  hush();
  moved();
  Object.assign(app.form, { typed: "", letters: false, short: false, page: 0 });
  Object.assign(app, { at: name, step: step || null, visit: app.visit + 1 });
  draw(true);
  scrollTo(0, 0);
  if (screens[name].enter) screens[name].enter(app);
  else if (app.settings.read) app.read();
}

/* From the form as it is: also when the language has changed */
function draw(focus) {
  const screen = screens[app.at];
  Object.assign(app.main.dataset, { screen: app.at, step: app.step || "" });
  document.body.dataset.at = screen.fixed || screen.device ? "fixed" : app.at === "home" ? "home" : "";
  show(app.main, screen.template ? screen.template(app) : app.at, screen.values(app), focus);
  if (screen.drawn) screen.drawn(app);
}

function leave() {
  const { leave: left } = screens[app.at];
  if (left) left(app);
}

function clear() {
  Object.assign(app, { form: blank(), trail: [], warned: false });
}

/* Nothing of her stays in memory or history. What she has said is sent even if she has gone since, as on the telephone. */
function wipe() {
  const { form } = app;
  leave();
  dialog.close();
  if (form.wav && !form.sent && app.at !== "saving") add("matter", fields(form)).catch(() => {});
  clear();
  app.settings = plain();
  volume(1);
  history.replaceState(null, "", location.pathname);
  open("home");
  settle();
  speakIn(OWN).catch(() => {});
}

function ask(name, values) {
  show(dialog, name, values, false);
  dialog.setAttribute("aria-label", dialog.querySelector("h1").textContent);
  if (!dialog.open) dialog.showModal();
  app.read();
}

async function speakIn(code) {
  if (code === app.language) return;
  const answer = await fetch("/kiosk/page/" + code);
  if (!answer.ok) throw new Error(answer.statusText);
  translate(new DOMParser().parseFromString(await answer.text(), "text/html"));
  hush();
  draw(false);
  settle();
  if (app.settings.read) app.read();
  warm(fixed());
}

function toggle(what) {
  app.settings[what] = !app.settings[what];
  settle();
}

/* What is the same on every screen: the station's name, the network, the buttons that stay pressed. */
function settle() {
  const { boot, settings } = app;
  size(boot.profile, settings);
  if (boot.station.name) document.getElementById("station").textContent = boot.station.name;
  document.getElementById("online").hidden = !app.online;
  document.getElementById("offline").hidden = app.online;
  Object.keys(settings).forEach((name) => {
    const button = document.querySelector('footer [data-do="' + name + '"]');
    button.setAttribute("aria-pressed", settings[name]);
    if (name === "read") button.hidden = !boot.profile.speaker;
  });
}

const written = (name, date, options) => ({
  [name]: date && date.toLocaleString(app.language, options),
  [name + "_say"]: date && date.toLocaleString(app.language === "en" ? "en" : "zh-Hans", options),
});

function mode() {
  const { at, step } = app;
  if (app.recording || app.printing || speaking() || screens[at].busy || screens[at].device) return "busy";
  if (at === "person" && step !== "coming") return "busy";
  if (at !== "home") return screens[at].thanks ? "thanks" : "work";
  return app.language !== OWN || Object.values(app.settings).includes(true) ? "home" : "busy";
}

function pressed(event) {
  if (event.key === "Escape") {
    event.preventDefault();
    if (dialog.open) common.stay();
    else if (!screens[app.at].fixed && !screens[app.at].device) common.home();
    return;
  }
  const within = dialog.open ? dialog : app.main;
  const keys = Array.from(within.querySelectorAll("[data-key]")).filter(visible);
  const button = keys.find(({ dataset }) => dataset.key.toLowerCase() === event.key.toLowerCase());
  if (button) button.click();
}

/* What the screen does with it, or every screen; else it is the name of a screen. */
function act(name, value) {
  const { do: deeds } = screens[app.at];
  if (name in deeds) deeds[name](app, value);
  else if (name in common) common[name](value);
  else app.go(name);
}

function connected(online) {
  app.online = online;
  settle();
}

/* The code is for once, and nobody shall find it in the history. */
function begin() {
  const code = /^#code=(\d{8})$/.exec(location.hash);
  if (!code) return app.load();
  history.replaceState(null, "", location.pathname);
  return join(app, code[1]);
}

home(document);
voiced(document);
settle();
presses(act, pressed);
idle({ mode, reset: wipe, ask: () => ask("idle", {}), stay: common.stay });
dialog.addEventListener("cancel", (event) => event.preventDefault());
addEventListener("hashchange", begin);
addEventListener("online", () => { connected(true); app.load(); });
addEventListener("offline", () => connected(false));
setInterval(() => app.load(), RELOAD);
begin();
start(({ online, enrolled }) => {
  connected(online && navigator.onLine);
  if (!enrolled && app.boot.now && app.at === "home") app.load();
});
if (navigator.serviceWorker) register(() => app.at === "home" && !speaking());
