"""The process of the local AWS: its address, its output, and its end."""

import signal
import socket
import subprocess
import urllib.error
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3

from local.aws import LocalAws
from local.emulator.access_keys import DEVELOPER_FILE
from tests.local.emulator.local_aws import PATIENCE_SECONDS, RunningAws, running_aws
from tests.local.services import Start, start_service

pytestmark = pytest.mark.processes


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return partial(start_service, "emulator", tmp_path / "credentials")


def test_a_busy_port_is_reported_and_another_one_used(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("--port", str(port)) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            process.terminate()
            _, complaint = process.communicate()

    assert line.startswith("http://127.0.0.1:")
    assert not line.endswith(f":{port}\n")
    assert f"Port {port} cannot be used" in complaint


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_an_error(start: Start, signal_number: signal.Signals) -> None:
    with start("--port", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal_number)
        _, complaint = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 0
    assert complaint == ""


def test_it_answers_after_the_reader_of_its_first_lines_has_gone(start: Start, tmp_path: Path) -> None:
    # moto prints a line for each request of an unknown service.
    with start("--port", "0", PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        process.stdout.close()
        aws = LocalAws.read(tmp_path / "credentials" / DEVELOPER_FILE)
        answer = urllib3.request(
            "GET",
            f"{aws.endpoint}/path",
            headers={"Authorization": aws.authorization},
            timeout=PATIENCE_SECONDS,
            retries=False,
        )
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)

    assert answer.status == 400
    assert "The local AWS does not support ccapi:GET /path" in answer.data.decode()


def test_it_ends_with_its_parent(start: Start) -> None:
    with start("--port", "0", CCAPI_EXIT_WITH_PARENT="1") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0


def test_it_answers_as_the_account_of_the_option() -> None:
    with running_aws("--account", "111122223333") as aws:
        assert aws.client("sts").get_caller_identity()["Account"] == "111122223333"
        ended = aws.run({"A": {"Type": "Succeed", "Output": "{% $states.context.Execution.Id %}"}})
        assert ":111122223333:" in ended.output


def test_it_listens_on_the_loopback_interface_only(aws: RunningAws) -> None:
    port = int(aws.endpoint.rsplit(":", 1)[1])

    addresses: list[Any] = [
        connection.laddr
        for connection in psutil.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert {address.ip for address in addresses if address.port == port} == {"127.0.0.1"}


def test_an_unknown_endpoint_is_reported(aws: RunningAws) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        aws.admin("GET", "nothing")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.admin("POST", "faults", {"unknown": 1})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.admin("POST", "interrupt", {"task": "arn:aws:ecs:us-east-1:123456789012:task/c/none"})


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with start_service("emulator", tmp_path / "file" / "credentials", "--port", "0") as process:
        _, complaint = process.communicate()

    assert process.returncode == 1
    assert complaint.startswith("The access keys cannot be written (")
    assert complaint.endswith("; name another folder with --credentials.\n")


def test_it_prints_the_command_that_gives_a_shell_its_key(start: Start, tmp_path: Path) -> None:
    with start("--port", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        command = process.stdout.readline().rstrip()
        process.terminate()

    assert command == f"set -a; . {tmp_path}/credentials/developer.env; set +a"
    shown = subprocess.run(["sh", "-c", f"{command}; env"], capture_output=True, text=True, check=True)
    assert "AWS_ACCESS_KEY_ID=AKIA" in shown.stdout
