"""Which line of a bill a request or a delivery is counted in; what is free has none."""

import json
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

_BILLED: Any = json.loads(Path(__file__).with_name("billed.json").read_text(encoding="utf-8"))

LINES: Mapping[str, str] = _BILLED["lines"]
"""What there is one of in each line of a bill, by the line's key."""

LOG_EVENT_BYTES = 26
"""What CloudWatch Logs counts of an event beside its message: https://aws.amazon.com/cloudwatch/pricing/."""

MIB_MILLISECONDS_A_GB_SECOND = 1024 * 1000
"""Of a function's memory, what one GB-second is: https://aws.amazon.com/lambda/pricing/."""

_SERVER_ERROR = 500


def is_counted(status: int) -> bool:
    """Tell whether an answer is billed: what AWS itself is at fault for is not.

    Source: Amazon S3 User Guide, "Billing for Amazon S3 error responses".
    """
    return status < _SERVER_ERROR


def billed_requests(requests: Mapping[str, int]) -> Counter[str]:
    """Return how many requests each line of a bill has, of so many by operation (`s3:PutObject`)."""
    lines: Counter[str] = Counter()
    for operation, count in requests.items():
        line = next((line for of, line in _BILLED["requests"].items() if fnmatchcase(operation, of)), None)
        if line is not None:
            lines[line] += count
    return lines


def billed_deliveries(deliveries: Mapping[str, int]) -> Counter[str]:
    """Return how many deliveries of SNS each line of a bill has, of so many by protocol."""
    lines: Counter[str] = Counter()
    for protocol, count in deliveries.items():
        if protocol in _BILLED["deliveries"]:
            lines[_BILLED["deliveries"][protocol]] += count
    return lines
