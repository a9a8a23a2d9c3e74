"""The entry point of `python -m guardrails`; `guardrails.command_line` has the commands and their exit codes."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130  # 128 and the number of SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; Ctrl-C prints a message, even during the import of the command."""
    try:
        from guardrails.command_line import main as run  # noqa: PLC0415

        return run(arguments)
    except KeyboardInterrupt:
        print("guardrails: interrupted; nothing was changed.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
