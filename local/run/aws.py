"""The local AWS of one run: its two processes."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from local.aws import LocalAws
from local.emulator.access_keys import AGENT_FILE, DEVELOPER_FILE
from local.paths import CREDENTIALS, IMAGE, STARTED
from local.run.processes import first_line, start, stop

PORT = 4566
DEVELOPER = CREDENTIALS / DEVELOPER_FILE


@contextmanager
def local_aws(*, account: str, keep: bool) -> Iterator[LocalAws]:
    """Start the local AWS and the agent that runs its tasks; stop both at the end, unless they are kept.

    Raises:
        RunError: when one of them does not start.
    """
    started: list[subprocess.Popen[bytes]] = []
    is_over = True
    try:
        emulator = start(
            "emulator",
            ["--port", str(PORT), "--account", account, "--credentials", str(CREDENTIALS)],
            keep=keep,
        )
        started.append(emulator)
        first_line(emulator, "emulator")
        agent = [
            *("--credentials", str(CREDENTIALS / AGENT_FILE)),
            *("--image", str(IMAGE)),
            *("--record", str(STARTED)),
        ]
        started.append(start("agent", agent, keep=keep))
        yield LocalAws.read(DEVELOPER)
        is_over = not keep
    finally:
        if is_over:
            for process in reversed(started):
                stop(process)
