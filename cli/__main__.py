"""The command `ccapi`, also `python -m cli`."""

import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    # In a checkout, the image and the policy pack have their own import roots; the installed package has `_data`.
    sys.path += [str(_ROOT / folder) for folder in ("policies", "container", "_data")]
    try:
        from cli.app import run  # noqa: PLC0415
    except KeyboardInterrupt:
        print("ccapi: interrupted; nothing was done.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        # `pip install .` installs the component alone, and this command with it.
        package = str(error.name).partition(".")[0]
        print(
            f"ccapi: the package {package} is not installed. The command line needs more than the component does: "
            "type `pip install '.[cli]' ./policies` in a checkout.",
            file=sys.stderr,
        )
        return 1

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
