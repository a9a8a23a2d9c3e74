"""The local AWS as one WSGI server: patched moto, and this project's own endpoints."""

import socket
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer

from local.aws import export_command
from local.emulator.access_keys import DEVELOPER_FILE, DEVELOPER_HEADER_FILE, KEYS
from local.emulator.access_middleware import AccessMiddleware
from local.emulator.admin import AdminApplication
from local.emulator.agent_wakes import AgentWakes
from local.emulator.authorization.hooks import enforce
from local.emulator.callers import Caller, Kind
from local.emulator.fault_injection import inject
from local.emulator.faults import FaultBook
from local.emulator.meter.hooks import attach
from local.emulator.meter.meter import Meter
from local.emulator.moto_patches import apply_all
from local.emulator.moto_patches.ecs_task_life import on_change
from local.emulator.state.contents import Contents
from local.emulator.state.keeper import Keeper
from local.emulator.state.store import Header, Store
from local.emulator.unsupported import shielded

# Requests that wait for others, such as those of a long poll, must never use up all threads.
_MOST_REQUESTS_AT_ONCE = 1_000


class _QuietHandler(MotoRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


class _Server(ThreadedWSGIServer):
    """A server that keeps its threads: to start one for each request took a sixth of the time of an answer."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._kept_threads = ThreadPoolExecutor(_MOST_REQUESTS_AT_ONCE, thread_name_prefix="request")

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a request in one of the threads."""
        self._kept_threads.submit(self.process_request_thread, request, client_address)


def make_local_aws(
    listener: socket.socket,
    credentials: Path,
    *,
    enforce_roles: bool = False,
    state: tuple[Store, Header] | None = None,
) -> tuple[BaseWSGIServer, Keeper | None]:
    """Return the server on a listening socket, which does not serve yet, and the keeper of its state.

    Args:
        listener: the listening socket.
        credentials: the folder with the access keys' files, which refusals name.
        enforce_roles: if True, a request that the policies of its caller's role do not allow is refused.
        state: where to keep the state; with a generation in the header, that of a saved state to begin with.

    Raises:
        StateError: if the saved state cannot be loaded.
    """
    # moto warns of errors that its models do not list, injected ones included.
    warnings.filterwarnings("ignore", module="moto")
    apply_all()
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    book = FaultBook()
    inject(book)
    if enforce_roles:
        enforce()
    meter = Meter()
    attach(meter)
    on_change(_end_key)
    wakes = AgentWakes()
    on_change(wakes.note)
    keeper = Keeper(state[0], Contents(meter, book), state[1]) if state else None
    host, port = listener.getsockname()
    application = AccessMiddleware(
        AdminApplication(
            DomainDispatcherApplication(shielded(create_backend_app)),
            book,
            meter,
            wakes,
            keeper.snapshot if keeper else lambda: None,
        ),
        port=port,
        holder=KEYS.holder,
        remedy=(
            f"Type `{export_command(credentials / DEVELOPER_FILE)}` before a command of AWS, or give "
            f"`-H @{credentials / DEVELOPER_HEADER_FILE}` to curl."
        ),
    )
    server = _Server(host, port, application, _QuietHandler, fd=listener.fileno())
    if state and keeper:
        if state[1].generation:
            keeper.load()
        keeper.attach()
    return server, keeper


def _end_key(task: Any) -> None:
    """Revoke the access key of a task that has stopped."""
    if task.last_status == "STOPPED":
        KEYS.revoke(Caller(Kind.TASK, task.id))
