"""The outcome of a run, read from the local AWS and written to build/last-run.json."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from local.aws import LocalAws
from local.object_path import KeyRefusedError, object_path
from local.paths import BUILD, LAST_RUN, REPORTS, ROOT
from local.run.execution import Execution
from local.run.mailboxes import Mail
from local.run.metered import read_meter
from local.run.refused import Refused, read_refused

# The error name of a stack, repeated here because local/run reads only what AWS shows.
PARTIAL_FAILURE = "Ccapi.PartialFailure"
REPORTS_PREFIX = "weekly/"
DASHBOARD = "dashboard.html"
"""The key of the page about all runs, and its name in the folder of reports."""


class Status(StrEnum):
    """The status of a finished run, as the pipeline reports it."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True)
class Region:
    """The outcome of one region; a region without a report has an error."""

    name: str
    status: str
    attempts: int
    seconds: float
    report: str | None
    error: str | None


@dataclass(frozen=True)
class Metric:
    """One value that the run published."""

    name: str
    unit: str
    value: float


@dataclass(frozen=True)
class Copied:
    """The files that a bucket's objects were copied to, and the objects that were refused, each with the reason."""

    paths: tuple[Path, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """All facts that are reported about a run."""

    status: Status
    run_id: str | None
    """None if the execution ended before its run had a name."""
    periods: tuple[str, ...]
    """The periods in its results; a run covers the week before the one that it is named after."""
    scheduled_time: str | None
    execution_arn: str
    duration_seconds: float
    regions: tuple[Region, ...]
    reports: tuple[str, ...]
    metrics: tuple[Metric, ...]
    notifications: tuple[Mail, ...]
    metered: Mapping[str, Any]
    outputs: Mapping[str, Any]
    not_copied: tuple[str, ...]
    """Objects of the reports bucket that could not become files, each with the reason."""
    orphan_tasks: int
    refused: tuple[Refused, ...]
    """The requests that IAM policies denied or left undecided."""
    timings: Mapping[str, float]
    error: str | None

    def write(self) -> None:
        """Write the facts to build/last-run.json."""
        BUILD.mkdir(exist_ok=True)
        LAST_RUN.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def collect(
    aws: LocalAws,
    execution: Execution,
    outputs: Mapping[str, Any],
    mail: Sequence[Mail],
    timings: Mapping[str, float],
    *,
    region_names: Sequence[str],
) -> Outcome:
    """Read the results of a finished execution, and copy its reports to build/reports.

    `region_names` are those of the catalog, in priority order.
    """
    # First, since it waits until the tasks have stopped: a task that still runs after that is an orphan.
    metered = read_meter(aws, execution.arn)
    s3 = aws.client("s3")
    bucket = outputs["s3_reports_bucket"]
    run_id = _run_of(s3, outputs["s3_cache_bucket"], execution.arn)
    summary = _summary(s3, bucket, run_id)
    copied = copy_reports(s3, bucket, REPORTS)
    return Outcome(
        status=status_of(execution, summary),
        run_id=run_id,
        periods=tuple(summary.get("periods", ())),
        scheduled_time=_scheduled_time(aws, execution.arn),
        execution_arn=execution.arn,
        duration_seconds=_duration_seconds(aws, execution.arn),
        regions=tuple(_regions(summary, region_names)),
        reports=tuple(str(path.relative_to(ROOT)) for path in copied.paths if path.suffix == ".pdf"),
        metrics=tuple(_metrics(aws)),
        notifications=tuple(mail),
        metered=metered,
        outputs=dict(outputs),
        not_copied=copied.refused,
        orphan_tasks=_running_tasks(aws, outputs["ecs_cluster_arn"]),
        refused=read_refused(aws),
        timings=dict(timings),
        error=f"{execution.error}: {execution.cause}" if execution.error else None,
    )


def status_of(execution: Execution, summary: Mapping[str, Any]) -> Status:
    """Return the status in a run's summary, or in its execution if the summary could not be made.

    A partial failure is partial even if the stack lets it fail the execution.
    """
    if execution.status != "SUCCEEDED" and execution.error != PARTIAL_FAILURE:
        return Status.FAILED
    said = summary.get("status", execution.output.get("status"))
    return Status(said) if said in list(Status) else Status.FAILED


def _run_of(s3: Any, cache_bucket: str, execution_arn: str) -> str | None:
    """Return the run that an execution has claimed, or None."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=cache_bucket, Prefix="claims/runs/"):
        for item in page.get("Contents", ()):
            claim = _json(s3, cache_bucket, item["Key"])
            if claim["execution"] == execution_arn:
                return str(claim["run"])
    return None


def _summary(s3: Any, bucket: str, run_id: str | None) -> dict[str, Any]:
    """Return the summary of the run, or an empty dictionary if there is none."""
    try:
        return _json(s3, bucket, f"weekly/{run_id}/summary.json")
    except s3.exceptions.NoSuchKey:
        return {}


def _scheduled_time(aws: LocalAws, execution_arn: str) -> str | None:
    described = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    given = json.loads(described["input"])
    return given.get("scheduled_time") if isinstance(given, dict) else None


def _regions(summary: Mapping[str, Any], region_names: Sequence[str]) -> Iterator[Region]:
    """Yield the regions in a run's summary, in priority order if it is known, else in the summary's order."""
    summed_up = {region["region"]: region for region in summary.get("regions", ())}
    for name in (name for name in region_names or summed_up if name in summed_up):
        region = summed_up[name]
        yield Region(
            name,
            region["status"],
            region["attempt"] + 1,
            round(region["seconds"], 2),
            region["report"],
            region["error"],
        )


def copy_reports(s3: Any, bucket: str, folder: Path) -> Copied:
    """Empty a folder, copy the page about all runs and all reports into it, and return the copies and the refused."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    paths, refused = [], []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=REPORTS_PREFIX):
        for item in page.get("Contents", ()):
            # A key that ends with a slash is a folder that a user made in the S3 console.
            if item["Key"].endswith("/"):
                continue
            try:
                target = object_path(folder, item["Key"], REPORTS_PREFIX)
            except KeyRefusedError as error:
                refused.append(str(error))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, item["Key"], str(target))
            paths.append(target)
    if s3.list_objects_v2(Bucket=bucket, Prefix=DASHBOARD, MaxKeys=1).get("Contents"):
        s3.download_file(bucket, DASHBOARD, str(folder / DASHBOARD))
        paths.append(folder / DASHBOARD)
    return Copied(tuple(paths), tuple(refused))


def _metrics(aws: LocalAws) -> Iterator[Metric]:
    cloudwatch = aws.client("cloudwatch")
    listed = [
        metric
        for metric in cloudwatch.list_metrics()["Metrics"]
        if not metric["Namespace"].startswith("AWS/")
    ]
    for metric in sorted(listed, key=lambda metric: str(metric["MetricName"])):
        point = _only_point(cloudwatch, metric)
        yield Metric(metric["MetricName"], point["Unit"], point["Maximum"])


def _only_point(cloudwatch: Any, metric: Mapping[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC)
    points: list[dict[str, Any]] = cloudwatch.get_metric_statistics(
        Namespace=metric["Namespace"],
        MetricName=metric["MetricName"],
        Dimensions=metric["Dimensions"],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        # The watch machine may have published a metric more than once.
        Statistics=["Maximum"],
    )["Datapoints"]
    return points[-1]


def _duration_seconds(aws: LocalAws, arn: str) -> float:
    described = aws.client("stepfunctions").describe_execution(executionArn=arn)
    seconds: float = (described["stopDate"] - described["startDate"]).total_seconds()
    return round(seconds, 2)


def _running_tasks(aws: LocalAws, cluster_arn: str) -> int:
    ecs = aws.client("ecs")
    return sum(
        1
        for arn in ecs.list_tasks(cluster=cluster_arn)["taskArns"]
        for task in ecs.describe_tasks(cluster=cluster_arn, tasks=[arn])["tasks"]
        if task["lastStatus"] != "STOPPED"
    )


def _json(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    content: dict[str, Any] = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
    return content
