"""Only recorded processes are ended: their pid and their start time must both match."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from local.paths import STATE
from local.process_record import record, running_parts, stop_recorded
from tests.local.agent.tasks import daemon, processes_with
from tests.local.emulator.local_aws import eventually, unique

SLEEP = "import time; time.sleep(600)"
Start = Callable[..., psutil.Process]


@pytest.fixture
def start_process() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(code: str = SLEEP, *arguments: str, **options: object) -> psutil.Process:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            start_new_session=True,
            **options,  # type: ignore[call-overload]
        )
        started.append(process)
        return psutil.Process(process.pid)

    yield begin
    for process in started:
        with suppress(psutil.NoSuchProcess):
            for descendant in psutil.Process(process.pid).children(recursive=True):
                descendant.kill()
        process.kill()
        process.wait()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "started"


def entry(file: Path, **changes: object) -> None:
    """Return the entry of a record with changes."""
    written: Mapping[str, object] = json.loads(file.read_text().strip())
    file.write_text(json.dumps({**written, **changes}) + "\n")


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_recorded_process_and_its_child_processes_are_ended(start_process: Start, file: Path) -> None:
    marker = unique("child")
    parent = start_process(
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}, {marker!r}])"
    )
    eventually(lambda: len(processes_with(marker)) == 2)
    record(parent.pid, file)

    assert stop_recorded(file) == 2

    eventually(lambda: not runs(parent) and not processes_with(marker))
    assert not file.exists()


def test_a_process_that_ignores_sigterm_is_killed(start_process: Start, file: Path, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    stubborn = start_process(
        f"import pathlib, signal, time; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch(); "
        "time.sleep(600)"
    )
    eventually(ready.exists)
    record(stubborn.pid, file)
    stop_recorded(file)
    assert not runs(stubborn)


def test_bystanders_in_the_folder_or_with_a_runs_environment_are_spared(
    start_process: Start, file: Path
) -> None:
    recorded = start_process(env={**os.environ, "CCAPI_LOCAL": str(STATE), "CCAPI_EXIT_WITH_PARENT": "1"})
    record(recorded.pid, file)
    STATE.mkdir(exist_ok=True)
    bystanders = [
        start_process(cwd=STATE),
        start_process(env=recorded.environ()),
        start_process(cwd=recorded.cwd()),
    ]

    assert stop_recorded(file) == 1

    assert all(map(runs, bystanders))


@pytest.mark.parametrize(
    "changes",
    [{"started": 1.0}, {"checkout": "/another/checkout"}, {"started": "soon"}, {"pid": -1}, {"pid": None}],
    ids=["number used again", "another checkout", "no time", "no number", "nothing"],
)
def test_a_line_that_does_not_name_a_process_of_this_checkout_ends_none(
    start_process: Start, file: Path, changes: Mapping[str, object]
) -> None:
    bystander = start_process()
    record(bystander.pid, file)
    entry(file, **changes)

    assert stop_recorded(file) == 0

    assert runs(bystander)


def test_a_torn_or_foreign_line_hides_no_other(start_process: Start, file: Path) -> None:
    file.write_bytes(b'{"pid": 1\n[1, 2]\n"text"\n\xff\xfe\nnull\n' + b"[" * 100_000 + b'\n{"pid": 12')
    recorded = start_process()
    record(recorded.pid, file)

    assert stop_recorded(file) == 1

    assert not runs(recorded)


def test_the_parts_that_run_are_known_by_name(start_process: Start, file: Path) -> None:
    emulator, agent, other = start_process(), start_process(), start_process()
    record(emulator.pid, file, part="emulator")
    record(agent.pid, file, part="agent")
    record(other.pid, file)
    assert running_parts(file) == {"emulator", "agent"}
    agent.kill()
    eventually(lambda: running_parts(file) == {"emulator"})


def test_the_process_that_stops_others_and_its_parents_are_spared(file: Path) -> None:
    record(os.getpid(), file)
    record(os.getppid(), file)
    assert stop_recorded(file) == 0


def test_only_this_user_can_read_the_record(file: Path) -> None:
    file.touch(mode=0o666)
    record(os.getpid(), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_of_a_killed_program_below_a_recorded_init_are_stopped(file: Path) -> None:
    marker = unique("daemon")
    init = Path(__file__).parents[2] / "local" / "agent" / "init.py"
    reads, writes = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", str(init), str(writes), sys.executable, "-c", daemon(marker)],
        pass_fds=(writes,),
        start_new_session=True,
    )
    os.close(writes)
    with os.fdopen(reads, "rb") as why_not:
        assert why_not.read() == b""
    record(process.pid, file)
    eventually(lambda: len(processes_with(marker)) == 3)

    stop_recorded(file)

    process.wait()
    assert processes_with(marker) == []
