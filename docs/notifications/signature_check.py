"""The check of a webhook's signature that the page shows, for receivers to copy."""

import hashlib
import hmac
import time
from collections.abc import Mapping


def is_genuine(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Return True if the body was signed with the key during the last 5 minutes."""
    timestamp, given = headers["X-Ccapi-Timestamp"], headers["X-Ccapi-Signature"]
    signed = timestamp.encode() + b"." + body
    expected = "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    is_recent = abs(time.time() - int(timestamp)) < 300
    return is_recent and hmac.compare_digest(expected, given)
