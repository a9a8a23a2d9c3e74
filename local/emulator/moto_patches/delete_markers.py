"""A deleted object's marker can be deleted with its versions; moto fails on the last of them.

AWS: a delete marker is a version like any other to DeleteObjects.
Source: Amazon S3 User Guide, "Managing delete markers".
"""

from typing import Any

from moto.s3.models import FakeDeleteMarker


def apply() -> None:
    """Let a marker be disposed of; it holds no content."""
    FakeDeleteMarker.dispose = _dispose  # type: ignore[attr-defined]


def _dispose(_self: Any) -> None:
    return None
