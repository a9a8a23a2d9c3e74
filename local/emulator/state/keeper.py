"""The keeper of a state: it loads it, puts changes on disk, and takes snapshots from time to time."""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace as with_fields
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import BaseResponse

from local.emulator.access_keys import KEYS
from local.emulator.admin import AdminApplication
from local.emulator.clock import CLOCK
from local.emulator.functions import asynchronous
from local.emulator.functions.broker import BROKER
from local.emulator.moto_patches import execution_events, task_tokens
from local.emulator.moto_patches.ecs_task_life import on_change
from local.emulator.patch import replace
from local.emulator.state import executions, objects, queues
from local.emulator.state.contents import Contents, apply
from local.emulator.state.errors import StateError
from local.emulator.state.pickling import dump_change, dump_state, load
from local.emulator.state.store import Header, Store

_SYNCED = frozenset({"object", "bucket", "execution"})
_PAUSE_SECONDS = 5.0
# At most 1% of a processor: a snapshot of a large state is taken less often.
_PAUSES_A_SNAPSHOT = 100
_ALIVE_SECONDS = 1.0
_READING = ("Get", "List", "Describe", "Head", "BatchGet", "Query", "Scan", "Receive", "Validate")


class Keeper:
    """Keeps the state of this process's local AWS in a store."""

    def __init__(self, store: Store, contents: Contents, header: Header) -> None:
        self._store = store
        self._contents = contents
        self._header = header
        self._interrupted: list[Any] = []
        self._lock = threading.Lock()
        self._snapshots = threading.Lock()
        self._is_changed = threading.Event()

    def load(self) -> None:
        """Load the state of the store, and end what was interrupted.

        Raises:
            StateError: if it is damaged. This process may have a part of it then, and must not serve.
        """
        values = self._store.values
        snapshot = self._store.read_snapshot()
        changes = list(self._store.read_journals(self._header.generation))
        try:
            self._contents.restore(load(snapshot, values))
            for change in changes:
                apply(*load(change, values))
        except StateError:
            raise
        except Exception as error:
            traceback.print_exc()
            raise StateError(
                f"the state in {self._store.folder} cannot be loaded ({type(error).__name__}: {error})"
            ) from error
        CLOCK.note_pause(self._store.last_alive(), datetime.now(UTC))
        self._interrupted = executions.fail_interrupted()
        BROKER.expect_agent()

    def attach(self) -> None:
        """Take the first snapshot, and put every change on disk from now on."""
        self.snapshot()
        objects.attach(self.record)
        executions.attach(self.record)
        queues.attach(self.record)
        # Before the event of the change is sent.
        on_change(lambda task: self.record("task", task), first=True)
        task_tokens.on_issue(lambda token, machine: self.record("token", token, machine))
        asynchronous.on_event(self.record)
        KEYS.on_change = lambda holder, key: self.record("key", holder, key)
        CLOCK.on_advance = lambda *shown: self.record("clock", *shown)
        _on_other_changes(self._is_changed.set)

    def start(self) -> None:
        """Take snapshots in a thread; send the events of interrupted executions, and go on with accepted events."""
        threading.Thread(target=self._run_forever, name="state", daemon=True).start()
        threading.Thread(target=self._go_on, name="restart", daemon=True).start()

    def record(self, kind: str, *facts: Any) -> None:
        """Put a change into the journal, and one of S3 or of an execution on disk."""
        with self._lock:
            place = self._store.append(dump_change((kind, facts), self._store.values))
        if kind in _SYNCED:
            self._store.sync(place)
        self._is_changed.set()

    def snapshot(self) -> None:
        """Put the whole state on disk."""
        with self._snapshots:
            self._is_changed.clear()
            with self._lock:
                header = with_fields(self._header, generation=self._store.begin())
                state = dump_state(self._contents.capture(), self._store.values)
            self._store.values.write()
            self._store.write_snapshot(header, state)
            with self._lock:
                self._store.values.delete_unnamed()

    def _run_forever(self) -> None:
        pause = _PAUSE_SECONDS
        while True:
            self._sleep(pause)
            if not self._is_changed.is_set():
                continue
            used = time.thread_time()
            try:
                self.snapshot()
            except Exception:  # noqa: BLE001 - the journal goes on, and the next snapshot may succeed
                self._is_changed.set()
                print("No snapshot of the state could be taken:", file=sys.stderr)
                traceback.print_exc()
            pause = max(_PAUSE_SECONDS, _PAUSES_A_SNAPSHOT * (time.thread_time() - used))

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._store.note_alive()
            time.sleep(min(left, _ALIVE_SECONDS))

    def _go_on(self) -> None:
        for execution in self._interrupted:
            execution_events.publish_end(execution)
        asynchronous.resume()


def _on_other_changes(note: Callable[[], None]) -> None:
    """Call a function after each request that may have changed something that is in the next snapshot alone."""

    def answer(original: Callable[..., Any], self: Any, *arguments: Any) -> Any:
        try:
            return original(self, *arguments)
        finally:
            if not str(self._get_action()).startswith(_READING):
                note()

    def administer(original: Callable[..., Any], self: Any, request: Any) -> Any:
        try:
            return original(self, request)
        finally:
            # The agent waits for invocations and for tasks without a pause, and a snapshot has every change.
            if request.method != "GET" and not request.path.endswith(("/next", "/wakes", "/snapshot")):
                note()

    replace(BaseResponse, "call_action", answer)
    replace(AdminApplication, "_answer", administer)
