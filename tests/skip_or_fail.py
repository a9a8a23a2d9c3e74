"""Tests that need a program which a machine may lack: skipped with a reason, or failed where CI requires them."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(sentence: str, *, unless: str, remedy: str) -> NoReturn:
    """Skip a test with a sentence as the reason, or fail it if the environment variable `unless` is set."""
    if os.environ.get(unless):
        pytest.fail(f"{sentence}; {remedy}, or unset {unless}", pytrace=False)
    pytest.skip(sentence)
