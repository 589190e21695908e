"""The table of ux.md, measured in the browser on whatever is to be seen of a kiosk's page at this moment.

Each check gives faults, one line each with the element it is about; no faults is what a test wants. Sizes are CSS px.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LINE = 14  # Chinese characters
FORBIDDEN = re.compile("提交|确认|確認|工单|工單|诉求|訴求")


@dataclass(frozen=True)
class Bars:
    """What a screen of this size is held to."""

    text: float
    tile: float
    target: float = 60
    gap: float = 16


LARGE = Bars(text=34, tile=220)  # 21.5 inches at 500 mm
SMALL = Bars(text=39, tile=170)  # 10.1 inches

# What is seen: laid out, not transparent, not of one pixel for screen readers, and under no open dialog
_SEEN = """
const modal = [...document.querySelectorAll("dialog[open]")].pop();
const root = modal || document.body;
const tag = (e) => e.outerHTML.replace(/\\s+/g, " ").slice(0, 90);
const seen = (e) => {
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  return box.width > 2 && box.height > 2 && style.visibility === "visible" && e.checkVisibility({opacityProperty: true});
};
const texts = () => {
  const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, owner = node.parentElement;
    if (!node.data.trim() || owner.closest("template, script, style, noscript") || !seen(owner)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    if (boxes.length) found.push({node, owner, boxes});
  }
  return found;
};
const controls = () => [...root.querySelectorAll("a[href], button, input, select, textarea, summary, [role=button], [tabindex='0']")]
  .filter((e) => seen(e) && !e.disabled);
"""

_TEXT = """(least) => {
  const found = [];
  for (const {owner} of texts()) {
    const size = parseFloat(getComputedStyle(owner).fontSize);
    if (size < least - 0.05) found.push(size + " px: " + tag(owner));
  }
  for (const e of root.querySelectorAll("*")) for (const part of ["::before", "::after"]) {
    const style = getComputedStyle(e, part);
    if (/[\\p{L}\\p{N}]/u.test(style.content.replace(/^(none|normal|counter.*|attr.*)$/, "")) && seen(e) &&
        parseFloat(style.fontSize) < least - 0.05) found.push(style.fontSize + part + ": " + tag(e));
  }
  return found;
}"""

_TARGETS = """([least, gap]) => {
  const found = [], all = controls().map((e) => [e, e.getBoundingClientRect()]);
  for (const [e, box] of all) if (box.width < least - 0.5 || box.height < least - 0.5)
    found.push(Math.round(box.width) + " × " + Math.round(box.height) + ": " + tag(e));
  all.forEach(([one, a], n) => all.slice(n + 1).forEach(([other, b]) => {
    if (one.contains(other) || other.contains(one)) { found.push("one in the other: " + tag(other)); return; }
    const apart = Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
    if (apart < gap - 0.5) found.push("gap " + Math.round(apart) + ": " + tag(one) + " | " + tag(other));
  }));
  return found;
}"""

_TILES = """([selector, least]) => [...root.querySelectorAll(selector)].filter(seen)
  .map((e) => [e, e.getBoundingClientRect().height]).filter(([, height]) => height < least - 0.5)
  .map(([e, height]) => Math.round(height) + " px high: " + tag(e))"""

# A text may leave neither the window sideways, nor what scrolls or hides around it, nor the control that it is the name of;
# and no text lies on another one
_CLIPPED = """(scrolls) => {
  const found = [], all = texts();
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) found.push("the page is " + wide + " px wide");
  if (!scrolls && document.documentElement.scrollHeight > innerHeight + 1)
    found.push("the page is " + document.documentElement.scrollHeight + " px high");
  for (const e of [root, ...root.querySelectorAll("*")]) {
    if (!seen(e)) continue;
    const style = getComputedStyle(e), hides = /hidden|clip/, cut = /hidden|clip|auto|scroll/;
    if ((scrolls ? hides : cut).test(style.overflowY) && e.scrollHeight > e.clientHeight + 2 && e.clientHeight)
      found.push("cut below (" + e.scrollHeight + " in " + e.clientHeight + "): " + tag(e));
    if (cut.test(style.overflowX) && e.scrollWidth > e.clientWidth + 2 && e.clientWidth)
      found.push("cut sideways (" + e.scrollWidth + " in " + e.clientWidth + "): " + tag(e));
  }
  const out = (box, frame) => box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 6 || box.bottom > frame.bottom + 6;
  for (const {node, owner, boxes} of all) for (const box of boxes) {
    const control = owner.closest("button, a, input, [role=button], li" + (scrolls ? "" : ", dialog"));
    if (control && out(box, control.getBoundingClientRect())) found.push("sticks out: " + node.data.trim() + " of " + tag(control));
    else if (box.left < -1 || box.right > innerWidth + 1) found.push("out of the window: " + node.data.trim());
  }
  all.forEach((one, n) => all.slice(n + 1).forEach((other) => one.boxes.forEach((a) => other.boxes.forEach((b) => {
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left), height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > 0.35 * Math.min(a.height, b.height)) found.push("one on the other: " + one.node.data.trim() + " | " + other.node.data.trim());
  }))));
  return [...new Set(found)];
}"""

# The lines of every block as they are broken now, spaces gone
_LINES = """() => {
  const blocks = new Map();
  for (const {node, owner} of texts()) {
    let block = owner;
    while (getComputedStyle(block).display.startsWith("inline") && !block.matches("button, a") && block.parentElement) block = block.parentElement;
    const range = document.createRange(), lines = blocks.get(block) || [];
    blocks.set(block, lines);
    for (let n = 0; n < node.data.length; n++) {
      range.setStart(node, n); range.setEnd(node, n + 1);
      const [box] = range.getClientRects();
      if (!box || !node.data[n].trim()) continue;
      const line = lines.find((l) => Math.abs(l.bottom - box.bottom) < box.height / 2);
      if (line) line.text += node.data[n];
      else lines.push({bottom: box.bottom, text: node.data[n]});
    }
  }
  return [...blocks.values()].flat().map((line) => line.text);
}"""

_WORDS = """() => [root, ...root.querySelectorAll("*")].flatMap((e) => [
    ...["aria-label", "data-say", "title", "alt", "placeholder"].map((name) => e.getAttribute(name) || ""),
    ...[...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data)])"""

_SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)
# Not a <style>: the page's policy allows none
_RESTYLE = """(rules) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
}"""


def too_small(page: Page, bars: Bars) -> list[str]:
    """Texts below the size, and what can be pressed but is small or close to its neighbour."""
    return [
        *_run(page, _TEXT, bars.text),
        *_run(page, _TARGETS, [bars.target, bars.gap]),
        *_run(page, _TILES, [".tile", bars.tile]),
    ]


def clipped(page: Page, *, scrolls: bool = False) -> list[str]:
    """`scrolls`: the page may be higher than the window (zoomed, narrow); nobody swipes at a kiosk."""
    return _run(page, _CLIPPED, scrolls)


def long_lines(page: Page) -> list[str]:
    """Lines with more Chinese characters than an old reader takes in at once; punctuation and digits not counted."""
    return [line for line in _run(page, _LINES) if len(re.findall(r"[\u4e00-\u9fff]", line)) > LINE]


def forbidden_words(page: Page) -> list[str]:
    return [text.strip() for text in _run(page, _WORDS) if FORBIDDEN.search(text)]


def styled(page: Page, bars: Bars, *, spaced: bool = False) -> None:
    """Letters as on a device of this kind, whatever the page thinks it is; `spaced`: as WCAG 1.4.12 has it."""
    page.evaluate(_RESTYLE, f":root {{ --rem: {bars.text}px !important }} {_SPACING if spaced else ''}")


def axe_faults(page: Page, rules_off: Sequence[str] = ()) -> list[str]:
    """axe-core's violations with every rule it has, those of level AAA included."""
    tags = ("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
    rules = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
    rules |= {name: {"enabled": False} for name in rules_off}
    found = (
        Axe()
        .run(page, options={"runOnly": {"type": "tag", "values": tags}, "rules": rules})
        .response["violations"]
    )
    return [f"{item['id']}: {node['html'][:120]}" for item in found for node in item["nodes"]]


def _run(page: Page, script: str, *given: Any) -> list[str]:
    """The script may use what `_SEEN` defines."""
    body = f"(given) => {{ {_SEEN} return ({script})(given); }}"
    return list(page.evaluate(body, *given))
