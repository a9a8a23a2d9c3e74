"""The command of the check: `python -m tests.language [--lower]`, part of `make check`."""

import argparse
import sys

from tests.language.ratchet import complaints, earlier_lists, grown, lowered, read_allowed, write_allowed
from tests.language.text import ALLOWED, findings


def main() -> int:
    """Print what is wrong and return 1, or return 0; with --lower the list shrinks first to what there still is."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.language", description="Check the project's language."
    )
    parser.add_argument(
        "--lower",
        action="store_true",
        help=f"take out of {ALLOWED.name} what is there no more; nothing is added",
    )
    found, allowed = findings(), read_allowed()
    if parser.parse_args().lower:
        allowed = lowered(allowed, found)
        write_allowed(allowed)
    wrong = [*complaints(allowed, found), *grown(allowed, earlier_lists())]
    print("".join(f"{complaint}\n" for complaint in wrong), end="", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
