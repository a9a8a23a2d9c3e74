"""An execution environment: one process of a function, which stays warm between invocations."""

import base64
import io
import json
import math
import subprocess
import sys
import time
import uuid
import zipfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import psutil

from local.agent.functions import bootstrap
from local.agent.functions.log import FunctionLog, Report
from local.agent.functions.runtime_api import RuntimeApi
from local.agent.functions.specification import FunctionSpec, Outcome, Request
from local.agent.host import Host
from local.agent.reaper import remove_tree
from local.agent.session import NotStartedError, kill, start_session
from local.aws import make_private
from local.emulator.times import iso_millis

_TICK_SECONDS = 0.05
_MEMORY_SECONDS = 0.2
# AWS allows an initialization 10 s; this machine may be busy with other processes.
_MAX_INIT_SECONDS = 60.0
_MIB = 1024 * 1024
# Exit codes above 128 are 128 plus the number of the signal that ended the process.
_SIGNAL_EXIT_BASE = 128
_KILLED = 9


@dataclass(frozen=True)
class _End:
    """The end of an invocation."""

    outcome: Outcome
    status: str = ""
    """`timeout` or `error`; empty if the process stays warm."""
    error_type: str = ""
    remark: str = ""
    """A line to add to the log."""


class Environment:
    """One process of a function, with a folder, a Runtime API, a log stream and an access key of its own."""

    def __init__(self, spec: FunctionSpec, host: Host, packages: Path) -> None:
        self.spec = spec
        self.id = uuid.uuid4().hex
        self.idle_since = time.monotonic()
        self._host = host
        self._packages = packages
        self._folder = host.scratch / "functions" / self.id
        self._api = RuntimeApi(spec)
        self._log = FunctionLog(spec, self.id, host.client("logs"))
        self._process: subprocess.Popen[bytes] | None = None
        self._created_at = time.monotonic()
        self._access_key = ""
        self._max_memory_mib = 0.0
        self._is_dead = False

    @property
    def is_warm(self) -> bool:
        """True if the process can take another invocation."""
        return not self._is_dead and self._process is not None and self._process.poll() is None

    def invoke(self, request: Request) -> dict[str, Any]:
        """Run one invocation, and return the fields of its answer.

        Raises:
            LookupError: when the caller no longer waits, or another agent took the invocation.
            OSError: when the local AWS does not answer.
        """
        taken = self._host.aws.admin(
            "POST", "invocations/take", {"invocation": request.id, "environment": self.id}
        )
        self._access_key = taken["access_key_id"] or self._access_key
        is_cold = self._process is None
        try:
            if is_cold:
                self._start(request)
        except (NotStartedError, OSError, zipfile.BadZipFile) as error:
            self._is_dead = True
            payload = _error("Runtime.InvalidEntrypoint", f"RequestId: {request.id} Error: {error}")
            return {"payload": payload, "function_error": "Unhandled", "billed_milliseconds": 0}
        self._log.start(request.id)
        given_at = time.monotonic()
        self._api.give(request)
        end = self._follow(request, given_at)
        ended_at = time.monotonic()
        began_at = self._api.handed_over_at or ended_at
        self._api.finish()
        if end.status:
            self._is_dead = True
            self._kill()
        duration = (ended_at - began_at) * 1000
        initialization = (began_at - self._created_at) * 1000 if is_cold else None
        billed = max(1, math.ceil(duration + (initialization or 0.0)))
        report = Report(
            duration_milliseconds=duration,
            billed_milliseconds=billed,
            memory_mib=self.spec.memory_mib,
            max_memory_mib=math.ceil(self._max_memory_mib),
            init_milliseconds=initialization,
            status=end.status,
            error_type=end.error_type,
        )
        tail = self._log.end(request.id, report, end.remark)
        self.idle_since = time.monotonic()
        return {
            "payload": end.outcome.payload,
            "function_error": "Unhandled" if end.outcome.is_error else None,
            "log_tail": tail,
            "billed_milliseconds": billed,
        }

    def end(self) -> None:
        """End the process and remove its files and its access key."""
        self._is_dead = True
        self._api.close()
        if self._process is not None:
            self._kill()
            self._host.reaper.forget(self._process.pid)
        self._log.close()
        remove_tree(self._folder)
        with suppress(OSError):
            self._host.aws.admin("POST", "invocations/end", {"environment": self.id})

    def _start(self, request: Request) -> None:
        answer = self._host.aws.admin("POST", "invocations/code", {"invocation": request.id})
        code, temporary = self._folder / "code", self._folder / "tmp"
        # Only this user can read the function's files.
        make_private(self._folder)
        temporary.mkdir()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer["zip"]))) as archive:
            archive.extractall(code)
        _make_read_only(code)
        self._process = start_session(
            self._host,
            [sys.executable, "-I", "-S", bootstrap.__file__, str(self._packages)],
            folder=code,
            environment=self._environment(code, temporary),
        )
        self._log.attach(cast("IO[bytes]", self._process.stdout))

    def _environment(self, code: Path, temporary: Path) -> dict[str, str]:
        """Return the variables of the process.

        Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
        """
        spec = self.spec
        aws = replace(self._host.aws, access_key_id=self._access_key)
        log_variables = {"AWS_LAMBDA_LOG_FORMAT": spec.log_format}
        if spec.log_level:
            log_variables["AWS_LAMBDA_LOG_LEVEL"] = spec.log_level
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **spec.environment,
            "PATH": self._host.environment["PATH"],
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            **aws.environment,
            "AWS_REGION": spec.region,
            "AWS_DEFAULT_REGION": spec.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": spec.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mib),
            "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self._log.stream_name,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "LAMBDA_TASK_ROOT": str(code),
            "LAMBDA_RUNTIME_DIR": str(self._packages),
            "_HANDLER": spec.handler,
            **log_variables,
        }

    def _follow(self, request: Request, given_at: float) -> _End:
        """Wait for the end of an invocation and return it."""
        process = cast("subprocess.Popen[bytes]", self._process)
        measure_at = 0.0
        while True:
            outcome = self._api.outcome(_TICK_SECONDS)
            now = time.monotonic()
            if outcome is None and process.poll() is not None:
                # The process may have sent its result just before it ended.
                outcome = self._api.outcome(0)
                if outcome is None:
                    return _exited(request, cast("int", process.returncode))
            if outcome is not None or now >= measure_at:
                if self._measure() > self.spec.memory_mib and outcome is None:
                    return _exited(request, _SIGNAL_EXIT_BASE + _KILLED)
                measure_at = now + _MEMORY_SECONDS
            if outcome is not None:
                # After an initialization error the process ends by itself.
                return _End(outcome, status="error" if self._api.handed_over_at is None else "")
            if self._is_late(now, given_at):
                return _timed_out(request, self.spec.timeout_seconds)

    def _is_late(self, now: float, given_at: float) -> bool:
        handed_over_at = self._api.handed_over_at
        if handed_over_at is None:
            return now - given_at > _MAX_INIT_SECONDS + self.spec.timeout_seconds
        return now - handed_over_at > self.spec.timeout_seconds

    def _measure(self) -> float:
        """Return the memory of the function's processes in MiB, without their init process."""
        size = 0.0
        with suppress(psutil.Error):
            for child in psutil.Process(cast("subprocess.Popen[bytes]", self._process).pid).children(
                recursive=True
            ):
                with suppress(psutil.Error):
                    size += child.memory_info().rss / _MIB
        self._max_memory_mib = max(self._max_memory_mib, size)
        return size

    def _kill(self) -> None:
        kill(cast("subprocess.Popen[bytes]", self._process))


def _exited(request: Request, code: int) -> _End:
    """Return the end of an invocation whose process exited without a result, with a shell's exit code."""
    if code == 0:
        reason = "Runtime exited without providing a reason"
    elif code > _SIGNAL_EXIT_BASE:
        names = {_KILLED: "killed", 6: "aborted", 11: "segmentation fault", 15: "terminated"}
        number = code - _SIGNAL_EXIT_BASE
        reason = f"Runtime exited with error: signal: {names.get(number, str(number))}"
    else:
        reason = f"Runtime exited with error: exit status {code}"
    message = f"RequestId: {request.id} Error: {reason}"
    error_type = "Runtime.ExitError"
    outcome = Outcome(payload=_error(error_type, message), is_error=True)
    return _End(outcome, status="error", error_type=error_type, remark=f"{message}\n{error_type}")


def _timed_out(request: Request, seconds: int) -> _End:
    text = f"Task timed out after {seconds:.2f} seconds"
    payload = _error("Sandbox.Timedout", f"RequestId: {request.id} Error: {text}")
    remark = f"{iso_millis(datetime.now(UTC))} {request.id} {text}\n"
    return _End(Outcome(payload=payload, is_error=True), status="timeout", remark=remark)


def _error(error_type: str, message: str) -> str:
    return json.dumps({"errorType": error_type, "errorMessage": message})


def _make_read_only(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
