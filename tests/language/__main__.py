"""The command of the check: `python -m tests.language`, part of `make check`."""

import sys

from local.command_line import Parser
from tests.language.text import findings


def main() -> int:
    """Print each finding and return 1, or return 0 if there is none."""
    Parser(
        prog="python -m tests.language",
        description="Check the project's text for words that hide who does what.",
    ).parse_args()
    found = findings()
    for finding in found:
        print(f"{finding.file}:{finding.line}: {finding.name}: {finding.instead}.", file=sys.stderr)
    return 1 if found else 0


sys.exit(main())
