/* Reads aloud what the server can speak. Fixed sentences are kept for the time without a network, others nowhere. */
import { PATIENCE } from "./api.js";
import { get } from "./store.js";

const KEPT = "jiachang-say";
const ZH = "零幺二三四五六七八九";
const EN = "zero one two three four five six seven eight nine".split(" ");

const player = new Audio();
const renewed = new Set();
let turn = 0;
let ended = () => {};

const language = () => (document.documentElement.lang === "en" ? "en" : "zh");

/* One sentence for each digit or letter, so that a number is spoken without a network too */
export const digits = (number, lang) => Array.from(number, (one) => (lang === "en" ? EN : ZH)[one] || one);

/* One after the other; the newest call wins. Resolves at the end or when hushed. `keep` false: her own words, a name. */
export async function say(sentences, options) {
  hush();
  const mine = turn;
  const keep = !options || options.keep !== false;
  const sounds = sentences.map((text) => sound(text, keep));
  for (const coming of sounds) {
    const blob = await coming;
    if (mine !== turn) return;
    if (blob) await sounded(blob);
    if (mine !== turn) return;
  }
}

/* A recording, in the place of whatever is being said */
export function play(blob) {
  hush();
  return sounded(blob);
}

export function hush() {
  turn += 1;
  player.pause();
  ended();
}

export const speaking = () => !player.paused && !player.ended;
export const volume = (level) => { player.volume = level; };

/* Fixed sentences, ahead of time; once for each life of the page, as somebody may have recorded them anew. */
export async function warm(sentences) {
  const lang = language();
  for (const text of sentences) {
    if (!renewed.has(lang + text) && await fetched(text, lang, true).catch(() => null) === null) return;
    renewed.add(lang + text);
  }
}

function sounded(blob) {
  return new Promise((resolve) => {
    const url = URL.createObjectURL(blob);
    ended = () => {
      ended = () => {};
      URL.revokeObjectURL(url);
      resolve();
    };
    player.onended = player.onerror = () => ended();
    player.src = url;
    player.play().catch(() => ended());
  });
}

async function sound(text, keep) {
  try {
    const lang = language();
    const kept = keep && await caches.match(address(text, lang), { cacheName: KEPT });
    const answer = kept || await fetched(text, lang, keep);
    return answer && answer.status === 200 ? await answer.blob() : null;
  } catch (problem) {
    return null; // the page says it in writing too
  }
}

const address = (text, lang) => "/kiosk/say?lang=" + lang + "&text=" + encodeURIComponent(text);

/* null: it was not answered. What is not kept is asked for by POST: no address of it in any log. */
async function fetched(text, lang, keep) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const request = { cache: "no-store", signal: stop.signal, headers: { Authorization: "Bearer " + (await get("token")) } };
    if (!keep) Object.assign(request, { method: "POST", body: new URLSearchParams({ lang, text }) });
    const answer = await fetch(keep ? address(text, lang) : "/kiosk/say", request);
    if (!answer.ok) return null;
    const whole = new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
    if (keep && answer.status === 200) await (await caches.open(KEPT)).put(address(text, lang), whole.clone());
    return whole;
  } finally {
    clearTimeout(timer);
  }
}
