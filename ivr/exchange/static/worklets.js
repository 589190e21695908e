// Audio thread: floats of the browser ↔ 16 bit pieces of the line.
const PIECES_A_SECOND = 50;
const HEAD_START = 0.12; // seconds that the loudspeaker waits, so that an uneven stream plays evenly

registerProcessor("mouth", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(Math.round(sampleRate / PIECES_A_SECOND));
    this.filled = 0;
  }

  process(inputs) {
    const samples = inputs[0][0] || [];
    for (let i = 0; i < samples.length; i += 1) {
      this.piece[this.filled] = Math.max(-1, Math.min(1, samples[i])) * 32767;
      this.filled += 1;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece);
        this.filled = 0;
      }
    }
    return true;
  }
});

registerProcessor("speaker", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.pieces = [];
    this.at = 0;
    this.waited = 0;
    this.port.onmessage = (message) => this.pieces.push(message.data);
  }

  process(inputs, outputs) {
    const out = outputs[0][0];
    if (!this.pieces.length) this.waited = 0;
    else if (this.waited < HEAD_START * sampleRate) this.waited += out.length;
    else this.fill(out);
    return true;
  }

  fill(out) {
    for (let i = 0; i < out.length && this.pieces.length; i += 1) {
      out[i] = this.pieces[0][this.at] / 32768;
      this.at += 1;
      if (this.at === this.pieces[0].length) {
        this.pieces.shift();
        this.at = 0;
      }
    }
  }
});
