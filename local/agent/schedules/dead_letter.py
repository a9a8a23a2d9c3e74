"""The message that a schedule's dead-letter queue receives.

Source: EventBridge Scheduler User Guide, "Configuring a schedule's dead-letter queue in EventBridge Scheduler".
"""

import json

from local.agent.schedules.invocation import Invocation, timestamp
from local.agent.schedules.target import Call, TargetError, queue_url


def dead_letter(invocation: Invocation, error: TargetError) -> Call | None:
    """Return the call that sends a failed invocation's message, or None for a schedule without a queue."""
    schedule = invocation.schedule
    queue_arn = schedule.target.get("DeadLetterConfig", {}).get("Arn")
    if not queue_arn:
        return None
    body, target_arn = _called(invocation)
    facts = {
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": str(error),
        "EXECUTION_ID": invocation.execution_id,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(invocation.attempt - 1),
        "SCHEDULED_TIME": timestamp(invocation.scheduled_time),
        "SCHEDULE_ARN": schedule.arn,
        "TARGET_ARN": target_arn,
    }
    # A permanent error is given up at once, without reaching a retry limit.
    if error.retryable and invocation.exhausted:
        facts["EXHAUSTED_RETRY_CONDITION"] = invocation.exhausted.value
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in facts.items()}
    request = {"QueueUrl": queue_url(queue_arn), "MessageBody": body, "MessageAttributes": attributes}
    return Call("sqs", "sendMessage", request)


def _called(invocation: Invocation) -> tuple[str, str]:
    """Return the request and the ARN of the failed call."""
    try:
        call = invocation.call()
    except TargetError:
        return invocation.input, invocation.schedule.target["Arn"]
    return json.dumps(call.request), call.arn
