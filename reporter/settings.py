"""The settings of the function: one JSON document in the environment variable `REPORTER_SETTINGS`, without secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

VARIABLE = "REPORTER_SETTINGS"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The names of the stack's resources and what its channels deliver; ARNs and URLs are complete."""

    project: str
    environment: str
    aws_region: str
    console: str
    """E.g. `https://us-east-1.console.aws.amazon.com`."""
    machine_arn: str
    watch_arn: str
    success_topic_arn: str
    failure_topic_arn: str
    alarms_topic_arn: str
    """The topic of addresses that get alarms only; empty if there are none."""
    undelivered_queue_url: str
    """The SQS queue that keeps messages which a channel did not accept."""
    reports_bucket: str
    cache_bucket: str
    worker_log_group: str
    schedule_queue: str
    """The name of the queue with starts that were not delivered."""
    dashboard_url: str
    timeout_seconds: int
    """The timeout of a run."""
    missed_after_hours: int
    resumes: bool
    """True if a redo does only the regions that are missing."""
    metric_namespace: str = "CloudClearingAPI"
    """The CloudWatch namespace of the stack's own metrics, and what PagerDuty shows as the client."""
    watch_queue: str = ""
    """The name of the queue with events for the watch machine that were not delivered."""
    worker_sizes: tuple[str, ...] = ()
    """The sizes of a worker's first and later attempts, as people write them."""
    docs_url: str = ""
    """The address of the published documentation; empty if it is not published."""
    contact: str = ""
    """The person or team to whom a reader without access to the AWS account forwards a message."""
    secret_id: str = ""
    """The Secrets Manager secret with the channels' credentials, a JSON object; empty if no channel needs one."""
    alarm_prefix: str = ""
    alarm_suffix: str = ""
    """The beginning and the end of the names of the stack's alarms."""
    schedule: str = ""
    schedule_group: str = ""
    """The names of the schedule that starts runs, and of its group."""
    every_weeks: int = 1
    anchor_week: str = ""
    """Runs take place in each of so many weeks from the week of a day on, e.g. `2026-11-23`; empty for every week."""
    budget_usd: str = ""
    """The monthly budget of the stack, e.g. `20`."""
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The configuration by channel name; each has `occasions`, the list of those that it delivers."""

    @property
    def email_topic_arns(self) -> frozenset[str]:
        """The topics that the reporter publishes e-mails to."""
        named = (self.success_topic_arn, self.failure_topic_arn, self.alarms_topic_arn)
        return frozenset(filter(None, named))

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Return the settings in a process environment."""
        values: dict[str, Any] = json.loads(environment[VARIABLE])
        known = {each.name for each in fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        return cls(**{**given, "worker_sizes": tuple(given.get("worker_sizes", ()))})
