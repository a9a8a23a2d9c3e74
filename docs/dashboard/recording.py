"""The recording of a local stack's history: data points, alarm states and log lines, on the time of its schedule.

`ccapi local seed` runs weeks within minutes. A recorded time is the scheduled time of a run plus the time since the
run's start. The local AWS publishes neither the metrics of Step Functions and S3 nor, between seeded runs, those of
the watch machine, so they are computed here from the executions and objects, by the definition of each metric.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from components.metrics.metric import Metric
from components.metrics.published import stored_in
from components.settings.bounds import WATCH_HOURS
from components.settings.names import Names
from docs.dashboard.history import STACK, Point
from docs.stack_files import settings_of

_AFTERWARDS = timedelta(seconds=5)
_SWEEP, _DAY = timedelta(hours=WATCH_HOURS), timedelta(days=1)
_LOGGED_RUNS = 5
_ENDS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
_FIELDS = ("level", "message", "run", "shard", "attempt", "region")


@dataclass(frozen=True)
class _Run:
    """A run: when it started and ended on this machine, and when the schedule started it."""

    started: datetime
    ended: datetime
    scheduled: datetime
    status: str

    def on_schedule(self, moment: datetime) -> datetime:
        """Return a moment of the run on the time of the schedule."""
        return self.scheduled + (moment - self.started)


def recorded() -> str:
    """Return the history of the running local stack as JSON.

    Raises:
        LookupError: if no scheduled run has ended.
    """
    names = Names.of(settings_of(STACK))
    runs = _runs(names)
    now = runs[-1].on_schedule(runs[-1].ended) + timedelta(hours=1)
    series = {**_own(names, runs), **_ends(names, runs), **_stored(names, runs, now)}
    series[_metric(names, "HoursSinceLastSuccess")] = _hours(series, names, now)
    metrics = [
        {
            "namespace": metric.namespace,
            "name": metric.name,
            "dimensions": dict(metric.dimensions),
            "points": [[_text(moment), value] for moment, value in sorted(points)],
        }
        for metric, points in sorted(series.items())
    ]
    return (
        f'{{"now": {json.dumps(_text(now))},\n'
        f'"alarms": {json.dumps(_alarms(), indent=1)},\n'
        f'"metrics": {_lines(metrics)},\n'
        f'"log": {_lines(_log(names, runs[-_LOGGED_RUNS:]))}}}\n'
    )


def _lines(items: Iterable[Mapping[str, Any]]) -> str:
    """Return a list as JSON with one line for each item."""
    separator = ",\n"
    return f"[\n{separator.join(map(json.dumps, items))}\n]"


def _runs(names: Names) -> list[_Run]:
    """Return the scheduled runs that have ended, the earliest first."""
    client = boto3.client("stepfunctions")
    found = []
    for page in client.get_paginator("list_executions").paginate(stateMachineArn=names.machine_arn):
        for listed in page["executions"]:
            described = client.describe_execution(executionArn=listed["executionArn"])
            scheduled = json.loads(described["input"]).get("scheduled_time")
            if scheduled and described["status"] in _ENDS:
                times = (described["startDate"], described["stopDate"], datetime.fromisoformat(scheduled))
                found.append(_Run(*times, described["status"]))
    if not found:
        raise LookupError("no scheduled run has ended")
    return sorted(found, key=lambda run: run.started)


def _own(names: Names, runs: Sequence[_Run]) -> dict[Metric, list[Point]]:
    """Return the points that the machines published, each on the time of its run."""
    client = boto3.client("cloudwatch")
    found: dict[Metric, list[Point]] = {}
    for listed in client.list_metrics(Namespace=names.metric_namespace)["Metrics"]:
        points = client.get_metric_statistics(
            Namespace=names.metric_namespace,
            MetricName=listed["MetricName"],
            Dimensions=listed["Dimensions"],
            StartTime=runs[0].started,
            EndTime=runs[-1].ended + _AFTERWARDS,
            Period=1,
            Statistics=["Maximum"],
        )["Datapoints"]
        found[_metric(names, listed["MetricName"])] = [
            (_at(runs, point["Timestamp"]).on_schedule(point["Timestamp"]), point["Maximum"])
            for point in points
        ]
    return found


def _ends(names: Names, runs: Sequence[_Run]) -> dict[Metric, list[Point]]:
    """Return the number of executions by how they ended, which Step Functions publishes at the end of each."""
    return {
        Metric.of("AWS/States", name, {"StateMachineArn": names.machine_arn}, names.region): [
            (run.on_schedule(run.ended), float(run.status == status)) for run in runs
        ]
        for status, name in _ENDS.items()
    }


def _stored(names: Names, runs: Sequence[_Run], now: datetime) -> dict[Metric, list[Point]]:
    """Return the size of each bucket on each day, which S3 publishes at midnight."""
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    found: dict[Metric, list[Point]] = {}
    for bucket in map(names.bucket, ("reports", "cache")):
        objects = [item for page in pages.paginate(Bucket=bucket) for item in page.get("Contents", ())]
        size = {
            run: float(sum(item["Size"] for item in objects if item["LastModified"] <= run.ended))
            for run in runs
        }
        midnight = runs[0].scheduled.replace(hour=0, minute=0) + _DAY
        points: list[Point] = []
        while midnight <= now:
            before = [run for run in runs if run.scheduled <= midnight]
            points.append((midnight, size[before[-1]]))
            midnight += _DAY
        found[Metric.of("AWS/S3", "BucketSizeBytes", stored_in(bucket), names.region)] = points
    return found


def _hours(series: Mapping[Metric, Sequence[Point]], names: Names, now: datetime) -> list[Point]:
    """Return the hours since the last success at each sweep of the watch machine."""
    outcomes = sorted(series[_metric(names, "WeeklyMonitoringSuccess")])
    partial = dict(series[_metric(names, "WeeklyMonitoringPartial")])
    successes = [moment for moment, value in outcomes if value or partial.get(moment)]
    moment, found = successes[0] + _SWEEP, []
    while moment <= now:
        last = max(success for success in successes if success <= moment)
        found.append((moment, round((moment - last) / timedelta(hours=1), 2)))
        moment += _SWEEP
    return found


def _at(runs: Sequence[_Run], moment: datetime) -> _Run:
    """Return the run of a moment: the last metrics of a run are published seconds after its end."""
    return max((run for run in runs if run.started <= moment), key=lambda run: run.started)


def _alarms() -> dict[str, str]:
    alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


def _log(names: Names, runs: Sequence[_Run]) -> Iterator[dict[str, Any]]:
    """Yield the lines of the workers of some runs, with the fields that the saved queries read."""
    pages = boto3.client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=names.worker_log_group):
        for event in page["events"]:
            moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            if moment >= runs[0].started:
                line = json.loads(event["message"])
                yield {
                    "@timestamp": _text(_at(runs, moment).on_schedule(moment)),
                    **{field: line[field] for field in _FIELDS if field in line},
                }


def _metric(names: Names, name: str) -> Metric:
    return Metric.of(names.metric_namespace, name, {"Environment": names.environment}, names.region)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
