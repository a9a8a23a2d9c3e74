"""The metrics that are published about a stack, each with its unit and its publishers.

A dashboard or an alarm may only use these. Those of the machines are read from the machines' own states; those of AWS
are listed in `aws_metrics.json`.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from components.machines.asl import Machine
from components.machines.watch.machine import watch_machine
from components.machines.weekly.machine import weekly_machine
from components.metrics.metric import Metric
from components.settings import Settings
from components.settings.names import Names

# AWS publishes the charges of an account in one region of the commercial partition only. Source: Amazon CloudWatch
# User Guide, "Create a billing alarm to monitor your estimated AWS charges".
BILLING_PARTITION, BILLING_REGION = "aws", "us-east-1"
_PUT_METRIC_DATA = ":aws-sdk:cloudwatch:putMetricData"


@dataclass(frozen=True, kw_only=True)
class Published:
    """The publication of a metric."""

    unit: str
    publishers: tuple[str, ...]
    """Each a machine with its state, as `ccapi-watch-prod: PublishHours`, or the title of AWS's page."""


def published_metrics(settings: Settings, names: Names) -> Mapping[Metric, Published]:
    """Return every metric that the stack's machines and AWS publish about the stack, in order."""
    machines = {
        names.machine: weekly_machine(settings, names),
        names.watch: watch_machine(settings, names),
    }
    found: dict[Metric, tuple[str, list[str]]] = {}
    for publisher, metric, unit in (*_of_machines(machines, names.region), *_of_aws(settings, names)):
        found.setdefault(metric, (unit, []))[1].append(publisher)
    return {
        metric: Published(unit=unit, publishers=tuple(publishers))
        for metric, (unit, publishers) in sorted(found.items())
    }


def aws_namespaces() -> Mapping[str, Any]:
    """Return AWS's namespaces, each with the metrics, their units, and the page of AWS that lists them."""
    return _read()


def stored_in(bucket: str) -> dict[str, str]:
    """Return the dimensions of the size of a bucket's objects, which are all in the default storage class."""
    return {"BucketName": bucket, "StorageType": "StandardStorage"}


def _of_machines(machines: Mapping[str, Machine], region: str) -> Iterator[tuple[str, Metric, str]]:
    for machine, built in machines.items():
        for state, fields in built.definition["States"].items():
            if fields.get("Resource", "").endswith(_PUT_METRIC_DATA):
                for datum in fields["Arguments"]["MetricData"]:
                    dimensions = {part["Name"]: part["Value"] for part in datum["Dimensions"]}
                    namespace = fields["Arguments"]["Namespace"]
                    metric = Metric.of(namespace, datum["MetricName"], dimensions, region)
                    yield f"{machine}: {state}", metric, datum["Unit"]


def _of_aws(settings: Settings, names: Names) -> Iterator[tuple[str, Metric, str]]:
    for namespace, resources in _resources(settings, names).items():
        known = aws_namespaces()[namespace]
        region = BILLING_REGION if namespace == "AWS/Billing" else names.region
        for name, unit in known["metrics"].items():
            for dimensions in resources:
                yield known["title"], Metric.of(namespace, name, dimensions, region), unit


def _resources(settings: Settings, names: Names) -> Mapping[str, list[dict[str, str]]]:
    """Return the dimensions of the stack's resources in each namespace of AWS."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    found["AWS/States"] = [{"StateMachineArn": arn} for arn in (names.machine_arn, names.watch_arn)]
    found["AWS/SQS"] = [
        {"QueueName": queue} for queue in (names.schedule_queue, names.watch_queue, names.message_queue)
    ]
    found["AWS/Lambda"] = [{"FunctionName": names.reporter}]
    found["AWS/Scheduler"] = [{"ScheduleGroup": names.schedule_group}]
    found["AWS/S3"] = [stored_in(names.bucket(what)) for what in ("reports", "cache")]
    if settings.observability.container_insights:
        found["ECS/ContainerInsights"] = [
            {"ClusterName": names.cluster, "TaskDefinitionFamily": names.worker_family}
        ]
    if names.partition == BILLING_PARTITION:
        found["AWS/Billing"] = [{"Currency": "USD"}]
    return found


@cache
def _read() -> Mapping[str, Any]:
    held: dict[str, Any] = json.loads(
        Path(__file__).with_name("aws_metrics.json").read_text(encoding="utf-8")
    )
    return held
