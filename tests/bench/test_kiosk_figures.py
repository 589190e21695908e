"""What becomes of the kiosk's measurements: sums, medians, growth, and whether a bar is met."""

from bench.kiosk import CLS_BAR, KB, grown, painted, style_sheets, weighed
from bench.kiosk_browser import Held, Paint
from kiosk.assets import Asset


def file(size: int, packed: int | None = None) -> Asset:
    return Asset(b"x" * size, None if packed is None else b"x" * packed, "text/plain")


def test_weights_are_those_of_the_heaviest_page_and_of_our_own_scripts_as_sent() -> None:
    files = {
        "app.js": file(9000, 3000),
        "idle.js": file(400),
        "idb.js": file(90_000, 40_000),
        "kiosk.css": file(9),
        "song.woff2": file(121 * KB),
    }
    page, scripts, font = weighed({"zh-Hans": 30 * KB, "en": 31 * KB}, 9 * KB, files)
    assert (page.value, page.passed, page.detail) == (40 * KB, True, f"{31 * KB} in en + style {9 * KB}")
    assert (scripts.value, scripts.passed, scripts.detail) == (3400, True, "2 files")
    assert (font.value, font.passed) == (121 * KB, False)


def test_style_counts_that_the_page_asks_for() -> None:
    page = '<link rel="icon" href="data:,"><link rel="stylesheet" href="/kiosk/static/kiosk.css"><p>public.css</p>'
    assert style_sheets(page) == ["kiosk.css"]


def test_no_font_is_the_best_font() -> None:
    *_, font = weighed({"en": 1}, 1, {"app.js": file(1)})
    assert (font.value, font.passed) == (0, True)


def test_of_paints_the_median_counts_and_the_spread_is_told() -> None:
    paints = [
        Paint(lcp, shift) for lcp, shift in ((900, 0), (5000, 0.3), (1000.4, 0.1), (800, 0), (1200, 0.2))
    ]
    lcp, shift = painted("slow box", 1000, paints)
    assert (lcp.value, lcp.passed, lcp.detail) == (1000, True, "800–5000 ms, n = 5")
    assert (shift.value, shift.bar, shift.passed) == (0.1, CLS_BAR, True)


def test_growth_is_from_the_middle_to_the_end() -> None:
    counts = {5: Held(1_000_000, 100, 10), 100: Held(1_900_000, 451, 20), 50: Held(1_500_000, 400, 20)}
    heap, nodes, listeners = grown(counts)
    assert (heap.value, heap.passed) == (400_000, False)
    assert (nodes.value, nodes.passed) == (51, False)
    assert (listeners.value, listeners.passed) == (0, True)
    assert nodes.detail == "100 after 5 → 400 after 50 → 451 after 100"
