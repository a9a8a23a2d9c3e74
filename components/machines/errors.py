"""The errors that end an attempt, by what helps against them: the retry matrix.

Sources: "Handling errors in Step Functions workflows" for States.*, "Call Amazon ECS from Step Functions" for
AmazonECS.Unknown, the ECS API's list of errors for ECS.*; Worker.* is what the worker and its watch report.
"""

from dataclasses import dataclass
from enum import StrEnum

# What the watch reports of a worker that has ended without an answer.
START_FAILED = "Worker.StartFailed"
INTERRUPTED = "Worker.Interrupted"
OUT_OF_MEMORY = "Worker.OutOfMemory"
CRASHED = "Worker.Crashed"
WRONG_ARCHITECTURE = "Worker.WrongArchitecture"


class RetryPolicy(StrEnum):
    """What another try has to be, to be of any use; each has its own number of tries and its own waits."""

    START_AGAIN = "start again"
    """Nothing has run yet."""
    WORK_AGAIN = "work again"
    """What was finished is kept; the attempt is on demand, and one size up."""
    NONE = "none"
    """Whoever reads the cause has to do something first."""


@dataclass(frozen=True)
class ErrorClass:
    """Errors that mean the same."""

    what: str
    errors: tuple[str, ...]
    policy: RetryPolicy


# A missed heartbeat and a timeout differ in name only:
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
RETRY_MATRIX = (
    ErrorClass("no capacity, or no start", ("AmazonECS.Unknown", START_FAILED), RetryPolicy.START_AGAIN),
    ErrorClass("throttled", ("ECS.ThrottlingException",), RetryPolicy.START_AGAIN),
    ErrorClass(
        "fault of the service", ("ECS.AmazonECSException", "ECS.ServerException"), RetryPolicy.START_AGAIN
    ),
    ErrorClass("interrupted", (INTERRUPTED,), RetryPolicy.WORK_AGAIN),
    ErrorClass("out of memory", (OUT_OF_MEMORY,), RetryPolicy.WORK_AGAIN),
    ErrorClass("out of time", ("States.Timeout", "Worker.DeadlineExceeded"), RetryPolicy.WORK_AGAIN),
    ErrorClass("stalled", ("States.HeartbeatTimeout", "Worker.ProgramStalled"), RetryPolicy.WORK_AGAIN),
    ErrorClass("crashed", (CRASHED,), RetryPolicy.WORK_AGAIN),
    ErrorClass("AWS did not answer", ("Worker.ServiceUnavailable",), RetryPolicy.WORK_AGAIN),
    ErrorClass("wrong input", ("Worker.InvalidInput",), RetryPolicy.NONE),
    ErrorClass("no access", ("Worker.BucketUnavailable", "Worker.CredentialsInvalid"), RetryPolicy.NONE),
    ErrorClass("no results", ("Worker.ProgramFailed", "Worker.ObjectRefused"), RetryPolicy.NONE),
    ErrorClass("wrong image", (WRONG_ARCHITECTURE,), RetryPolicy.NONE),
)


def errors_of(policy: RetryPolicy) -> tuple[str, ...]:
    """Return the errors that a remedy helps against."""
    return tuple(
        error for error_class in RETRY_MATRIX if error_class.policy is policy for error in error_class.errors
    )


COULD_NOT_START = errors_of(RetryPolicy.START_AGAIN)
WAS_LOST = errors_of(RetryPolicy.WORK_AGAIN)

# The errors by which the weekly machine ends an execution: the first two after it reported the outcome.
REPORTED = "Ccapi.RunFailed"
PARTIAL = "Ccapi.PartialFailure"
NOT_REPORTED = "Ccapi.NotReported"
STILL_RUNNING = "Ccapi.StillRunning"
NO_REGION_SUCCEEDED = "Ccapi.NoRegionSucceeded"


def either_way(*errors: str) -> tuple[str, ...]:
    """Return names of errors of `aws-sdk` integrations both with and without the suffix `Exception`.

    AWS documents the suffix, emulators and public definitions differ; docs/aws-assumptions.md has the evidence. A name
    that is never raised costs nothing.
    """
    return tuple(f"{error}{suffix}" for error in errors for suffix in ("Exception", ""))


# An execution's history is kept for 90 days.
EXECUTION_GONE = either_way("Sfn.ExecutionDoesNotExist")

# What is read of the last success before there is one, and of the plan of a run that was not planned.
NO_SUCCESS_YET = NOT_PLANNED = either_way("S3.NoSuchKey")

# JSONata for the error that a Catch handles: `Error` and, in most cases, `Cause`.
CAUGHT = "$states.errorOutput"
# JSONata for the first error of a machine that handles several: the one that it has kept, or else this one.
FIRST_CAUGHT = f"$failure.Error ? $failure : {CAUGHT}"
NO_FAILURE = {"Error": "", "Cause": ""}
"""The variable `failure` before anything has failed."""

STATE_UNREADABLE = "Ccapi.StateUnreadable"
# An expression that cannot be evaluated, as of something read that is not what it should be.
# Source: "Handling errors in Step Functions workflows".
QUERY_FAILED = "States.QueryEvaluationError"


def unreadable(uri: str) -> dict[str, str]:
    """Return the failure to read an object that has an unexpected form; its URI is JSONata."""
    return {"Error": STATE_UNREADABLE, "Cause": f"{{% {uri} & ' ' & {CAUGHT}.Cause %}}"}


# JSONata for the status of an execution that still waits for its workers, or will again.
IS_RUNNING = "in ['RUNNING', 'PENDING_REDRIVE']"
