"""`python -m local run …`, `… stop` and `… policy …`: the commands behind make."""

import sys

from local.policy.command import policy
from local.run.command import run, stop


def main(arguments: list[str]) -> int:
    """Run the command that was named, and return its exit code."""
    match arguments:
        case ["run", *rest]:
            return run(rest)
        case ["stop"]:
            return stop()
        case ["policy", *rest]:
            return policy(rest)
        case _:
            print("write `make run`, `make stop` or `make policy`", file=sys.stderr)
            return 1


sys.exit(main(sys.argv[1:]))
