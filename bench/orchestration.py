"""The overhead of orchestration, with one worker for all regions, over the same work in a plain loop."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.checkout import CATALOG, REGION_COUNT
from bench.measuring import Row, measure

SECONDS_PER_REGION = 2.0
_SAMPLE = Path("container") / "worker" / "settings.py"
_AT_ONCE = "sample_seconds_per_region: float = Field(default=0,"


def orchestration(checkout: Path) -> Iterator[Row]:
    """Measure both, and yield their rows."""
    code = (checkout / _SAMPLE).read_text(encoding="utf-8")
    if _AT_ONCE not in code:
        raise RuntimeError(f"{_SAMPLE} has no {_AT_ONCE!r}, which this benchmark replaces; update _AT_ONCE")
    environment = {"PYTHONPATH": f"{checkout}:{checkout / 'container'}"}
    script, folder = checkout / "bench" / "plain_loop.py", checkout / ".local" / "loop"
    loop = [sys.executable, str(script), str(folder), CATALOG, str(SECONDS_PER_REGION)]
    plain = measure(loop, checkout, environment)
    slow = code.replace(_AT_ONCE, f"sample_seconds_per_region: float = Field(default={SECONDS_PER_REGION},")
    (checkout / _SAMPLE).write_text(slow, encoding="utf-8")
    try:
        run = [sys.executable, "-m", "local", "run", "--shards", "1"]
        measure(run, checkout, {"PYTHONPATH": str(checkout)})
    finally:
        (checkout / _SAMPLE).write_text(code, encoding="utf-8")
    facts = json.loads((checkout / "build" / "last-run.json").read_text(encoding="utf-8"))
    seconds = facts["timings"]["execution"]
    what = f"{REGION_COUNT} regions of {SECONDS_PER_REGION:g} s"
    yield Row.of(f"{what}, in a plain loop", plain)
    yield Row(f"{what}, as an execution", seconds, against=f"{seconds / plain.seconds - 1:+.1%}")
