"""Command lines of this folder: errors are one sentence with the value, its bound and the remedy."""

import argparse
from typing import Any, NoReturn

_MAX_PORT = 65_535
_ACCOUNT_DIGITS = 12


class Parser(argparse.ArgumentParser):
    """A parser without abbreviated options, whose errors are one sentence that names the help."""

    def __init__(self, *, help_command: str = "", **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)
        self._help_command = help_command or f"{self.prog} --help"

    def error(self, message: str) -> NoReturn:
        """Print the error and exit with code 2."""
        self.exit(2, f"{self.prog}: {message}; `{self._help_command}` lists the options.\n")


def port_number(text: str) -> int:
    """Return a port from an option."""
    if not (text.isascii() and text.isdigit() and int(text) <= _MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to {_MAX_PORT}")
    return int(text)


def seconds(text: str) -> float:
    """Return a positive number of seconds from an option."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return number


def account_id(text: str) -> str:
    """Return an AWS account id from an option."""
    if not (text.isascii() and text.isdigit() and len(text) == _ACCOUNT_DIGITS):
        raise argparse.ArgumentTypeError(f"{text} is not an account id of {_ACCOUNT_DIGITS} digits")
    return text
