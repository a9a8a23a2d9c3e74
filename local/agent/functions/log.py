"""The log of a function's process: its output, and the lines that Lambda writes around each invocation.

Source: AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs", "Configuring JSON and plain text
log formats" and "Lambda Telemetry API Event schema reference".
"""

import json
import os
import select
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.agent.functions.specification import FunctionSpec
from local.agent.log_stream import LogStream
from local.emulator.times import iso_millis

_READ_BYTES = 65_536
_FLUSH_SECONDS = 1.0
_DRAIN_SECONDS = 5.0
_TAIL_BYTES = 4_096


@dataclass(frozen=True, kw_only=True)
class Report:
    """The measurements of one invocation."""

    duration_milliseconds: float
    billed_milliseconds: int
    memory_mib: int
    max_memory_mib: int
    init_milliseconds: float | None
    """Set for the first invocation of a process only."""
    status: str = ""
    """`timeout` or `error`; empty if the process stays warm."""
    error_type: str = ""


class FunctionLog:
    """Passes a process's output on to CloudWatch Logs."""

    def __init__(self, spec: FunctionSpec, environment: str, logs: Any) -> None:
        self._spec = spec
        self._logs = logs
        self._is_json = spec.log_format == "JSON"
        self.stream_name = f"{datetime.now(UTC):%Y/%m/%d}/[{spec.version}]{environment}"
        self._stream: LogStream | None = None
        self._tail = b""
        self._lock = threading.Lock()
        self._pipe: IO[bytes] | None = None
        self._thread: threading.Thread | None = None

    def attach(self, pipe: IO[bytes]) -> None:
        """Create the log stream, and the group if it does not exist, and pass on the output of a pipe."""
        self._stream = self._open()
        self._pipe = pipe
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._write(
            f"INIT_START Runtime Version: python:{version}.local",
            {
                "type": "platform.initStart",
                "record": {"initializationType": "on-demand", "runtimeVersion": version},
            },
        )
        self._thread = threading.Thread(target=self._pass_on, args=(pipe,), name="function-log", daemon=True)
        self._thread.start()

    def start(self, request_id: str) -> None:
        """Write the START line of an invocation."""
        self._tail = b""
        self._write(
            f"START RequestId: {request_id} Version: {self._spec.version}",
            {"type": "platform.start", "record": {"requestId": request_id, "version": self._spec.version}},
        )

    def end(self, request_id: str, report: Report, remark: str = "") -> str:
        """Pass on the remaining output, write the END and REPORT lines, and return the tail of the log."""
        self._drain()
        if not self._is_json:
            if remark:
                self._write(remark, {})
            self._write(f"END RequestId: {request_id}", {})
        self._write(_report_line(request_id, report), _report_event(request_id, report))
        self.flush()
        return self._tail.decode(errors="replace")

    def close(self) -> None:
        """Pass on the remaining output of a process that has ended."""
        if self._pipe is not None and self._thread is not None:
            # On macOS a process that left the session may hold the pipe open.
            self._thread.join(_DRAIN_SECONDS)
            if not self._thread.is_alive():
                self._pipe.close()
        self.flush()

    def flush(self) -> None:
        """Send the collected output; keep it for the next call if it cannot be sent."""
        try:
            with self._lock:
                if self._stream is not None:
                    self._stream.flush()
        except (BotoCoreError, ClientError) as error:
            print(f"output not sent to {self._stream}: {error}", file=sys.stderr)

    def _open(self) -> LogStream | None:
        group, stream = self._spec.log_group, self.stream_name
        exceptions = self._logs.exceptions
        try:
            with suppress(exceptions.ResourceAlreadyExistsException):
                self._logs.create_log_group(logGroupName=group)
            self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
        except (BotoCoreError, ClientError) as error:
            # As on AWS, a function runs even if its log cannot be written.
            print(f"no log stream {stream} in {group}: {error}", file=sys.stderr)
            return None
        return LogStream(self._logs, group, stream)

    def _pass_on(self, pipe: IO[bytes]) -> None:
        flush_at = 0.0
        while self._read(pipe, _FLUSH_SECONDS):
            if time.monotonic() >= flush_at:
                self.flush()
                flush_at = time.monotonic() + _FLUSH_SECONDS

    def _read(self, pipe: IO[bytes], seconds: float) -> bool:
        """Pass on output for up to `seconds`; return False at the end of the output."""
        if not select.select([pipe], [], [], seconds)[0]:
            return True
        with self._lock:
            # The other thread may have read the output first.
            if not select.select([pipe], [], [], 0)[0]:
                return True
            output = os.read(pipe.fileno(), _READ_BYTES)
            self._feed(output)
        return bool(output)

    def _drain(self) -> None:
        """Pass on all output up to the result: the process writes unbuffered, and before it sends its result."""
        pipe = self._pipe
        while pipe is not None and select.select([pipe], [], [], 0)[0]:
            if not self._read(pipe, 0):
                return

    def _write(self, line: str, event: Mapping[str, Any]) -> None:
        if self._is_json:
            line = json.dumps({"time": iso_millis(datetime.now(UTC)), **event})
        with self._lock:
            if self._stream is not None:
                self._stream.end_line()
            self._feed(f"{line}\n".encode())

    def _feed(self, output: bytes) -> None:
        # awslambdaric separates the lines of a traceback by carriage returns, so that they are one event.
        if self._stream is not None:
            self._stream.feed(output)
        self._tail = (self._tail + output)[-_TAIL_BYTES:]


def _report_line(request_id: str, report: Report) -> str:
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {report.duration_milliseconds:.2f} ms",
        f"Billed Duration: {report.billed_milliseconds} ms",
        f"Memory Size: {report.memory_mib} MB",
        f"Max Memory Used: {report.max_memory_mib} MB",
    ]
    if report.init_milliseconds is not None:
        parts.append(f"Init Duration: {report.init_milliseconds:.2f} ms")
    if report.status:
        parts.append(f"Status: {report.status}")
    if report.error_type:
        parts.append(f"Error Type: {report.error_type}")
    return "\t".join([*parts, ""])


def _report_event(request_id: str, report: Report) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "durationMs": round(report.duration_milliseconds, 3),
        "billedDurationMs": report.billed_milliseconds,
        "memorySizeMB": report.memory_mib,
        "maxMemoryUsedMB": report.max_memory_mib,
    }
    if report.init_milliseconds is not None:
        metrics["initDurationMs"] = round(report.init_milliseconds, 3)
    record = {"requestId": request_id, "metrics": metrics, "status": report.status or "success"}
    if report.error_type:
        record["errorType"] = report.error_type
    return {"type": "platform.report", "record": record}
