"""AWS's documented limits that several modules enforce."""

import json
from typing import Any

from local.emulator.errors import AwsError

# AWS Step Functions Developer Guide, "Step Functions service quotas": input or result of a task, state or execution.
MAX_PAYLOAD_BYTES = 262_144


def payload_bytes(value: Any) -> int:
    """Return the size of a value as Step Functions counts it: its JSON without spaces, in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return len(text.encode(errors="surrogatepass"))


def require_length(field: str, value: str, maximum: int) -> None:
    """Raise AWS's error for a value that is too long, in bytes of UTF-8."""
    if len(value.encode()) > maximum:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value at '{field}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {maximum}",
        )
