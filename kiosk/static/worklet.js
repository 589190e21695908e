/* The microphone's samples as PCM16, 50 ms at a time. Runs beside the page. */
const SAMPLES = 800;

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.begin();
  }

  begin() {
    this.piece = new Int16Array(SAMPLES);
    this.filled = 0;
  }

  process(inputs) {
    const samples = inputs[0][0] || [];
    for (let i = 0; i < samples.length; i += 1) {
      this.piece[this.filled] = Math.max(-1, Math.min(1, samples[i])) * 32767;
      this.filled += 1;
      if (this.filled === SAMPLES) {
        this.port.postMessage(this.piece.buffer, [this.piece.buffer]);
        this.begin();
      }
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
