/* What she wants to know: how it stands, what is on this week, who looks after the building; and what she thinks of it. */
import { progress } from "./api.js";
import { add } from "./outbox.js";
import { digits } from "./voice.js";
import { dashes, isNumber, part, rating } from "./form.js";
import { incomplete, pad, padded } from "./pad.js";
import { buildings, pick, picks, place } from "./matter.js";

const MARKS = ["fact", "speed", "effect", "attitude"];

function numbers(app) {
  const { step, form } = app;
  const shown = step === "number" ? form.typed : dashes(form.typed, 4);
  return Object.assign(pad(app, shown), { [step]: true, lettered: step === "number", nth: MARKS.indexOf(step) + 1 });
}

/* Number, then the last four digits of the telephone; then `found`. */
const proven = (screen, found, more) => padded(6, Object.assign({
  ok(app) {
    const { form, step } = app;
    if (!(step === "number" ? isNumber(form.typed) : /^\d{4}$/.test(form.typed))) {
      incomplete(app);
      return;
    }
    form.notice = null;
    form[step] = form.typed;
    if (step === "number") app.go(screen, "last4");
    else found(app);
  },
}, more));

async function look(app) {
  const { form } = app;
  app.go("saving");
  const { visit } = app;
  try {
    const found = await progress(form.number, form.last4);
    if (app.visit !== visit) return;
    form.found = found;
    app.go("progress-result");
  } catch (problem) {
    if (app.visit !== visit) return;
    form.notice = problem.kind === "offline" ? "offline" : problem.status === 429 ? "locked" : "no_match";
    app.go("progress", "number");
  }
}

async function rate(app) {
  app.go("saving");
  try {
    app.form.sent = await add("rating", rating(app.form));
    app.go("thanks", "rated");
  } catch (problem) {
    app.go("full");
  }
}

export const screens = {
  ask: {
    do: {
      progress: (app) => app.go("progress", "number"),
      rate: (app) => app.go("rate", "number"),
      keeper: (app) => place(app, "keeper"),
    },
  },

  progress: { values: numbers, do: proven("progress", look) },

  "progress-result": {
    values(app) {
      const { number, category, state, promised_on: on } = app.form.found;
      const finished = state === "resolved" || state === "closed";
      const promised = on && !finished ? new Date(on + "T12:00:00") : null;
      return Object.assign(
        { number, finished },
        app.day("promised", promised),
        app.named("category", category || "matter"),
        app.named("state", state),
      );
    },
    enter: (app) => app.read(),
    do: { "rate-this": (app) => app.go("rate", "fact") },
  },

  rate: {
    template: ({ step }) => (MARKS.includes(step) ? "rate" : "progress"),
    values: numbers,
    do: proven("rate", (app) => app.go("rate", "fact"), {
      mark(app, mark) {
        app.form[app.step] = mark ? Number(mark) : null;
        const next = MARKS[MARKS.indexOf(app.step) + 1];
        if (next) app.go("rate", next);
        else rate(app);
      },
    }),
  },

  thanks: {
    thanks: true,
    fixed: true,
    values(app) {
      const { form, step } = app;
      const { result } = form.sent;
      const refused = result && result.status !== "taken";
      const when = result && result.at ? new Date(result.at) : null;
      return Object.assign(app.moment("when", when), {
        [step]: !refused,
        sent: Boolean(result),
        says: refused && result.says,
        phone: form.phone,
      });
    },
    enter: (app) => app.read(),
  },

  activities: {
    values(app) {
      const list = app.boot.activities.map(({ theme, place: where, starts_at: at }) => (
        Object.assign(app.moment("when", new Date(at)), { theme, place: where })
      ));
      return Object.assign(part(list, 3, app.form.page), { none: !list.length });
    },
  },

  keeper: {
    template: ({ step }) => (step === "answer" ? "keeper" : "place"),
    values(app) {
      const { form, step, boot } = app;
      if (step !== "answer") return Object.assign({ list: true, [step]: true }, picks(app));
      const found = buildings(app).find(({ label }) => label === form.building);
      const phone = found && found.keeper_shown;
      const shown = phone || boot.hotline_shown;
      return Object.assign({ phone, shown }, app.named("place", found && "building", { n: form.building }));
    },
    enter(app) {
      if (app.step !== "answer") return;
      const { shown } = this.values(app);
      app.say(app.sentences().slice(0, 1).concat(digits(shown.replace(/ /g, ""), app.language)));
    },
    do: {
      choose(app, value) {
        pick(app, value);
        app.go("keeper", app.step === "estate" && buildings(app).length ? "building" : "answer");
      },
      skip: (app) => app.go("keeper", "answer"),
    },
  },
};
