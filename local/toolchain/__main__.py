"""The command `python3 -m local.toolchain`: it sets up this checkout's tools, silently if they are ready."""

import signal
import sys
from pathlib import Path

from local.terminal import visible
from local.toolchain import TextProgress, ToolchainError, ready

INTERRUPTED_EXIT_CODE = 130


def main() -> int:
    """Set up the tools and return the exit code: 0, 1 for an error, 2 for arguments, 130 after Ctrl-C or SIGTERM."""
    if sys.argv[1:]:
        arguments = visible(" ".join(sys.argv[1:]))
        print(f"make setup: {arguments} cannot be used; write `make setup` alone.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TextProgress(sys.stderr) as progress:
        try:
            ready(Path(__file__).resolve().parents[2], progress=progress)
        except ToolchainError as error:
            progress.close()
            print(visible(str(error)), file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            progress.close()
            print("Interrupted: run the same command again to continue.", file=sys.stderr)
            return INTERRUPTED_EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main())
