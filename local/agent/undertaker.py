"""Ends what an agent leaves behind: process groups and files, however the agent ended.

Runs as a child of the agent in a session of its own and reads lines from it: `+PID` a process group has started,
`-PID` it is gone. At the end of input the agent is no more, and neither shall its tasks be.
"""

import contextlib
import os
import shutil
import signal
import sys


def main() -> None:
    """Follow the agent's groups until it ends, then end them and delete the folder given as argument."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change, group = line[0], int(line[1:])
        if change == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
