"""The fields of a state that bound it, as Step Functions reads them.

Sources: "Task workflow state" (https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html), "Wait workflow
state" (…/state-wait.html), "Parallel workflow state" (…/state-parallel.html), "Using Map state in Inline mode"
(…/state-map-inline.html) and "… in Distributed mode" (…/state-map-distributed.html).
"""

from typing import Any

from guardrails.time.definition import objects
from guardrails.time.values import (
    ComputedError,
    Json,
    UnknownError,
    computed,
    expression_code,
    length_of,
    whole_number,
)

MAX_SECONDS = 99_999_999
EXPRESS_SECONDS = 300
"""After these Step Functions ends an Express execution, whatever its machine says: "Choosing workflow type"
(https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html).
"""
MAX_ITEMS = 100_000_000
MAX_CONCURRENCY_INLINE = 40
MAX_CONCURRENCY_DISTRIBUTED = 10_000


def timeout_seconds(fields: Json) -> int:
    """Return how long one attempt of a Task may last; a heartbeat ends it earlier only where none comes."""
    if ":activity:" in str(fields.get("Resource", "")):
        # The clock starts with ActivityStarted, and an activity that no worker asks for is never started.
        raise ComputedError(
            "it waits for a worker that asks for the activity, and TimeoutSeconds counts only from then; "
            "use .waitForTaskToken, or declare its bound"
        )
    if "TimeoutSecondsPath" in fields:
        raise computed("TimeoutSecondsPath")
    if "TimeoutSeconds" not in fields:
        raise UnknownError("it has no TimeoutSeconds, so that nothing ends an attempt; write one")
    return whole_number(fields, "TimeoutSeconds", least=1, most=MAX_SECONDS)


def wait_seconds(fields: Json) -> int:
    """Return how long a Wait lasts."""
    until = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} & fields.keys()
    if len(until) != 1:
        raise UnknownError(
            "it has not exactly one of Seconds, SecondsPath, Timestamp and TimestampPath; write one"
        )
    if "Timestamp" in until:
        raise ComputedError(
            "Timestamp may be any time away from the start; write Seconds, or declare its bound"
        )
    if "Seconds" not in until:
        raise computed(until.pop())
    return whole_number(fields, "Seconds", least=0, most=MAX_SECONDS)


def branches(fields: Json) -> tuple[Json, ...]:
    """Return the branches of a Parallel."""
    found = objects(fields, "Branches")
    if not found:
        raise UnknownError("Branches holds no branch; write one")
    return found


def items(fields: Json) -> int:
    """Return the most items of a Map: those that are written out, or those that its reader is limited to."""
    if "ItemReader" in fields:
        reader = fields["ItemReader"]
        config = reader.get("ReaderConfig") if isinstance(reader, dict) else None
        if isinstance(config, dict) and "MaxItems" in config:
            return whole_number(config, "MaxItems", least=1, most=MAX_ITEMS)
        raise ComputedError(
            "how many items ItemReader finds is only known at run time; write MaxItems, or declare it"
        )
    written = fields.get("Items")
    if isinstance(written, list | dict):
        return len(written)
    code = expression_code(written)
    length = None if code is None else length_of(code)
    if length is not None:
        return length
    if written is None or code is not None:
        raise ComputedError("how many items there are is only known at run time; declare how many at most")
    raise UnknownError("Items is not a list of items; write one")


def is_distributed(fields: Json) -> bool:
    """Tell whether the items of a Map run as executions of their own."""
    return _processor_config(fields).get("Mode") == "DISTRIBUTED"


def is_express(fields: Json) -> bool:
    """Tell whether the items of a Map run as Express executions of their own."""
    return is_distributed(fields) and _processor_config(fields).get("ExecutionType") == "EXPRESS"


def _processor_config(fields: Json) -> Json:
    machine = processor(fields)
    config = machine.get("ProcessorConfig") if isinstance(machine, dict) else None
    return config if isinstance(config, dict) else {}


def processor(fields: Json) -> Any:
    """Return the machine that a Map runs for each item; Iterator is its former name."""
    return fields.get("ItemProcessor", fields.get("Iterator"))


def concurrency(fields: Json) -> int:
    """Return how many items of a Map run at once; computed at run time, it may be one."""
    most = MAX_CONCURRENCY_DISTRIBUTED if is_distributed(fields) else MAX_CONCURRENCY_INLINE
    if "MaxConcurrencyPath" in fields:
        return 1
    try:
        written = whole_number(fields, "MaxConcurrency", least=0, most=MAX_SECONDS, default=0)
    except ComputedError:
        return 1
    return min(written, most) if written else most
