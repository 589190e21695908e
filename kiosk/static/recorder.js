/* Her voice as a WAV file: PCM16, mono, 16 kHz. It ends when she stops it, when she has finished, or when time is up. */
import { hear } from "./hearing.js";

const RATE = 16000;
const PIECE = 0.05; // seconds, as the worklet sends them
const BYTES = RATE * PIECE * 2;
const ROOM = 40; // pieces: the quietest of the last two seconds is the noise of the room
const CLEAR_DB = 10; // above it somebody speaks
const FAINTEST_DB = -50;
const DEAF = 4000; // ms: a microphone that has given nothing by then gives nothing

/* {stop(), done}: done resolves with {wav, seconds, spoke, heard} and rejects with kind "no_microphone". */
export function record(options) {
  let stop;
  const stopped = new Promise((resolve) => { stop = () => resolve(null); });
  return { stop, done: run(options, stop, stopped) };
}

async function run(options, stop, stopped) {
  const { onLevel = () => {}, onWords = () => {}, maxSeconds = 120, silenceSeconds = 3, patienceSeconds = 8 } = options;
  const pieces = [];
  const ear = listening(silenceSeconds, patienceSeconds);
  const hearing = hear(RATE, onWords);
  const deaf = setTimeout(stop, DEAF);
  try {
    const stream = await Promise.race([microphone(stopped), stopped]);
    if (stream) {
      await connect(stream, stopped, ({ data }) => {
        clearTimeout(deaf);
        pieces.push(data);
        hearing.feed(data);
        const level = decibels(new Int16Array(data));
        onLevel(Math.max(0, Math.min(1, (level + 60) / 50)));
        if (ear(level) || pieces.length * PIECE >= maxSeconds) stop();
      });
      stream.getTracks()[0].onended = stop; // pulled out: what was said until then is kept
      await stopped;
      if (!pieces.length) throw new Error("nothing came");
    }
  } catch (problem) {
    hearing.finish();
    throw { kind: "no_microphone" };
  } finally {
    stop();
    clearTimeout(deaf);
  }
  const heard = await hearing.finish();
  const wav = pieces.length ? new Blob([header(pieces.length * BYTES)].concat(pieces), { type: "audio/wav" }) : null;
  return { wav, seconds: pieces.length * PIECE, spoke: ear.spoke || Boolean(heard && heard.words), heard };
}

/* Let go of again whenever it is over, however late it came */
async function microphone(stopped) {
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  stopped.then(() => stream.getTracks().forEach((track) => track.stop()));
  return stream;
}

async function connect(stream, stopped, take) {
  const context = new AudioContext({ sampleRate: RATE }); // the browser resamples
  let over = false;
  stopped.then(() => { over = true; return context.close(); });
  await Promise.race([context.audioWorklet.addModule("/kiosk/static/worklet.js"), stopped]);
  if (over) return;
  const node = new AudioWorkletNode(context, "microphone");
  node.port.onmessage = (message) => { if (!over) take(message); };
  context.createMediaStreamSource(stream).connect(node).connect(context.destination); // silent, and it keeps it running
  context.resume();
}

/* Level after level, is it over? Not before she has begun, within `patience` seconds; then after `silence` of them. */
function listening(silence, patience) {
  const levels = [];
  const loud = [];
  const ear = (level) => {
    levels.push(level);
    if (levels.length > ROOM) levels.shift();
    loud.push(level > Math.max(Math.min(...levels) + CLEAR_DB, FAINTEST_DB));
    if (loud.length > 6) loud.shift();
    const clear = loud.filter(Boolean).length;
    if (clear >= 4) ear.spoke = true;
    quiet = clear >= 2 && ear.spoke ? 0 : quiet + PIECE;
    return quiet >= (ear.spoke ? silence : patience);
  };
  let quiet = 0;
  ear.spoke = false;
  return ear;
}

function decibels(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power / 32768 / 32768 + 1e-7);
}

/* RIFF, WAVE, "fmt ", PCM and one channel, rate, bytes a second, two bytes a sample of 16 bits, "data"; all little-endian */
const header = (bytes) => new Uint32Array([
  0x46464952, 36 + bytes, 0x45564157, 0x20746d66, 16, 0x10001, RATE, RATE * 2, 0x100002, 0x61746164, bytes,
]);
