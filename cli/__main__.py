"""The command `ccapi`, also `python -m cli`."""

import sys
from collections.abc import Sequence
from pathlib import Path

_CHECKOUT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    # In a checkout, the image and the policy pack have these folders as their import roots.
    sys.path += [str(_CHECKOUT / folder) for folder in ("policies", "container")]
    from cli.app import run  # noqa: PLC0415

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
