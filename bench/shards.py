"""The cost of more shards: S3 requests a region and the duration of the execution, compared with few shards."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.checkout import REGION_COUNT
from bench.measuring import Row, measure

SHARDS = (1, 2, 10, REGION_COUNT)


def shards(checkout: Path) -> Iterator[Row]:
    """Run all regions with each number of shards, and yield one row for each run."""
    facts = {count: _run(checkout, count) for count in SHARDS}
    requests = {count: _requests_a_region(run) for count, run in facts.items()}
    seconds = {count: run["timings"]["execution"] for count, run in facts.items()}
    for count in SHARDS:
        against = (
            f"{requests[count]:.1f} S3 requests a region, {requests[count] / requests[1]:.2f} × 1 shard; "
            f"time {seconds[count] / seconds[2]:.2f} × 2 shards"
        )
        yield Row(
            f"{REGION_COUNT} regions in {count} shards, as an execution", seconds[count], against=against
        )


def _run(checkout: Path, count: int) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "local", "run", "--shards", str(count)]
    measure(command, checkout, {"PYTHONPATH": str(checkout)})
    run: Mapping[str, Any] = json.loads((checkout / "build" / "last-run.json").read_text(encoding="utf-8"))
    return run


def _requests_a_region(run: Mapping[str, Any]) -> float:
    of_workers = run["metered"]["requests"]["tasks"]
    return float(sum(count for name, count in of_workers.items() if name.startswith("s3:"))) / REGION_COUNT
