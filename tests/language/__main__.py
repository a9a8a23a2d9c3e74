"""The command of the check: `python -m tests.language [--lower]`, part of `make check`."""

import sys

from local.command_line import Parser
from tests.language.ratchet import complaints, earlier_lists, grown, lowered, read_allowed, write_allowed
from tests.language.text import ALLOWED, findings


def main() -> int:
    """Print the findings that are not allowed and return 1, or return 0; --lower first shortens the list."""
    parser = Parser(
        prog="python -m tests.language",
        description="Check the project's text for words that hide who does what.",
    )
    parser.add_argument(
        "--lower",
        action="store_true",
        help=f"remove entries from {ALLOWED.name} that are no longer found; none is added",
    )
    lower = parser.parse_args().lower
    found, allowed = findings(), read_allowed()
    if lower:
        allowed = lowered(allowed, found)
        write_allowed(allowed)
    wrong = [*complaints(allowed, found), *grown(allowed, earlier_lists())]
    print("".join(f"{complaint}\n" for complaint in wrong), end="", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
