"""The errors that a state certainly never raises, so that a retrier of them never retries.

Source: "Handling errors in Step Functions workflows", Error names
(https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html): names that begin with `States.` are
reserved for Step Functions, all others may come from a worker, from a function or from a service.
"""

from guardrails.time.values import Json

_OF_MAPS_AND_PARALLELS = frozenset(
    {
        "States.BranchFailed",
        "States.ExceedToleratedFailureThreshold",
        "States.ItemReaderFailed",
        "States.NoChoiceMatched",
        "States.ResultWriterFailed",
    }
)
"""The errors of states in a Map or a Parallel, or of these themselves."""


def may_raise(fields: Json, error: object) -> bool:
    """Return False if a state certainly never raises an error; the error of a state in it is one of its own."""
    if fields.get("Type") != "Task" or not isinstance(error, str):
        return True
    if error in _OF_MAPS_AND_PARALLELS:
        return False
    if error == "States.HeartbeatTimeout":
        return bool({"HeartbeatSeconds", "HeartbeatSecondsPath"} & fields.keys())
    resource = str(fields.get("Resource", ""))
    if error.startswith("States.Http."):
        return "http:invoke" in resource or "$" in resource
    # A worker with a task token, or of an activity, may send an error of any other name, and so may a function.
    is_free = resource.endswith(".waitForTaskToken") or ":activity:" in resource or "$" in resource
    return is_free or not error.startswith("Lambda.") or "lambda" in resource.lower()
