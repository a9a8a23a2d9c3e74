"""What a checkout needs before anything else can start: the Python environment, the Pulumi CLI and its plugins.

Standard library only, since it runs before the environment exists; `local/toolchain/README.md` is its page.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get as far as this sentence
    sys.exit(
        f"Python 3.11 or newer is needed, and {sys.executable} is {sys.version.split()[0]}: "
        "install a newer one and name it, as in `make run PYTHON=/usr/bin/python3.11`."
    )

try:
    from local.toolchain.failures import ToolchainError
    from local.toolchain.progress import Progress, TextProgress
    from local.toolchain.setup import Toolchain, ready
except KeyboardInterrupt:
    # Python imports this before the command's first line, which has a sentence for all that comes later.
    print("Interrupted: run the same command again to go on.", file=sys.stderr)
    sys.exit(130)

__all__ = ["Progress", "TextProgress", "Toolchain", "ToolchainError", "ready"]
