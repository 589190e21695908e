// The telephone's cord: one WebSocket to the exchange, plugged in again by itself when it falls out.
const AGAIN = 2000; // ms

export class Line {
  /** `told(event)` gets what the exchange tells, `heard(Int16Array)` what comes out of the earpiece. */
  constructor(number, told, heard) {
    Object.assign(this, { number, told, heard, wanted: true });
    this.plugIn();
  }

  plugIn() {
    this.socket = new WebSocket("ws://" + location.host + "/exchange/line?number=" + encodeURIComponent(this.number));
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (message) => {
      if (typeof message.data !== "string") this.heard(new Int16Array(message.data));
      else this.receive(JSON.parse(message.data));
    };
    this.socket.onclose = () => {
      if (!this.wanted) return;
      if (!this.refused) this.told({ event: "unplugged" });
      this.timer = setTimeout(() => this.plugIn(), AGAIN);
    };
  }

  /** A number that is open in another window may become free; other refusals are final. */
  receive(event) {
    this.refused = event.event === "refused";
    if (this.refused && event.why !== "taken") this.wanted = false;
    this.told(event);
  }

  unplug() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket.close();
  }

  send(order) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(order instanceof Int16Array ? order : JSON.stringify(order));
  }
}
