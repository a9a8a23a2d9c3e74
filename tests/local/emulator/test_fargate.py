import pytest

from local.emulator.fargate import SIZES, is_size, place


@pytest.mark.parametrize(
    ("cpu", "memory", "valid"),
    [
        ("256", "512", True),
        ("256", "2048", True),
        ("256", "3072", False),
        ("1024", "8192", True),
        ("1024", "9216", False),
        ("8192", "61440", True),
        ("8192", "17408", False),
        ("16384", "122880", True),
        ("512", None, False),
        ("0.5 vCPU", "1024", False),
    ],
)
def test_a_size_is_one_of_fargates(cpu: str, memory: str | None, valid: bool) -> None:
    assert is_size(cpu, memory) is valid


def test_more_cpu_never_means_less_memory_at_most() -> None:
    largest = [max(SIZES[cpu]) for cpu in sorted(SIZES)]

    assert largest == sorted(largest)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ([{"capacityProvider": "FARGATE_SPOT", "weight": 1}], "FARGATE_SPOT"),
        ([{"capacityProvider": "A", "weight": 1}, {"capacityProvider": "B", "weight": 4}], "B"),
        ([{"capacityProvider": "A", "base": 1}, {"capacityProvider": "B", "weight": 4}], "A"),
    ],
)
def test_the_first_task_goes_to_the_base_then_by_weight(
    strategy: list[dict[str, object]], expected: str
) -> None:
    assert place(strategy) == expected
