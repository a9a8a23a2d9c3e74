from typing import Any

import pytest
from pydantic import ValidationError

from components.settings.fargate import Size
from components.settings.worker import SizeName, Worker, Workload

SHA256 = "0123456789abcdef" * 4


def worker(**changes: Any) -> Worker:
    return Worker.model_validate({"workload": "sample", **changes})


@pytest.mark.parametrize(
    ("name", "size"),
    [
        (SizeName.SMALL, Size(1_024, 2_048)),
        (SizeName.STANDARD, Size(2_048, 4_096)),
        (SizeName.LARGE, Size(4_096, 8_192)),
    ],
)
def test_a_named_size_is_the_guides(name: SizeName, size: Size) -> None:
    assert worker(size=name).task_size(29) == size


@pytest.mark.parametrize(
    ("regions_count", "size"),
    [
        (1, Size(1_024, 2_048)),
        (9, Size(1_024, 2_048)),
        (10, Size(2_048, 4_096)),
        (50, Size(2_048, 4_096)),
        (51, Size(4_096, 8_192)),
    ],
)
def test_without_a_size_the_number_of_regions_decides(regions_count: int, size: Size) -> None:
    assert worker().task_size(regions_count) == size


def test_a_size_in_numbers_is_taken_whatever_the_regions() -> None:
    assert worker(cpuUnits=256, memoryMib=512).task_size(51) == Size(256, 512)


def test_two_sizes_are_refused() -> None:
    with pytest.raises(ValidationError, match="size large and cpuUnits 256 are two sizes; write one of them"):
        worker(size="large", cpuUnits=256, memoryMib=512)


@pytest.mark.parametrize("half", [{"cpuUnits": 1_024}, {"memoryMib": 2_048}])
def test_half_a_size_is_refused(half: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="cpuUnits and memoryMib go together; write both"):
        worker(**half)


def test_memory_that_the_cpu_size_does_not_support_is_refused_with_the_supported_sizes() -> None:
    with pytest.raises(ValidationError, match="write memoryMib as one of 512, 1024, 2048"):
        worker(cpuUnits=256, memoryMib=4_096)


def test_an_unsupported_cpu_size_is_refused_with_the_supported_ones() -> None:
    with pytest.raises(
        ValidationError, match="write cpuUnits as one of 256, 512, 1024, 2048, 4096, 8192, 16384"
    ):
        worker(cpuUnits=1_000, memoryMib=2_048)


@pytest.mark.parametrize(
    "image",
    [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/ccapi-monitor-prod:2026-11-23",
        f"123456789012.dkr.ecr.us-east-1.amazonaws.com/ccapi-monitor-prod@sha256:{SHA256}",
        "python:3.11-slim",
        "ccapi:latest-but-one",
    ],
)
def test_a_fixed_image_is_taken(image: str) -> None:
    assert worker(image=image).image == image


@pytest.mark.parametrize(
    "image",
    [
        "python",
        "python:latest",
        "python:",
        "localhost:5000/python",
        "localhost:5000/python:latest",
        f"python@sha256:{SHA256[:-1]}",
        "two words:1",
        "",
    ],
)
def test_an_image_that_may_change_is_refused(image: str) -> None:
    with pytest.raises(ValidationError, match="names no fixed image; write its digest"):
        worker(image=image)


def test_only_the_existing_program_cannot_resume() -> None:
    assert [workload for workload in Workload if not workload.can_resume] == [Workload.COMMAND]


def test_only_the_existing_program_needs_the_internet() -> None:
    assert [workload for workload in Workload if workload.needs_internet] == [Workload.COMMAND]


def test_the_workload_has_no_default() -> None:
    with pytest.raises(ValidationError, match="Field required"):
        Worker.model_validate({})
