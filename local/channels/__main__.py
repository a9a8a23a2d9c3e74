"""The local channels' command: `python -m local.channels --port 0`."""

import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from local.channels.application import Application, Clock
from local.channels.client import LocalChannels, received_command
from local.channels.server import make_server
from local.command_line import Parser, port_number
from local.loopback import ADDRESS
from local.parent_watchdog import exit_with_parent
from local.paths import CREDENTIALS, ROOT


def main() -> None:
    """Listen, print the address, and serve until a signal ends the process."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _exit_at_once)
    parser = Parser(
        prog="python -m local.channels",
        description="Run local servers for Slack's incoming webhooks, PagerDuty's Events API and a webhook.",
    )
    parser.add_argument(
        "--port", type=port_number, default=0, help="0 takes any free port (default: %(default)s)"
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        help=f"folder for the files with its credentials (default: {CREDENTIALS.relative_to(ROOT)}/PORT)",
    )
    parser.add_argument(
        "--slack-rate-limit",
        action="store_true",
        help="answer with 429 above one Slack message a second, as Slack does",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="take the port and the credentials from the files in the folder that --credentials names",
    )
    arguments = parser.parse_args()
    exit_with_parent()

    earlier = _earlier(arguments.credentials) if arguments.again else None
    listener = _listen(urlsplit(earlier.endpoint).port or 0 if earlier else arguments.port)
    port = listener.getsockname()[1]
    access = earlier or LocalChannels.draw(f"http://{ADDRESS}:{port}")
    folder = (arguments.credentials or CREDENTIALS / str(port)).resolve()
    application = Application(access, Clock(), is_slack_rate_limited=arguments.slack_rate_limit)
    server = make_server(listener, application.answer)
    try:
        access.write(folder)
    except OSError as error:
        sys.exit(f"The credentials cannot be written ({error}); name another folder with --credentials.")
    print(f"{access.endpoint}\n{received_command(access.endpoint, folder)}", flush=True)
    # The program that read these lines may have closed its end of the pipe.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server.serve_forever()


def _earlier(folder: Path | None) -> LocalChannels:
    try:
        return LocalChannels.read(folder or CREDENTIALS)
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"The credentials cannot be read ({error}); leave out --again to draw new ones.")


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port), backlog=128)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        sys.exit(f"Port {port} cannot be used ({reason}); --port 0 takes any free one.")


def _exit_at_once(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    # Messages are kept in memory only, and a delayed answer may still be waiting.
    os._exit(0)


if __name__ == "__main__":
    main()
