/* A matter, by voice or by tile: what → where → how to reach you → the number. */
import { add } from "./outbox.js";
import { record } from "./recorder.js";
import { digits, play } from "./voice.js";
import { NOWHERE, grouped, isPhone, masked, matter, part } from "./form.js";
import { incomplete, pad, padded } from "./pad.js";
import { code, print } from "./slip.js";

const FAINT = 0.25; // of the level meter
const HEARABLE = 2500; // ms without anything louder, and we ask her to come closer

const items = (app) => app.boot.categories.find(({ code: own }) => own === app.form.category);
export const buildings = ({ form }) => (form.site ? form.site.buildings : []);

/* Where to begin: nobody is asked what has only one answer. */
export function place(app, screen) {
  if (app.boot.places.length > 1) { app.go(screen, "estate"); return; }
  app.form.site = app.boot.places[0] || null;
  app.form.estate = app.form.site && app.form.site.label;
  app.go(screen, "building");
}

/* Estates and buildings as buttons, by their place in the list; the unit's and the room's number are typed. */
export function picks(app) {
  const known = app.step === "estate" ? app.boot.places : buildings(app);
  const choices = known.map(({ label, name }, value) => {
    const { text, say } = app.step === "estate" ? { text: name, say: name } : app.word("building", { n: label });
    return { value, name: text, say };
  });
  return part(choices, app.step === "estate" ? 6 : 12, app.form.page);
}

export function pick(app, value) {
  const { form, step } = app;
  if (step === "estate") form.site = app.boot.places[value];
  else form.building = buildings(app)[value].label;
  form.estate = form.site.label;
}

/* Places in words of the page's language; the server gets the numbers. */
function soFar(app, { estate, building, unit, room }) {
  const named = app.boot.places.find(({ label }) => label === estate);
  return [
    named ? named.name : estate,
    building && app.word("building", { n: building }).text,
    unit && app.word("unit", { n: unit }).text,
    room,
  ].filter(Boolean).join(" ");
}

/* Whom we cannot hear twice, staff hear from the recording. */
async function listen(app) {
  const { form, visit } = app;
  let loud = performance.now();
  app.recording = record({
    maxSeconds: app.boot.recording_seconds,
    silenceSeconds: 3,
    onLevel(level) {
      if (app.visit !== visit) return;
      if (level > FAINT) loud = performance.now();
      const quiet = performance.now() - loud > HEARABLE;
      app.main.querySelector(".level").style.setProperty("--level", level);
      if (quiet !== form.quiet) app.refresh({ quiet });
    },
    onWords: (words) => { if (app.visit === visit) app.refresh({ words }); },
  });
  try {
    const { wav, spoke, heard } = await app.recording.done;
    if (app.visit !== visit) return;
    app.recording = null;
    form.tries += 1;
    if (!spoke && !(wav && form.tries > 1)) { app.go("unheard"); return; }
    const sure = Boolean(heard && heard.sure);
    Object.assign(form, { wav, heard, words: sure ? heard.words : null }, sure ? heard.place : {});
    if (sure && heard.category && !form.chosen) form.category = heard.category;
    app.go("hear");
    if (heard && heard.danger) app.danger(heard.danger);
  } catch (problem) {
    if (app.visit === visit) app.go("unheard", "deaf");
  }
}

/* Stored before we say so */
async function send(app) {
  const { form } = app;
  app.go("saving");
  try {
    form.sent = await add("matter", matter(form));
    form.wav = null;
    app.go("done");
  } catch (problem) {
    app.go("full");
  }
}

export const screens = {
  speak: {
    passing: true,
    busy: true,
    values: ({ form }) => ({ words: form.words, quiet: form.quiet }),
    enter(app) {
      const { form } = app;
      Object.assign(form, { words: null, quiet: false, wav: null, agreed: false }, NOWHERE);
      if (!form.chosen) form.category = null;
      listen(app);
    },
    leave(app) {
      if (app.recording) app.recording.stop();
      app.recording = null;
    },
    do: { stop: (app) => app.recording && app.recording.stop() },
  },

  hear: {
    values(app) {
      const { form } = app;
      const about = [form.category && app.word(form.category).text, soFar(app, form)].filter(Boolean).join(" · ");
      return { sure: Boolean(form.words), words: form.words, about };
    },
    do: {
      play: (app) => app.form.wav && play(app.form.wav),
      yes(app) {
        app.form.agreed = true;
        app.go("contact");
      },
      again: (app) => app.go("speak"),
    },
  },

  unheard: {
    passing: true,
    values: ({ step }) => ({ deaf: step === "deaf" }),
    do: { again: (app) => app.go("speak") },
  },

  items: {
    values(app) {
      const { form } = app;
      const all = (items(app) || { items: [] }).items.map(({ id, name, picture }) => ({ value: id, name, picture }));
      const { choices, more } = part(all, 6, form.page);
      choices.forEach((choice, i) => { choice.key = i + 1; });
      return Object.assign({ choices, more, culture: form.category === "culture" }, app.named("category", form.category));
    },
    do: {
      item(app, id) {
        app.form.item = Number(id);
        place(app, "place");
      },
      other(app) {
        app.form.item = null;
        app.go("speak");
      },
    },
  },

  place: {
    values(app) {
      const { form, step } = app;
      const list = step === "estate" || (step === "building" && buildings(app).length > 0);
      return Object.assign(
        { list, [step]: true, typing: !list, so_far: soFar(app, form) },
        list ? picks(app) : pad(app, form.typed),
      );
    },
    do: padded(5, {
      choose(app, value) {
        pick(app, value);
        app.go("place", app.step === "estate" ? "building" : "unit");
      },
      ok(app) {
        app.form[app.step] = app.form.typed || null;
        if (app.step === "room") app.go("contact");
        else app.go("place", app.step === "unit" ? "room" : "unit");
      },
      skip: (app) => app.go("contact"),
    }),
  },

  contact: {
    values(app) {
      const { typed, phone } = app.form;
      return pad(app, typed ? grouped(typed) : phone && masked(phone));
    },
    do: padded(12, {
      phone(app) {
        const { form } = app;
        const phone = form.typed || form.phone;
        if (!phone || !isPhone(phone)) { incomplete(app); return; }
        form.phone = phone;
        send(app);
      },
      "no-phone": (app) => {
        app.form.phone = null;
        send(app);
      },
    }),
  },

  saving: { passing: true, busy: true, fixed: true },

  done: {
    thanks: true,
    fixed: true,
    values(app) {
      const { form, boot } = app;
      const { slip, result } = form.sent;
      const sent = Boolean(result && result.status === "taken");
      const category = (result && result.category) || form.category;
      const promised = result && result.promised_on ? new Date(result.promised_on + "T12:00:00") : null;
      return Object.assign(app.day("promised", promised), app.day("today", new Date()), {
        sent,
        number: result && result.ticket ? String(result.ticket) : slip,
        phone: form.phone && masked(form.phone),
        printer: boot.profile.printer_mm,
        what: category ? app.word(category).text : "",
        station: boot.station.name,
        hotline: boot.hotline_shown,
      });
    },
    drawn(app) {
      const places = app.main.querySelectorAll("[data-qr]");
      if (app.boot.public_url) places.forEach((at) => at.append(code(app.boot.public_url + "/p/" + app.form.sent.uuid)));
    },
    enter(app) {
      const { number, sent } = this.values(app);
      const spoken = [app.word("number_is").say].concat(digits(number, app.language));
      app.say(spoken.concat(app.word("again").say, spoken));
      const { result } = app.form.sent;
      if (sent && result.danger && !app.warned) app.danger(result.danger);
    },
    do: {
      async print(app) {
        app.printing = true;
        await print(app.boot.profile.printer_mm);
        app.printing = false;
      },
    },
  },

  full: {
    thanks: true,
    values: ({ boot }) => ({ hotline: boot.hotline_shown }),
  },
};
