import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.fargate import MEMORY_MIB, cpu_units, memory_mib, size_fault
from guardrails.aws.types import TASK_DEFINITION
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

SIZE = rule("task-size-valid")


def task(*containers: Any, **properties: Any) -> Resource:
    given = {
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "2048",
        "memory": "4096",
        "containerDefinitions": json.dumps(containers or [{"name": "monitor"}]),
    }
    return resource(TASK_DEFINITION, "worker", **given | properties)


def told(about: Resource) -> str:
    (violation,) = violations(SIZE, about)
    return violation


def test_a_size_that_fargate_runs_passes() -> None:
    assert passes(SIZE, task())


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [("2 vCPU", "4 GB"), ("2vcpu", "4GB"), (".5 vCPU", "1 GB"), (2048, 4096.0), ("0.25 vCPU", "0.5 GB")],
)
def test_a_size_may_be_written_in_vcpus_and_gigabytes(cpu: Any, memory: Any) -> None:
    assert passes(SIZE, task(cpu=cpu, memory=memory))


@pytest.mark.parametrize(
    ("cpu", "memory", "sold"),
    [
        (256, 256, False),
        (256, 512, True),
        (256, 1024, True),
        (256, 1536, False),
        (256, 2048, True),
        (256, 3072, False),
        (512, 1024, True),
        (512, 4096, True),
        (512, 5120, False),
        (1024, 1024, False),
        (1024, 2048, True),
        (1024, 8192, True),
        (1024, 9216, False),
        (2048, 16384, True),
        (2048, 17408, False),
        (4096, 8192, True),
        (4096, 30720, True),
        (4096, 31744, False),
        (8192, 16384, True),
        (8192, 17408, False),
        (8192, 20480, True),
        (8192, 61440, True),
        (8192, 65536, False),
        (16384, 32768, True),
        (16384, 36864, False),
        (16384, 122880, True),
        (16384, 131072, False),
        (3072, 8192, False),
        (32768, 122880, False),
    ],
)
def test_the_table_of_sizes(cpu: int, memory: int, sold: bool) -> None:
    assert (size_fault(cpu, memory) is None) is sold
    assert passes(SIZE, task(cpu=str(cpu), memory=str(memory))) is sold


def test_an_unsupported_size_is_reported_with_the_supported_ones() -> None:
    assert told(task(memory="20480")) == (
        "worker: Fargate does not support its size: 2,048 CPU units support 4,096 to 16,384 MiB in steps of 1,024, not "
        "20,480; change cpu or memory."
    )
    assert "256 CPU units support 512, 1,024 or 2,048 MiB, not 4,096" in told(task(cpu="256"))
    assert "3,000 CPU units are none of 256, 512, 1,024" in told(task(cpu="3000"))


@pytest.mark.parametrize(
    "value", [None, "", "much", "4 TB", "2 GB", "-1", True, [], "1e3", "1.5", "0.0001 vCPU"]
)
def test_cpu_that_is_no_size_is_refused(value: Any) -> None:
    assert "cpu is not set, or not a size; write CPU units" in told(task(cpu=value))


@pytest.mark.parametrize("value", [None, "", "much", "4 MB", "2 vCPU", {}])
def test_memory_that_is_no_size_is_refused(value: Any) -> None:
    assert "memory is not set, or not a size; write MiB" in told(task(memory=value))


@pytest.mark.parametrize(
    "key", ["cpu", "memory", "networkMode", "requiresCompatibilities", "containerDefinitions"]
)
def test_a_task_definition_with_an_unknown_property_is_refused(key: str) -> None:
    assert f"{key} is not known" in told(task(**{key: UNKNOWN}))


@pytest.mark.parametrize("mode", [None, "bridge", "host"])
def test_another_network_mode_is_refused(mode: str | None) -> None:
    assert f"networkMode is {mode or 'not set'}" in told(task(networkMode=mode))


@pytest.mark.parametrize("required", [None, [], ["EC2"]])
def test_a_task_that_does_not_require_fargate_is_not_evaluated(required: Any) -> None:
    assert said(SIZE, task(requiresCompatibilities=required, cpu="3")).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(("cpu", "passing"), [(1023, True), (1024, True), (1025, False)])
def test_containers_have_the_task_s_cpu_and_no_more(cpu: int, passing: bool) -> None:
    about = task({"name": "a", "cpu": 1024}, {"name": "b", "cpu": cpu}, {"name": "c"})
    assert passes(SIZE, about) is passing
    if not passing:
        assert "2,049 CPU units (1,024 of a + 1,025 of b), more than the task's 2,048" in told(about)


@pytest.mark.parametrize("key", ["memory", "memoryReservation"])
@pytest.mark.parametrize(("mib", "passing"), [(4095, True), (4096, True), (4097, False)])
def test_a_container_has_the_task_s_memory_and_no_more(key: str, mib: int, passing: bool) -> None:
    about = task({"name": "a", key: mib})
    assert passes(SIZE, about) is passing
    if not passing:
        assert f"{key} of a is 4,097 MiB, more than the task's 4,096; lower it" in told(about)


# "The total amount of memory reserved for all containers within a task":
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
@pytest.mark.parametrize(
    ("sizes", "passing"),
    [
        ({"memory": 2048}, True),
        ({"memory": 2049}, False),
        ({"memoryReservation": 2049}, False),
        ({"memory": 4096, "memoryReservation": 2048}, True),
        ({"memory": 4096, "memoryReservation": 2049}, False),
    ],
)
def test_containers_reserve_the_task_s_memory_and_no_more(sizes: dict[str, int], passing: bool) -> None:
    about = task({"name": "a", "memory": 2048}, {"name": "b", **sizes}, {"name": "c"})
    assert passes(SIZE, about) is passing
    if not passing:
        assert "reserve 4,097 MiB (2,048 of a + 2,049 of b), more than the task's 4,096; lower" in told(about)


@pytest.mark.parametrize("value", ["512", 1.5, True, []])
def test_a_container_s_size_is_a_whole_number(value: Any) -> None:
    assert told(task({"memory": value})) == "worker: memory of container 1 is not a whole number; write one."


def test_every_violation_is_reported() -> None:
    about = task({"name": "a", "cpu": 9999, "memory": 9999}, networkMode="host", memory="5000")
    assert len(violations(SIZE, about)) == 4


@pytest.mark.parametrize("definitions", ["no JSON", "{}", "5", "[1]", "null"])
def test_an_invalid_list_of_containers_is_refused(definitions: str) -> None:
    assert "containerDefinitions" in told(task(containerDefinitions=definitions))


@given(st.sampled_from(sorted(MEMORY_MIB)), st.integers(0, 240))
def test_a_size_means_the_same_however_it_is_written(cpu: int, half_gigabytes: int) -> None:
    assert cpu_units(f"{cpu / 1024} vCPU") == cpu_units(str(cpu)) == cpu
    assert (
        memory_mib(f"{half_gigabytes / 2} GB")
        == memory_mib(str(half_gigabytes * 512))
        == half_gigabytes * 512
    )


@given(st.text(max_size=8))
def test_any_text_is_read_as_a_size_or_none(text: str) -> None:
    assert cpu_units(text) is None or isinstance(cpu_units(text), int)
