"""Lists of versions without copies of their contents; moto copies every object of the bucket for each page.

AWS: ListObjectVersions returns facts about versions, not their contents.
Source: Amazon S3 API Reference, "ListObjectVersions".
"""

from typing import Any

from moto.s3.models import FakeKey

from local.emulator.patch import add


class _Listed(FakeKey):
    """A version in a list, which shares the content of the stored one."""

    def __del__(self) -> None:
        """Leave the content to the stored version; moto would delete it."""


def apply() -> None:
    """Let copies of a version, of which only moto's lists have any, refer to the same content."""
    add(FakeKey, "__deepcopy__", _listed)


def _listed(self: Any, _memo: dict[int, Any]) -> Any:
    listed = object.__new__(_Listed)
    vars(listed).update(vars(self))
    return listed
