"""The reporter function as it is deployed: its settings."""

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.stack import Stack
from reporter.settings import Settings


def reporter_settings(stack: Stack) -> Settings:
    """Return the settings of the stack's reporter, which hold no secrets.

    Raises:
        OperatorError: if the function does not exist, or has no settings.
    """
    functions, name = stack.client("lambda"), stack["reporter_function_name"]
    again = "type `ccapi local up`" if stack.is_local else f"type `pulumi up --refresh --stack {stack.name}`"
    try:
        found = functions.get_function_configuration(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        raise OperatorError(
            f"the function {name}, which has the settings of messages, does not exist",
            again,
            ExitCode.UNREACHABLE,
        ) from None
    try:
        return Settings.read(found.get("Environment", {}).get("Variables", {}))
    except (KeyError, ValueError, TypeError):
        raise OperatorError(
            f"the settings of the function {name} are damaged", again, ExitCode.UNREACHABLE
        ) from None
