"""The service that polls the local AWS for invocations and runs each in a process of its function."""

import json
import sys
import threading
import time
import traceback
import urllib.error
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from http.client import HTTPException
from typing import Any

from local.agent.functions.environment import Environment
from local.agent.functions.packages import link_packages
from local.agent.functions.specification import FunctionSpec, Request
from local.agent.host import Host

_RETRY_SECONDS = 1.0
_ANSWER_ATTEMPTS = 5
# AWS does not document how long a process stays warm.
_MAX_IDLE_SECONDS = 300.0


class FunctionService:
    """The Lambda service of this machine; concurrent invocations of a function run in separate processes."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._id = uuid.uuid4().hex
        self._packages = host.scratch / "runtime"
        self._idle: dict[str, list[Environment]] = defaultdict(list)
        """Idle environments by revision of a function, the most recently used last."""
        self._lock = threading.Lock()

    def run_forever(self) -> None:
        """Run functions until the process ends; retry when the local AWS does not answer."""
        link_packages(self._packages)
        while True:
            try:
                self.poll()
            except (OSError, HTTPException) as error:
                print(f"Invocations cannot be read from the local AWS: {error}", file=sys.stderr)
                time.sleep(_RETRY_SECONDS)

    def poll(self) -> None:
        """Wait for one invocation and start it; end the processes of functions that were changed or deleted."""
        offered = self._host.aws.admin("POST", "invocations/next", {"agent": self._id})
        if offered["invocation"] is not None:
            threading.Thread(
                target=self._run, args=(offered["invocation"],), name="invocation", daemon=True
            ).start()
        for environment in self._retired(offered["revisions"]):
            threading.Thread(target=environment.end, name="retired", daemon=True).start()

    def _run(self, facts: Mapping[str, Any]) -> None:
        spec, request = FunctionSpec(**facts["function"]), Request(**facts["request"])
        environment = self._take(spec)
        try:
            answer = environment.invoke(request)
        except urllib.error.HTTPError:
            # The caller no longer waits; the process stays warm.
            answer = None
        except Exception as error:  # noqa: BLE001 - otherwise the caller would wait until its timeout
            traceback.print_exc()
            message = f"RequestId: {request.id} Error: {type(error).__name__}: {error}"
            payload = json.dumps({"errorType": "Runtime.Unknown", "errorMessage": message})
            answer = {"payload": payload, "function_error": "Unhandled"}
        if answer is not None:
            self._answer(request, answer)
        if environment.is_warm:
            with self._lock:
                self._idle[spec.revision].append(environment)
        else:
            environment.end()

    def _take(self, spec: FunctionSpec) -> Environment:
        with self._lock:
            idle = self._idle[spec.revision]
            while idle:
                environment = idle.pop()
                if environment.is_warm:
                    return environment
        return Environment(spec, self._host, self._packages)

    def _answer(self, request: Request, answer: Mapping[str, Any]) -> None:
        for _ in range(_ANSWER_ATTEMPTS):
            try:
                self._host.aws.admin("POST", "invocations/answer", {"invocation": request.id, **answer})
            except OSError as error:
                print(f"The answer to {request.id} was not delivered yet: {error}", file=sys.stderr)
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _retired(self, revisions: Collection[str]) -> list[Environment]:
        """Remove and return idle processes whose function was changed or deleted, or that were idle for too long."""
        oldest = time.monotonic() - _MAX_IDLE_SECONDS
        retired = []
        with self._lock:
            for revision, idle in list(self._idle.items()):
                kept = [
                    each
                    for each in idle
                    if revision in revisions and each.idle_since > oldest and each.is_warm
                ]
                retired += [each for each in idle if each not in kept]
                self._idle[revision] = kept
                if not kept:
                    del self._idle[revision]
        return retired
