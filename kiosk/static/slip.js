/* The QR code of a matter's page, and the slip of paper. */
import { qrcode } from "./qrcode.js";

const SVG = "http://www.w3.org/2000/svg";

export function code(address) {
  const qr = qrcode(0, "M");
  qr.addData(address);
  qr.make();
  const size = qr.getModuleCount();
  let path = "";
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) if (qr.isDark(y, x)) path += "M" + x + " " + y + "h1v1h-1z";
  }
  const svg = document.createElementNS(SVG, "svg");
  const drawn = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "-4 -4 " + (size + 8) + " " + (size + 8));
  svg.setAttribute("aria-hidden", "true");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

/* `mm`: the width of the station's paper. Resolves when the browser's part of it is over. */
export function print(mm) {
  document.body.dataset.paper = mm;
  return new Promise((resolve) => {
    addEventListener("afterprint", resolve, { once: true });
    window.print();
  });
}
