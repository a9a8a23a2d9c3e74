"""The worker's use of its task token: heartbeats and one answer.

The limits are those of the AWS Step Functions API Reference, "SendTaskFailure" and "SendTaskSuccess", applied to bytes
of UTF-8. AWS refuses a call that is above them, and the token would stay without an answer.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from worker.aws import passes, tried_again
from worker.errors import ErrorName, TokenDead, WorkerError
from worker.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ERROR_BYTES = 256
CAUSE_BYTES = 32_768
OUTPUT_BYTES = 262_144

_DEAD = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}


def truncated(text: str, limit_bytes: int) -> str:
    """Return a text, truncated with an ellipsis to at most `limit_bytes` of UTF-8, never within a character."""
    encoded = text.encode(errors="replace")
    if len(encoded) <= limit_bytes:
        return encoded.decode()
    ellipsis = "…".encode()
    return (encoded[: limit_bytes - len(ellipsis)].decode(errors="ignore").encode() + ellipsis).decode()


class TaskToken:
    """The task token of a state that waits for this worker.

    Every call raises `TokenDead` if the token is no longer valid.
    """

    def __init__(self, token: str, client: "SFNClient") -> None:
        self._token = token
        self._client = client

    def beat(self) -> None:
        """Send a heartbeat.

        A temporary error is only logged, since the next heartbeat makes up for it.
        """
        try:
            tried_again(lambda: self._client.send_task_heartbeat(taskToken=self._token))
        except ClientError as error:
            self._raise_if_dead(error)
            if not passes(error):
                cause = (
                    f"AWS refuses the heartbeat: {error}. Allow the task's role states:SendTaskHeartbeat on the state "
                    "machine that started it."
                )
                raise WorkerError(ErrorName.CREDENTIALS_INVALID, cause) from error
            logger.warning("a heartbeat failed: %s", error)
        except BotoCoreError as error:
            logger.warning("a heartbeat failed: %s", error)

    def succeed(self, output: Mapping[str, Any]) -> None:
        """Answer with a result."""
        text = json.dumps(output)
        if len(text) > OUTPUT_BYTES:
            raise ValueError(f"the answer has {len(text)} bytes, and AWS takes at most {OUTPUT_BYTES}")
        try:
            tried_again(lambda: self._client.send_task_success(taskToken=self._token, output=text))
        except ClientError as error:
            self._raise_if_dead(error)
            raise

    def fail(self, error_name: str, cause: str) -> None:
        """Answer with an error, truncated to AWS's limits."""
        try:
            tried_again(
                lambda: self._client.send_task_failure(
                    taskToken=self._token,
                    error=truncated(error_name, ERROR_BYTES),
                    cause=truncated(cause, CAUSE_BYTES),
                )
            )
        except ClientError as error:
            self._raise_if_dead(error)
            raise

    @staticmethod
    def _raise_if_dead(error: ClientError) -> None:
        if error.response["Error"]["Code"] in _DEAD:
            raise TokenDead(error.response["Error"]["Code"]) from error


class Progress:
    """A function to call after every step of the work; it sends a heartbeat at most once in an interval.

    It has no timer: work that hangs sends no heartbeat.
    """

    def __init__(
        self,
        token: TaskToken,
        *,
        interval_seconds: float,
        check: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = token
        self._interval_seconds = interval_seconds
        self._check = check
        self._clock = clock
        self._last_beat = clock()

    def __call__(self) -> None:
        """Record a step; send a heartbeat if the last one is at least the interval ago."""
        self._check()
        now = self._clock()
        if now - self._last_beat >= self._interval_seconds:
            self._token.beat()
            self._last_beat = now
