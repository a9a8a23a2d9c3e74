"""The command behind `make soak`: runs under random faults, each checked against the promises of a run."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.checkout import copy
from local.paths import ROOT
from local.toolchain import ready
from tests.local.run.conftest import Checkout
from tests.local.run.kept import keep
from tests.soak.draw import Drawn, drawn
from tests.soak.shrink import shrunk
from tests.soak.soak import REGIONS, Result, Soak
from tests.soak.stage import Stage
from tests.soak.table import table
from tests.soak.vocabulary import EVENTS, FAULTS

_KNOWN = {**FAULTS, **EVENTS}


def main() -> int:
    """Do the runs, print what they broke and the table; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="the number of runs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="the seed of the faults (default: %(default)s)")
    parser.add_argument("--run", type=int, help="only this run of the seed, by its number from 0")
    parser.add_argument("--faults", help="in place of those of that run; `none` for none")
    options = parser.parse_args()
    runs = list(_runs(options.seed, options.runs, options.run, options.faults))
    with tempfile.TemporaryDirectory(prefix="ccapi-soak-") as folder:
        checkout = Checkout(copy(Path(folder)), ready(ROOT, progress=lambda *_: None))
        with keep(checkout, "--regions", str(len(REGIONS))) as kept:
            return soak(Stage(kept), runs)


def _runs(seed: int, number: int, only: int | None, faults: str | None) -> Iterator[Drawn]:
    for each in range(number) if only is None else [only]:
        found = drawn(seed, each, list(FAULTS), list(EVENTS))
        if faults is not None:
            named = [] if faults == "none" else faults.split(",")
            if unknown := set(named) - _KNOWN.keys():
                sys.exit(f"{', '.join(sorted(unknown))}: no such fault; there are {', '.join(_KNOWN)}.")
            found = found.only(named)
        yield found


def soak(stage: Stage, runs: Sequence[Drawn]) -> int:
    """Do runs on a stage, shrink those that break a promise, and print the table; return the exit code."""
    soaked, results, first_mib = Soak(stage), list[Result](), stage.memory_mib()
    try:
        for drawn_run in runs:
            results.append(soaked.run(drawn_run))
            print(_line(results[-1]), flush=True)
    except KeyboardInterrupt:
        print(f"Interrupted after {len(results)} runs.", flush=True)
    last_mib = stage.memory_mib()
    broken = [result for result in results if result.violations]
    # An interrupted soak is not prolonged.
    for result in broken if len(results) == len(runs) else ():
        print(f"\n{result.drawn.command}", *map(str, result.violations), sep="\n  ")
        print(f"  The smallest list that still fails: {_smallest(soaked, result.drawn).command}", flush=True)
    print(table(results, first_mib=first_mib, last_mib=last_mib), flush=True)
    return 1 if broken else 0


def _smallest(soaked: Soak, run: Drawn) -> Drawn:
    """Return a run with the faults without which it keeps its promises."""
    return run.only(shrunk(run.faults, lambda faults: bool(soaked.run(run.only(faults)).violations)))


def _line(result: Result) -> str:
    return (
        f"{result.drawn.number:4} {result.run_id} {result.seconds:4.0f} s  {', '.join(result.drawn.faults)}: "
        f"{', '.join(result.statuses)}{f', {result.redos} redos' if result.redos else ''}"
        + "".join(f"\n     {violation}" for violation in result.violations)
    )
