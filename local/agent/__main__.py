"""The agent's command: `python -m local.agent --credentials .local/credentials/5000/agent.env --image DIR`."""

import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from local.command_line import Parser, seconds
from local.interruption import interruptible
from local.parent_watchdog import exit_with_parent
from local.process_record import record

_DEFAULT_POLL_SECONDS = 1.0


def main() -> None:
    """Run tasks and functions and fire schedules until a signal comes; then kill everything that was started."""
    sys.exit(interruptible("python -m local.agent", "no task was started", _serve))


def _serve() -> int:
    # Imported late: the imports take a second, in which Ctrl-C may come.
    from local.agent.agent import Agent  # noqa: PLC0415
    from local.agent.functions.service import FunctionService  # noqa: PLC0415
    from local.agent.host import Host, Reaper, container_environment  # noqa: PLC0415
    from local.agent.image import read_environment  # noqa: PLC0415
    from local.agent.metadata import MetadataEndpoint  # noqa: PLC0415
    from local.agent.schedules import virtual_time  # noqa: PLC0415
    from local.agent.schedules.clock import ScheduleClock  # noqa: PLC0415
    from local.aws import REGION, LocalAws  # noqa: PLC0415

    parser = Parser(
        prog="python -m local.agent",
        description="Run ECS tasks and Lambda functions of a local AWS, and fire its schedules.",
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        required=True,
        help="the file agent.env that the local AWS wrote: its address and the agent's access key",
    )
    parser.add_argument("--region", default=REGION, help="(default: %(default)s)")
    parser.add_argument(
        "--image",
        type=Path,
        required=True,
        help="folder with the files of the image's working directory, made by `python -m local.agent.image`",
    )
    parser.add_argument(
        "--poll-seconds",
        type=seconds,
        default=_DEFAULT_POLL_SECONDS,
        help="the longest interval between polls for tasks (default: %(default)s)",
    )
    parser.add_argument("--logs", type=Path, help="folder for copies of the tasks' output (default: none)")
    parser.add_argument(
        "--scratch",
        type=Path,
        default=Path(".local/agent"),
        help="folder for the tasks' private files (default: %(default)s)",
    )
    parser.add_argument(
        "--record", type=Path, help="file for the pids of containers, which `make stop` reads"
    )
    arguments = parser.parse_args()
    if not arguments.image.is_dir():
        sys.exit(f"There is no image folder {arguments.image}; make it with `python -m local.agent.image`.")

    try:
        aws = LocalAws.read(arguments.credentials)
    except (OSError, ValueError) as error:
        sys.exit(f"The credentials cannot be read: {error}; pass the agent.env of a running local AWS.")

    scratch = (arguments.scratch / str(os.getpid())).resolve()
    scratch.mkdir(parents=True)
    reaper = Reaper(
        scratch, *([partial(record, file=arguments.record)] if arguments.record is not None else [])
    )

    def end(_signal_number: int = 0, _frame: FrameType | None = None) -> NoReturn:
        # A second signal would deadlock: its handler would wait, in the same thread, for the first one's to end.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        reaper.kill_all()
        os._exit(0)

    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, end)
    exit_with_parent(reaper.kill_all)

    host = Host(
        aws=aws,
        region=arguments.region,
        image=arguments.image.resolve(),
        scratch=scratch,
        output_folder=arguments.logs,
        environment=container_environment(read_environment(arguments.image)),
        reaper=reaper,
        metadata=MetadataEndpoint(),
    )
    schedules = ScheduleClock(host.client, partial(virtual_time.read, aws))
    threading.Thread(target=schedules.run_forever, name="schedules", daemon=True).start()
    threading.Thread(target=FunctionService(host).run_forever, name="functions", daemon=True).start()
    Agent(host).run_forever(arguments.poll_seconds)
    return 0


if __name__ == "__main__":
    main()
