"""The command `python -m docs.dashboard`: records the history of the running local stack for the picture."""

import sys

from botocore.exceptions import BotoCoreError, ClientError

from docs.dashboard.history import FILE
from docs.dashboard.recording import recorded


def main() -> int:
    """Write the history, and return the exit code: 0, or 1 if the local stack does not answer."""
    try:
        text = recorded()
    except (BotoCoreError, ClientError, LookupError) as error:
        print(
            f"python -m docs.dashboard: the local stack has no history: {error}\nType `ccapi local up`, "
            '`ccapi local seed --runs 12` and `eval "$(ccapi local env)"` before it.',
            file=sys.stderr,
        )
        return 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
