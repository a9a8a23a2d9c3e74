"""The usage of a run and of the watch machine that their states do not show: workers' requests, logs, metrics.

The figures come from runs on a laptop, metered by the local AWS: of the sample, and of a program with the
interface of the existing one. They hold for every run but a stack's first. Keys are those of the guardrails'
prices.
"""

import math
from collections import Counter
from decimal import Decimal

from components.settings import Settings
from components.settings.worker import Workload

Uses = dict[str, str]

_BYTES_A_GB = 1024**3
_BYTES_A_MEGABYTE = 1_000_000
_SECONDS_AN_HOUR = 3600
_HOURS_A_MONTH = 730
_DAYS_A_MONTH = Decimal("30.4375")

# CPU, memory, network and storage of the workers, once for their family and once for the cluster, in each
# hour with a worker. Source: Amazon CloudWatch User Guide, "Amazon ECS Container Insights metrics".
_METRICS_OF_A_WORKER = 20

# The reporter mostly waits for other services.
REPORTER_SECONDS = 2
REPORTER_MEMORY_MIB = 256

# A run has a page for every so many regions.
REGIONS_A_PAGE = 300
# Source: Amazon S3 API Reference, "ListObjectsV2".
_KEYS_A_LIST = 1_000

_MACHINE_LOG_BYTES, _SHARD_LOG_BYTES = 70_600, 9_300
# Of a shard whose child execution logs its start, its input and its end.
_CHILD_LOG_BYTES = 10_700
_WATCH_LOG_BYTES = 47_300
# The log lines of the worker itself; programs log what the settings expect.
_WORKER_LOG_BYTES, _REGION_LOG_BYTES = 295, 307


def run_usage(settings: Settings, seconds: int) -> Uses:
    """Return the usage of a run whose shards take so many seconds each."""
    regions, shards = settings.monitoring.regions_count, settings.worker.shards
    serves = settings.worker.workload is Workload.COMMAND
    megabytes = settings.worker.expected_log_megabytes
    of_programs = _REGION_LOG_BYTES * regions if megabytes is None else _BYTES_A_MEGABYTE * megabytes
    of_shard = _CHILD_LOG_BYTES if settings.worker.is_distributed else _SHARD_LOG_BYTES
    log_bytes = _MACHINE_LOG_BYTES + of_shard * shards + _WORKER_LOG_BYTES + of_programs
    requests = (
        _requests_of_command(settings, regions, shards) if serves else _requests_of_sample(regions, shards)
    )
    besides = Counter({key: Decimal(quantity) for key, quantity in requests.items()})
    besides.update(_messages(settings))
    besides.update(_page_of_all_runs())
    counted = {key: str(quantity) for key, quantity in besides.items() if quantity}
    return {**counted, **_logs(settings, log_bytes), **_container_insights(settings, seconds)}


def watch_usage(settings: Settings) -> Uses:
    """Return the usage of a watch machine execution started by an event, which logs more than a sweep does."""
    return _logs(settings, _WATCH_LOG_BYTES)


def _requests_of_sample(regions: int, shards: int) -> Uses:
    """Return the requests of a run of the sample.

    Validation lists both buckets, writes a probe into each, looks for a plan and writes one; for several shards, it
    reads the history. A shard reads the plan; a shard of several regions also lists the imagery in the cache, which has
    that of all regions after the first run, keeps a journal and writes its own result. For a region the worker reads
    the imagery, and writes the report, two pictures and the result. Besides its other requests, the reduce step writes
    two files with the clearings.
    """
    of_one_region = max(0, 2 * shards - regions)
    put_by_reduce, get_by_reduce = _requests_of_reduce(regions, shards)
    of_shards = (1 + math.ceil(regions / _KEYS_A_LIST)) * (shards - of_one_region)
    put = 6 + of_shards + 4 * regions + (regions - of_one_region) + put_by_reduce + 2
    get = 1 + _balancing(shards) + shards + regions + get_by_reduce
    return {"s3_put_request": str(put), "s3_get_request": str(get)}


def _requests_of_command(settings: Settings, regions: int, shards: int) -> Uses:
    """Return the requests of a run of a program.

    Validation lists both buckets, writes a probe into each, looks for a plan by two requests, and writes one; for
    several shards, it reads the history. It and each shard fetch the credentials. Besides its results, a shard writes
    its report and a few files. If the program takes its regions as an argument, the shard also keeps a journal.
    """
    journal = 2 * (regions + shards) if settings.takes_regions else 0
    put_by_reduce, get_by_reduce = _requests_of_reduce(regions, shards)
    put = 6 + 6 * shards + regions + journal + put_by_reduce
    get = 1 + _balancing(shards) + 2 * shards + get_by_reduce
    return {
        "s3_put_request": str(put),
        "s3_get_request": str(get),
        "secret_request": str(1 + shards),
    }


def _balancing(shards: int) -> int:
    """Return the reading requests with which validation balances the shards."""
    return int(shards > 1)


def _requests_of_reduce(regions: int, shards: int) -> tuple[int, int]:
    """Return the writing and the reading requests of the reduce step.

    It lists once, reads the plan, each shard's result and the history, and writes the run's summary and pages.
    """
    return 1 + 1 + math.ceil(regions / REGIONS_A_PAGE), 1 + shards + 1


def _page_of_all_runs() -> Counter[str]:
    """Return the requests for the page about all runs: two files are read, history and summary, and two are written."""
    return Counter(s3_put_request=2, s3_get_request=2)


def _messages(settings: Settings) -> Counter[str]:
    """Return the reporter's requests for one message: its e-mails, and the records that prevent a second sending."""
    uses = Counter(sns_publish=1, sns_email_delivery=len(settings.notifications.success_emails))
    others = (settings.slack_webhook_url, settings.pager_duty_routing_key, settings.webhook_url)
    # A claim and its end for each channel, and an end for the message itself.
    uses["s3_put_request"] = 2 * (1 + sum(map(bool, others))) + 1
    # Credentials are cached for minutes, and runs are further apart.
    uses["secret_request"] = int(any(others))
    return uses


def _logs(settings: Settings, log_bytes: int) -> Uses:
    """Return the usage of logs, which are billed when they are ingested and while they are stored."""
    ingested_gb = Decimal(log_bytes) / _BYTES_A_GB
    months = settings.observability.log_retention_days / _DAYS_A_MONTH
    return {
        "logs_ingested_gb": _text(ingested_gb),
        "logs_stored_gb_month": _text(ingested_gb * months),
    }


def _container_insights(settings: Settings, seconds: int) -> Uses:
    if not settings.observability.container_insights:
        return {}
    hours = 1 + seconds // _SECONDS_AN_HOUR
    return {"container_insights_metric_month": _text(Decimal(_METRICS_OF_A_WORKER * hours) / _HOURS_A_MONTH)}


def _text(quantity: Decimal) -> str:
    return f"{quantity:.9f}"
