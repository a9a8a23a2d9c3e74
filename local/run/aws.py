"""The local AWS of one run: its two processes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from local.aws import LocalAws
from local.emulator.access_keys import AGENT_FILE, DEVELOPER_FILE
from local.paths import AWS_STATE, CREDENTIALS, IMAGE, STARTED
from local.run.processes import running

PORT = 4566
DEVELOPER = CREDENTIALS / DEVELOPER_FILE
AGAIN = ("--credentials", str(CREDENTIALS), "--state", str(AWS_STATE))
"""The arguments with which a kept local AWS is started again; its state has the others."""
AGENT = (
    *("--credentials", str(CREDENTIALS / AGENT_FILE)),
    *("--image", str(IMAGE)),
    *("--record", str(STARTED)),
)
"""The arguments of the agent."""


def forget_state() -> None:
    """Delete the state of a local AWS that no longer runs."""
    shutil.rmtree(AWS_STATE, ignore_errors=True)


@contextmanager
def local_aws(*, account: str, keep: bool, enforce_roles: bool) -> Iterator[LocalAws]:
    """Start a new local AWS and the agent that runs its tasks; stop both at the end unless `keep` is true.

    Raises:
        RunError: if one of them does not start.
    """
    forget_state()
    emulator = [
        "--port",
        str(PORT),
        "--account",
        account,
        "--credentials",
        str(CREDENTIALS),
        *(["--enforce-roles"] if enforce_roles else []),
        # The state of a stack that is not kept ends with its run.
        *(["--state", str(AWS_STATE)] if keep else []),
    ]
    with running("emulator", emulator, keep=keep), running("agent", AGENT, keep=keep):
        yield LocalAws.read(DEVELOPER)
