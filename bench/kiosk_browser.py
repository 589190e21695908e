"""What DevTools tells of a kiosk's page: when it was painted, what moved, and what it holds on to."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

UPRIGHT: Any = {"width": 1080, "height": 1920}
_SETTLED = 1500  # ms without a larger paint: it was the last one
_WATCH = """
window.painted = {lcp: 0, cls: 0, at: 0};
new PerformanceObserver((list) => list.getEntries().forEach((e) => {
  painted.lcp = e.renderTime || e.loadTime || e.startTime; painted.at = performance.now();
})).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((e) => {
  if (!e.hadRecentInput) { painted.cls += e.value; painted.at = performance.now(); }
})).observe({type: "layout-shift", buffered: true});
"""
_IS_SETTLED = (
    f"document.readyState === 'complete' && painted.lcp > 0 && performance.now() - painted.at > {_SETTLED}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A network: kbit/s and ms there and back."""

    kbps: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Paint:
    """Largest contentful paint in ms from the navigation, cumulative layout shift."""

    lcp_ms: float
    cls: float


@dataclass(frozen=True, slots=True)
class Held:
    """After a garbage collection: JavaScript's heap in bytes, nodes of documents, listeners."""

    heap: int
    nodes: int
    listeners: int


def fresh(browser: Browser) -> BrowserContext:
    """Somebody's first visit: no cache, no worker, nothing stored."""
    context = browser.new_context(viewport=UPRIGHT, screen=UPRIGHT)
    context.set_default_timeout(120_000)
    return context


def paint(context: BrowserContext, url: str, *, slowdown: float = 1, line: Line | None = None) -> Paint:
    """Open `url` in a new page whose processor is `slowdown` times slower, over this line."""
    page = context.new_page()
    page.add_init_script(_WATCH)
    devtools = context.new_cdp_session(page)
    if line is not None:
        rate = line.kbps * 1000 / 8
        devtools.send("Network.enable")
        devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": line.latency_ms,
                "downloadThroughput": rate,
                "uploadThroughput": rate,
            },
        )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    page.goto(url)
    while not page.evaluate(
        _IS_SETTLED
    ):  # the page's own policy forbids Playwright's waiting, which evaluates text
        page.wait_for_timeout(100)
    found = page.evaluate("painted")
    page.close()
    return Paint(float(found["lcp"]), float(found["cls"]))


def held(page: Page, devtools: CDPSession) -> Held:
    """What is left once everything that can be collected has been."""
    devtools.send("Performance.enable")
    page.evaluate("() => new Promise((resolve) => requestIdleCallback(resolve))")
    for _ in range(3):  # what one round sets free may hold more
        devtools.send("HeapProfiler.collectGarbage")
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    return Held(int(metrics["JSHeapUsedSize"]), int(metrics["Nodes"]), int(metrics["JSEventListeners"]))
