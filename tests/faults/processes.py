"""The rows of the fault matrix with real processes: tests of other folders, which this runs by their names."""

import subprocess
import sys
from collections.abc import Iterator

from docs.faults.page import processes
from tests.stacks import ROOT


def node_ids() -> Iterator[str]:
    """Yield the id of the test of each row."""
    for group in processes():
        for row in group["row"]:
            yield row["test"]


def in_order() -> list[str]:
    """Return the ids in the order of their files, in which tests that share a stack follow each other."""
    return sorted(node_ids(), key=_place)


def _place(node_id: str) -> tuple[str, int]:
    file, _, name = node_id.partition("::")
    return file, (ROOT / file).read_text(encoding="utf-8").index(f"def {name}(")


def main() -> int:
    """Run the tests of the rows, print the table, and return the number of rows that failed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--numprocesses", "2", *in_order()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    passed = {
        line.split()[1].partition("[")[0] for line in done.stdout.splitlines() if line.startswith("PASSED ")
    }
    not_passed = {
        line.split()[1].partition("[")[0]
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED ", "ERROR "))
    }
    failed = 0
    for group in processes():
        print(f"\n{group['title']}")
        for row in group["row"]:
            is_good = row["test"] in passed - not_passed
            failed += not is_good
            print(f"  {row['name']:53} {'as it should' if is_good else 'FAILED: ' + row['test']}")
    if failed:
        print(done.stdout[-20_000:])
    print(f"\n{len(list(node_ids()))} rows with real processes, {failed} failed")
    return failed
