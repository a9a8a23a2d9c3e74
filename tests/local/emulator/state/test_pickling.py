"""The pickling of what is on disk, and of executions that have just started or have ended."""

import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.backend.execution import Execution

from local.emulator import spill_file
from local.emulator.ended_execution import EndedHistory, ended_worker
from local.emulator.spill_file import spill
from local.emulator.state import executions
from local.emulator.state.pickling import dump_state, load
from local.emulator.state.values import Values


@pytest.fixture
def values(tmp_path: Path) -> Values:
    return Values(tmp_path / "values")


def test_no_other_thread_changes_a_state_while_content_is_read_from_disk(values: Values) -> None:
    state: dict[int, Any] = {number: spill(b"content") for number in range(5_000)}
    is_over = threading.Event()

    def change() -> None:
        while not is_over.is_set():
            state[-1] = None
            state.pop(-1)
            time.sleep(0)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(20):
            assert load(dump_state(state, values), values)[0].read() == b"content"
    finally:
        is_over.set()
        thread.join()


def execution(worker: Any) -> Any:
    made = Execution.__new__(Execution)
    vars(made).update(exec_arn="arn", exec_worker=worker)
    return made


def test_an_execution_whose_thread_has_not_begun_has_no_history_yet(values: Values) -> None:
    starting = execution(SimpleNamespace(env=None))

    loaded = load(dump_state(starting, values), values)

    assert loaded.exec_worker.env.event_manager.get_event_history() == []


def test_the_history_of_an_execution_that_has_ended_stays_as_it_is(
    values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = execution(ended_worker(EndedHistory([{"id": 1}]), None))
    loaded = load(dump_state(ended, values), values)
    monkeypatch.setattr(executions, "_executions", lambda: [loaded])

    executions.apply_history("arn", {"id": 2})

    assert loaded.exec_worker.env.event_manager.get_event_history() == [{"id": 1}]


def test_the_file_is_mapped_as_long_as_it_is_while_another_thread_lengthens_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spill_file, "_FILE", spill_file._File())
    lengthen = os.ftruncate

    def lengthen_late(descriptor: int, size: int) -> None:
        with spill_file.mapped():
            lengthen(descriptor, size)

    monkeypatch.setattr(os, "ftruncate", lengthen_late)

    assert spill(b"content").read() == b"content"
