from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.agent.spec import LogOptions, Secret, container_spec

TASK: dict[str, Any] = {
    "taskArn": "arn:aws:ecs:us-east-1:123456789012:task/cluster/abc",
    "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/cluster",
    "cpu": "1024",
    "memory": "2048",
    "overrides": {"containerOverrides": [{"name": "monitor"}]},
}
CONTAINER: dict[str, Any] = {
    "name": "monitor",
    "image": "image",
    "entryPoint": ["python", "-m", "worker"],
    "command": ["monitor"],
}


def definition(**container: Any) -> dict[str, Any]:
    return {"family": "family", "revision": 3, "containerDefinitions": [{**CONTAINER, **container}]}


def test_the_entry_point_is_followed_by_the_command() -> None:
    assert container_spec(TASK, definition()).arguments == ["python", "-m", "worker", "monitor"]


def test_an_override_of_another_container_changes_nothing() -> None:
    other = {"containerOverrides": [{"name": "sidecar", "command": ["other"]}]}

    assert container_spec({**TASK, "overrides": other}, definition()).arguments[-1] == "monitor"


names = st.sampled_from(["A", "B", "C"])


@given(st.dictionaries(names, st.text()), st.dictionaries(names, st.text()))
def test_the_environment_of_an_override_wins(defined: dict[str, str], overridden: dict[str, str]) -> None:
    def listed(environment: dict[str, str]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in environment.items()]

    overrides = {"containerOverrides": [{"name": "monitor", "environment": listed(overridden)}]}

    spec = container_spec({**TASK, "overrides": overrides}, definition(environment=listed(defined)))

    assert spec.environment == {**defined, **overridden}


@pytest.mark.parametrize(("given_seconds", "expected"), [(None, 30), (2, 2), (120, 120), (600, 120)])
def test_the_stop_timeout_is_30_seconds_by_default_and_120_at_most(
    given_seconds: int | None, expected: int
) -> None:
    container = {} if given_seconds is None else {"stopTimeout": given_seconds}

    assert container_spec(TASK, definition(**container)).stop_timeout_seconds == expected


def test_the_log_stream_is_named_after_prefix_container_and_task() -> None:
    options = {"awslogs-group": "/ecs/g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "worker"}

    spec = container_spec(TASK, definition(logConfiguration={"logDriver": "awslogs", "options": options}))

    assert spec.log_options == LogOptions("/ecs/g", "us-east-1", "worker/monitor/abc", create_group=False)


def test_secrets_sizes_and_revision_are_taken_over() -> None:
    spec = container_spec(TASK, definition(secrets=[{"name": "KEY", "valueFrom": "/parameter"}]))

    assert spec.secrets == [Secret("KEY", "/parameter")]
    assert (spec.cpu_units, spec.memory_mib) == (1024, 2048)
    assert (spec.family, spec.revision, spec.task_id) == ("family", "3", "abc")
