"""The reporter function as it is deployed: its settings."""

from cli.stack import Stack
from reporter.settings import Settings


def reporter_settings(stack: Stack) -> Settings:
    """Return the settings of the stack's reporter, which hold no secrets."""
    function = stack.client("lambda").get_function_configuration(FunctionName=stack["reporter_function_name"])
    return Settings.read(function.get("Environment", {}).get("Variables", {}))
