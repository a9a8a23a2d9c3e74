"""The errors that end an attempt, by what helps against them.

Sources: "Handling errors in Step Functions workflows" for States.*, "Call Amazon ECS from Step Functions" for
AmazonECS.Unknown, the ECS API's list of errors for ECS.*; Worker.* is what the worker and its watch report.
"""

# The worker never started: no capacity, throttling, a fault of the service, an image that could not be pulled.
COULD_NOT_START = (
    "AmazonECS.Unknown",
    "ECS.AmazonECSException",
    "ECS.ServerException",
    "ECS.ThrottlingException",
    "Worker.StartFailed",
)

# The worker was lost before it was done; what it had finished is kept. A missed heartbeat and a timeout differ in
# name only: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
WAS_LOST = (
    "States.HeartbeatTimeout",
    "States.Timeout",
    "Worker.Crashed",
    "Worker.DeadlineExceeded",
    "Worker.Interrupted",
    "Worker.OutOfMemory",
)

# How an execution of ours ends when the pipeline has told about the failure itself.
ALREADY_TOLD = "Ccapi.RunFailed"
PARTIAL = "Ccapi.PartialFailure"
