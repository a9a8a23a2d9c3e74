"""The set-up of a checkout's tools: the Python environment, the Pulumi CLI and its plugins.

It uses the standard library only, since it runs before the environment exists. See `local/toolchain/README.md`.
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
    # For Ctrl-C during imports; `local/toolchain/__main__.py` handles it later.
    print("Interrupted: run the same command again to continue.", file=sys.stderr)
    sys.exit(130)

__all__ = ["Progress", "TextProgress", "Toolchain", "ToolchainError", "ready"]
