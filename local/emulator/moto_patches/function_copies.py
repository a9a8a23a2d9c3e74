"""Lists of functions without a copy of the logs; moto copies every log event of the region to list a function.

AWS: ListFunctions returns the configuration of each function. moto copies the function, and with it the backend of
CloudWatch Logs that the function refers to. The agent causes such a list with each poll for invocations.
Source: AWS Lambda API Reference, "ListFunctions".
"""

from typing import Any

from moto.core.base_backend import BaseBackend

from local.emulator.patch import add


def apply() -> None:
    """Let copies of a resource refer to the same backends as the resource."""
    add(BaseBackend, "__deepcopy__", itself)


def itself(self: Any, _memo: dict[int, Any]) -> Any:
    """Return the backend, in place of a copy."""
    return self
