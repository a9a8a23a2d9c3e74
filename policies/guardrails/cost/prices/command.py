"""The command `python -m guardrails prices`, which refreshes the price table."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from guardrails.cost.prices.lists import lists
from guardrails.cost.prices.refresh import Difference, RefreshError, as_text, price_list, refreshed
from guardrails.cost.prices.table import FILE, read_file, regions

REFRESHED, FAILED = 0, 1
_ENDPOINT = "us-east-1"
"""A region with an endpoint of the Price List: https://docs.aws.amazon.com/general/latest/gr/billing.html."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Update the prices that estimates use."
    tasks = parser.add_subparsers(required=True, metavar="TASK", dest="task")
    refresh = tasks.add_parser("refresh", help="query AWS's Price List, and write the price table")
    refresh.description = (
        "Query the prices from AWS's Price List (pricing:GetProducts), show the differences, and write the price "
        "table. The command needs boto3 and credentials, takes some minutes, and costs nothing."
    )
    refresh.epilog = (
        "Exit code 0: the price table was written; 1: the Price List did not answer, and nothing was written."
    )
    refresh.add_argument(
        "--region",
        dest="regions",
        action="append",
        choices=regions(),
        metavar="REGION",
        help="a region to refresh; may be repeated; default: the regions whose prices were read before",
    )


def connect() -> Any:
    """Return a client of the Price List.

    Raises:
        RefreshError: if boto3 is not installed.
    """
    try:
        import boto3  # noqa: PLC0415
    except ModuleNotFoundError:
        raise RefreshError("boto3 is not installed; install it to query prices") from None
    return boto3.client("pricing", region_name=_ENDPOINT)


def run(
    options: argparse.Namespace,
    *,
    connected: Callable[[], Any] = connect,
    today: date | None = None,
    file: Path = FILE,
) -> int:
    """Refresh the price table, print the differences, and return the exit code."""
    document = read_file()
    chosen = options.regions or [region for region, of in document["regions"].items() if of["prices"]]
    further = {key: named for listed in lists() for key, named in listed["keys"].items()}
    try:
        ask = price_list(connected())
        new, difference = refreshed(document, chosen, ask, today or datetime.now(UTC).date(), further=further)
    except RefreshError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    _print(difference)
    if not difference.found:
        return FAILED
    file.write_text(f"{as_text(new)}\n", encoding="utf-8")
    return REFRESHED


def _print(difference: Difference) -> None:
    for sentence in [*difference.changed, *difference.kept]:
        print(f"{sentence}.")
    print(
        f"{difference.confirmed} confirmed, {len(difference.changed)} changed, "
        f"{len(difference.kept)} not found and unchanged."
    )
