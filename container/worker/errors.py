"""How a worker can end other than well: the published error names, and the exceptions that carry them."""

from enum import IntEnum, StrEnum


class ErrorName(StrEnum):
    """The error names that a task token is failed with, by the worker or by the watch on its behalf."""

    INTERRUPTED = "Worker.Interrupted"  # SIGTERM: a stop, or Spot took its capacity back
    OUT_OF_MEMORY = "Worker.OutOfMemory"  # the task needs the next size up
    START_FAILED = "Worker.StartFailed"  # the container never ran: image, network, capacity
    WRONG_ARCHITECTURE = "Worker.WrongArchitecture"  # the image is built for another processor
    CRASHED = "Worker.Crashed"  # it ended without an answer, or by a fault of its own
    INVALID_INPUT = "Worker.InvalidInput"  # the execution's input, or the task's environment, is wrong
    CREDENTIALS_INVALID = "Worker.CredentialsInvalid"  # AWS refuses who the worker says it is
    BUCKET_UNAVAILABLE = "Worker.BucketUnavailable"  # a bucket is missing, or closed to it
    OBJECT_REFUSED = (
        "Worker.ObjectRefused"  # S3 does not take or give this one object: too large, its name too long
    )
    SERVICE_UNAVAILABLE = "Worker.ServiceUnavailable"  # AWS did not answer; another attempt may find it
    DEADLINE_EXCEEDED = "Worker.DeadlineExceeded"  # it worked for longer than the task's timeout
    PROGRAM_FAILED = "Worker.ProgramFailed"  # the program that it runs ended without results
    PROGRAM_STALLED = "Worker.ProgramStalled"  # the program said nothing for too long, and was stopped


class ExitCode(IntEnum):
    """The exit codes of the process, as people and shells know them."""

    OK = 0
    FAILED = 1
    PARTIAL = 3
    TOKEN_DEAD = 75  # sysexits.h EX_TEMPFAIL: somebody else has the work now
    DEADLINE = 124  # as timeout(1)
    INTERRUPTED = 143  # 128 + SIGTERM


class WorkerError(Exception):
    """A failure with a published name and a cause that a person can act on."""

    def __init__(self, name: ErrorName, cause: str) -> None:
        super().__init__(cause)
        self.name = name
        self.cause = cause

    @property
    def may_concern_one_object(self) -> bool:
        """True if S3 refused a request, perhaps for this object alone; false if a retry may succeed."""
        return self.name in {ErrorName.OBJECT_REFUSED, ErrorName.BUCKET_UNAVAILABLE}


class Stop(BaseException):
    """A reason to stop working at once; like KeyboardInterrupt, no `except Exception` holds it up."""


class Interrupted(Stop):
    """SIGTERM arrived."""


class TokenDead(Stop):
    """The task token is answered or timed out, so whatever is done now is done for nobody."""
