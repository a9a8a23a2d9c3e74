"""Other users of this machine can read no key, and every service refuses them."""

import http.client
import json
import os
import pwd
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from local.aws import LocalAws
from tests.local.agent.tasks import RunningAgent, Tasks, agent
from tests.local.emulator.local_aws import RunningAws, running_aws

SLEEP = "import time; time.sleep(60)"


def as_other_user(question: Callable[[], Any]) -> Any:
    """Return the result of a function in a process of the user `nobody`."""
    user = pwd.getpwnam("nobody")
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            os.write(writing, json.dumps(question()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(process, 0)
    return json.loads(text)


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that every user can read."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def aws(open_folder: Path) -> Iterator[RunningAws]:
    with running_aws(credentials=open_folder / "credentials") as running:
        yield running


@pytest.fixture(scope="module")
def running_agent(aws: RunningAws, image: Path, open_folder: Path) -> Iterator[RunningAgent]:
    with agent(aws, image, open_folder) as running:
        yield running


def _read(paths: list[str]) -> list[str]:
    def first_error(path: str) -> str:
        try:
            return Path(path).read_bytes().decode(errors="replace")
        except OSError as error:
            return type(error).__name__

    return [first_error(path) for path in paths]


def _status(netloc: str, method: str, path: str, headers: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection(netloc, timeout=30)
    connection.request(method, path, headers=dict(headers))
    return connection.getresponse().status


@pytest.mark.usefixtures("running_agent")
def test_another_user_reads_no_key_and_gets_no_answer(
    aws: RunningAws, tasks: Tasks, open_folder: Path
) -> None:
    task = tasks.python(SLEEP)
    tasks.reaches(task, "RUNNING")
    arn = task["taskArn"]
    files = [f"{aws.credentials}/{name}" for name in ("developer.env", "agent.env", "developer.header")]
    # A process that ends meanwhile has no command line.
    lines = {process: process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])}
    processes = [
        process for process, line in lines.items() if str(open_folder) in " ".join(line) or SLEEP in line
    ]
    environments = [f"/proc/{process.pid}/environ" for process in processes]
    command_lines = [f"/proc/{process.pid}/cmdline" for process in processes]
    agents_key = LocalAws.read(aws.agent_file).access_key_id
    tasks_key = next(
        process.environ()["AWS_ACCESS_KEY_ID"] for process in processes if SLEEP in process.info["cmdline"]
    )
    netloc = urlsplit(aws.endpoint).netloc
    guesses = [{}, *({"Authorization": f"AWS {key}:x"} for key in ("local", "agent", arn.rpartition("/")[2]))]
    calls = [("GET", "/"), ("GET", "/ccapi/meter"), ("POST", "/moto-api/reset")]

    # The local AWS, the agent, its reaper and the task.
    assert len(processes) >= 4
    assert as_other_user(lambda: _read(files + environments)) == ["PermissionError"] * len(
        files + environments
    )
    seen = as_other_user(lambda: _read(command_lines))
    assert not [
        line for line in seen for key in (aws.aws.access_key_id, agents_key, tasks_key) if key in line
    ]
    assert (
        as_other_user(lambda: [_status(netloc, *call, guess) for call in calls for guess in guesses])
        == [403] * 12
    )
    assert aws.task(task)["lastStatus"] == "RUNNING"
