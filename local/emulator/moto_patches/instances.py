"""Instances of moto's models are freed when nothing refers to them; moto keeps each one until it is reset.

AWS: calls that only read may be repeated without end. moto copies each function of a region to list them, so that every
such list cost memory for good. Only moto's own dashboard reads the instances; it shows none now.
"""

from typing import Any

from moto.core.common_models import BaseModel


def apply() -> None:
    """Create instances without a further reference to them."""
    BaseModel.__new__ = _created  # type: ignore[method-assign]


def _created(cls: Any, *_arguments: Any, **_keywords: Any) -> Any:
    return super(BaseModel, cls).__new__(cls)
