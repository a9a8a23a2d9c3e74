"""`make soak`: many runs under random faults on a kept local stack, each checked against the promises of a run."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The folders that pytest has on its path.
    sys.path += [str(Path(__file__).parents[2] / root) for root in ("policies", "container")]
    from tests.soak.command import main

    sys.exit(main())
