"""The executions of the weekly machine, as Step Functions has them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from typing import Any

from cli.runs.child_executions import ChildExecutions
from cli.runs.cost import estimated_usd
from cli.runs.history import History, read_history, with_children
from cli.runs.run import Execution, parsed_input, status_of
from cli.runs.run_settings import run_settings, unit_prices
from cli.stack import Stack

_READERS = 8
# The outcome is passed to the reporter some events before the end of an execution.
_LAST_EVENTS = 30
_NAME = re.compile(r"[\w-]{1,80}", re.ASCII)


class Executions:
    """The reader of executions."""

    def __init__(self, stack: Stack, now: Callable[[], datetime]) -> None:
        self._stack = stack
        self._now = now
        self._states = stack.client("stepfunctions")
        self._children = ChildExecutions(self._states)
        self._machine = stack["step_functions_state_machine_arn"]

    def listed(self) -> Iterator[Mapping[str, Any]]:
        """Yield all executions as Step Functions lists them, the newest first."""
        pages = self._states.get_paginator("list_executions").paginate(stateMachineArn=self._machine)
        for page in pages:
            yield from sorted(page["executions"], key=lambda item: item["startDate"], reverse=True)

    def running(self) -> list[Mapping[str, Any]]:
        """Return the executions that are running as Step Functions lists them, the oldest first."""
        pages = self._states.get_paginator("list_executions").paginate(
            stateMachineArn=self._machine, statusFilter="RUNNING"
        )
        return sorted(
            (item for page in pages for item in page["executions"]), key=lambda item: item["startDate"]
        )

    def read_all(self, listed: Iterable[Mapping[str, Any]]) -> list[Execution]:
        """Return executions with their outcomes, in the order in which they were given."""
        items = list(listed)
        if any(item["status"] != "SUCCEEDED" for item in items):
            # Read before the threads, which would each read it.
            _ = self._prices
        with ThreadPoolExecutor(_READERS) as pool:
            return list(pool.map(lambda item: self.read(item["executionArn"]), items))

    def read(self, arn: str) -> Execution:
        """Return an execution; of one that did not succeed, the run and the outcome are read from its history."""
        described = self._states.describe_execution(executionArn=arn)
        output = parsed_input(described.get("output"))
        document = output if isinstance(output, Mapping) else {}
        return self._execution(described, document, None)

    def read_with_history(self, arn: str) -> tuple[Execution, History]:
        """Return an execution and its whole history, with the attempts in its child executions."""
        described = self._states.describe_execution(executionArn=arn)
        history = self.history(arn)
        is_over = described["status"] != "RUNNING"
        for map_run in history.map_runs:
            history = with_children(history, self._children.histories(map_run, is_over=is_over))
        output = parsed_input(described.get("output"))
        document = {**(output if isinstance(output, Mapping) else {})}
        if history.outcome and document.get("status") in {None, history.outcome.get("status")}:
            document = {**document, **history.outcome}
        return self._execution(described, document, history), history

    def named(self, name: str) -> Execution | None:
        """Return the execution with a name or an ARN, or None if there is none."""
        prefix = self._machine.replace(":stateMachine:", ":execution:") + ":"
        name = name.removeprefix(prefix)
        if not _NAME.fullmatch(name):
            return None
        try:
            return self.read(f"{prefix}{name}")
        except self._states.exceptions.ExecutionDoesNotExist:
            return None

    def history(self, arn: str) -> History:
        """Return the facts in the whole history of an execution, without those of its child executions."""
        pages = self._states.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": 1000}
        )
        return read_history(event for page in pages for event in page["events"])

    def _execution(
        self, described: Mapping[str, Any], document: Mapping[str, Any], history: History | None
    ) -> Execution:
        aws_status, error = described["status"], described.get("error", "")
        arn = described["executionArn"]
        usd = document.get("usd") or 0
        is_whole = True
        if not document.get("status") and history is None:
            history = self._last_events(arn) if aws_status == "FAILED" else None
            history = history if history and history.outcome else self.history(arn)
            # Without the attempts of its children, the cost is not known.
            is_whole = not history.map_runs
        if history is not None:
            document = {**history.outcome, **document}
            usd = document.get("usd") or (
                estimated_usd(history.attempts, self._prices, self._now()) if is_whole else 0
            )
        run = document.get("run_id") or (history.run if history else "")
        return Execution(
            arn=arn,
            name=described["name"],
            run=run or described["name"],
            status=status_of(aws_status, document, error),
            start=described["startDate"],
            end=described.get("stopDate"),
            given=parsed_input(described.get("input")),
            outcome=document,
            error=error,
            cause=described.get("cause", ""),
            redrives=described.get("redriveCount", 0),
            usd=usd,
        )

    def _last_events(self, arn: str) -> History:
        answer = self._states.get_execution_history(
            executionArn=arn, reverseOrder=True, maxResults=_LAST_EVENTS
        )
        return read_history(answer["events"])

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The run settings of the stack."""
        return run_settings(self._stack)

    @property
    def _prices(self) -> Mapping[str, Any]:
        return unit_prices(self.settings)
