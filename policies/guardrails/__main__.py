"""`python -m guardrails`: `guardrails.command_line` says what may be typed, and what it exits with."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130  # 128 and the number of SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; Ctrl-C ends it with a sentence, also while it is being imported."""
    try:
        from guardrails.command_line import main as run  # noqa: PLC0415

        return run(arguments)
    except KeyboardInterrupt:
        print("guardrails: interrupted; nothing was changed.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
