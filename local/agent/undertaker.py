"""Ends what an agent leaves behind: sessions and files, however the agent ended.

Runs as a child of the agent in a session of its own and reads lines from it: `+PID` a session has started, `-PID` it is
gone. At the end of input the agent is no more, and neither shall its tasks be.
"""

import contextlib
import os
import shutil
import signal
import sys

import psutil


def kill_session(session: int) -> None:
    """Kill every process of a session: that of its leader's group at once, and those in groups of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Follow the agent's sessions until it ends, then end them and delete the folder given as argument."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    sessions: set[int] = set()
    for line in sys.stdin:
        change, session = line[0], int(line[1:])
        if change == "+":
            sessions.add(session)
        else:
            sessions.discard(session)
    for session in sessions:
        kill_session(session)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
