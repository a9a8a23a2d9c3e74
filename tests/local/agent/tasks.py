"""Agents for tests, and tasks for them to run."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.local.emulator.local_aws import PATIENCE_SECONDS, ROOT, RunningAws, eventually, unique

SECRET_OF_THE_PARENT = "not for containers"


def daemon(marker: str) -> str:
    """Return a program that forks twice, so that a process with the marker runs on in its own session."""
    sleeper = f"[sys.executable, '-c', 'import time; time.sleep(600)', '{marker}']"
    between = f"import subprocess, sys; subprocess.Popen({sleeper}, start_new_session=True)"
    return (
        "import subprocess, sys, time\n"
        f"subprocess.run([sys.executable, '-c', {between!r}], start_new_session=True)\n"
        "print('up', flush=True)\n"
        "time.sleep(0 if 'ends' in sys.argv else 600)"
    )


@dataclass
class RunningAgent:
    """An agent's process, and the folder of its tasks."""

    process: subprocess.Popen[bytes]
    scratch: Path
    output_folder: Path

    def end(self, signal_number: signal.Signals) -> None:
        self.process.send_signal(signal_number)
        self.process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def agent(aws: RunningAws, image: Path, folder: Path) -> Iterator[RunningAgent]:
    """Run an agent for the duration of the block."""
    scratch, output_folder = folder / unique("scratch"), folder / unique("output")
    process = subprocess.Popen(
        [
            *(
                sys.executable,
                "-m",
                "local.agent",
                "--credentials",
                str(aws.agent_file),
                "--image",
                str(image),
            ),
            *("--scratch", str(scratch), "--logs", str(output_folder)),
        ],
        cwd=ROOT,
        env={**os.environ, "CCAPI_EXIT_WITH_PARENT": "1", "PARENTS_SECRET": SECRET_OF_THE_PARENT},
        stdin=subprocess.PIPE,
    )
    with process:
        try:
            yield RunningAgent(process, scratch, output_folder)
        finally:
            process.terminate()


class Tasks:
    """Tasks of one cluster, with a container that runs a line of Python or another command."""

    def __init__(self, aws: RunningAws) -> None:
        self.aws = aws
        self.cluster = aws.create_cluster()
        self.log_group = unique("/ecs/group")
        aws.client("logs").create_log_group(logGroupName=self.log_group)

    def start(
        self, *command: str, environment: Mapping[str, str] | None = None, **container: Any
    ) -> dict[str, Any]:
        options = {
            "awslogs-group": self.log_group,
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "worker",
        }
        family = self.aws.register(
            entryPoint=list(command),
            logConfiguration={"logDriver": "awslogs", "options": options},
            environment=[{"name": name, "value": value} for name, value in (environment or {}).items()],
            **container,
        )
        return self.aws.run_task(self.cluster, family)

    def python(self, code: str, **arguments: Any) -> dict[str, Any]:
        return self.start("python", "-c", code, **arguments)

    def stopped(self, task: Mapping[str, Any]) -> dict[str, Any]:
        return self.reaches(task, "STOPPED")

    def reaches(self, task: Mapping[str, Any], status: str) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            described = self.aws.task(task)
            return described if described["lastStatus"] == status else None

        return eventually(found) or {}

    def output(self, task: Mapping[str, Any]) -> list[str]:
        """Return the lines of a task's log stream."""
        stream = f"worker/monitor/{task['taskArn'].rsplit('/', 1)[-1]}"
        events = self.aws.client("logs").get_log_events(
            logGroupName=self.log_group, logStreamName=stream, startFromHead=True
        )
        return [event["message"] for event in events["events"]]


def processes_with(marker: str) -> list[int]:
    """Return the processes whose command line holds a marker."""
    return [
        process.info["pid"]
        for process in psutil.process_iter(["pid", "cmdline"])
        if any(marker in part for part in process.info["cmdline"] or [])
    ]
