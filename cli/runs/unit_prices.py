"""The unit prices of a run, which the stack deployed with its run settings."""

from typing import Any

from cli.json_objects import json_object
from cli.stack import Stack


def unit_prices(stack: Stack) -> dict[str, Any]:
    """Return the prices in the run settings, or an empty dictionary if the stack has none."""
    ssm = stack.client("ssm")
    try:
        parameter = ssm.get_parameter(Name=stack["run_settings_parameter"])
    except ssm.exceptions.ParameterNotFound:
        return {}
    prices = (json_object(parameter["Parameter"]["Value"]) or {}).get("unitPrices")
    return prices if isinstance(prices, dict) else {}
