/* The digit pad: what every screen with one does when its keys are pressed. */
const LETTERS = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

export const padded = (length, more) => Object.assign({
  key(app, digit) {
    const { form } = app;
    if (form.typed.length < length) form.typed += digit;
    app.refresh({ letters: false, short: false, notice: null });
  },
  delete(app) {
    app.form.typed = app.form.typed.slice(0, -1);
    app.refresh({ short: false });
  },
  letters: (app) => app.refresh({ letters: true }),
}, more);

/* What the pad's template shows */
export function pad(app, typed) {
  const { form } = app;
  const alphabet = form.letters ? LETTERS.map((value) => ({ value, key: value })) : [];
  return Object.assign(
    { typed: typed || "\u00a0", alphabet, letters: form.letters },
    app.named("short", form.short && "short"),
    app.named("notice", form.notice),
  );
}

/* Something is missing still; it may be that we saw it wrong. */
export function incomplete(app) {
  app.refresh({ short: true });
  app.say([app.word("short").say]);
}
