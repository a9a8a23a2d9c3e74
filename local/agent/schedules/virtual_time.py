"""What time it is for the schedules of a local AWS, which is that of this machine until it is put forward."""

import json
import urllib.request
from datetime import datetime

_TIMEOUT_SECONDS = 10


def now(endpoint: str) -> datetime:
    """Return the time of a local AWS."""
    with urllib.request.urlopen(f"{endpoint}/ccapi/clock", timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
        return datetime.fromisoformat(json.load(answer)["now"])


def advance_to(endpoint: str, moment: datetime) -> None:
    """Put the time of a local AWS forward; it goes on from there."""
    body = json.dumps({"advance_to": moment.isoformat()}).encode()
    request = urllib.request.Request(f"{endpoint}/ccapi/clock", method="POST", data=body)  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
        pass
