"""Ends what an agent leaves behind: sessions and files, however the agent ended.

Runs as a child of the agent in a session of its own and reads lines from it: `+PID` a session has started, `-PID` it
has ended. End of input means that the agent has ended; then the sessions that are left are killed.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import psutil

_ROUNDS = 50
_ROUND_SECONDS = 0.1


def kill_tree(root: psutil.Process) -> None:
    """Kill a process and its descendants; the process itself last, since as a subreaper it keeps track of them."""
    for _ in range(_ROUNDS):
        descendants = _running_descendants(root)
        if not descendants:
            break
        for process in descendants:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(_ROUND_SECONDS)
    with contextlib.suppress(psutil.Error):
        root.kill()


def _running_descendants(root: psutil.Process) -> list[psutil.Process]:
    found = []
    # psutil raises NoSuchProcess too where another process has the number by now.
    with contextlib.suppress(psutil.Error):
        for process in root.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
    return found


def kill_session(session: int) -> None:
    """Kill every process of a session: that of its leader's group at once, and those in groups of their own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, folders that cannot be written included."""
    for name, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            os.chmod(name, 0o700)  # noqa: PTH101 - os.walk gives names
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Follow the agent's sessions until it ends, then end them and delete the folder given as argument."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    leaders: dict[int, psutil.Process] = {}
    for line in sys.stdin:
        change, session = line[0], int(line[1:])
        if change == "+":
            # It also holds when the leader started, so that another process with its number is not killed.
            with contextlib.suppress(psutil.NoSuchProcess):
                leaders[session] = psutil.Process(session)
        else:
            leaders.pop(session, None)
    for session, leader in leaders.items():
        kill_tree(leader)
        kill_session(session)
    remove_tree(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
