import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.fargate import LARGEST, MEMORY_MIB_BY_CPU_UNITS, SIZES_BY_NAME, Size

EVERY_SIZE = [
    Size(cpu_units, memory_mib)
    for cpu_units, memories in MEMORY_MIB_BY_CPU_UNITS.items()
    for memory_mib in memories
]


@pytest.mark.parametrize(
    ("cpu_units", "smallest_mib", "largest_mib", "how_many"),
    [
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
        (256, 512, 2_048, 3),
        (512, 1_024, 4_096, 4),
        (1_024, 2_048, 8_192, 7),
        (2_048, 4_096, 16_384, 13),
        (4_096, 8_192, 30_720, 23),
        (8_192, 16_384, 61_440, 12),
        (16_384, 32_768, 122_880, 12),
    ],
)
def test_memory_goes_with_cpu_as_aws_publishes_it(
    cpu_units: int, smallest_mib: int, largest_mib: int, how_many: int
) -> None:
    memories = MEMORY_MIB_BY_CPU_UNITS[cpu_units]
    assert (memories[0], memories[-1], len(memories)) == (smallest_mib, largest_mib, how_many)


@pytest.mark.parametrize(
    "size", [Size(1_024, 1_024), Size(1_024, 9_216), Size(1_000, 2_048), Size(256, 1_536)]
)
def test_a_size_that_fargate_does_not_run_is_not_supported(size: Size) -> None:
    assert not size.is_sold


def test_each_named_size_is_supported_and_is_the_guides() -> None:
    guide = {"small": Size(1_024, 2_048), "standard": Size(2_048, 4_096), "large": Size(4_096, 8_192)}
    assert guide == SIZES_BY_NAME
    assert all(size.is_sold for size in SIZES_BY_NAME.values())


@given(st.sampled_from(EVERY_SIZE))
def test_the_next_size_up_is_supported_and_never_smaller(size: Size) -> None:
    larger = size.next_up()
    assert larger.is_sold
    assert larger.cpu_units >= size.cpu_units
    assert larger.memory_mib >= size.memory_mib


@given(st.sampled_from(EVERY_SIZE))
def test_the_next_size_up_has_twice_the_memory_or_all_there_is(size: Size) -> None:
    assert size.next_up().memory_mib >= min(2 * size.memory_mib, LARGEST.memory_mib)


def test_there_is_nothing_above_the_largest() -> None:
    assert Size(16_384, 122_880) == LARGEST.next_up() == LARGEST
