"""The task sizes that AWS Fargate supports, as data.

Source: "Amazon ECS task definition parameters for Fargate", section Task size
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html).
"""

from dataclasses import dataclass

# CPU units of a task, and the memory in MiB that is allowed with them: (lowest, highest, step).
_MEMORY_MIB = {
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}
MEMORY_MIB_BY_CPU_UNITS: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    **{cpu: tuple(range(low, high + 1, step)) for cpu, (low, high, step) in _MEMORY_MIB.items()},
}


@dataclass(frozen=True, order=True)
class Size:
    """One CPU and memory pair of a Fargate task."""

    cpu_units: int
    memory_mib: int

    @property
    def is_sold(self) -> bool:
        """Return true if Fargate runs a task of this size."""
        return self.memory_mib in MEMORY_MIB_BY_CPU_UNITS.get(self.cpu_units, ())

    def next_up(self) -> "Size":
        """Return the smallest size with twice the memory and at least the same CPU, or else the largest size."""
        larger = (
            Size(cpu_units, memory_mib)
            for cpu_units, memories in MEMORY_MIB_BY_CPU_UNITS.items()
            for memory_mib in memories
            if cpu_units >= self.cpu_units and memory_mib >= 2 * self.memory_mib
        )
        return min(larger, default=LARGEST)


LARGEST = max(
    Size(cpu_units, memory_mib)
    for cpu_units, memories in MEMORY_MIB_BY_CPU_UNITS.items()
    for memory_mib in memories
)

# The guide's three sizes, by the number of regions.
SIZES_BY_NAME: dict[str, Size] = {
    "small": Size(1024, 2048),
    "standard": Size(2048, 4096),
    "large": Size(4096, 8192),
}
SMALL_BELOW_REGIONS = 10
LARGE_ABOVE_REGIONS = 50


def size_for(regions_count: int) -> Size:
    """Return the size that the guide recommends for this many regions."""
    if regions_count < SMALL_BELOW_REGIONS:
        return SIZES_BY_NAME["small"]
    if regions_count > LARGE_ABOVE_REGIONS:
        return SIZES_BY_NAME["large"]
    return SIZES_BY_NAME["standard"]
