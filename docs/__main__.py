"""The command `make docs`: writes every file that is generated from the code."""

import sys
from pathlib import Path

INTERRUPTED = 130  # 128 and the number of SIGINT


def main() -> int:
    """Write every generated file, and return the exit code: 0, or 130 after Ctrl-C."""
    if sys.argv[1:]:
        print(
            f"make docs: {' '.join(sys.argv[1:])} cannot be used; run `make docs` without arguments",
            file=sys.stderr,
        )
        return 2
    try:
        # Pulumi runs the policy pack, and the image runs the worker, with this folder as the import root.
        sys.path += [str(Path(__file__).parents[1] / root) for root in ("policies", "container")]
        from docs.generated import write  # noqa: PLC0415

        write()
    except KeyboardInterrupt:
        print("make docs: interrupted; run it again to write the files.", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
