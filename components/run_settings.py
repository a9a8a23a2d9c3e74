"""The parameter that a run reads first: what exists only once the stack is created, pinned for the whole run.

It keeps the state machine's definition free of anything unknown before a deployment, and a running execution on the
revision that it started with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.part import Part

# JSONata computes with offsets from UTC and knows no time zones, so the changes of the zone's offset are told to it.
OFFSETS_FROM = datetime(2026, 1, 1, tzinfo=UTC)
OFFSETS_UNTIL = datetime(2041, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class RunSettingsArgs:
    """What a run works with."""

    names: Names
    zone: ZoneInfo
    cluster_arn: pulumi.Input[str]
    task_definition_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    security_group_ids: pulumi.Input[Sequence[str]]


class RunSettings(Part):
    """The settings of the next run.

    Creates: one SSM parameter.
    """

    parameter_name: pulumi.Output[str]

    def __init__(self, name: str, args: RunSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"timeZone": args.zone.key}, opts)
        value = pulumi.Output.json_dumps(
            {
                "cluster": args.cluster_arn,
                "taskDefinition": args.task_definition_arn,
                "subnets": args.subnet_ids,
                "securityGroups": args.security_group_ids,
                "assignPublicIp": "ENABLED",
                "utcOffsets": list(utc_offsets(args.zone)),
            }
        )
        parameter = aws.ssm.Parameter(
            name, name=args.names.run_settings, type="String", value=value, opts=self.child
        )
        self.parameter_name = parameter.name
        self.register_outputs({"parameterName": self.parameter_name})


def utc_offsets(zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Yield each offset of a zone from UTC, in minutes, with the moment from which it holds."""
    at, offset = OFFSETS_FROM, None
    while at < OFFSETS_UNTIL:
        now = at.astimezone(zone).utcoffset()
        if now is not None and now != offset:
            offset = now
            yield {"since": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "minutes": int(now.total_seconds() // 60)}
        # Every change of a zone's offset is at a whole hour of UTC but for a few of half an hour.
        at += timedelta(minutes=30)
