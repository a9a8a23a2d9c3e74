"""The command of the check: `python -m tests.workflows`, part of `make check`."""

import os
import sys
from pathlib import Path

from local.command_line import Parser
from local.toolchain import TextProgress, ToolchainError
from tests.workflows.linters import actionlint_findings, zizmor_findings

ROOT = Path(__file__).parents[2]
REQUIRED = "REQUIRE_ACTIONLINT"


def main() -> int:
    """Print what the linters find and return 1, or return 0 if it is nothing."""
    Parser(
        prog="python -m tests.workflows",
        description="Check the workflows in .github/ with actionlint and zizmor.",
    ).parse_args()
    found = [zizmor_findings(ROOT)]
    is_linted = True
    with TextProgress(sys.stderr) as progress:
        try:
            found.append(actionlint_findings(ROOT, progress=progress))
        except ToolchainError as error:
            progress.close()
            is_linted = False
            print(f"actionlint did not check the workflows: {error}", file=sys.stderr)
    print("\n".join(filter(None, found)), end="\n" if any(found) else "", file=sys.stderr)
    return 1 if any(found) or (not is_linted and os.environ.get(REQUIRED)) else 0


if __name__ == "__main__":
    sys.exit(main())
