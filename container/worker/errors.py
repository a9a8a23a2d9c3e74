"""The published error names, the exit codes, and the exceptions of the worker."""

from enum import IntEnum, StrEnum


class ErrorName(StrEnum):
    """The error names with which the worker, or the watch machine on its behalf, fails a task token."""

    INTERRUPTED = "Worker.Interrupted"  # SIGTERM: the task was stopped, or its Spot capacity was reclaimed
    OUT_OF_MEMORY = "Worker.OutOfMemory"  # the task needs the next size up
    START_FAILED = "Worker.StartFailed"  # the container did not start: image, network, capacity
    WRONG_ARCHITECTURE = "Worker.WrongArchitecture"  # the image is built for another processor
    CRASHED = "Worker.Crashed"  # the worker ended without an answer, or by an error of its own
    INVALID_INPUT = "Worker.InvalidInput"  # the execution's input, or the task's environment, is wrong
    CREDENTIALS_INVALID = "Worker.CredentialsInvalid"  # AWS or Earth Engine refuses the credentials
    BUCKET_UNAVAILABLE = (
        "Worker.BucketUnavailable"  # a bucket is missing, or the worker has no permission for it
    )
    OBJECT_REFUSED = (
        "Worker.ObjectRefused"  # S3 refuses this one object: it is too large, or its name is too long
    )
    SERVICE_UNAVAILABLE = "Worker.ServiceUnavailable"  # AWS did not answer; another attempt may succeed
    DEADLINE_EXCEEDED = "Worker.DeadlineExceeded"  # the work took longer than the task's timeout
    PROGRAM_FAILED = "Worker.ProgramFailed"  # the program ended without results
    PROGRAM_STALLED = "Worker.ProgramStalled"  # the program wrote nothing for too long and was stopped


class ExitCode(IntEnum):
    """The exit codes of the process, by the conventions of shells."""

    OK = 0
    FAILED = 1
    PARTIAL = 3
    TOKEN_DEAD = 75  # sysexits.h EX_TEMPFAIL: another worker or another attempt has the work
    DEADLINE = 124  # as timeout(1)
    INTERRUPTED = 143  # 128 + SIGTERM


class WorkerError(Exception):
    """A failure with a published name, and a cause that names the remedy."""

    def __init__(self, name: ErrorName, cause: str) -> None:
        super().__init__(cause)
        self.name = name
        self.cause = cause

    @property
    def may_concern_one_object(self) -> bool:
        """True if S3 refused a request, perhaps for this object alone; false if a retry may succeed."""
        return self.name in {ErrorName.OBJECT_REFUSED, ErrorName.BUCKET_UNAVAILABLE}


class Stop(BaseException):
    """A reason to stop the worker at once; a `BaseException`, so that no `except Exception` catches it."""


class Interrupted(Stop):
    """SIGTERM or SIGINT has arrived."""


class TokenDead(Stop):
    """The task token is no longer valid: it was answered, or it timed out."""
