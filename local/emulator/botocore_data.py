"""One copy of botocore's data in the process; moto makes many sessions, and each would read the files again.

The description of EC2 alone, which moto reads eight times when it is imported, takes a quarter of a second each time.
"""

import functools
from typing import Any

from botocore.loaders import JSONFileLoader

from local.emulator.patch import replace


def share() -> None:
    """Let all sessions of this process share what they read; call it before moto is imported."""

    @functools.cache
    def read(path: str) -> Any:
        return original(JSONFileLoader(), path)

    original = JSONFileLoader.load_file
    replace(JSONFileLoader, "load_file", lambda _original, _loader, path: read(path))
