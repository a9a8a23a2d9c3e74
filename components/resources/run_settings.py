"""The parameter that a run reads first: values known only after deployment, which stay fixed for the whole run.

It keeps values that are unknown before a deployment out of the state machine's definition, and keeps a
running execution on the revision that it started with.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pulumi
import pulumi_aws as aws

from components.cost.unit_prices import NOT_KNOWN, UnitPrices
from components.resources.base import PipelineComponent
from components.settings.names import Names

# JSONata computes with offsets from UTC and knows no time zones, so it gets the zone's offset changes as
# data.
OFFSETS_FROM = datetime(2026, 1, 1, tzinfo=UTC)
OFFSETS_UNTIL = datetime(2041, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class RunSettingsArgs:
    """The values that a run uses."""

    names: Names
    zone: ZoneInfo
    cluster_arn: pulumi.Input[str]
    task_definition_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    security_group_ids: pulumi.Input[Sequence[str]]
    assign_public_ip: bool
    unit_prices: UnitPrices | None


class RunSettings(PipelineComponent):
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
                "assignPublicIp": "ENABLED" if args.assign_public_ip else "DISABLED",
                "utcOffsets": utc_offsets(args.zone),
                "unitPrices": args.unit_prices.as_json if args.unit_prices else NOT_KNOWN,
            }
        )
        parameter = aws.ssm.Parameter(
            name, name=args.names.run_settings, type="String", value=value, opts=self.child
        )
        self.parameter_name = parameter.name
        self.register_outputs({"parameterName": self.parameter_name})


@cache
def utc_offsets(zone: ZoneInfo) -> Sequence[Mapping[str, Any]]:
    """Return each offset of a zone from UTC in minutes, with the moment from which it applies."""
    day, known = OFFSETS_FROM, _offset(zone, OFFSETS_FROM)
    offsets = [_since(day, known)]
    while day < OFFSETS_UNTIL:
        offset = _offset(zone, day + DAY)
        if offset != known:
            offsets.append(_since(_first_minute(zone, day, offset), offset))
        day, known = day + DAY, offset
    return offsets


def _first_minute(zone: ZoneInfo, day: datetime, offset: timedelta) -> datetime:
    """Return the first minute of a day, or its end, with the offset that applies at the end of the day."""
    minutes = [day + timedelta(minutes=minute) for minute in range(1, DAY // timedelta(minutes=1) + 1)]
    return minutes[bisect_left(minutes, True, key=lambda minute: _offset(zone, minute) == offset)]


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _since(at: datetime, offset: timedelta) -> dict[str, Any]:
    return {"since": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "minutes": offset // timedelta(minutes=1)}
