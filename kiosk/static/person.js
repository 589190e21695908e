/* A person: somebody comes, or somebody rings. And the two screens that only staff see. */
import { enrol, person, personState, uuid } from "./api.js";
import { add } from "./outbox.js";
import { dashes, grouped, isPhone, masked } from "./form.js";
import { incomplete, pad, padded } from "./pad.js";

const POLL = 2000;
const PATIENCE = 60000;

async function find(app) {
  const { visit } = app;
  const id = uuid();
  const since = performance.now();
  const here = () => app.visit === visit;
  try {
    let { state } = await person(id);
    while (state === "ringing" && here() && performance.now() - since < PATIENCE) {
      await new Promise((resolve) => { setTimeout(resolve, POLL); });
      if (here()) ({ state } = await personState(id));
    }
    if (here() && state === "coming") { app.go("person", "coming"); return; }
  } catch (problem) { /* nobody can be rung from here: we ring her */ }
  if (here()) app.go("person-phone");
}

async function returnCall(app) {
  const { form } = app;
  app.go("saving");
  try {
    form.sent = await add("return_call", { phone: form.phone, number: null });
    form.phone = masked(form.phone);
    app.go("thanks", "call");
  } catch (problem) {
    app.go("full");
  }
}

export const screens = {
  person: {
    passing: true,
    values: ({ step }) => ({ ringing: step !== "coming", coming: step === "coming" }),
    enter(app) {
      app.read();
      if (app.step !== "coming") find(app);
    },
    do: { "call-me": (app) => app.go("person-phone", "asked") },
  },

  "person-phone": {
    values: (app) => Object.assign(pad(app, grouped(app.form.typed)), { asked: app.step === "asked" }),
    enter: (app) => app.read(),
    do: padded(12, {
      ok(app) {
        const { form } = app;
        if (!isPhone(form.typed)) { incomplete(app); return; }
        form.phone = form.typed;
        returnCall(app);
      },
    }),
  },

  enrol: {
    device: true,
    values: (app) => pad(app, dashes(app.form.typed, 8)),
    do: padded(8, { ok: (app) => join(app, app.form.typed) }),
  },

  closed: {
    device: true,
    values: (app) => ({ hotline: app.boot && app.boot.hotline_shown, unreachable: app.step === "unreachable" }),
    do: { retry: (app) => app.load(), enrol: (app) => app.go("enrol") },
  },
};

export async function join(app, code) {
  try {
    await enrol(code);
    await app.load();
  } catch (problem) {
    app.go("enrol");
    app.refresh({ typed: "", notice: problem.kind === "offline" ? "offline" : problem.status === 429 ? "locked" : "bad_code" });
  }
}
