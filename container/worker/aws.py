"""The AWS clients of the worker: standard retries, no call that waits for ever, and which faults pass."""

from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - the one of botocore
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_stepfunctions import SFNClient

_PATIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 8})
# For checks that are over in seconds, and for a last word when the process is about to end.
_PROMPT_CONNECT_SECONDS, _PROMPT_READ_SECONDS, _PROMPT_TRIES = 1, 2, 2
_PROMPT = Config(
    connect_timeout=_PROMPT_CONNECT_SECONDS,
    read_timeout=_PROMPT_READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": _PROMPT_TRIES},
)
PROMPT_SECONDS = _PROMPT_TRIES * (_PROMPT_CONNECT_SECONDS + _PROMPT_READ_SECONDS)
"""The longest that a call of a prompt client waits for an answer."""

# What AWS answers with a status below 429 and yet passes.
_PASSING_CODES = {"RequestTimeout", "RequestLimitExceeded"}
_PASSING_ERRORS = (HTTPClientError, ConnectionError, IncompleteReadError, CredentialRetrievalError)
_TOO_MANY_REQUESTS = 429
_FIRST_SERVER_FAULT = 500


def step_functions(*, prompt: bool = False) -> "SFNClient":
    """Return a client of Step Functions; a prompt one gives up within seconds."""
    return _session().client("stepfunctions", config=_PROMPT if prompt else _PATIENT)


def s3(*, prompt: bool = False) -> "S3Client":
    """Return a client of S3; a prompt one gives up within seconds."""
    return _session().client("s3", config=_PROMPT if prompt else _PATIENT)


def secrets_manager(*, prompt: bool = False) -> "SecretsManagerClient":
    """Return a client of Secrets Manager; a prompt one gives up within seconds."""
    return _session().client("secretsmanager", config=_PROMPT if prompt else _PATIENT)


def passes(error: BotoCoreError | ClientError) -> bool:
    """Return whether the same call may go through later: AWS is busy, at fault, or was not reached."""
    if not isinstance(error, ClientError):
        return isinstance(error, _PASSING_ERRORS)
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    busy = status == _TOO_MANY_REQUESTS or "Throttl" in code or code in _PASSING_CODES
    return busy or status >= _FIRST_SERVER_FAULT


def _session() -> "Session":
    # A session of its own for each client, as boto3 asks of threads.
    from boto3.session import Session  # noqa: PLC0415 - a quarter of a second, after SIGTERM is listened to

    return Session()
