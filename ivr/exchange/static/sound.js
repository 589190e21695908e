// Microphone and loudspeaker, at the telephone's 8 kHz; the browser does the resampling.
const RATE = 8000; // Hz

export class Sound {
  /** `said(Int16Array)` gets the microphone in pieces of 20 ms; `Sound.open` must follow a click or key. */
  static async open(said) {
    const sound = new Sound();
    sound.said = said;
    sound.context = await rig(RATE);
    sound.speaker = new AudioWorkletNode(sound.context, "speaker", { numberOfInputs: 0, outputChannelCount: [1] });
    sound.speaker.connect(sound.context.destination);
    sound.mouth = ear(sound.context, said);
    return sound;
  }

  get rate() {
    return this.own ? this.own.context.sampleRate : RATE;
  }

  /** Throws what getUserMedia throws. */
  async useMicrophone() {
    if (this.stream) return;
    const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: wish });
    try {
      this.context.createMediaStreamSource(this.stream).connect(this.mouth);
    } catch (error) {
      // Some browsers do not resample a microphone: it gets a context of its own, the exchange resamples
      const context = await rig();
      const mouth = ear(context, this.said);
      context.createMediaStreamSource(this.stream).connect(mouth);
      this.own = { context, mouth };
    }
  }

  stopMicrophone() {
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    if (this.own) this.own.context.close();
    this.stream = this.own = null;
  }

  mute(silent) {
    if (this.stream) this.stream.getTracks().forEach((track) => { track.enabled = !silent; });
  }

  /** Speaks a file instead of a person; resolves at its end. */
  async speak(file) {
    const { context, mouth } = this.own || this;
    const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(await file.arrayBuffer()) });
    source.connect(mouth);
    source.start();
    return new Promise((resolve) => { source.onended = resolve; });
  }

  play(pcm) {
    this.speaker.port.postMessage(pcm, [pcm.buffer]);
  }

  /** 450 Hz, the tone of Chinese networks: `on` seconds of sound, then `off` of silence, until `hush`. */
  ring(on, off) {
    this.hush();
    const length = Math.round((on + off) * RATE);
    const buffer = new AudioBuffer({ length, sampleRate: RATE });
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < on * RATE; i += 1) samples[i] = 0.12 * Math.sin((2 * Math.PI * 450 * i) / RATE);
    this.tone = new AudioBufferSourceNode(this.context, { buffer, loop: true });
    this.tone.connect(this.context.destination);
    this.tone.start();
  }

  hush() {
    if (this.tone) this.tone.stop();
    this.tone = null;
  }
}

async function rig(sampleRate) {
  const context = new AudioContext(sampleRate ? { sampleRate } : {});
  await context.audioWorklet.addModule("/static/worklets.js");
  await context.resume();
  return context;
}

function ear(context, said) {
  const node = new AudioWorkletNode(context, "mouth", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  node.port.onmessage = (message) => said(message.data);
  return node;
}
