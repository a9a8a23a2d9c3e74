"""The function that puts a change on disk before the request that made it is answered."""

from typing import Any, Protocol


class Record(Protocol):
    """Puts a change on disk."""

    def __call__(self, kind: str, *facts: Any) -> None:
        """Append a change of a kind to the journal."""
