"""The lines of a bill that requests and deliveries are counted in; free ones have no line."""

import json
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

_BILLED: Any = json.loads(Path(__file__).with_name("billed.json").read_text(encoding="utf-8"))

LINES: Mapping[str, str] = _BILLED["lines"]
"""The unit of each line of a bill, by the line's key."""

LOG_EVENT_BYTES = 26
"""Bytes that CloudWatch Logs adds to each event's message: https://aws.amazon.com/cloudwatch/pricing/."""

MIB_MILLISECONDS_A_GB_SECOND = 1024 * 1000
"""MiB-milliseconds of a function in one GB-second: https://aws.amazon.com/lambda/pricing/."""

_SERVER_ERROR = 500


def is_counted(status: int) -> bool:
    """Return True if an answer is billed: AWS's own errors (5xx) are not.

    Source: Amazon S3 User Guide, "Billing for Amazon S3 error responses".
    """
    return status < _SERVER_ERROR


def billed_requests(requests: Mapping[str, int]) -> Counter[str]:
    """Return the number of requests by line of a bill, from the number by operation (`s3:PutObject`)."""
    lines: Counter[str] = Counter()
    for operation, count in requests.items():
        line = next((line for of, line in _BILLED["requests"].items() if fnmatchcase(operation, of)), None)
        if line is not None:
            lines[line] += count
    return lines


def billed_deliveries(deliveries: Mapping[str, int]) -> Counter[str]:
    """Return the number of SNS deliveries by line of a bill, from the number by protocol."""
    lines: Counter[str] = Counter()
    for protocol, count in deliveries.items():
        if protocol in _BILLED["deliveries"]:
            lines[_BILLED["deliveries"][protocol]] += count
    return lines
