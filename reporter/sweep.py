"""The sweep: it reports executions of the weekly machine that ended without a report."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reporter import log
from reporter.aws import AWS_ERRORS, Aws, error_name
from reporter.clock import Clock
from reporter.commands import INPUT_MAX_CHARACTERS
from reporter.events import ENDS, execution_event
from reporter.handled import Handled
from reporter.words import cut

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import ExecutionListItemTypeDef

FROM_SECONDS = 14 * 24 * 3600
"""Executions that ended earlier are ignored."""
TO_SECONDS = 600
"""Executions that ended later are ignored: their own machine or their event may still report them."""
MAX_EXECUTIONS = 100
# An execution may have started long before it ended.
_LONGEST_EXECUTION_SECONDS = 3 * 24 * 3600
_PAGE, _MAX_PAGES = 100, 10
# The reason in the output of an execution that did not run since another one was running.
_SKIPPED_BY_ANOTHER = "already running"
_REPORTED_STATUSES = frozenset({"succeeded", "partial"})
# The error of an execution whose partial run the settings make a failure; only its record is missing.
_PARTIAL = "Ccapi.PartialFailure"
_MIN_SECONDS = 20.0
_CAUSE_CHARACTERS = 8000


class Sweep:
    """One sweep over the executions of a state machine."""

    def __init__(
        self,
        machine_arn: str,
        *,
        aws: Aws,
        handled: Handled,
        clock: Clock,
        report: Callable[[dict[str, Any]], None],
        remaining_seconds: Callable[[], float],
    ) -> None:
        self._machine_arn = machine_arn
        self._aws = aws
        self._handled = handled
        self._clock = clock
        self._report = report
        self._remaining_seconds = remaining_seconds

    def run(self) -> dict[str, Any]:
        """Report successful executions, and return the oldest failed execution without a report.

        The watch machine has time to summarize one run; its outcome names the other executions.
        """
        failed: list[ExecutionListItemTypeDef] = []
        for execution in self._ended():
            if self._remaining_seconds() < _MIN_SECONDS:
                log.warning("the sweep stops before its end; the next one continues")
                break
            arn, is_good = execution["executionArn"], execution["status"] == "SUCCEEDED"
            redrives = execution.get("redriveCount", 0)
            event = execution_event(arn, "succeeded" if is_good else "failed", redrives)
            # An execution with a partial run may have failed or succeeded, depending on the settings, so both check
            # `partial`. A successful execution ignores a `failed` record, which is of an earlier end.
            events = [execution_event(arn, end, redrives) for end in ENDS if not is_good or end != "failed"]
            try:
                # If the record cannot be read, skip the execution: every sweep would report it again.
                if any(self._handled.is_handled(each) for each in events):
                    continue
                if is_good:
                    self._take_over(execution, event)
                else:
                    failed.append(execution)
            except Exception as error:  # noqa: BLE001  the other executions are independent of it
                log.error("not swept", event=event, error=error_name(error))
        failed.sort(key=lambda execution: execution["stopDate"])
        for position, execution in enumerate(failed):
            found = self._unreported(execution)
            if found is not None:
                found["outcome"]["unreported"] = list(map(_named, failed[position + 1 :]))
                return {"unreported": [found]}
        return {"unreported": []}

    def _ended(self) -> Iterator["ExecutionListItemTypeDef"]:
        """Yield at most 100 executions that ended between 14 days and 10 minutes ago, the newest first."""
        now, found = self._clock.now(), 0
        for execution in self._newest_first():
            if execution["startDate"].timestamp() < now - FROM_SECONDS - _LONGEST_EXECUTION_SECONDS:
                return
            stop = execution.get("stopDate")
            if stop is None or execution["status"] in {"RUNNING", "PENDING_REDRIVE"}:
                continue
            if now - FROM_SECONDS <= stop.timestamp() <= now - TO_SECONDS:
                yield execution
                found += 1
                if found == MAX_EXECUTIONS:
                    return

    def _newest_first(self) -> Iterator["ExecutionListItemTypeDef"]:
        pages = self._aws.states.get_paginator("list_executions").paginate(
            stateMachineArn=self._machine_arn,
            PaginationConfig={"PageSize": _PAGE, "MaxItems": _PAGE * _MAX_PAGES},
        )
        for page in pages:
            yield from page["executions"]

    def _take_over(self, execution: "ExecutionListItemTypeDef", event: str) -> None:
        """Report an execution that succeeded, from its output; record it if there is nothing to report."""
        arn = execution["executionArn"]
        described = self._aws.states.describe_execution(executionArn=arn)
        output = _object(described.get("output"))
        if output.get("reason") == _SKIPPED_BY_ANOTHER:
            output["owner_execution"] = output.get("owner", "")
        elif output.get("status") not in _REPORTED_STATUSES:
            self._handled.record(event).finish()
            log.info("nothing to report", event=event, outcome=str(output.get("status")))
            return
        known = {
            "input": _input(described.get("input")),
            "redrive_count": execution.get("redriveCount", 0),
            "start_time": described["startDate"].isoformat(timespec="milliseconds"),
        }
        self._report({**known, **output, "execution": arn})

    def _unreported(self, execution: "ExecutionListItemTypeDef") -> dict[str, Any] | None:
        """Return the data for the watch machine's summary: the outcome as far as it is known, and the input.

        None for a validation-only execution, since its caller reads the result.
        """
        arn, start, stop = execution["executionArn"], execution["startDate"], execution["stopDate"]
        described: Mapping[str, Any] = {}
        try:
            described = self._aws.states.describe_execution(executionArn=arn)
        except AWS_ERRORS as error:
            log.error("not described", event=arn, error=error_name(error))
        given, redrives = _input(described.get("input")), execution.get("redriveCount", 0)
        if isinstance(given, dict) and given.get("validate_only") not in (None, False):
            self._handled.record(execution_event(arn, "failed", redrives)).finish()
            return None
        ended_by = described.get("error", "")
        return {
            "outcome": {
                "status": "partial" if ended_by == _PARTIAL else execution["status"].lower(),
                "name": execution["name"],
                "execution": arn,
                "redrive_count": redrives,
                "start_time": start.isoformat(timespec="milliseconds"),
                "duration_seconds": int((stop - start).total_seconds()),
                "error": ended_by,
                "cause": cut(described.get("cause", ""), _CAUSE_CHARACTERS),
            },
            "input": given,
        }


def _named(execution: "ExecutionListItemTypeDef") -> dict[str, Any]:
    return {"execution": execution["executionArn"], "status": execution["status"].lower()}


def _input(text: str | None) -> Any:
    """Return an execution's input; None if it is not known, or longer than a worker can receive."""
    if text is None or len(text) > INPUT_MAX_CHARACTERS:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _object(text: str | None) -> dict[str, Any]:
    """Return the JSON object in a text, or an empty one."""
    try:
        value = json.loads(text or "")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
