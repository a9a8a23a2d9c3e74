"""The clients of AWS services, each created at its first use and kept between invocations."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# Two attempts of 2 + 3 s bound a call of a service that does not answer, so that a message still gets out in time.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 2, 3, 2

AWS_ERRORS = (BotoCoreError, ClientError)
"""The exceptions that a call of a client raises."""


def error_name(error: Exception) -> str:
    """Return the name of an AWS error, e.g. `AccessDenied`, or of another exception; never its text."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code or type(error).__name__


class Aws:
    """The clients that the function uses; a process that needs no queue creates no client of SQS."""

    def __init__(self, region: str) -> None:
        self._region = region

    def prepare(self) -> None:
        """Create the client that every event needs; it takes most of the time of all that follow."""
        _ = self.s3

    @cached_property
    def s3(self) -> "S3Client":
        """Return the client of S3."""
        client: S3Client = self._client("s3")
        return client

    @cached_property
    def sns(self) -> "SNSClient":
        """Return the client of SNS."""
        client: SNSClient = self._client("sns")
        return client

    @cached_property
    def sqs(self) -> "SQSClient":
        """Return the client of SQS."""
        client: SQSClient = self._client("sqs")
        return client

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Return the client of CloudWatch."""
        client: CloudWatchClient = self._client("cloudwatch")
        return client

    @cached_property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        """Return the client of EventBridge Scheduler."""
        client: EventBridgeSchedulerClient = self._client("scheduler")
        return client

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """Return the client of Secrets Manager."""
        client: SecretsManagerClient = self._client("secretsmanager")
        return client

    @cached_property
    def states(self) -> "SFNClient":
        """Return the client of Step Functions."""
        client: SFNClient = self._client("stepfunctions")
        return client

    def _client(self, service: str) -> Any:
        make: Callable[..., Any] = boto3.client
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        )
        return make(service, region_name=self._region, config=config)
