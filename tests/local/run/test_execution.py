from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.agent.schedules import virtual_time
from local.run import execution
from local.run.errors import RunError
from tests.local.emulator.local_aws import ROLE, RunningAws, running_aws, unique


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningAws]:
    with running_aws() as running:
        yield running


def start(aws: RunningAws, expression: str, **arguments: Any) -> str:
    name, group = unique("schedule"), unique("group")
    aws.client("scheduler").create_schedule_group(Name=group)
    aws.client("scheduler").create_schedule(
        Name=name,
        GroupName=group,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": aws.create_machine({"Echo": {"Type": "Succeed"}}), "RoleArn": ROLE},
        **arguments,
    )
    outputs = {"eventbridge_schedule_name": name, "eventbridge_schedule_group": group}
    return execution.start(aws.aws, outputs)


def test_a_paused_schedule_is_reported_with_the_setting_to_change(aws: RunningAws) -> None:
    with pytest.raises(RunError, match=r"\* MON \*\) is paused; change ccapi:schedule in Pulumi.local.yaml"):
        start(aws, "cron(0 6 ? * MON *)", State="DISABLED")


def test_a_schedule_without_future_starts_is_reported(aws: RunningAws) -> None:
    with pytest.raises(RunError, match="never fires again"):
        start(aws, "at(2020-01-06T06:00:00)")


def test_a_schedule_that_starts_nothing_is_reported_and_the_clock_is_advanced(
    aws: RunningAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "START_SECONDS", 0)

    with pytest.raises(RunError, match=r"started nothing within 0 s; \.local/logs/agent\.log may say why"):
        start(aws, "cron(0 6 1 1 ? 2100)")

    assert virtual_time.now(aws.aws) >= datetime(2100, 1, 1, 6, tzinfo=UTC)
