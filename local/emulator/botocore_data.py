"""One copy of botocore's data while moto is imported: moto makes many sessions, and each would read the files again.

The description of EC2 alone, which moto then reads eight times, takes a quarter of a second each time.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.loaders import JSONFileLoader


@contextmanager
def shared() -> Iterator[None]:
    """Let all sessions that are made in the block share what they read.

    Not longer: moto adds its own errors to the descriptions that it serves, and a client would find them in its own.
    """
    original = JSONFileLoader.load_file

    @functools.cache
    def read(path: str) -> Any:
        return original(JSONFileLoader(), path)

    JSONFileLoader.load_file = lambda _, path: read(path)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        JSONFileLoader.load_file = original  # type: ignore[method-assign]
