"""The errors that end an attempt, by what helps against them.

Sources: "Handling errors in Step Functions workflows" for States.*, "Call Amazon ECS from Step Functions" for
AmazonECS.Unknown, the ECS API's list of errors for ECS.*; Worker.* is what the worker and its watch report.
"""

# What the watch reports of a worker that has ended without an answer.
START_FAILED = "Worker.StartFailed"
INTERRUPTED = "Worker.Interrupted"
OUT_OF_MEMORY = "Worker.OutOfMemory"
CRASHED = "Worker.Crashed"

# The worker never started: no capacity, throttling, a fault of the service, an image that could not be pulled.
COULD_NOT_START = (
    "AmazonECS.Unknown",
    "ECS.AmazonECSException",
    "ECS.ServerException",
    "ECS.ThrottlingException",
    START_FAILED,
)

# The worker was lost before it was done; what it had finished is kept. A missed heartbeat and a timeout differ in
# name only: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
WAS_LOST = (
    "States.HeartbeatTimeout",
    "States.Timeout",
    CRASHED,
    "Worker.DeadlineExceeded",
    INTERRUPTED,
    OUT_OF_MEMORY,
    "Worker.ProgramStalled",
)

# How an execution of ours ends when the pipeline has told about the failure itself.
ALREADY_TOLD = "Ccapi.RunFailed"
PARTIAL = "Ccapi.PartialFailure"

# An execution's history is kept for 90 days.
EXECUTION_GONE = "Sfn.ExecutionDoesNotExistException"

# JSONata for what a Catch has caught, its cause cut, which may be longer than a state may hold.
CAUGHT = (
    "{'error': $states.errorOutput.Error,"
    " 'cause': $exists($states.errorOutput.Cause) ? $substring($states.errorOutput.Cause, 0, 8000) : ''}"
)

# JSONata for the status of an execution that still waits for its workers, or will again.
IS_RUNNING = "in ['RUNNING', 'PENDING_REDRIVE']"
