"""The local AWS of one run: its two processes."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.aws import LocalAws
from local.emulator.access_keys import AGENT_FILE, DEVELOPER_FILE
from local.paths import CREDENTIALS, IMAGE, STARTED
from local.run.processes import running

PORT = 4566
DEVELOPER = CREDENTIALS / DEVELOPER_FILE


@contextmanager
def local_aws(*, account: str, keep: bool, enforce_roles: bool) -> Iterator[LocalAws]:
    """Start the local AWS and the agent that runs its tasks; stop both at the end unless `keep` is true.

    Raises:
        RunError: if one of them does not start.
    """
    emulator = [
        "--port",
        str(PORT),
        "--account",
        account,
        "--credentials",
        str(CREDENTIALS),
        *(["--enforce-roles"] if enforce_roles else []),
    ]
    agent = [
        *("--credentials", str(CREDENTIALS / AGENT_FILE)),
        *("--image", str(IMAGE)),
        *("--record", str(STARTED)),
    ]
    with running("emulator", emulator, keep=keep), running("agent", agent, keep=keep):
        yield LocalAws.read(DEVELOPER)
