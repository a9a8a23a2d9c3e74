"""The fields that bound a state, with the meaning that Step Functions gives them.

Sources: "Task workflow state" (https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html), "Wait workflow
state" (…/state-wait.html), "Parallel workflow state" (…/state-parallel.html), "Using Map state in Inline mode"
(…/state-map-inline.html) and "… in Distributed mode" (…/state-map-distributed.html).
"""

import json
import math
import re
from typing import Any

from guardrails.time.definition import objects
from guardrails.time.values import (
    PLACEHOLDER,
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
"""The time after which Step Functions ends an Express execution: "Choosing workflow type"
(https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html).
"""
LAMBDA_SECONDS = 900
"""The longest time of an invocation of a Lambda function: "Configure Lambda function timeout"
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html).
"""
MAX_ITEMS = 100_000_000
MAX_CONCURRENCY_INLINE = 40
MAX_CONCURRENCY_DISTRIBUTED = 10_000
MAX_BATCH_BYTES = 262_144
"""The largest input of an execution, and with it of a batch of items: "ItemBatcher (Map)"
(https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html).
"""
BATCH = "Items"
"""The field of an execution's input with its batch."""

# A Task that invokes a function and waits for its result; a function's answer to a task token may take longer.
_INVOKES = re.compile(r"arn:[^:]*:(states:[^:]*:[^:]*:lambda:invoke|lambda:[^:]*:[^:]*:function:.+)")
_NO_ACTIVITY = re.compile(r"arn:[^:]*:(states:::|lambda:[^:]*:[^:]*:function:)")


def timeout_seconds(fields: Json) -> int:
    """Return the longest time of one attempt of a Task; a function ends after 900 s even if its Task has no timeout."""
    try:
        return written_timeout(fields)
    except UnknownError:
        is_wrong = "TimeoutSeconds" in fields and expression_code(fields["TimeoutSeconds"]) is None
        if is_wrong or not _INVOKES.fullmatch(_unfilled(fields)):
            raise
        return LAMBDA_SECONDS


def written_timeout(fields: Json) -> int:
    """Return the timeout that a Task sets itself; a heartbeat shortens it only if heartbeats are missing."""
    resource = _unfilled(fields)
    if "?" in resource and not _NO_ACTIVITY.match(resource):
        raise ComputedError(
            f"its Resource is {fields['Resource']}, which may be an activity that no worker polls; replace it, or "
            "declare its bound"
        )
    if ":activity:" in resource:
        # The clock starts with ActivityStarted, and an activity that no worker polls never starts.
        raise ComputedError(
            "it waits for a worker that polls the activity, and TimeoutSeconds counts only from then; "
            "use .waitForTaskToken, or declare its bound"
        )
    if "TimeoutSecondsPath" in fields:
        raise computed("TimeoutSecondsPath")
    if "TimeoutSeconds" not in fields:
        raise UnknownError("it has no TimeoutSeconds, so that nothing ends an attempt; write one")
    return whole_number(fields, "TimeoutSeconds", least=1, most=MAX_SECONDS)


def _unfilled(fields: Json) -> str:
    """Return the Resource of a Task with a question mark for each placeholder."""
    return PLACEHOLDER.sub("?", str(fields.get("Resource", "")))


def wait_seconds(fields: Json) -> int:
    """Return the duration of a Wait."""
    until = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} & fields.keys()
    if len(until) != 1:
        raise UnknownError(
            "it must have exactly one of Seconds, SecondsPath, Timestamp and TimestampPath; write one"
        )
    if "Timestamp" in until:
        raise ComputedError("Timestamp may be any time after the start; write Seconds, or declare its bound")
    if "Seconds" not in until:
        raise computed(until.pop())
    return whole_number(fields, "Seconds", least=0, most=MAX_SECONDS)


def branches(fields: Json) -> tuple[Json, ...]:
    """Return the branches of a Parallel."""
    found = objects(fields, "Branches")
    if not found:
        raise UnknownError("Branches holds no branch; write one")
    return found


def items(fields: Json, batch: int | None = None) -> int:
    """Return the most items of a Map: those in the definition, the limit of its reader, or the size of a batch.

    `batch` is the most items in `Items` of the Map's input, if another Map has batched them.
    """
    if "ItemReader" in fields:
        reader = fields["ItemReader"]
        config = reader.get("ReaderConfig") if isinstance(reader, dict) else None
        if isinstance(config, dict) and "MaxItems" in config:
            return whole_number(config, "MaxItems", least=1, most=MAX_ITEMS)
        raise ComputedError(
            "the number of items that ItemReader finds is only known at run time; write MaxItems, or declare it"
        )
    written = fields.get("Items")
    if isinstance(written, list | dict):
        return len(written)
    code = expression_code(written)
    length = None if code is None else length_of(code)
    if length is not None:
        return length
    if batch is not None and _reads_batch(fields, code):
        return batch
    if written is None or code is not None:
        raise ComputedError("the number of items is only known at run time; declare the most items")
    raise UnknownError("Items is not a list of items; write one")


def _reads_batch(fields: Json, code: str | None) -> bool:
    if code is not None:
        return code == f"$states.input.{BATCH}"
    return fields.get("ItemsPath") == f"$.{BATCH}" and fields.get("InputPath", "$") == "$"


def batch_size(fields: Json) -> int | None:
    """Return the most items of a distributed Map that one execution receives together, or None without such a limit."""
    batcher = fields.get("ItemBatcher") if is_distributed(fields) else None
    if not isinstance(batcher, dict) or "MaxItemsPerBatch" not in batcher:
        return None
    try:
        return whole_number(batcher, "MaxItemsPerBatch", least=1, most=MAX_ITEMS)
    except UnknownError:
        return None


def executions(fields: Json, count: float) -> float:
    """Return the most times that a Map runs its processor for so many items.

    A batch holds fewer items than its limit if they are too large together. The input of a Map is not larger than the
    largest batch, so that without a reader this occurs at most once: a batch adds a few bytes to its items.
    """
    size = batch_size(fields)
    if size is None or count == math.inf or {"ItemReader", "ItemSelector", "Parameters"} & fields.keys():
        return count
    if {"MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", "BatchInput"} & fields["ItemBatcher"].keys():
        return count
    written = fields.get("Items")
    is_small = isinstance(written, list) and len(json.dumps(written)) < MAX_BATCH_BYTES // 2
    return min(count, math.ceil(count / size) + (0 if is_small else 1))


def is_distributed(fields: Json) -> bool:
    """Return True if the items of a Map run as separate executions."""
    return _processor_config(fields).get("Mode") == "DISTRIBUTED"


def is_express(fields: Json) -> bool:
    """Return True if the items of a Map run as separate Express executions."""
    return is_distributed(fields) and _processor_config(fields).get("ExecutionType") == "EXPRESS"


def _processor_config(fields: Json) -> Json:
    machine = processor(fields)
    config = machine.get("ProcessorConfig") if isinstance(machine, dict) else None
    return config if isinstance(config, dict) else {}


def processor(fields: Json) -> Any:
    """Return the machine that a Map runs for each item; `Iterator` is the field's former name."""
    return fields.get("ItemProcessor", fields.get("Iterator"))


def concurrency(fields: Json) -> int:
    """Return the number of items of a Map that run at once; 1 if it is computed at run time."""
    most = MAX_CONCURRENCY_DISTRIBUTED if is_distributed(fields) else MAX_CONCURRENCY_INLINE
    if "MaxConcurrencyPath" in fields:
        return 1
    try:
        written = whole_number(fields, "MaxConcurrency", least=0, most=MAX_SECONDS, default=0)
    except ComputedError:
        return 1
    return min(written, most) if written else most
