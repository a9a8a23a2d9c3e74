"""A task's container, run as a session of processes, with its state changes reported to ECS."""

import shutil
import signal
import subprocess
import threading
import time
import traceback
from datetime import UTC, datetime
from typing import IO, Any, cast

from local.agent.host import Host
from local.agent.output import Output
from local.agent.preparation import Prepared, StartError, prepare
from local.agent.report import Report
from local.agent.session import NotStartedError, kill, start_session
from local.agent.spec import ContainerSpec

_TICK_SECONDS = 0.1
_DRAIN_SECONDS = 1.0
# Exit codes above 128 are 128 plus the number of the signal that ended the process, as in Docker.
_SIGNAL_EXIT_BASE = 128
_OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


class Container(threading.Thread):
    """One task's container, and the thread that follows it from start to end."""

    def __init__(self, spec: ContainerSpec, host: Host) -> None:
        super().__init__(name=f"task-{spec.task_id}", daemon=True)
        self.spec = spec
        self._host = host
        self._folder = host.scratch / spec.task_id
        self._process: subprocess.Popen[bytes] | None = None
        self._stop_requested = threading.Event()
        self._out_of_memory = False

    @property
    def session(self) -> int | None:
        """The session id of the container's processes, or None before it runs."""
        return self._process.pid if self._process else None

    def request_stop(self) -> None:
        """Send SIGTERM to the first process, and SIGKILL to all processes after the stop timeout."""
        self._stop_requested.set()

    def kill(self) -> None:
        """Kill the container's processes at once."""
        if self._process is not None:
            kill(self._process)

    def kill_out_of_memory(self) -> None:
        """Kill the container as a kernel does beyond a memory limit; its end is reported as OutOfMemoryError."""
        self._out_of_memory = True
        self.kill()

    def run(self) -> None:
        """Start the container, follow it to its end, and report every state change."""
        self._report("PENDING", pullStartedAt=datetime.now(UTC))
        try:
            exit_code = self._start_and_follow()
        except StartError as error:
            self._report("STOPPED", reason=str(error))
        except Exception as error:  # noqa: BLE001 - otherwise the task would be reported as Host lost
            traceback.print_exc()
            reason = f"CannotInspectContainerError: {type(error).__name__}: {error}"
            self._report("STOPPED", exit_code=self._exit_code(), reason=reason)
        else:
            self._report("STOPPED", exit_code=exit_code, executionStoppedAt=datetime.now(UTC))
        finally:
            self._host.metadata.remove(self.spec)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start_and_follow(self) -> int:
        if self._stop_requested.is_set():
            raise StartError("Task stopped before its container started")
        prepared = prepare(self.spec, self._host, self._folder)
        process = self._process = self._start(prepared)
        output = Output(
            cast("IO[bytes]", process.stdout), prepared.log_stream, self._host.output_file(self.spec)
        )
        try:
            self._report("RUNNING", pullStoppedAt=datetime.now(UTC))
            self._follow(process, output)
        finally:
            # A container ends when its first process ends, even if others still run.
            self.kill()
            self._host.reaper.forget(process.pid)
            output.close(_DRAIN_SECONDS)
        return self._exit_code()

    def _exit_code(self) -> int:
        """Wait for the first process and return its exit code as a shell reports it; 1 if none was started."""
        code = self._process.wait() if self._process else 1
        return code if code >= 0 else _SIGNAL_EXIT_BASE - code

    def _start(self, prepared: Prepared) -> subprocess.Popen[bytes]:
        try:
            return start_session(
                self._host,
                prepared.arguments,
                folder=prepared.working_directory,
                environment=prepared.environment,
            )
        except NotStartedError as error:
            raise self._start_error(str(error)) from error

    def _start_error(self, why: str) -> StartError:
        command = " ".join(self.spec.arguments[:1])
        return StartError(f'CannotStartContainerError: exec: "{command}": {why}')

    def _follow(self, process: subprocess.Popen[bytes], output: Output) -> None:
        kill_at: float | None = None
        while process.poll() is None:
            output.pass_on(_TICK_SECONDS)
            if self._stop_requested.is_set() and kill_at is None:
                process.send_signal(signal.SIGTERM)
                kill_at = time.monotonic() + self.spec.stop_timeout_seconds
            if kill_at is not None and time.monotonic() >= kill_at:
                self.kill()

    def _report(
        self, status: str, *, exit_code: int | None = None, reason: str | None = None, **times: datetime
    ) -> None:
        container: dict[str, Any] = {"containerName": self.spec.name, "status": status}
        if exit_code is not None:
            container |= {"exitCode": exit_code, "runtimeId": self.spec.task_id}
        if self._out_of_memory and status == "STOPPED":
            container["reason"] = _OUT_OF_MEMORY
        report = Report(self.spec.task_arn, self.spec.cluster_arn, status, [container], reason, times)
        report.submit(self._host.client("ecs"))
