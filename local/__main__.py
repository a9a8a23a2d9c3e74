"""`python -m local run …` and `python -m local stop`: the commands behind make."""

import sys

from local.run.command import run, stop


def main(arguments: list[str]) -> int:
    """Run the command that was named, and return its exit code."""
    match arguments:
        case ["run", *rest]:
            return run(rest)
        case ["stop"]:
            return stop()
        case _:
            print("write `make run` or `make stop`", file=sys.stderr)
            return 1


sys.exit(main(sys.argv[1:]))
