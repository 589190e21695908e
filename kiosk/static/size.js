/* How large letters are: 0.966° at the eye (34 px on 21.5 inches at half a metre), larger when she asks for it. */
const ANGLE = Math.tan((0.966 * Math.PI) / 180);

export const pixels = (profile) => {
  const perMm = Math.hypot(screen.width, screen.height) / profile.inches / 25.4;
  return Math.max(ANGLE * profile.distance_mm * perMm, profile.inches <= 11 ? 39 : 34);
};

export function size(profile, { bigger, contrast }) {
  const root = document.documentElement;
  if (profile.inches) root.style.setProperty("--rem", Math.floor(pixels(profile)) + "px");
  root.classList.toggle("bigger", bigger);
  root.classList.toggle("contrast", contrast);
}
