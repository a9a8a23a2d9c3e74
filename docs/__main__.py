"""Writes what is made of the code: `make docs`."""

import sys
from pathlib import Path

INTERRUPTED = 130  # 128 and the number of SIGINT


def main() -> int:
    """Write every generated file, and return the exit code: 0, or 130 after Ctrl-C."""
    if sys.argv[1:]:
        print(f"make docs: {' '.join(sys.argv[1:])} cannot be used; write `make docs` alone", file=sys.stderr)
        return 2
    try:
        # The policy pack and the worker are roots of their own, as Pulumi and the image run them.
        sys.path += [str(Path(__file__).parents[1] / root) for root in ("policies", "container")]
        from docs.generated import write  # noqa: PLC0415

        write()
    except KeyboardInterrupt:
        print("make docs: interrupted; type it again to write the rest.", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
