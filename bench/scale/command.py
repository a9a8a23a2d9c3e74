"""The tables of `make bench ARGS=scale`: three real runs, the simulation of the same runs, and that of larger ones.

The simulation takes its times from the two smaller real runs, so the largest one checks it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.checkout import copy
from bench.scale.real import SECONDS_A_REGION, RealRun, deployed, run, write_settings
from bench.scale.simulation import (
    EVENTS_A_SHARD,
    LAUNCH_BURST,
    LAUNCHES_A_SECOND,
    NEW_ACCOUNT_VCPUS,
    TRANSITIONS_A_SHARD,
    Capacity,
    Costs,
    Run,
    simulate,
)

REGIONS = (29, 290, 2_900)
SIMULATED = 29_000
SHARDS = 10
MOST_SHARDS = 40


def main() -> None:
    """Run, simulate, and print the tables."""
    console = Console()
    runs = _real_runs()
    console.print(_measured(runs))
    console.print(_simulated(runs))


def _real_runs() -> list[RealRun]:
    with tempfile.TemporaryDirectory(prefix="ccapi-bench-") as folder:
        checkout = copy(Path(folder))
        # One region more, so that no run is a success of the whole catalog, which has another state.
        write_settings(checkout, REGIONS[-1] + 1, SHARDS)
        with deployed(checkout) as (aws, outputs):
            # The first run of a stack has no claim of an earlier one to take over, and so fewer states.
            run(aws, outputs, 1, SHARDS)
            return [run(aws, outputs, regions, SHARDS) for regions in REGIONS]


def _measured(runs: Sequence[RealRun]) -> Table:
    table = _table(
        f"Real runs in {SHARDS} shards, {SECONDS_A_REGION:g} s of waiting for each region",
        (
            "regions",
            "outcome",
            "seconds",
            "transitions",
            "events",
            "largest data",
            "S3 a region",
            "USD a region",
            "page",
        ),
    )
    for one in runs:
        size, place = one.largest_payload
        table.add_row(
            f"{one.regions:,}",
            "; ".join([one.status, *one.warnings]),
            f"{one.seconds:.1f}",
            str(one.transitions),
            str(one.events),
            f"{size:,} B: {place}",
            f"{one.s3_requests / one.regions:.2f}",
            f"{one.usd / one.regions:.6f}",
            f"{one.largest_page_bytes:,} B",
        )
    return table


def costs_of(small: RealRun, middle: RealRun) -> Costs:
    """Return the parts of a run, from two runs of different sizes in the same number of shards."""
    shares = [-(-one.regions // one.shards) for one in (small, middle)]
    seconds_a_region = (middle.map_seconds - small.map_seconds) / (shares[1] - shares[0])
    outside = [one.seconds - one.map_seconds for one in (small, middle)]
    reduce_seconds = (outside[1] - outside[0]) / (middle.regions - small.regions)
    return Costs(
        fixed_seconds=outside[0] - small.regions * reduce_seconds,
        reduce_seconds_a_region=reduce_seconds,
        start_seconds=small.map_seconds - shares[0] * seconds_a_region,
        seconds_a_region=seconds_a_region,
        transitions=small.transitions - small.shards * TRANSITIONS_A_SHARD,
        events=small.events - small.shards * EVENTS_A_SHARD,
    )


def _simulated(runs: Sequence[RealRun]) -> Table:
    costs = costs_of(*runs[:2])
    table = _table(
        f"Simulated runs, with the times of the runs of {REGIONS[0]} and {REGIONS[1]} regions",
        ("regions", "shards", "capacity", "seconds", "transitions", "events", "against the real run"),
    )
    unlimited = Capacity(LAUNCH_BURST, LAUNCHES_A_SECOND, MOST_SHARDS)
    for real in runs:
        found = simulate(real.regions, SHARDS, costs, unlimited)
        difference = (
            f"{found.seconds / real.seconds - 1:+.1%} s, {found.transitions - real.transitions:+d} transitions, "
            f"{found.events - real.events:+d} events"
        )
        table.add_row(*_cells(real.regions, SHARDS, "", found), difference)
    for shards, tasks, capacity in _capacities():
        found = simulate(SIMULATED, shards, costs, Capacity(LAUNCH_BURST, LAUNCHES_A_SECOND, tasks))
        table.add_row(*_cells(SIMULATED, shards, capacity, found), "")
    return table


def _capacities() -> Iterator[tuple[int, int, str]]:
    for shards in (SHARDS, MOST_SHARDS):
        yield shards, shards, f"{shards} tasks at once"
    yield MOST_SHARDS, NEW_ACCOUNT_VCPUS, f"{NEW_ACCOUNT_VCPUS} tasks of 1 vCPU, as a new account"


def _cells(regions: int, shards: int, capacity: str, found: Run) -> tuple[str, ...]:
    return (
        f"{regions:,}",
        str(shards),
        capacity,
        f"{found.seconds:,.1f}",
        f"{found.transitions:,}",
        f"{found.events:,}",
    )


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
