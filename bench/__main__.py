"""The command behind `make bench`: all benchmarks, or with `ARGS=scale` that of runs of 29 to 29,000 regions."""

import sys

from local.interruption import interruptible


def main() -> int:
    """Run the benchmarks and return the exit code: 0, 2 for arguments, or 130 after Ctrl-C."""
    if sys.argv[1:] not in ([], ["scale"]):
        print(
            f"make bench: {' '.join(sys.argv[1:])} cannot be used; write `make bench` or `make bench ARGS=scale`.",
            file=sys.stderr,
        )
        return 2
    return interruptible("make bench", "nothing is left running, and nothing was measured", _bench)


def _bench() -> int:
    # Imported late, so that Ctrl-C during the imports is answered with a sentence.
    if sys.argv[1:]:
        from bench.scale.command import main as measure  # noqa: PLC0415
    else:
        from bench.command import main as measure  # noqa: PLC0415

    measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
