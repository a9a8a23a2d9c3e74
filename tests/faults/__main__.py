"""The command `make faults`: plays the rows of the fault matrix, prints them, and writes them for docs/faults.md."""

import argparse
import logging
import sys
from pathlib import Path

# The image runs the worker with this folder as the import root.
sys.path.append(str(Path(__file__).parents[2] / "container"))

from tests.faults import matrix, processes, removal


def main() -> int:
    """Play the rows, and return the exit code: 1 if a row failed."""
    parser = argparse.ArgumentParser(
        prog="make faults", description="Plays the rows of the fault matrix.", allow_abbrev=False
    )
    parser.add_argument("--quick", action="store_true", help="only the rows that start no process")
    parser.add_argument(
        "--removal",
        nargs="*",
        metavar="MECHANISM",
        help="take out one mechanism at a time, or only these, and list the rows that fail",
    )
    arguments = parser.parse_args()
    # The log of the workers, many of which fail on purpose.
    logging.getLogger("worker").propagate = False
    if arguments.removal is not None:
        return removal.main(arguments.removal)
    results = matrix.play_all()
    matrix.RESULTS.write_text(matrix.document(results), encoding="utf-8")
    failed = sum(bool(result.violations) for result in results.values())
    print(f"\n{len(results)} rows in virtual time, {failed} failed")
    if arguments.quick:
        return int(failed > 0)
    return int(processes.main() > 0 or failed > 0)


if __name__ == "__main__":
    sys.exit(main())
