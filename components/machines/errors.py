"""The errors that end an attempt, with their retry policies: the retry matrix.

Sources: "Handling errors in Step Functions workflows" for States.*, "Call Amazon ECS from Step Functions" for
AmazonECS.Unknown, and the ECS API's list of errors for ECS.*. The worker and the watch machine report
Worker.*.
"""

from dataclasses import dataclass
from enum import StrEnum

from components.machines.expressions import jsonata

# The errors that the watch machine reports for a worker that ended without an answer.
START_FAILED = "Worker.StartFailed"
INTERRUPTED = "Worker.Interrupted"
OUT_OF_MEMORY = "Worker.OutOfMemory"
CRASHED = "Worker.Crashed"
WRONG_ARCHITECTURE = "Worker.WrongArchitecture"
# For a child execution whose run has ended: it starts no other worker after this error, which no message contains.
ORPHANED = "Worker.Orphaned"


class RetryPolicy(StrEnum):
    """The kinds of retry that can succeed; each has its own number of retries and its own waits."""

    START_AGAIN = "start again"
    """Start the worker again; it has not run yet."""
    WORK_AGAIN = "work again"
    """Run the worker again, on demand and one size up; finished work is kept."""
    NONE = "none"
    """Do not retry: the operator has to fix the cause first."""


@dataclass(frozen=True)
class ErrorClass:
    """A group of errors with the same meaning."""

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
    """Return the errors with this retry policy."""
    return tuple(
        error for error_class in RETRY_MATRIX if error_class.policy is policy for error in error_class.errors
    )


COULD_NOT_START = errors_of(RetryPolicy.START_AGAIN)
WAS_LOST = errors_of(RetryPolicy.WORK_AGAIN)

# The errors with which the weekly machine ends an execution: the first two after it reported the outcome.
REPORTED = "Ccapi.RunFailed"
PARTIAL = "Ccapi.PartialFailure"
NOT_REPORTED = "Ccapi.NotReported"
STILL_RUNNING = "Ccapi.StillRunning"
NO_REGION_SUCCEEDED = "Ccapi.NoRegionSucceeded"


def either_way(*errors: str) -> tuple[str, ...]:
    """Return names of errors of `aws-sdk` integrations both with and without the suffix `Exception`.

    AWS documents the suffix, but emulators and public definitions differ; docs/aws-assumptions.md has the
    evidence. A name that is never raised does no harm.
    """
    return tuple(f"{error}{suffix}" for error in errors for suffix in ("Exception", ""))


# Step Functions keeps the history of an execution for 90 days.
EXECUTION_GONE = either_way("Sfn.ExecutionDoesNotExist")

# The errors for a missing record of the last success, and for the missing plan of a run without one.
NO_SUCCESS_YET = NOT_PLANNED = either_way("S3.NoSuchKey")

# JSONata for the error in a Catch: `Error` and, in most cases, `Cause`.
CAUGHT = "$states.errorOutput"
# JSONata for the first error of a machine that handles several: the stored one, or else the current one.
FIRST_CAUGHT = f"$failure.Error ? $failure : {CAUGHT}"
NO_FAILURE = {"Error": "", "Cause": ""}
"""The initial value of the variable `failure`."""

# The cause of an execution that fails has at most 32,768 bytes, and a character up to 4. An error name may precede it,
# which has up to 256 characters.
CAUSE_MAX_CHARACTERS = 7_900

STATE_UNREADABLE = "Ccapi.StateUnreadable"
# An expression that cannot be evaluated, e.g. because an object that was read has an unexpected form. Source:
# "Handling errors in Step Functions workflows".
QUERY_FAILED = "States.QueryEvaluationError"


def unreadable(uri: str) -> dict[str, str]:
    """Return the failure to read an object that has an unexpected form; `uri` is a JSONata expression."""
    return {"Error": STATE_UNREADABLE, "Cause": f"{{% {uri} & ' ' & {CAUGHT}.Cause %}}"}


def caught_reading(uri: str) -> str:
    """Return JSONata for the error of a task that reads an object; `uri` is JSONata for its address.

    An object is unreadable if it has an unexpected form, no bytes, of which S3 returns no range, or bytes that are no
    text: the SDK for Java, which turns it into a string, then raises the error of a network fault with the cause
    "Cannot encode string." Source: software.amazon.awssdk.utils.StringUtils.
    """
    return jsonata("unreadable", uri=uri)


# JSONata for the status of an execution that waits for its workers, now or after a redrive.
IS_RUNNING = "in ['RUNNING', 'PENDING_REDRIVE']"
