"""The process of the channels: its address, its output, and its end."""

import os
import signal
import socket
import stat
import subprocess
from functools import partial
from pathlib import Path

import psutil
import pytest

from local.channels.client import LocalChannels
from local.process_record import record, stop_recorded
from tests.local.channels.server import send
from tests.local.emulator.local_aws import PATIENCE_SECONDS
from tests.local.services import Start, start_service

pytestmark = pytest.mark.processes


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return partial(start_service, "channels", tmp_path / "credentials")


def lines(process: "subprocess.Popen[str]") -> tuple[str, str]:
    assert process.stdout is not None
    return process.stdout.readline().strip(), process.stdout.readline().strip()


def test_it_prints_its_address_and_answers_on_the_loopback_interface_only(
    start: Start, tmp_path: Path
) -> None:
    with start("--port", "0") as process:
        address, _ = lines(process)
        access = LocalChannels.read(tmp_path / "credentials")
        answer = send(access.slack_webhook_url, {"text": "x"})
        listening = psutil.Process(process.pid).net_connections("inet")
        process.terminate()

    assert access.endpoint == address
    assert answer[:2] == (200, "ok")
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_started_again_they_have_the_same_address_and_credentials(start: Start, tmp_path: Path) -> None:
    with start("--port", "0") as process:
        lines(process)
        process.kill()
    before = LocalChannels.read(tmp_path / "credentials")
    with start("--again") as process:
        address, _ = lines(process)
        answer = send(before.slack_webhook_url, {"text": "x"})
        process.terminate()
    assert address == before.endpoint
    assert answer[:2] == (200, "ok")


def test_without_earlier_credentials_they_are_not_started_again(start: Start) -> None:
    with start("--again") as process:
        _, errors = process.communicate()
    assert process.returncode == 1
    assert "leave out --again to draw new ones" in errors


def test_the_printed_command_shows_the_received_messages(start: Start) -> None:
    with start("--port", "0") as process:
        _, command = lines(process)
        printed = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
        process.terminate()

    assert '"incidents": []' in printed


def test_only_this_user_can_read_the_credentials(start: Start, tmp_path: Path) -> None:
    with start("--port", "0") as process:
        lines(process)
        process.terminate()

    folder = tmp_path / "credentials"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_each_start_draws_new_credentials(start: Start, tmp_path: Path) -> None:
    drawn = []
    for _ in range(2):
        with start("--port", "0") as process:
            lines(process)
            drawn.append(LocalChannels.read(tmp_path / "credentials"))
            process.terminate()
    first, second = drawn
    assert first.token != second.token
    assert first.slack_token != second.slack_token
    assert first.pagerduty_routing_key != second.pagerduty_routing_key


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_an_error(start: Start, signal_number: signal.Signals) -> None:
    with start("--port", "0") as process:
        lines(process)
        process.send_signal(signal_number)
        _, complaint = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, complaint) == (0, "")


def test_it_ends_with_its_parent(start: Start) -> None:
    with start("--port", "0", CCAPI_EXIT_WITH_PARENT="1") as process:
        lines(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0


def test_it_ends_with_the_recorded_processes(start: Start, tmp_path: Path) -> None:
    with start("--port", "0") as process:
        lines(process)
        record(process.pid, tmp_path / "started")
        assert stop_recorded(tmp_path / "started") == 1
        assert process.wait(timeout=PATIENCE_SECONDS) == 0


def test_a_busy_port_is_reported(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("--port", str(port)) as process:
            _, complaint = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert complaint == f"Port {port} cannot be used (Address already in use); --port 0 takes any free one.\n"


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with start_service("channels", tmp_path / "file" / "credentials", "--port", "0") as process:
        _, complaint = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert complaint.startswith("The credentials cannot be written (")


def test_requests_leave_nothing_in_its_log(start: Start, tmp_path: Path) -> None:
    with start("--port", "0", PYTHONUNBUFFERED="1") as process:
        lines(process)
        access = LocalChannels.read(tmp_path / "credentials")
        for url in (access.slack_webhook_url, access.pagerduty_url, f"{access.endpoint}/nothing"):
            send(url, {"text": "x"})
        process.terminate()
        printed, complaint = process.communicate(timeout=PATIENCE_SECONDS)

    assert (printed, complaint) == ("", "")
    assert os.listdir(tmp_path) == ["credentials"]  # noqa: PTH208 - names only
