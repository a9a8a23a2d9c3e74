"""The run settings, which a run reads first: the prices of its resources, and the clocks of its schedule."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cli.json_objects import json_object
from cli.stack import Stack


def run_settings(stack: Stack) -> Mapping[str, Any]:
    """Return the run settings, or an empty mapping if the stack has none."""
    ssm = stack.client("ssm")
    try:
        parameter = ssm.get_parameter(Name=stack["run_settings_parameter"])
    except ssm.exceptions.ParameterNotFound:
        return {}
    return json_object(parameter["Parameter"]["Value"]) or {}


def unit_prices(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the prices in the run settings, or an empty mapping if they have none."""
    prices = settings.get("unitPrices")
    return prices if isinstance(prices, dict) else {}


def days_of(moment: datetime, settings: Mapping[str, Any]) -> frozenset[date]:
    """Return the day of a moment in the schedule's zone, and in UTC, by which a run without settings is named."""
    at = moment.astimezone(UTC)
    offset = timedelta(0)
    for each in settings.get("utcOffsets") or ():
        if datetime.fromisoformat(each["since"]) <= at:
            offset = timedelta(minutes=each["minutes"])
    return frozenset({at.date(), (at + offset).date()})
