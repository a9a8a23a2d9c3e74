"""The local stack: where its state is, and clients with its developer's access key."""

from datetime import datetime
from pathlib import Path
from typing import Any

from cli.errors import OperatorError
from cli.exit_codes import ExitCode

LOCAL = "local"
"""The name of the stack."""

_CHECKOUT = Path(__file__).parents[1]
STATE = _CHECKOUT / ".local" / "state"
"""The folder of the local stack's Pulumi backend."""
_START = "type `ccapi local up` in a checkout of the project"


def local_client(service: str, *, region: str) -> Any:
    """Return a boto3 client of the local AWS.

    Raises:
        OperatorError: if no local AWS was started in this checkout.
    """
    return _local_aws().client(service, region=region, retries={"total_max_attempts": 2})


def schedule_clock() -> datetime | None:
    """Return the time of the local AWS's schedules, or None if it does not answer."""
    try:
        return datetime.fromisoformat(_local_aws().admin("GET", "clock")["now"])
    except (OperatorError, OSError, ValueError, LookupError):
        return None


def _local_aws() -> Any:
    try:
        from local.aws import LocalAws  # noqa: PLC0415
        from local.run.aws import DEVELOPER  # noqa: PLC0415

        return LocalAws.read(DEVELOPER)
    except (ImportError, OSError, ValueError):
        raise OperatorError("no local AWS is running", _START, ExitCode.UNREACHABLE) from None
