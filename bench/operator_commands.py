"""The speed of `ccapi`, compared with a bare interpreter; `runs` lists those of a kept local stack."""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import Row, measure, median_of

RUNS = 10


def operator_commands(checkout: Path) -> Iterator[Row]:
    """Yield a row for the help and one for the list of runs; the local stack of the checkout has to be running."""
    bare = median_of(RUNS, lambda: measure([sys.executable, "-c", "pass"], checkout, {}))
    for words in (["--help"], ["runs"]):
        command = [sys.executable, "-m", "cli", *words]
        measured = median_of(RUNS, lambda command=command: measure(command, checkout, {}))  # type: ignore[misc]
        yield Row.of(
            f"ccapi {' '.join(words)}",
            measured,
            f"{measured.seconds / bare.seconds:.1f} × a bare interpreter",
        )
