"""The command `python -m guardrails prices`: the prices of the file, asked for again."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from guardrails.cost.prices.refresh import Difference, RefreshError, as_text, price_list, refreshed
from guardrails.cost.prices.table import FILE, read_file

REFRESHED, FAILED = 0, 1
_ENDPOINT = "us-east-1"
"""One of the few regions that tell the prices of all: https://docs.aws.amazon.com/general/latest/gr/billing.html."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed behind the command."""
    parser.description = "Keep the prices that the cost of a stack is estimated with."
    tasks = parser.add_subparsers(required=True, metavar="TASK", dest="task")
    refresh = tasks.add_parser("refresh", help="ask AWS's Price List for them again")
    refresh.description = (
        "Ask AWS's Price List (pricing:GetProducts) for the prices again, show what is new, and write the file. "
        "It needs boto3 and credentials, takes some minutes, and costs nothing."
    )
    refresh.epilog = "Exit code 0: written; 1: the Price List did not answer, and nothing is written."
    refresh.add_argument(
        "--region",
        dest="regions",
        action="append",
        choices=list(read_file()["regions"]),
        metavar="REGION",
        help="may be given several times; default: every region of the file",
    )


def connect() -> Any:
    """Return a client of the Price List.

    Raises:
        RefreshError: where boto3 is missing.
    """
    try:
        import boto3  # noqa: PLC0415
    except ModuleNotFoundError:
        raise RefreshError("boto3 is not installed; install it to ask for prices") from None
    return boto3.client("pricing", region_name=_ENDPOINT)


def run(
    options: argparse.Namespace,
    *,
    connected: Callable[[], Any] = connect,
    today: date | None = None,
    file: Path = FILE,
) -> int:
    """Refresh the file, print what is new, and return the exit code."""
    document = read_file()
    regions = options.regions or list(document["regions"])
    try:
        ask = price_list(connected())
        new, difference = refreshed(document, regions, ask, today or datetime.now(UTC).date())
    except RefreshError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    _tell(difference)
    if not difference.found:
        return FAILED
    file.write_text(f"{as_text(new)}\n", encoding="utf-8")
    return REFRESHED


def _tell(difference: Difference) -> None:
    for sentence in [*difference.changed, *difference.kept]:
        print(f"{sentence}.")
    print(
        f"{difference.confirmed} confirmed, {len(difference.changed)} changed, "
        f"{len(difference.kept)} not found and left as they were."
    )
