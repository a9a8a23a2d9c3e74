"""The process that removes an agent's sessions and files after the agent has ended, for whatever reason it ended.

It runs as a child of the agent in its own session and reads lines from it: `+PID` when a session has started, `-PID`
when it has ended. End of input means that the agent has ended; the reaper then kills the remaining sessions.
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
    """Kill a process's descendants, then the process: as a subreaper it stays the parent of orphans among them."""
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
    # psutil also raises NoSuchProcess if another process has the pid by now.
    with contextlib.suppress(psutil.Error):
        for process in root.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
    return found


def kill_session(session: int) -> None:
    """Kill every process of a session: the leader's process group first, then processes in other groups."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def remove_tree(folder: Path) -> None:
    """Remove a folder and its content, read-only folders included."""
    for name, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            os.chmod(name, 0o700)  # noqa: PTH101 - os.walk gives names
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Track the agent's sessions until it ends, then kill them and delete the folder given as the argument."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    leaders: dict[int, psutil.Process] = {}
    for line in sys.stdin:
        change, session = line[0], int(line[1:])
        if change == "+":
            # psutil.Process also holds the start time, so that another process with the same pid is not killed.
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
