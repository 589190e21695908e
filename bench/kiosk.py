"""The kiosk's page: what it weighs, when it is painted on a slow box and on a slow line, and what a hundred uses leave behind.

Bars (design `ux.md`): page and style ≤ 40 KB, own scripts ≤ 15 KB gzipped, no font over 120 KB; largest contentful paint ≤ 1 s at a
sixth of this processor and ≤ 2 s at 400 kbit/s and 300 ms, layout shift < 0.1, each the median of fresh contexts; nodes, listeners
and heap do not grow with use.
"""

import gzip
import logging
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import cast
from urllib.request import urlopen

from playwright.sync_api import Browser

from bench import machine, results
from bench.kiosk_browser import Held, Line, Paint, fresh, held, paint
from bench.progress import Progress
from bench.table import render
from bench.world import working_directory
from kiosk.assets import THEIRS, Asset, assets
from kiosk.languages import LANGUAGES
from tests.support.chromium import chromium
from tests.support.station import Screen, Station, station

KB = 1024
PAGE_BAR, SCRIPTS_BAR, FONT_BAR = 40 * KB, 15 * KB, 120 * KB
SLOW_BOX, SLOW_LINE = 6, Line(kbps=400, latency_ms=300)
LCP_BOX_BAR, LCP_LINE_BAR, CLS_BAR = 1000.0, 2000.0, 0.1
USES = (5, 50, 100)
HEAP_BAR, NODES_BAR, LISTENERS_BAR = 256 * KB, 50, 10
"""What there may be more of after the last uses than after the middle ones: not one node or listener, and 5 KB, for each."""
BARS = {
    "page_bytes": PAGE_BAR, "scripts_gzip_bytes": SCRIPTS_BAR, "font_bytes": FONT_BAR, "lcp_slow_box_ms": LCP_BOX_BAR,
    "lcp_slow_line_ms": LCP_LINE_BAR, "cls": CLS_BAR, "heap_growth_bytes": HEAP_BAR, "nodes_growth": NODES_BAR,
    "listeners_growth": LISTENERS_BAR,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """`detail` says what the value is made of."""

    measure: str
    value: float
    unit: str
    bar: float
    detail: str

    @property
    def passed(self) -> bool:
        return self.value <= self.bar


def weighed(pages: Mapping[str, int], style: int, files: Mapping[str, Asset]) -> list[Row]:
    """`pages`: bytes of the document in each language; `style`: bytes of the style sheets; `files`: as the server sends them."""
    heaviest = max(pages, key=lambda language: pages[language])
    own = [
        len(asset.packed or asset.body)
        for name, asset in files.items()
        if name.endswith(".js") and name not in THEIRS
    ]
    fonts = {
        name: len(asset.body) for name, asset in files.items() if name.endswith((".woff2", ".woff", ".ttf"))
    }
    parts = f"{pages[heaviest]} in {heaviest} + style {style}"
    return [
        Row("page and style", pages[heaviest] + style, "bytes", PAGE_BAR, parts),
        Row("own scripts, gzip", sum(own), "bytes", SCRIPTS_BAR, f"{len(own)} files"),
        Row("largest font", max(fonts.values(), default=0), "bytes", FONT_BAR, f"{len(fonts)} files"),
    ]


def style_sheets(document: str) -> list[str]:
    """Names of those that the page asks for."""
    return re.findall(r'<link rel="stylesheet" href="/kiosk/static/([^"]+)"', document)


def painted(name: str, bar_ms: float, paints: Sequence[Paint]) -> list[Row]:
    """Medians of one case."""
    lcp = [round(one.lcp_ms) for one in paints]
    shifts = [one.cls for one in paints]
    spread = f"{min(lcp)}–{max(lcp)} ms, n = {len(lcp)}"
    return [
        Row(f"largest paint, {name}", float(statistics.median(lcp)), "ms", bar_ms, spread),
        Row(
            f"layout shift, {name}",
            round(statistics.median(shifts), 4),
            "",
            CLS_BAR,
            f"at most {max(shifts):.4f}",
        ),
    ]


def grown(counts: Mapping[int, Held]) -> list[Row]:
    """From the middle to the last of the counted uses; the first ones fill caches."""
    uses = sorted(counts)
    last, before = counts[uses[-1]], counts[uses[-2]]
    detail = {
        name: " → ".join(f"{getattr(counts[n], name)} after {n}" for n in uses)
        for name in ("heap", "nodes", "listeners")
    }
    return [
        Row("growth of the heap", last.heap - before.heap, "bytes", HEAP_BAR, detail["heap"]),
        Row("growth in nodes", last.nodes - before.nodes, "", NODES_BAR, detail["nodes"]),
        Row("growth in listeners", last.listeners - before.listeners, "", LISTENERS_BAR, detail["listeners"]),
    ]


def run(times: int = 5, uses: Sequence[int] = USES) -> bool:
    """Print the table, keep the result; False if a bar was missed."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a request
    with ExitStack() as stack:
        directory = stack.enter_context(working_directory())
        here = stack.enter_context(station(directory))
        browser = stack.enter_context(chromium())
        described = machine.describe(directory, times=times, browser=f"Chromium {browser.version}")
        documents = {language: _read(f"{here.url}/kiosk/page/{language}") for language in LANGUAGES}
        pages = {language: len(document) for language, document in documents.items()}
        style = sum(len(assets()[name].body) for name in style_sheets(documents["zh-Hans"].decode()))
        worker = _packed(_read(f"{here.url}/kiosk/sw.js"))
        rows = weighed(pages, style, {**assets(), "sw.js": worker})
        for name, bar, look in _cases(here):
            rows += painted(name, bar, _looked(name, times, browser, look))
        rows += grown(_used(here, browser, uses))
    print(machine.sentence(described), end="\n\n")
    print(render(_HEAD, [(r.measure, r.value, r.unit, r.bar, r.detail, r.passed) for r in rows]))
    results.write("kiosk", described, BARS, [{**asdict(row), "passed": row.passed} for row in rows])
    return all(row.passed for row in rows)


_HEAD = ("measure", "value", "unit", "at most", "of which", "bar")
Look = Callable[[Browser], Paint]


def _cases(here: Station) -> list[tuple[str, float, Look]]:
    url = f"{here.url}/kiosk/"

    def first_visit(browser: Browser, slowdown: float, line: Line | None) -> Paint:
        context = fresh(browser)
        try:
            return paint(context, url, slowdown=slowdown, line=line)
        finally:
            context.close()

    def every_morning(browser: Browser) -> Paint:
        """Enrolled, with its worker: what a box does when it is switched on."""
        with here.device(browser, clock=False) as screen:
            screen.enrol(here.code())
            screen.page.evaluate("() => navigator.serviceWorker.ready")
            screen.page.close()
            return paint(screen.context, url, slowdown=SLOW_BOX)

    return [
        ("first visit, slow box", LCP_BOX_BAR, lambda browser: first_visit(browser, SLOW_BOX, None)),
        ("every start, slow box", LCP_BOX_BAR, every_morning),
        ("first visit, slow line", LCP_LINE_BAR, lambda browser: first_visit(browser, 1, SLOW_LINE)),
    ]


def _looked(name: str, times: int, browser: Browser, look: Look) -> list[Paint]:
    found = []
    with Progress(name, times) as progress:
        for _ in range(times):
            found.append(look(browser))
            progress.step()
    return found


def _used(here: Station, browser: Browser, uses: Sequence[int]) -> dict[int, Held]:
    """One device, used again and again: a matter by tile, from the first screen to the first screen."""
    counts = {}
    with here.kiosk(browser) as screen, Progress("repeated use", uses[-1]) as progress:
        devtools = screen.context.new_cdp_session(screen.page)
        for n in range(1, uses[-1] + 1):
            _use(here, screen)
            if n in uses:
                counts[n] = held(screen.page, devtools)
            progress.step()
    return counts


def _use(here: Station, screen: Screen) -> None:
    here.office.pass_time(minutes=1)  # nobody is faster, and the device's limit is for those who are
    for do, then in (
        ("category", "items"),
        ("item", "place"),
        ("skip", "contact"),
        ("no-phone", "done"),
        ("finish", "home"),
    ):
        screen.press(do)
        screen.at(then)


def _read(url: str) -> bytes:
    with urlopen(url) as answer:
        return cast(bytes, answer.read())


def _packed(body: bytes) -> Asset:
    return Asset(body, gzip.compress(body, mtime=0), "text/javascript")
