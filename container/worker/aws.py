"""The AWS clients of the worker: standard retries, and no call that waits for ever."""

from typing import TYPE_CHECKING

from botocore.config import Config

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_stepfunctions import SFNClient

_PATIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 8})
# For checks that are over in seconds.
_PROMPT = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
# For a last word when the process is about to end.
_BRIEF = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


def step_functions(*, brief: bool = False) -> "SFNClient":
    """Return a client of Step Functions; a brief one gives up within seconds."""
    return _session().client("stepfunctions", config=_BRIEF if brief else _PATIENT)


def s3() -> "S3Client":
    """Return a client of S3."""
    return _session().client("s3", config=_PATIENT)


def secrets_manager() -> "SecretsManagerClient":
    """Return a client of Secrets Manager."""
    return _session().client("secretsmanager", config=_PROMPT)


def _session() -> "Session":
    # A session of its own for each client, as boto3 asks of threads.
    from boto3.session import Session  # noqa: PLC0415 - a quarter of a second, after SIGTERM is listened to

    return Session()
