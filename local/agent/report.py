"""Reports of task state changes to ECS, as a container agent sends them."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_RETRY_SECONDS = 1.0
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Report:
    """One change of a task's state."""

    task_arn: str
    cluster_arn: str
    status: str
    containers: Sequence[Mapping[str, Any]]
    reason: str | None = None
    times: Mapping[str, datetime] = field(default_factory=dict)

    def submit(self, ecs: Any) -> None:
        """Send the report to ECS; retry until it is accepted or refused."""
        reason = {"reason": self.reason} if self.reason else {}
        while True:
            try:
                ecs.submit_task_state_change(
                    cluster=self.cluster_arn,
                    task=self.task_arn,
                    status=self.status,
                    containers=self.containers,
                    **reason,
                    **self.times,
                )
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < _SERVER_ERROR:
                    print(f"{self.status} of {self.task_arn} was refused: {error}", file=sys.stderr)
                    return
            except BotoCoreError as error:
                print(f"{self.status} of {self.task_arn} is not reported yet: {error}", file=sys.stderr)
            else:
                return
            time.sleep(_RETRY_SECONDS)
