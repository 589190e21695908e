/* Recordings: play, seek by click and arrow keys, speed, three seconds back and forth. F8, F2, F4 and F9 work
   from anywhere on the page, so that whoever types need not leave the text. Esc plays too, but browsers let no sound
   begin with it before anything else was pressed. */
"use strict";

(() => {
  const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  class Player {
    constructor(root) {
      this.root = root;
      this.form = root.querySelector("form");
      this.seek = root.querySelector(".seek");
      this.clip = root.querySelector("clipPath rect");
      this.width = root.querySelector("svg").viewBox.baseVal.width;
      this.seconds = Number(root.dataset.seconds);
      this.audio = null;
      this.at = 0;
      root.querySelector(".knobs").hidden = false;
      this.form.addEventListener("submit", (event) => { event.preventDefault(); this.toggle(); });
      this.seek.addEventListener("click", (event) => {
        const box = this.seek.getBoundingClientRect();
        this.go(((event.clientX - box.left) / box.width) * this.seconds);
      });
      this.seek.addEventListener("keydown", (event) => this.key(event));
      root.addEventListener("click", (event) => {
        const jump = event.target.closest("[data-jump]");
        if (jump) this.go(this.at + Number(jump.dataset.jump));
      });
      root.querySelector("[data-speed]").addEventListener("change", (event) => {
        if (this.audio) this.audio.playbackRate = Number(event.target.value);
      });
      this.show();
    }

    /* The first time asks the server, which writes down who listens and answers with the way to the audio */
    async load() {
      if (this.audio) return true;
      const answer = await fetch(this.form.action, { method: "POST", body: new FormData(this.form), headers: { "HX-Request": "true" } });
      const said = await answer.text();
      if (!answer.ok) {
        document.querySelector("#messages").innerHTML = said;
        return false;
      }
      this.audio = new Audio(said);
      this.audio.playbackRate = Number(this.root.querySelector("[data-speed]").value);
      this.audio.addEventListener("loadedmetadata", () => {
        if (Number.isFinite(this.audio.duration)) this.seconds = this.audio.duration;
        this.audio.currentTime = Math.min(this.at, this.seconds);
      });
      this.audio.addEventListener("timeupdate", () => { this.at = this.audio.currentTime; this.show(); });
      for (const state of ["play", "pause", "ended"]) {
        this.audio.addEventListener(state, () => this.root.classList.toggle("playing", !this.audio.paused && !this.audio.ended));
      }
      return true;
    }

    async toggle() {
      current = this;
      if (!(await this.load())) return;
      if (this.audio.paused) {
        players.forEach((other) => { if (other !== this) other.audio?.pause(); });
        await this.audio.play().catch(() => this.form.querySelector("[data-play]").focus()); // Esc as the very first key
      } else this.audio.pause();
    }

    go(seconds) {
      this.at = Math.max(0, Math.min(seconds, this.seconds));
      if (this.audio) this.audio.currentTime = this.at;
      this.show();
    }

    faster() {
      const box = this.root.querySelector("[data-speed]");
      box.value = String(SPEEDS[(SPEEDS.indexOf(Number(box.value)) + 1) % SPEEDS.length]);
      box.dispatchEvent(new Event("change"));
    }

    key(event) {
      const to = { ArrowLeft: this.at - 3, ArrowRight: this.at + 3, Home: 0, End: this.seconds }[event.key];
      if (to === undefined && event.key !== " ") return;
      event.preventDefault();
      if (event.key === " ") this.toggle();
      else this.go(to);
    }

    show() {
      this.clip.setAttribute("width", this.seconds ? (this.at / this.seconds) * this.width : 0);
      this.seek.setAttribute("aria-valuenow", Math.round(this.at));
      this.seek.setAttribute("aria-valuetext", clock(this.at));
      this.root.querySelector("[data-at]").textContent = clock(this.at);
    }
  }

  let players = [], current = null;
  const find = () => {
    players.filter((one) => !one.root.isConnected).forEach((one) => one.audio?.pause());
    players = players.filter((one) => one.root.isConnected);
    document.querySelectorAll(".player").forEach((root) => {
      if (!players.some((one) => one.root === root)) players.push(new Player(root));
    });
    document.querySelectorAll(".keys").forEach((line) => { line.hidden = false; });
  };
  document.addEventListener("DOMContentLoaded", find);
  document.addEventListener("htmx:afterSettle", find);

  document.addEventListener("keydown", (event) => {
    const player = current?.root.isConnected ? current : players[0];
    if (!player || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const act = { F8: () => player.toggle(), Escape: () => player.toggle(), F2: () => player.go(player.at - 3), F4: () => player.go(player.at + 3), F9: () => player.faster() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
