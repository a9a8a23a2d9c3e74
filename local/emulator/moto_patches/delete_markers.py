"""Deletion of delete markers: possible as for any version; moto fails on the last version.

AWS: a delete marker is a version like any other to DeleteObjects.
Source: Amazon S3 User Guide, "Managing delete markers".
"""

from typing import Any

from moto.s3.models import FakeDeleteMarker


def apply() -> None:
    """Let moto dispose of a delete marker, which has no content to delete."""
    FakeDeleteMarker.dispose = _dispose  # type: ignore[attr-defined]


def _dispose(_self: Any) -> None:
    return None
