"""Execution history in the machine's log group; moto writes none.

AWS: each event of the configured level becomes one JSON line, with input and output when execution data is included.
Source: AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history in Step Functions".
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.logs.models import logs_backends
from moto.stepfunctions.parser.asl.eval.event.logging import (
    CloudWatchLoggingConfiguration,
    CloudWatchLoggingSession,
)
from moto.stepfunctions.parser.backend.execution import Execution

from local.emulator.callers import Caller, Kind, on_behalf_of
from local.emulator.patch import replace


class _LogStream(CloudWatchLoggingSession):
    """One execution's stream in the machine's log group; a child execution writes on behalf of its parent."""

    def __init__(
        self, execution_arn: str, configuration: CloudWatchLoggingConfiguration, parent_arn: str | None = None
    ) -> None:
        super().__init__(execution_arn, configuration)
        self._caller = Caller(Kind.EXECUTION, parent_arn or execution_arn)
        self._logs = logs_backends[configuration.log_account_id][configuration.log_region]
        self._stream = f"states/{execution_arn.split(':', 6)[6].replace(':', '/')}"
        self._logs.create_log_stream(configuration.log_group_name, self._stream)

    def publish_history_log(self, history_log: Any) -> None:
        """Write one event of the history."""
        # Annotated as a datetime, but the parser passes text.
        moment = datetime.fromisoformat(str(history_log["event_timestamp"]))
        timestamp_milliseconds = int(moment.timestamp() * 1000)
        line = json.dumps({**history_log, "event_timestamp": str(timestamp_milliseconds)}, default=str)
        with on_behalf_of(self._caller):
            self._logs.put_log_events(
                self.configuration.log_group_name,
                self._stream,
                [{"timestamp": timestamp_milliseconds, "message": line}],
            )


def stream_of_child(arn: str, parent: Any) -> CloudWatchLoggingSession | None:
    """Return the log stream of a child execution; `parent` is that of the execution that started it, or None."""
    return _LogStream(arn, parent.configuration, parent.execution_arn) if parent else None


def apply() -> None:
    """Write the logs of executions."""
    replace(Execution, "__init__", _init_execution)


def _init_execution(original: Callable[..., Any], self: Any, **kwargs: Any) -> None:
    original(self, **kwargs)
    logging: Any = self.state_machine.loggingConfiguration
    if not logging:
        return
    logging.setdefault("includeExecutionData", False)
    configuration = CloudWatchLoggingConfiguration.from_logging_configuration(self.state_machine_arn, logging)
    if configuration:
        self._cloud_watch_logging_session = _LogStream(self.exec_arn, configuration)
