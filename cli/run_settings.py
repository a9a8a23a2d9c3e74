"""The settings that the stack deployed: the prices of a run, and the names and limits that messages are made with."""

import json
from typing import TYPE_CHECKING, Any

from cli.errors import OperatorError
from cli.stack import Stack

if TYPE_CHECKING:
    from reporter.settings import Settings


def unit_prices(stack: Stack) -> dict[str, Any]:
    """Return the prices in the run settings, or an empty dictionary if the stack has none."""
    ssm = stack.client("ssm")
    try:
        parameter = ssm.get_parameter(Name=stack["run_settings_parameter"])
        prices = json.loads(parameter["Parameter"]["Value"]).get("unitPrices")
    except (ssm.exceptions.ParameterNotFound, ValueError, AttributeError):
        return {}
    return prices if isinstance(prices, dict) else {}


def reporter_settings(stack: Stack) -> "Settings":
    """Return the settings of the stack's reporter.

    Raises:
        OperatorError: if the function has none, or none that this version of the command line reads.
    """
    from reporter.settings import Settings  # noqa: PLC0415

    functions = stack.client("lambda")
    name = stack["reporter_function_name"]
    try:
        deployed = functions.get_function_configuration(FunctionName=name)
        return Settings.read(deployed.get("Environment", {}).get("Variables", {}))
    except functions.exceptions.ResourceNotFoundException:
        what = f"the function {name}, which sends the messages, does not exist"
    except (KeyError, ValueError, TypeError):
        what = f"the settings of the function {name} are those of another version"
    raise OperatorError(what, f"type `pulumi up --stack {stack.name}`")
