"""The local stack: where its state is, and clients with its developer's access key."""

import socket
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cli.errors import OperatorError
from cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from local.aws import LocalAws

LOCAL = "local"
"""The name of the stack."""

CHECKOUT = Path(__file__).parents[1]
STATE = CHECKOUT / ".local" / "state"
"""The folder of the local stack's Pulumi backend."""
_CONNECT_SECONDS = 2


def local_client(service: str, *, region: str) -> Any:
    """Return a boto3 client of the local AWS.

    Raises:
        OperatorError: if no local AWS is running in this checkout.
    """
    return _local_aws().client(service, region=region, retries={"total_max_attempts": 2})


def schedule_clock() -> datetime | None:
    """Return the time of the local AWS's schedules, or None if it does not answer."""
    try:
        return datetime.fromisoformat(_local_aws().admin("GET", "clock")["now"])
    except (OperatorError, OSError, ValueError, LookupError):
        return None


def start() -> str:
    """Return the next step for a local stack that does not run: to start it again with its state, or else anew."""
    try:
        from local.run.resume import start_command  # noqa: PLC0415
    except ImportError:
        return "type `ccapi local up` in a checkout of the project"
    return f"type `{start_command()}`"


def require_running() -> None:
    """Raise OperatorError if the local AWS does not run; the state of its stack outlives it."""
    address = urlsplit(_local_aws().endpoint)
    try:
        socket.create_connection((address.hostname, address.port or 80), _CONNECT_SECONDS).close()
    except OSError:
        raise _not_running() from None


def _local_aws() -> "LocalAws":
    try:
        from local.aws import LocalAws  # noqa: PLC0415
        from local.run.aws import DEVELOPER  # noqa: PLC0415

        return LocalAws.read(DEVELOPER)
    except (ImportError, OSError, ValueError):
        raise _not_running() from None


def _not_running() -> OperatorError:
    return OperatorError("the local stack is not running", start(), ExitCode.UNREACHABLE)
