"""The resources that all containers of an agent share: the local AWS, folders, environment, clients, reaper."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, Any, cast

from local.agent import reaper
from local.agent.metadata import MetadataEndpoint
from local.agent.spec import ContainerSpec
from local.aws import LocalAws

_MAX_ATTEMPTS = 5


class Reaper:
    """The client of the reaper process (`reaper.py`), which kills all sessions when the agent ends."""

    def __init__(self, scratch: Path, on_start: Callable[[int], None] = lambda _pid: None) -> None:
        script = Path(reaper.__file__)
        self._process = subprocess.Popen(
            [sys.executable, "-I", script, scratch],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        self._stdin = cast("IO[str]", self._process.stdin)
        self._lock = Lock()
        self._on_start = on_start

    def start(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """Start a session and register it with the reaper, with no other start in between."""
        with self._lock:
            process = start()
            self._send(f"+{process.pid}\n")
            self._on_start(process.pid)
            return process

    def forget(self, session: int) -> None:
        """Unregister a session that has ended by itself."""
        with self._lock:
            self._send(f"-{session}\n")

    def kill_all(self) -> None:
        """Kill all sessions and delete the scratch folder; no session can be started afterwards."""
        # Never released, so that no session can start after this.
        self._lock.acquire()
        self._stdin.close()
        self._process.wait()

    def _send(self, line: str) -> None:
        self._stdin.write(line)
        self._stdin.flush()


@dataclass(frozen=True)
class Host:
    """The machine that containers run on."""

    aws: LocalAws
    region: str
    image: Path
    scratch: Path
    output_folder: Path | None
    environment: Mapping[str, str]
    reaper: Reaper
    metadata: MetadataEndpoint

    def output_file(self, spec: ContainerSpec) -> Path | None:
        """Return the file for a copy of a container's output, or None if no copies are kept."""
        if self.output_folder is None:
            return None
        self.output_folder.mkdir(parents=True, exist_ok=True)
        return self.output_folder / f"{spec.task_id}.log"

    def client(
        self, service: str, *, aws: LocalAws | None = None, total_max_attempts: int = _MAX_ATTEMPTS
    ) -> Any:
        """Return a client of a service of the local AWS, with the agent's access key or, given `aws`, a task's."""
        return _kept_client(aws or self.aws, service, self.region, total_max_attempts)

    def task_aws(self, spec: ContainerSpec) -> LocalAws:
        """Return the local AWS with a new access key for a task, valid until the task stops.

        Raises:
            OSError: when no key was issued.
        """
        issued = self.aws.admin("POST", "access-keys", {"task": spec.task_arn})
        return replace(self.aws, access_key_id=issued["access_key_id"])


def container_environment(image_environment: Mapping[str, str]) -> dict[str, str]:
    """Return the initial environment of every container: the image's, and PATH from this machine."""
    # This virtual environment's Python stands in for the image's.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**image_environment, "PATH": path}


@cache
def _kept_client(aws: LocalAws, service: str, region: str, total_max_attempts: int) -> Any:
    retries = {"mode": "standard", "total_max_attempts": total_max_attempts}
    return aws.client(service, region=region, retries=retries, max_pool_connections=100)
