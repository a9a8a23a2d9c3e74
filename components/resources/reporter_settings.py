"""The reporter's settings, derived from those of the stack; they contain no secrets."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.resources.secrets import CHANNELS
from components.settings import Settings
from components.settings.channels import Occasion
from components.settings.fargate import Size
from components.settings.names import Names


def reporter_settings(settings: Settings, names: Names) -> dict[str, Any]:
    """Return the settings in the function's environment; reporter/settings.py describes the fields."""
    size = settings.worker.task_size(settings.monitoring.regions_count)
    sizes = (_words(each) for each in (size, size.next_up()))
    alarm_prefix, alarm_suffix = names.alarm_affixes
    return {
        "project": names.project,
        "environment": names.environment,
        "metric_namespace": names.metric_namespace,
        "aws_region": names.region,
        "console": names.console,
        "machine_arn": names.machine_arn,
        "watch_arn": names.watch_arn,
        "success_topic_arn": names.topic_arn("success"),
        "failure_topic_arn": names.topic_arn("failure"),
        "alarms_topic_arn": names.topic_arn("alarms") if settings.notifications.alarm_emails else "",
        "undelivered_queue_url": names.queue_url(names.message_queue),
        "reports_bucket": names.bucket("reports"),
        "cache_bucket": names.bucket("cache"),
        "worker_log_group": names.worker_log_group,
        "schedule_queue": names.schedule_queue,
        "watch_queue": names.watch_queue,
        "dashboard_url": names.dashboard_url,
        "timeout_seconds": settings.run.timeout_seconds,
        "missed_after_hours": settings.schedule.missed_after_hours,
        "resumes": settings.takes_regions,
        "worker_sizes": list(dict.fromkeys(sizes)),
        "alarm_prefix": alarm_prefix,
        "alarm_suffix": alarm_suffix,
        "schedule": names.schedule,
        "schedule_group": names.schedule_group,
        "every_weeks": settings.schedule.every_weeks,
        "anchor_week": str(settings.schedule.anchor_week or "") if settings.schedule.every_weeks > 1 else "",
        "budget_usd": f"{settings.budget.monthly_usd:f}",
        "docs_url": settings.notifications.docs_url or "",
        "contact": settings.notifications.contact,
        "secret_id": names.secret(CHANNELS) if settings.credentials else "",
        "channels": dict(_channels(settings)),
    }


def _words(size: Size) -> str:
    """Return a size as AWS's pages write it, e.g. `0.5 vCPU with 1 GB`."""
    return f"{size.cpu_units / 1024:g} vCPU with {size.memory_mib / 1024:g} GB"


def _channels(settings: Settings) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each configured channel with its configuration."""
    notifications = settings.notifications
    successes = [Occasion.SUCCEEDED] if notifications.success_emails else []
    others = [occasion for occasion in Occasion if occasion is not Occasion.SUCCEEDED]
    yield "email", {"occasions": [str(occasion) for occasion in (*successes, *others)]}
    if settings.slack_webhook_url is not None:
        yield "slack", notifications.slack.model_dump(mode="json", by_alias=False, exclude_none=True)
    if settings.pager_duty_routing_key is not None:
        yield "pagerduty", notifications.pager_duty.model_dump(mode="json", by_alias=False)
    if settings.webhook_url is not None:
        yield "webhook", notifications.webhook.model_dump(mode="json", by_alias=False)
