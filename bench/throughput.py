"""The duration of ten times the regions in two shards, over the same work in a plain loop on two processes."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.checkout import CATALOG, REGION_COUNT
from bench.measuring import Row, measure

PROCESSES = 2
_TIMES = 10
_MANY = "many"


def throughput(checkout: Path) -> Iterator[Row]:
    """Measure both, and yield their rows."""
    _write_catalog(checkout / "regions")
    environment = {"PYTHONPATH": f"{checkout}:{checkout / 'container'}"}
    loop = [sys.executable, str(checkout / "bench" / "plain_loop.py")]

    def part(number: int) -> None:
        folder = str(checkout / ".local" / f"loop-{number}")
        measure([*loop, folder, _MANY, "0", str(number), str(PROCESSES)], checkout, environment)

    began = time.perf_counter()
    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(part, range(PROCESSES)))
    plain = time.perf_counter() - began
    run = [sys.executable, "-m", "local", "run", "--catalog", _MANY, "--shards", str(PROCESSES)]
    command = measure(run, checkout, {"PYTHONPATH": str(checkout)})
    facts = json.loads((checkout / "build" / "last-run.json").read_text(encoding="utf-8"))
    seconds = facts["timings"]["execution"]
    what = f"{_TIMES * REGION_COUNT} regions"
    yield Row(f"{what}, in a plain loop on {PROCESSES} processes", plain)
    yield Row(
        f"{what} in {PROCESSES} shards, as an execution", seconds, against=f"{seconds / plain:.2f} × the loop"
    )
    yield Row.of(
        f"{what} in {PROCESSES} shards, make run, warm", command, f"{command.seconds / plain:.2f} × the loop"
    )


def _write_catalog(folder: Path) -> None:
    catalog = json.loads((folder / f"{CATALOG}.json").read_text(encoding="utf-8"))
    regions = [
        {**region, "name": f"{region['name']}_{number}"}
        for number in range(_TIMES)
        for region in catalog["regions"]
    ]
    (folder / f"{_MANY}.json").write_text(json.dumps({**catalog, "regions": regions}), encoding="utf-8")
    coast = folder / f"{CATALOG}.coast.json"
    (folder / f"{_MANY}.coast.json").write_text(coast.read_text(encoding="utf-8"), encoding="utf-8")
