"""Results on disk: bench/results/NAME.json, to be committed with what they measured."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def write(name: str, machine: dict[str, Any], bars: dict[str, Any], cases: list[dict[str, Any]]) -> Path:
    """`bars` are the limits that the figure is held to, `cases` one object a row of its table."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {"figure": name, "machine": machine, "bars": bars, "cases": cases}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
