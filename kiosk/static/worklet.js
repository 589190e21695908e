/* The microphone's samples as PCM16, 50 ms at a time. Runs beside the page. */
const SAMPLES = 800;

class Microphone extends AudioWorkletProcessor {
  process(inputs) {
    for (const sample of inputs[0][0] || []) {
      if (!this.filled) this.piece = new Int16Array(SAMPLES);
      this.piece[this.filled || 0] = Math.max(-1, Math.min(1, sample)) * 32767;
      this.filled = ((this.filled || 0) + 1) % SAMPLES;
      if (!this.filled) this.port.postMessage(this.piece.buffer, [this.piece.buffer]);
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
