"""The AWS clients of the worker, with bounded calls, and the classification of AWS errors as temporary or permanent."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - the one of botocore
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)

from worker.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_stepfunctions import SFNClient

Answer = TypeVar("Answer")

# A call tries each address of a host name in turn; DNS returns eight addresses for S3.
_ADDRESSES = 8
_PATIENT_CONNECT_SECONDS, _PATIENT_READ_SECONDS, _PATIENT_TRIES = 2, 30, 8
# The longest pause of botocore's standard mode before a try: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_LONGEST_PAUSE_SECONDS = 20
# There may be several calls between two heartbeats; a call that hangs must not cost the worker its token.
_SHARE_OF_HEARTBEAT = 0.5
# For checks that take seconds, and for the report of an error directly before the process ends.
_PROMPT_CONNECT_SECONDS, _PROMPT_READ_SECONDS, _PROMPT_TRIES = 1, 2, 2
_PROMPT = Config(
    connect_timeout=_PROMPT_CONNECT_SECONDS,
    read_timeout=_PROMPT_READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": _PROMPT_TRIES},
)
PROMPT_SECONDS = _PROMPT_TRIES * (_PROMPT_CONNECT_SECONDS + _PROMPT_READ_SECONDS)
"""The maximum time for which a call of a prompt client waits for an answer."""

# A changed role or key takes seconds to apply everywhere, and a new task may start with a wrong clock.
REFUSAL_PAUSES_SECONDS = (0.5, 1.5, 4.0)
_REFUSALS = {
    "AccessDenied",
    "AccessDeniedException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_FORBIDDEN = 403

# Errors with a status below 429 that are temporary all the same.
_PASSING_CODES = {"RequestTimeout", "RequestLimitExceeded"}
_PASSING_ERRORS = (HTTPClientError, ConnectionError, IncompleteReadError, CredentialRetrievalError)
_TOO_MANY_REQUESTS = 429
_FIRST_SERVER_FAULT = 500


class Clients:
    """AWS clients that share one botocore session, whose service models are loaded once.

    A session is not thread-safe, and a client is: a thread that makes clients has `Clients` of its own.
    Source: "Multithreading or multiprocessing with clients", boto3's guide "Low-level clients".
    """

    def __init__(self) -> None:
        # boto3 adds nothing to botocore's clients, and would double the time until the first heartbeat.
        from botocore.session import Session  # noqa: PLC0415 - slow, so it comes after SIGTERM is listened to

        self._session: Session = Session()

    def step_functions(self, *, heartbeat_seconds: float | None = None) -> "SFNClient":
        """Return a client of Step Functions that gives up within half a heartbeat, or within seconds without one."""
        client: SFNClient = self._client("stepfunctions", heartbeat_seconds)
        return client

    def s3(self, *, heartbeat_seconds: float | None = None) -> "S3Client":
        """Return a client of S3 that gives up within half a heartbeat, or within seconds without one."""
        client: S3Client = self._client("s3", heartbeat_seconds)
        return client

    def secrets_manager(self, *, heartbeat_seconds: float | None = None) -> "SecretsManagerClient":
        """Return a client of Secrets Manager that gives up as the others do."""
        client: SecretsManagerClient = self._client("secretsmanager", heartbeat_seconds)
        return client

    def _client(self, service: str, heartbeat_seconds: float | None) -> Any:
        return self._session.create_client(service, config=config_within(heartbeat_seconds))


def config_within(heartbeat_seconds: float | None) -> Config:
    """Return the most patient configuration whose calls end within half a heartbeat, whatever hangs."""
    bound = _SHARE_OF_HEARTBEAT * (heartbeat_seconds or 0)
    for tries in range(_PATIENT_TRIES, 1, -1):
        if longest_call_seconds(_PATIENT_CONNECT_SECONDS, _PATIENT_READ_SECONDS, tries) <= bound:
            return Config(
                connect_timeout=_PATIENT_CONNECT_SECONDS,
                read_timeout=_PATIENT_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": tries},
            )
    return _PROMPT


def longest_call_seconds(connect_seconds: float, read_seconds: float, tries: int) -> float:
    """Return the maximum duration of a call that gets no answer, including the pauses before its retries."""
    pauses = sum(min(2.0**number, _LONGEST_PAUSE_SECONDS) for number in range(tries - 1))
    return tries * (_ADDRESSES * connect_seconds + read_seconds) + pauses


def tried_again(call: Callable[[], Answer], sleep: Callable[[float], None] = time.sleep) -> Answer:
    """Return the result of a call; if AWS refuses the call, retry it for a few seconds.

    Raises:
        ClientError: the last refusal, or any other error at once.
    """
    for pause in REFUSAL_PAUSES_SECONDS:
        try:
            return call()
        except ClientError as error:
            if not is_refusal(error):
                raise
            logger.info("refused; next try in %g s: %s", pause, error)
        sleep(pause)
    return call()


def is_refusal(error: ClientError) -> bool:
    """Return true if AWS denies the permission for a call, as it does for seconds after a role was changed."""
    return status_of(error) == _FORBIDDEN or error.response["Error"]["Code"] in _REFUSALS


def status_of(error: ClientError) -> int:
    """Return the HTTP status of an error response."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def passes(error: BotoCoreError | ClientError) -> bool:
    """Return True if the same call may succeed later: AWS is busy, had a fault, or was not reached."""
    if not isinstance(error, ClientError):
        return isinstance(error, _PASSING_ERRORS)
    code = error.response["Error"]["Code"]
    status = status_of(error)
    busy = status == _TOO_MANY_REQUESTS or "Throttl" in code or code in _PASSING_CODES
    return busy or status >= _FIRST_SERVER_FAULT
