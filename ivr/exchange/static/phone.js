// The soft-phone: what the buttons do, and what the telephone's state looks like.
import { byId, dialable, directory, make, minutes, written } from "./common.js";
import { Line } from "./line.js";
import { Sound } from "./sound.js";
import { Talk } from "./talk.js";

const OWN = "own";
const KEYS = "123456789*0#";
const REFUSED = {
  number: "这个号码不能用。请检查一下，例如 13912345678。",
  taken: "这个号码已经在另一个窗口里用着。请关掉那个窗口，或者换一个号码。",
  full: "同时打开的电话太多了。请关掉几个窗口，再刷新这一页。",
  too_much: "这一页送出的声音太多，线路断开了。请刷新这一页。",
};
const MICROPHONE = {
  NotAllowedError: "浏览器没有让用麦克风。请点地址栏左边的图标，允许麦克风，下次打就能说话；这一次可以按键。",
  NotFoundError: "这台电脑没有麦克风。请插上一个，或者选“只按键”；这一次可以按键。",
  NotReadableError: "麦克风正被别的程序用着。请关掉那个程序；这一次可以按键。",
  insecure: "这个地址不能用麦克风。请改用 http://127.0.0.1 开头的地址打开；这一次可以按键。",
};
const ENDED = { busy: "没有接", "no-answer": "没有人接", canceled: "没有打通", failed: "没有打通" };
const NO_SERVICE = "热线没有应答。请看看 make demo 的窗口还在不在运行，再打一次。";

const talk = new Talk(byId("log"), byId("talk"), byId("empty"));
let hotline = "";
let line = null;
let sound = null;
let opening = null; // promise of `sound`
let since = 0; // ms, when the call was answered

function trouble(text) {
  byId("trouble").hidden = !text;
  byId("trouble-text").textContent = text || "";
}

function is(state) {
  return document.body.dataset.state === state;
}

/** Every state shows the same things in the same places; `peer` and `hint` are the display's small lines. */
function show(state, words, peer, hint) {
  document.body.dataset.state = state;
  byId("state").textContent = words;
  byId("peer").textContent = peer || "";
  byId("hint").textContent = hint || "";
  const calling = state === "dialling" || state === "connected";
  byId("dial").hidden = calling || state === "ringing";
  byId("dial").disabled = state !== "idle";
  byId("answer").hidden = state !== "ringing";
  byId("hangup").hidden = !calling && state !== "ringing";
  byId("hangup-word").textContent = state === "ringing" ? "不接" : "挂断";
  byId("keys").disabled = state !== "connected";
  ["small", "level", "time", "caption"].forEach((id) => { byId(id).hidden = state !== "connected"; });
  byId("caption").textContent = "";
  byId("who").disabled = byId("mouth").disabled = calling || state === "ringing";
  document.title = (state === "ringing" ? "☎ 来电 · " : "") + "打电话 · 家常热线";
  if (sound) sound.hush();
}

function idle(words) {
  show("idle", words || "可以打电话了", "我的号码 " + written(line.number), "按“打热线”：" + written(hotline));
}

const EVENTS = {
  plugged_in: () => {
    trouble("");
    idle();
  },
  unplugged: () => {
    if (sound) sound.stopMicrophone();
    show("offline", "电话线断了", "", "正在重新插上…");
  },
  refused: (event) => {
    show("offline", "电话没有接上");
    trouble(REFUSED[event.why]);
  },
  problem: (event) => trouble(event.text),
  dialling: (event) => {
    talk.clear();
    show("dialling", "正在接通…", "家常热线 " + written(event.number));
    if (sound) sound.ring(1, 4);
  },
  ringing: (event) => {
    talk.clear();
    show("ringing", "来电", written(event.number), "家常热线打来的，请接听");
    if (sound) sound.ring(1, 2);
  },
  connected: () => {
    show("connected", "通话中", "家常热线 " + written(hotline));
    since = Date.now();
    tick();
    byId("hangup").focus();
  },
  caption: (event) => {
    talk.begin(event.text, (Date.now() - since) / 1000);
    byId("caption").textContent = event.text;
  },
  line: (event) => {
    talk.add(event.entry);
    if (event.entry.who === "hotline") byId("caption").textContent = event.entry.text;
  },
  ended: (event) => {
    const answered = is("connected");
    const words = answered ? "通话结束" : ENDED[event.status] || "通话结束";
    const by = event.by === "hotline" ? "，热线挂断" : event.by === "caller" ? "，您挂断" : "";
    talk.note(words + (answered ? by + "，" + minutes((Date.now() - since) / 1000) : ""));
    if (event.by === "error") trouble(NO_SERVICE + (event.problem ? "（" + event.problem + "）" : ""));
    if (sound) sound.stopMicrophone();
    idle(words);
    byId("dial").focus();
  },
};

function plugIn(number) {
  if (line) line.unplug();
  trouble("");
  show("offline", "正在插上电话线…");
  line = new Line(number, (event) => EVENTS[event.event](event), (pcm) => { if (sound) sound.play(pcm); });
  history.replaceState(null, "", "?as=" + encodeURIComponent(number));
}

/** Must follow a click or a key: before that, browsers keep a page silent. */
function openSound() {
  opening = opening || Sound.open(spoken).then((opened) => { sound = opened; });
  return opening;
}

/** Loudspeaker, and microphone if wanted; a telephone without voice still has keys. */
async function pickUp() {
  trouble("");
  byId("mute").setAttribute("aria-pressed", "false");
  try {
    await openSound();
  } catch (error) {
    trouble("这个浏览器放不出电话的声音（" + error.message + "）。请换一个新一点的浏览器；这一次可以看字、按键。");
    return;
  }
  if (document.querySelector("input[name=mouth]:checked").value === "microphone") {
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "insecure");
      await sound.useMicrophone();
    } catch (error) {
      trouble(MICROPHONE[error.name] || "麦克风打不开（" + error.message + "）。这一次可以按键。");
    }
  }
  line.send({ do: "microphone", rate: sound.rate });
}

function spoken(pcm) {
  if (!is("connected")) return;
  line.send(pcm);
  const loud = pcm.reduce((top, sample) => Math.max(top, Math.abs(sample)), 0) / 32768;
  byId("level-bar").style.width = Math.round(100 * Math.sqrt(loud)) + "%";
}

function press(key) {
  if (!is("connected")) return;
  line.send({ do: "press", key });
  const button = byId("key-" + KEYS.indexOf(key));
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
}

function tick() {
  if (!is("connected")) return;
  byId("time").textContent = minutes((Date.now() - since) / 1000);
  setTimeout(tick, 250);
}

async function playRecording(input) {
  const [file] = input.files;
  if (!file || !sound || !is("connected")) return;
  byId("say").disabled = true;
  try {
    await sound.speak(file);
  } catch (error) {
    trouble("这个文件放不出来。请选一段 WAV 或 MP3 录音。");
  }
  byId("say").disabled = false;
  input.value = "";
}

function fillKeys() {
  KEYS.split("").forEach((key, i) => {
    const button = make("button", "", key);
    button.id = "key-" + i;
    button.type = "button";
    if (key === "*" || key === "#") button.setAttribute("aria-label", key === "*" ? "星号键" : "井号键");
    button.addEventListener("click", () => press(key));
    byId("keys").append(button);
  });
}

function choose() {
  const own = byId("who").value === OWN;
  byId("own").hidden = !own;
  if (!own) plugIn(byId("who").value);
  else byId("own-number").focus();
}

async function start() {
  fillKeys();
  const found = await directory();
  hotline = found.hotline;
  found.contacts.forEach((contact) => {
    byId("who").append(new Option(contact.name + "，" + contact.about + "　" + written(contact.number), contact.number));
  });
  byId("who").append(new Option("别的号码…", OWN));
  const wanted = dialable(new URLSearchParams(location.search).get("as") || "");
  byId("who").value = wanted || byId("who").options[0].value;
  if (byId("who").selectedIndex < 0) {
    byId("who").value = OWN;
    byId("own").hidden = false;
    byId("own-number").value = written(wanted);
    plugIn(wanted);
  } else {
    choose();
  }
}

byId("who").addEventListener("change", choose);
byId("own").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = dialable(byId("own-number").value);
  if (number) plugIn(number);
  else trouble(REFUSED.number);
});
byId("dial").addEventListener("click", () => pickUp().then(() => line.send({ do: "dial" })));
byId("answer").addEventListener("click", () => pickUp().then(() => line.send({ do: "answer" })));
byId("hangup").addEventListener("click", () => line.send({ do: "hangup" }));
byId("mute").addEventListener("click", (event) => {
  const silent = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(silent));
  if (sound) sound.mute(silent);
});
byId("say").addEventListener("click", () => byId("recording").click());
byId("recording").addEventListener("change", (event) => playRecording(event.target));
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && KEYS.includes(event.key)) press(event.key);
});
// From the first click on, the next ring is heard too; if that fails, picking up says why
document.addEventListener("click", () => openSound().catch(() => {}), { once: true });

start().catch(() => {
  show("offline", "电话没有接上");
  trouble("本地交换机没有应答。请看看 make demo 的窗口还在不在运行，再刷新这一页。");
});
