"""The check of the reporter function and its last errors."""

import json
from datetime import timedelta
from typing import Any

from cli.doctor.check import Context, Finding, fail, ok, warn
from reporter.words import count

_LOOKED_BACK = timedelta(days=7)
_SHOWN_CHARACTERS = 200


def check_reporter(context: Context) -> Finding:
    """Find a reporter that is not active, or has logged errors within a week."""
    name = context.stack["reporter_function_name"]
    function = context.stack.client("lambda").get_function_configuration(FunctionName=name)
    state = function.get("State", "Active")
    if state not in {"Active", "Inactive"}:
        return fail(
            f"the function {name} is {state}: {function.get('StateReason', '')}",
            "Deploy the stack again.",
            context.up,
        )
    errors = _errors(context, name)
    channels = ", ".join(context.reporter.channels)
    seen = f"the function {name} is active, for {channels}; {count(len(errors), 'error')} in 7 days"
    if errors:
        return warn(
            f"{seen}, the last one: {errors[-1]}",
            "See its log, and test the channels after the correction.",
            context.ccapi("notify test"),
        )
    return ok(seen)


def _errors(context: Context, function: str) -> list[str]:
    """Return the messages of the errors in the function's log, the oldest first."""
    logs = context.stack.client("logs")
    since = context.now - _LOOKED_BACK
    try:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{function}",
            startTime=int(since.timestamp() * 1000),
            filterPattern='{ $.level = "ERROR" }',
        )
        events = [event for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []
    found = [_error(event["message"]) for event in sorted(events, key=lambda event: event["timestamp"])]
    return [text for text in found if text]


def _error(line: str) -> str:
    """Return the text of a line of the log that is an error, or an empty text."""
    try:
        entry: Any = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(entry, dict) or entry.get("level") != "ERROR":
        return ""
    details = [str(entry[name]) for name in ("message", "channel", "why", "error") if entry.get(name)]
    return ": ".join(details)[:_SHOWN_CHARACTERS]
