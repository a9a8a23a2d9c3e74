"""The local AWS's command: `python -m local.emulator --port 5000`."""

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from local.aws import export_command
from local.command_line import Parser, account_id, port_number
from local.emulator import botocore_data
from local.emulator.access_keys import DEVELOPER_FILE, write_files
from local.emulator.state.errors import StateError
from local.emulator.state.store import Header, Store
from local.emulator.state.versions import versions
from local.loopback import ADDRESS
from local.parent_watchdog import exit_with_parent
from local.paths import CREDENTIALS, ROOT

if TYPE_CHECKING:
    from local.emulator.state.keeper import Keeper

_DEFAULT_ACCOUNT = "123456789012"
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 128 * 1024


def main() -> None:
    """Listen, print the address, and serve until a signal ends the process."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _exit_at_once)
    parser = Parser(prog="python -m local.emulator", description="Run a local AWS on 127.0.0.1.")
    parser.add_argument(
        "--port", type=port_number, default=5000, help="0 takes any free port (default: %(default)s)"
    )
    parser.add_argument(
        "--account", type=account_id, default=_DEFAULT_ACCOUNT, help="account id (default: %(default)s)"
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        help=f"folder for the files with its access keys (default: {CREDENTIALS.relative_to(ROOT)}/PORT)",
    )
    parser.add_argument(
        "--enforce-roles",
        action="store_true",
        help="refuse the requests of tasks, functions, executions and schedules that the policies of their roles do "
        "not allow (default: roles are not evaluated)",
    )
    parser.add_argument(
        "--state",
        type=Path,
        help="folder in which it keeps its state; if the folder has one, it starts with it, at the same port and with "
        "the same access keys (default: the state is kept in memory alone)",
    )
    arguments = parser.parse_args()

    exit_with_parent()
    _return_memory()
    try:
        state = _open_state(arguments.state) if arguments.state else None
    except (StateError, OSError) as error:
        sys.exit(f"The state cannot be used: {error}.")
    saved = state[1] if state else None
    if saved:
        arguments.account, arguments.enforce_roles = saved.account, saved.enforce_roles
    listener = _listen_again(saved.port) if saved else _listen(arguments.port)
    port = listener.getsockname()[1]
    # moto reads both variables whenever it needs them.
    os.environ["MOTO_PORT"] = str(port)
    os.environ["MOTO_ACCOUNT_ID"] = arguments.account
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)

    # The guardrails' package, which evaluates policies, is not installed in a checkout.
    sys.path.append(str(ROOT / "policies"))
    # All that is imported stays; to look for garbage in it would take a quarter of the time until the start.
    gc.disable()
    # Imported late: moto takes seconds to import, and a busy port should be reported at once.
    with botocore_data.shared():
        from local.emulator.server import make_local_aws  # noqa: PLC0415
    gc.freeze()
    gc.enable()

    credentials = (arguments.credentials or CREDENTIALS / str(port)).resolve()
    endpoint = f"http://{ADDRESS}:{port}"
    header = saved or Header(versions(), port, arguments.account, arguments.enforce_roles, generation=0)
    try:
        server, keeper = make_local_aws(
            listener,
            credentials,
            enforce_roles=arguments.enforce_roles,
            state=(state[0], header) if state else None,
        )
    except StateError as error:
        sys.exit(f"The state cannot be used: {error}.")
    try:
        write_files(endpoint, credentials)
    except OSError as error:
        sys.exit(f"The access keys cannot be written ({error}); name another folder with --credentials.")
    print(f"{endpoint}\n{export_command(credentials / DEVELOPER_FILE)}", flush=True)
    # moto prints too, and the program that read these lines may have closed its end of the pipe.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.current_thread().name = "local-aws"
    if keeper:
        signal.signal(signal.SIGTERM, lambda *_: _exit_with_state(keeper))
        keeper.start()
    server.serve_forever()


def _return_memory() -> None:
    """Let glibc give memory back that is no longer used; other C libraries have other settings.

    With an arena for each thread, an eighth of the memory was never used. After the first large block that is freed,
    glibc would keep blocks of that size. Source: mallopt(3).
    """
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def _open_state(folder: Path) -> tuple[Store, Header | None]:
    """Open a folder for a state, and return the header of the saved one, if there is one."""
    store = Store(folder.resolve())
    return store, store.header(versions())


def _listen_again(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port), backlog=128)
    except OSError as error:
        sys.exit(
            f"Port {port}, at which the agent, the workers and the stack know this local AWS, cannot be used "
            f"({error.strerror}); end the program that uses it, then type `ccapi local resume`."
        )


def _exit_with_state(keeper: "Keeper") -> NoReturn:
    try:
        keeper.snapshot()
    except Exception:  # noqa: BLE001 - the journal has what was answered since the last snapshot
        traceback.print_exc()
    finally:
        os._exit(0)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port), backlog=128)
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}); using another one.", file=sys.stderr)
        return socket.create_server((ADDRESS, 0), backlog=128)


def _exit_at_once(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    # Changes that were answered are on disk if a state is kept, and threads of executions may wait for hours.
    os._exit(0)


if __name__ == "__main__":
    main()
