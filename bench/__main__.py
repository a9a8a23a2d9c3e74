"""The command behind `make bench`."""

import sys

from local.interruption import interruptible


def main() -> int:
    """Run the benchmarks and return the exit code: 0, 2 for arguments, or 130 after Ctrl-C."""
    if sys.argv[1:]:
        print(
            f"make bench: {' '.join(sys.argv[1:])} cannot be used; write `make bench` alone.", file=sys.stderr
        )
        return 2
    return interruptible("make bench", "nothing is left running, and nothing was measured", _bench)


def _bench() -> int:
    from bench.command import main as measure  # noqa: PLC0415

    measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
