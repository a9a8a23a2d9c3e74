"""A schedule, with the properties that its clock needs."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from local.agent.schedules.timing import Timing

# EventBridge Scheduler API Reference, "RetryPolicy".
_DEFAULT_EVENT_AGE_SECONDS = 86_400
_DEFAULT_RETRY_ATTEMPTS = 185


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """An enabled schedule."""

    arn: str
    name: str
    group: str
    modified: datetime
    timing: Timing
    flexible_window: timedelta
    target: Mapping[str, Any]
    max_event_age: timedelta
    max_retry_attempts: int
    deleted_after_completion: bool

    @classmethod
    def of(cls, schedule: Mapping[str, Any]) -> Self:
        """Return the schedule that GetSchedule describes."""
        target = schedule["Target"]
        policy = target.get("RetryPolicy", {})
        window_minutes = schedule["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0)
        age_seconds = policy.get("MaximumEventAgeInSeconds", _DEFAULT_EVENT_AGE_SECONDS)
        return cls(
            arn=schedule["Arn"],
            name=schedule["Name"],
            group=schedule["GroupName"],
            modified=schedule["LastModificationDate"],
            timing=Timing.of(schedule),
            flexible_window=timedelta(minutes=window_minutes),
            target=target,
            max_event_age=timedelta(seconds=age_seconds),
            max_retry_attempts=policy.get("MaximumRetryAttempts", _DEFAULT_RETRY_ATTEMPTS),
            deleted_after_completion=schedule.get("ActionAfterCompletion") == "DELETE",
        )

    def invoked_at(self, scheduled_time: datetime) -> datetime:
        """Return the time in the flexible window at which the schedule fires; it is fixed for a scheduled time."""
        chance = random.Random(f"{self.arn} {scheduled_time.isoformat()}").random()  # noqa: S311
        return scheduled_time + chance * self.flexible_window
