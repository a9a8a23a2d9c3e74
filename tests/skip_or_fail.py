"""Tests of what a machine may lack: skipped with a word, or failed where they may not be left out, as in CI."""

import os
from typing import NoReturn

import pytest


def leave_out(sentence: str, *, unless: str, remedy: str) -> NoReturn:
    """Skip a test, or fail it where the variable `unless` is set."""
    if os.environ.get(unless):
        pytest.fail(f"{sentence}; {remedy}, or unset {unless}", pytrace=False)
    pytest.skip(sentence)
