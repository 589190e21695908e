/* What the gateway hears while she speaks. Whatever fails here, the recording does not. */
import { get } from "./store.js";
import { pause } from "./api.js";

const BEHIND = 500000; // bytes on their way: the line is too slow for live words
const FINAL = 3000; // ms from the end of the recording until we go on without its words

export function hear(rate, onWords) {
  let socket = null;
  let early = [];
  let settle;
  const heard = new Promise((resolve) => { settle = resolve; });
  const send = (piece) => {
    if (early) early.push(piece);
    else if (socket.readyState === 1 && socket.bufferedAmount < BEHIND) socket.send(piece);
    else socket.close();
  };
  const open = () => {
    const waiting = early;
    early = null;
    waiting.forEach(send);
  };
  Promise.all([get("token"), get("bootstrap")]).then(([token, known]) => {
    socket = new WebSocket(known.audio_url);
    socket.onopen = () => { socket.send(JSON.stringify({ token, rate })); open(); };
    socket.onclose = () => settle(null);
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      if (said.partial) onWords(said.partial);
      if (said.final) settle(said.final);
    };
  }).catch(() => settle(null));
  return {
    feed: send,
    async finish() {
      if (!early) send(JSON.stringify({ end: true }));
      const found = early ? null : await Promise.race([heard, pause(FINAL)]);
      early = [];
      if (socket) socket.close();
      return found;
    },
  };
}
