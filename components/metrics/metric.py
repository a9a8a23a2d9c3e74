"""A CloudWatch metric."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Metric:
    """A metric as CloudWatch identifies it: by namespace, name, dimensions and region."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    """Names with values, in the order of the names."""
    region: str

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str], region: str) -> "Metric":
        """Return the metric with these dimensions, in any order."""
        return cls(
            namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())), region=region
        )
