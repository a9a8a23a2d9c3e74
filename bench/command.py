"""The table of `make bench`: medians, and ratios to a baseline measured in the same run.

Nothing is asserted: speed differs between machines, and on shared ones from minute to minute.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.checkout import REGION_COUNT, copy
from bench.measuring import Measured, Row, measure, median_of
from bench.operator_commands import operator_commands
from bench.orchestration import orchestration
from bench.policies import policies
from bench.shards import shards
from bench.throughput import throughput
from local.toolchain import ready

RUNS = 3
PREVIEWS = 5


def main() -> None:
    """Run the benchmarks and print the table."""
    with tempfile.TemporaryDirectory(prefix="ccapi-bench-") as folder:
        checkout = copy(Path(folder))
        table = Table(title=f"Medians of {RUNS} runs and {PREVIEWS} previews on {os.cpu_count()} cores")
        for column in ("what", "seconds", "MiB in all", "against"):
            table.add_column(column, justify="left" if column in {"what", "against"} else "right")
        mark = ("CCAPI_BENCH", str(checkout))
        environment = {"PYTHONPATH": str(checkout), **dict([mark])}
        run = [sys.executable, "-m", "local", "run"]
        one_region = median_of(RUNS, lambda: measure([*run, "--regions", "1"], checkout, environment, mark))
        all_regions = median_of(RUNS, lambda: measure(run, checkout, environment, mark))
        empty, unchanged, of_the_operator = _on_a_kept_stack(checkout)
        rows = [
            Row.of("make run, warm, one region", one_region),
            Row.of(
                f"make run, warm, {REGION_COUNT} regions",
                all_regions,
                f"{all_regions.seconds / one_region.seconds:.2f} × one region",
            ),
            Row.of("preview of an empty program", empty),
            Row.of(
                "preview with nothing changed",
                unchanged,
                f"{unchanged.seconds / empty.seconds:.2f} × an empty program",
            ),
            *of_the_operator,
            *orchestration(checkout),
            *shards(checkout),
            *throughput(checkout),
            *policies(checkout, ready(checkout, progress=lambda *_: None)),
        ]
        for row in rows:
            table.add_row(*row.cells)
        Console().print(table)


def _on_a_kept_stack(checkout: Path) -> tuple[Measured, Measured, list[Row]]:
    """Return the measurements of previews of an empty program and of the deployed stack, and the rows of `ccapi`."""
    subprocess.run(
        [sys.executable, "-m", "local", "run", "--regions", "1", "--keep"],
        cwd=checkout,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        tools = ready(checkout, progress=lambda *_: None)
        environment = tools.environment(stand_in_provider=True)
        preview = [
            str(tools.pulumi),
            "preview",
            "--non-interactive",
            "--stack",
            "local",
            "--expect-no-changes",
        ]
        workspace = checkout / ".local" / "workspace"
        unchanged = median_of(PREVIEWS, lambda: measure(preview, workspace, environment))
        empty = _empty_program(checkout, tools.python)
        initial = [str(tools.pulumi), "stack", "init", "local", "--non-interactive"]
        subprocess.run(initial, cwd=empty, env={**os.environ, **environment}, check=True, capture_output=True)
        of_empty = median_of(PREVIEWS, lambda: measure(preview[:-1], empty, environment))
        return of_empty, unchanged, list(operator_commands(checkout))
    finally:
        subprocess.run([sys.executable, "-m", "local", "stop"], cwd=checkout, check=True)


def _empty_program(checkout: Path, python: Path) -> Path:
    folder = checkout / ".local" / "empty"
    folder.mkdir()
    (folder / "__main__.py").write_text("import pulumi\n", encoding="utf-8")
    virtualenv = python.parents[1]
    (folder / "Pulumi.yaml").write_text(
        f"name: empty\nruntime: {{name: python, options: {{virtualenv: {virtualenv}}}}}\n", encoding="utf-8"
    )
    return folder
